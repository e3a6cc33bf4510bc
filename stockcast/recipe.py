"""Every choice that defines a model: frozen, validated, TOML in and TOML out."""

from __future__ import annotations

import ast
import difflib
import enum
import functools
import inspect
import itertools
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stockcast.errors import InvalidRecipe, option
from stockcast.networks.cells import CellName
from stockcast.networks.heads import DEFAULT_LOSS, LossName

_LARGEST_FILE = 64 * 1024  # bytes; a recipe has a dozen short lines

PriceColumn = Literal["open", "high", "low", "close", "adj_close"]
Column = Literal[PriceColumn, "volume"]
CalendarFeature = Literal["weekday", "turn-of-month"]
Feature = Literal[Column, CalendarFeature]
Target = Literal["price", "log-return", "relative"]
EngineName = Literal["native", "tensorflow"]
Share = Annotated[float, Field(ge=0, lt=1)]
Rows = Annotated[int, Field(ge=0, le=10_000_000)]

PRICE_COLUMNS: tuple[str, ...] = get_args(PriceColumn)
COLUMNS: tuple[str, ...] = get_args(Column)
CALENDAR_FEATURES: tuple[CalendarFeature, ...] = get_args(CalendarFeature)

_SPAN = "a share from 0 to below 1, or a whole number of rows"


class Shapes(enum.Flag):
    """What is made anew where a recipe's field has another value."""

    NOTHING = 0
    DATA = enum.auto()
    """The scaled series and its spans, and so a prepared folder."""
    GRAPH = enum.auto()
    """The graph that trains a network."""


@dataclass(frozen=True)
class About:
    """What a recipe's field says of itself, beside its type, its default and its docstring.

    Attributes:
        help: of its option on the command line.
        shapes: what follows from its value.
        metavar: what the help text calls its value, which is then read as text: a column's
            header, names with commas between them, a share or a number of rows. None: the option
            takes the field's own type.
        expected: what an error asks for; None: what the type says.
        in_backtest: whether a backtest has the option.
    """

    help: str
    shapes: Shapes
    metavar: str | None = None
    expected: str | None = None
    in_backtest: bool = True


class Recipe(BaseModel):
    """Every choice that defines a model.

    `Recipe()` is the recipe `default`. Spans are given as a share of the rows (a number below
    1 with a decimal point) or as a number of rows (a whole number); 0 is none.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", strict=True)

    column: Annotated[
        Literal["auto", PriceColumn],
        About(
            f"What to forecast: auto, {', '.join(PRICE_COLUMNS)}, or the header of one "
            "column. auto is the adjusted close where there is one, else the close.",
            Shapes.DATA,
            metavar="NAME",
        ),
    ] = "auto"
    """What is forecast; auto: the adjusted close where there is one, else the close."""
    features: Annotated[
        tuple[Feature, ...],
        About(
            "Columns the network sees, such as open,high,low,close,volume, and of the day to be "
            f"forecast {' or '.join(CALENDAR_FEATURES)}.",
            Shapes.DATA,
            metavar="NAMES",
            expected="names out of " + ", ".join((*COLUMNS, *CALENDAR_FEATURES)),
        ),
    ] = ()
    """What the network sees; without a column: the forecast column."""
    target: Annotated[Target, About("What the network answers with.", Shapes.DATA)] = "log-return"
    """What the network answers with: a scaled price, a log return, or a relative change."""
    horizon: Annotated[
        int, About("Steps ahead, each with an output of its own.", Shapes.DATA | Shapes.GRAPH)
    ] = Field(1, ge=1, le=1_000)
    """Steps ahead that the network answers for, each with an output of its own."""
    window: Annotated[
        int, About("Timesteps the network looks back.", Shapes.DATA | Shapes.GRAPH)
    ] = Field(60, ge=1, le=10_000)
    """Timesteps the network looks back."""
    cell: Annotated[
        CellName,
        About("Kind of recurrent cell; docs/cells.md explains them.", Shapes.GRAPH),
    ] = "lstm"
    """The kind of recurrent cell."""
    layers: Annotated[int, About("Recurrent layers.", Shapes.GRAPH)] = Field(4, ge=1, le=64)
    """Recurrent layers, one on top of the other."""
    units: Annotated[int, About("Units in each layer.", Shapes.GRAPH)] = Field(50, ge=1, le=4096)
    """Units in each recurrent layer."""
    dropout: Annotated[
        float, About("Share of a layer's outputs set to zero while training.", Shapes.GRAPH)
    ] = Field(0.2, ge=0, lt=1)
    """Share of each layer's outputs set to zero while training."""
    loss: Annotated[
        Literal["auto", LossName],
        About(
            "What training makes small: the squared error of which way the price goes, or with it "
            "qlike, of how far. auto is qlike for a pooled model of log returns.",
            Shapes.DATA | Shapes.GRAPH,
        ),
    ] = "auto"
    """What training makes small, and so what the network answers with."""
    epochs: Annotated[int, About("Epochs at most.", Shapes.NOTHING)] = Field(100, ge=1, le=100_000)
    """Passes over the training windows, at most."""
    batch_size: Annotated[int, About("Windows a step.", Shapes.GRAPH)] = Field(
        32, ge=1, le=1_000_000
    )
    """Windows in one step of the optimizer."""
    learning_rate: Annotated[float, About("Adam's step size.", Shapes.GRAPH)] = Field(
        0.001, gt=0, le=1
    )
    """Adam's step size."""
    patience: Annotated[
        int,
        About(
            "Epochs without a better validation loss before stopping; 0: never stop.",
            Shapes.NOTHING,
        ),
    ] = Field(15, ge=0, le=100_000)
    """Epochs without a better validation loss before training stops; 0, or no validation: never."""
    validation: Annotated[
        Rows | Share,
        About(
            "Share or number of rows that early stopping watches; 0 for none.",
            Shapes.DATA,
            metavar="SHARE|ROWS",
            expected=_SPAN,
        ),
    ] = 0.1
    """The span right after the training span that early stopping watches."""
    test: Annotated[
        Rows | Share,
        About(
            "Share or number of newest rows kept for the verdict; 0 for none.",
            Shapes.DATA,
            metavar="SHARE|ROWS",
            expected=_SPAN,
            in_backtest=False,  # its test is what comes after each cutoff
        ),
    ] = 0.1
    """The newest span, kept out of training, on which the verdict is reached."""
    seed: Annotated[int, About("Where randomness comes from.", Shapes.NOTHING)] = Field(
        0, ge=0, lt=2**31
    )
    """Where initial weights, shuffling and dropout come from."""
    engine: Annotated[
        Literal["auto", EngineName],
        About(
            "What computes the training: native code for this processor, or TensorFlow. auto is "
            "TensorFlow where it sees a GPU, else native.",
            Shapes.NOTHING,
        ),
    ] = "auto"
    """What computes the training; auto: TensorFlow where it is installed and sees a GPU."""
    pooled: Annotated[
        bool,
        About(
            "One model over all tickers, each scaled by its own newest 250 rows; forecasts others "
            "too.",
            Shapes.NOTHING,  # of a ticker's own series; a pool is never a prepared folder
            in_backtest=False,
        ),
    ] = False
    """One model over all tickers, each scaled by its own newest 250 rows wherever it is seen."""
    epoch_windows: Annotated[
        int,
        About("Windows an epoch sees at most; of more, so many drawn afresh.", Shapes.NOTHING),
    ] = Field(100_000, ge=1, le=1_000_000_000)
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
            raise ValueError("features has a name twice")
        return self

    @model_validator(mode="after")
    def _check_loss(self) -> Recipe:
        if self.loss == "qlike" and self.target != "log-return":
            raise ValueError(f"loss qlike needs target log-return, not {self.target}")
        return self

    @property
    def seen_columns(self) -> tuple[Column, ...]:
        """Those of its features that are columns of the prices; none: the forecast column alone."""
        columns = (one for one in self.features if one not in CALENDAR_FEATURES)
        return cast(tuple[Column, ...], tuple(columns))

    @property
    def seen_calendar(self) -> tuple[CalendarFeature, ...]:
        """Those of its features that are of the calendar."""
        return tuple(one for one in self.features if one in CALENDAR_FEATURES)

    @property
    def scored_by(self) -> LossName:
        """The loss that trains its network."""
        if self.loss != "auto":
            return self.loss
        return "qlike" if self.pooled and self.target == "log-return" else DEFAULT_LOSS

    @property
    def is_shrunk(self) -> bool:
        """Whether answers count as far as the validation span bears them out: they are changes."""
        return self.target == "log-return"

    def to_toml(self) -> str:
        """Write the recipe as TOML that `load_recipe` reads back to the same recipe."""
        lines = [f"{key} = {json.dumps(value)}" for key, value in self.to_dict().items()]
        return "\n".join(lines) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Return the recipe as plain JSON values."""
        return self.model_dump(mode="json")


def _read_about(model: type[BaseModel]) -> dict[str, About]:
    found = {}
    for name, field in model.model_fields.items():
        about = [one for one in field.metadata if isinstance(one, About)]
        if len(about) != 1:
            raise TypeError(f"the recipe field {name} needs one About in its annotation")
        found[name] = about[0]
    return found


ABOUT = _read_about(Recipe)
"""What each field says of itself, in the order of the fields."""


def list_fields(shaping: Shapes) -> tuple[str, ...]:
    """Return the fields that shape one thing.

    Example:
        >>> list_fields(Shapes.DATA)
        ('column', 'features', 'target', 'horizon', 'window', 'loss', 'validation', 'test')
    """
    return tuple(name for name, about in ABOUT.items() if shaping in about.shapes)


def list_choices(name: str) -> tuple[str, ...]:
    """Return the values that a field of few words takes.

    Example:
        >>> list_choices("target")
        ('price', 'log-return', 'relative')
    """
    return get_args(Recipe.model_fields[name].annotation)


def describe_field(name: str) -> str:
    """Return what stands below a field in the source; nothing where there is no source.

    Pydantic would read it for every process that has a recipe, which takes as long as all checks.

    Example:
        >>> describe_field("units")
        'Units in each recurrent layer.'
    """
    return _read_docstrings().get(name, "")


@functools.cache
def _read_docstrings() -> dict[str, str]:
    try:
        (written,) = ast.parse(inspect.getsource(Recipe)).body
    except OSError:
        return {}
    found = {}
    for field, below in itertools.pairwise(cast(ast.ClassDef, written).body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(text))
            ):
                found[name] = inspect.cleandoc(text)
    return found


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
        if key == "covariates":
            return InvalidRecipe(
                f"{where}: a recipe has no {key!r}: it is good for any",
                hint="write them into a file of their own, and name that: "
                + option("covariates", shown="FILE.toml"),
            )
        near = difflib.get_close_matches(key, Recipe.model_fields, n=1)
        known = ", ".join(Recipe.model_fields)
        return InvalidRecipe(
            f"{where}: unknown key {key!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"known keys: {known}",
        )
    place = option(key) if key in overridden else f"{where}: {key}"
    expected = ABOUT[key].expected or first["msg"].removeprefix("Input should be ")
    return InvalidRecipe(
        f"{place} is {_show(first['input'])}, expected {expected}",
        hint=describe_field(key),
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


def name_first_loss(document: Any) -> Any:
    """Name the loss in what was written with a recipe when there was only one.

    Args:
        document: what JSON has, with a recipe in it.

    Returns:
        the same with the recipe's loss named.
    """
    recipe = document.get("recipe") if isinstance(document, dict) else None
    if not isinstance(recipe, dict) or "loss" in recipe:
        return document
    return {**document, "recipe": {**recipe, "loss": DEFAULT_LOSS}}
