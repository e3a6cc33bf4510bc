"""Every choice that defines a model: frozen, validated, TOML in and TOML out."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stockcast.errors import InvalidRecipe, option

PRICE_COLUMNS = ("open", "high", "low", "close", "adj_close")
COLUMNS = (*PRICE_COLUMNS, "volume")

_LARGEST_FILE = 64 * 1024  # bytes; a recipe has a dozen short lines

PriceColumn = Literal["open", "high", "low", "close", "adj_close"]
Column = Literal["open", "high", "low", "close", "adj_close", "volume"]
Target = Literal["price", "log-return", "relative"]
Share = Annotated[float, Field(ge=0, lt=1)]
Rows = Annotated[int, Field(ge=0, le=10_000_000)]


class Recipe(BaseModel):
    """Every choice that defines a model.

    `Recipe()` is the recipe `default`. Spans are given as a share of the rows (a number below
    1 with a decimal point) or as a number of rows (a whole number); 0 is none.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )

    column: Literal["auto", "open", "high", "low", "close", "adj_close"] = "auto"
    """What is forecast; auto: the adjusted close where there is one, else the close."""
    features: tuple[Column, ...] = ()
    """What the network sees; empty: the forecast column alone."""
    target: Target = "log-return"
    """What the network answers with: a scaled price, a log return, or a relative change."""
    horizon: int = Field(1, ge=1, le=1_000)
    """Steps ahead that the network answers for, each with an output of its own."""
    window: int = Field(60, ge=1, le=10_000)
    """Timesteps the network looks back."""
    cell: Literal["lstm", "peephole", "cifg", "cifg-peephole", "gru"] = "lstm"
    """The kind of recurrent cell."""
    layers: int = Field(4, ge=1, le=64)
    """Recurrent layers, one on top of the other."""
    units: int = Field(50, ge=1, le=4096)
    """Units in each recurrent layer."""
    dropout: float = Field(0.2, ge=0, lt=1)
    """Share of each layer's outputs set to zero while training."""
    epochs: int = Field(100, ge=1, le=100_000)
    """Passes over the training windows, at most."""
    batch_size: int = Field(32, ge=1, le=1_000_000)
    """Windows in one step of the optimizer."""
    learning_rate: float = Field(0.001, gt=0, le=1)
    """Adam's step size."""
    patience: int = Field(10, ge=0, le=100_000)
    """Epochs without a better validation loss before training stops; 0, or no validation: never."""
    validation: Rows | Share = 0.1
    """The span right after the training span that early stopping watches."""
    test: Rows | Share = 0.1
    """The newest span, kept out of training, on which the verdict is reached."""
    seed: int = Field(0, ge=0, lt=2**31)
    """Where initial weights, shuffling and dropout come from."""
    pooled: bool = False
    """One model over all tickers, each scaled by its own newest 250 rows wherever it is seen."""
    epoch_windows: int = Field(100_000, ge=1, le=1_000_000_000)
    """Training windows an epoch sees at most; of more, it draws so many afresh."""

    @model_validator(mode="before")
    @classmethod
    def _accept_lists(cls, values: Any) -> Any:
        """TOML and JSON have lists where this class has tuples."""
        if isinstance(values, dict) and isinstance(values.get("features"), list):
            return {**values, "features": tuple(values["features"])}
        return values

    @model_validator(mode="after")
    def _check_features(self) -> Recipe:
        if len(set(self.features)) != len(self.features):
            raise ValueError("features names a column twice")
        return self

    def to_toml(self) -> str:
        """Write the recipe as TOML that `load_recipe` reads back to the same recipe."""
        lines = [f"{key} = {json.dumps(value)}" for key, value in self.to_dict().items()]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values."""
        return self.model_dump(mode="json")


class _Presets(Mapping[str, Recipe]):
    """The recipes that have names: a TOML file each, read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        names = sorted(path.stem for path in folder.glob("*.toml"))
        names.sort(key="default".__ne__)  # it comes first
        self._folder = folder
        self._recipes: dict[str, Recipe | None] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Recipe:
        recipe = self._recipes[name]
        if recipe is None:
            path = self._folder / f"{name}.toml"
            recipe = self._recipes[name] = build_recipe(_read_toml(path), where=str(path))
        return recipe

    def __iter__(self) -> Iterator[str]:
        return iter(self._recipes)

    def __len__(self) -> int:
        return len(self._recipes)


PRESETS: Mapping[str, Recipe] = _Presets(Path(__file__).with_name("presets"))
"""The recipes that have names, `default` first; to add one is to add its file to `presets/`."""


def list_presets() -> tuple[str, ...]:
    """Return the names that `load_recipe` knows.

    Example:
        >>> list_presets()[:4]
        ('default', 'cifg', 'classic', 'fast')
    """
    return tuple(PRESETS)


def load_recipe(name: str | Path, overrides: dict[str, Any] | None = None) -> Recipe:
    """Build a recipe from a preset's name or a TOML file, then apply `overrides`.

    Args:
        name: one of `list_presets`, or the path of a TOML file. Keys that the file leaves out
            have the values of `default`.
        overrides: field values that win over the recipe's own.

    Raises:
        InvalidRecipe: no such recipe, not TOML, an unknown key, or a bad value; the message
            names the key and the file.

    Example:
        >>> load_recipe("fast", {"epochs": 3}).epochs
        3
    """
    overrides = overrides or {}
    if str(name) in PRESETS:
        values, where = PRESETS[str(name)].to_dict(), f"recipe {name}"
    else:
        values, where = _read_toml(Path(name)), str(name)
    return build_recipe({**values, **overrides}, where=where, overridden=frozenset(overrides))


def build_recipe(
    values: dict[str, Any], *, where: str, overridden: frozenset[str] = frozenset()
) -> Recipe:
    """Check plain values and build a recipe from them.

    Args:
        values: field values as JSON or TOML have them.
        where: what they come from, for messages.
        overridden: fields whose value was given as an option instead.

    Raises:
        InvalidRecipe: an unknown key or a bad value.
    """
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise _explain(error, where, overridden) from None


def _explain(error: ValidationError, where: str, overridden: frozenset[str]) -> InvalidRecipe:
    first = error.errors(include_url=False)[0]
    if not first["loc"]:
        message = first["msg"].removeprefix("Value error, ")
        return InvalidRecipe(f"{where}: {message}")
    key = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, Recipe.model_fields, n=1)
        known = ", ".join(Recipe.model_fields)
        return InvalidRecipe(
            f"{where}: unknown key {key!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"known keys: {known}",
        )
    place = option(key) if key in overridden else f"{where}: {key}"
    expected = first["msg"].removeprefix("Input should be ")
    if key in ("validation", "test"):
        expected = "a share from 0 to below 1, or a whole number of rows"
    elif key == "features":
        expected = "columns out of " + ", ".join(COLUMNS)
    return InvalidRecipe(
        f"{place} is {_show(first['input'])}, expected {expected}",
        hint=(Recipe.model_fields[key].description or ""),
    )


def _show(value: object) -> str:
    """Write a bad value for a message, however large it is."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python refuses to write numbers of thousands of digits
        return "far too large"
    return text if len(text) <= 80 else text[:79] + "…"


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        near = difflib.get_close_matches(str(path), PRESETS, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise InvalidRecipe(
            f"no recipe {str(path)!r}",
            hint=f"{guess}there are {', '.join(PRESETS)}, and TOML files",
        )
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise InvalidRecipe(f"{path}: larger than any recipe ({_LARGEST_FILE} bytes)")
        return tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise InvalidRecipe(f"{path} is not TOML: {error}") from None
    except OSError as error:
        raise InvalidRecipe(f"cannot read {path}: {error.strerror}") from None
