"""What a search may choose from: fields of the recipe, each a list, a range or a log range."""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockcast.errors import InvalidRecipe, InvalidSpace, UsageError, option
from stockcast.recipe import PRESETS, Recipe, build_recipe, list_choices, load_recipe

CELLS = list_choices("cell")
BASE = "model"
"""What a trial calls the recipe that it begins with, where there are several."""

_LARGEST_FILE = 64 * 1024  # bytes
# What is no part of a search, and why.
_REFUSED = {
    "column": "trials that forecast different prices cannot be compared",
    "horizon": "trials that look different steps ahead cannot be compared",
    "test": "it is the span that no trial may see",
    "seed": "a lucky seed is no better recipe; the spread over seeds is measured at the end",
    "engine": "it changes how fast a network is trained, and not what it learns",
    "pooled": "a pooled recipe is a search of its own",
}
DEFAULT_SPACE: Mapping[str, Any] = {
    "cell": list(CELLS),
    "layers": {"from": 1, "to": 4},
    "units": [8, 16, 32, 50, 64],
    "window": [20, 40, 60, 120],
    "dropout": {"from": 0.0, "to": 0.5, "step": 0.1},
    "batch_size": [16, 32, 64],
    "learning_rate": {"from": 0.0003, "to": 0.01, "log": True},
}
"""What is searched unless a file says otherwise."""

Value = str | int | float | bool


@dataclass(frozen=True)
class Choice:
    """One of a few values.

    Attributes:
        values: as the recipe has them; lists are tuples.
    """

    values: tuple[Any, ...]

    @property
    def labels(self) -> tuple[Value, ...]:
        """The values as a database and a table keep them: a tuple as text."""
        return tuple(label_value(one) for one in self.values)

    def read(self, label: Value) -> Any:
        """Return the value behind a label."""
        return self.values[self.labels.index(label)]

    def holds(self, value: Any) -> bool:
        """Whether it is one of them."""
        return value in self.values

    @property
    def ends(self) -> tuple[Any, ...]:
        """All values that are to be checked."""
        return self.values

    def describe(self) -> str:
        """Say what there is."""
        return " or ".join(str(one) for one in self.labels)


@dataclass(frozen=True)
class Range:
    """A number between two others, both of them included.

    Attributes:
        low: the smallest.
        high: the largest.
        step: between two values; None: 1 of whole numbers, any of others.
        log: whether a factor of two counts as much at the low end as at the high one.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False

    def read(self, label: Value) -> Any:
        """Return the value: it is its own label."""
        return label

    def holds(self, value: float) -> bool:
        """Whether it lies between both ends, on a step where there are steps."""
        steps = 0.0 if self.step is None else (value - self.low) / self.step
        return self.low <= value <= self.high and math.isclose(steps, round(steps), abs_tol=1e-9)

    @property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers alone."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def ends(self) -> tuple[Any, ...]:
        """All values that are to be checked."""
        return (self.low, self.high)

    def describe(self) -> str:
        """Say from where to where."""
        return f"{self.low:g} to {self.high:g}" + (" on a log scale" if self.log else "")


Dimension = Choice | Range


@dataclass(frozen=True)
class Space:
    """What a search chooses from.

    Attributes:
        bases: recipes to begin with, by name; where there are several the search chooses one.
        dimensions: field to what it may be.
    """

    bases: Mapping[str, Recipe]
    dimensions: Mapping[str, Dimension]

    @property
    def all_dimensions(self) -> dict[str, Dimension]:
        """The dimensions, the choice of a base among them where there is one."""
        bases = {BASE: Choice(tuple(self.bases))} if len(self.bases) > 1 else {}
        return {**bases, **self.dimensions}

    def build(self, labels: Mapping[str, Value]) -> Recipe:
        """Return the recipe that a trial's values make.

        Raises:
            InvalidRecipe: they do not go together.
        """
        base = self.bases[str(labels[BASE])] if BASE in labels else next(iter(self.bases.values()))
        fields = {name: dimension.read(labels[name]) for name, dimension in self.dimensions.items()}
        return build_recipe({**base.to_dict(), **fields}, where="the trial")

    def list_bases(self) -> list[dict[str, Value]]:
        """Return the values of the recipes to begin with, of those that lie in the space."""
        return [
            {
                **({BASE: name} if BASE in self.all_dimensions else {}),
                **{field: label_value(getattr(base, field)) for field in self.dimensions},
            }
            for name, base in self.bases.items()
            if all(one.holds(getattr(base, field)) for field, one in self.dimensions.items())
        ]

    @property
    def longest(self) -> Recipe:
        """A recipe of the space that needs as many bars as any."""
        base = max(self.bases.values(), key=lambda one: one.window)
        window = self.dimensions.get("window")
        values = window.ends if window is not None else (base.window,)
        return base.model_copy(update={"window": max(values)})

    @property
    def most_epochs(self) -> int:
        """The most epochs that a trial may run."""
        if "epochs" in self.dimensions:
            return int(max(self.dimensions["epochs"].ends))
        return max(one.epochs for one in self.bases.values())

    @property
    def has_one_loss(self) -> bool:
        """Whether the validation losses of all trials are in the same unit."""
        fields = ("target", "loss", "validation", "pooled")
        return not any(name in self.dimensions for name in fields) and all(
            len({getattr(one, name) for one in self.bases.values()}) == 1 for name in fields
        )

    def to_dict(self) -> dict[str, Any]:
        """Return all that a search follows from, as plain JSON values."""
        return {
            "bases": {name: one.to_dict() for name, one in self.bases.items()},
            "dimensions": {
                name: [*one.labels]
                if isinstance(one, Choice)
                else {"from": one.low, "to": one.high, "step": one.step, "log": one.log}
                for name, one in self.dimensions.items()
            },
        }


def label_value(value: Any) -> Value:
    """Return a field's value as a database and a table keep it: a tuple as text.

    Example:
        >>> label_value(("close", "volume")), label_value(0.2)
        ('close,volume', 0.2)
    """
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


def make_space(
    space: Path | Mapping[str, Any] | None,
    models: Mapping[str, str | Recipe],
    overrides: Mapping[str, Any],
) -> Space:
    """Settle what is searched.

    Args:
        space: a TOML file, or what one holds; None: the default space.
        models: recipes, cells or TOML files to begin with, by name; several are chosen from.
        overrides: recipe fields that the caller gave: they are no longer searched.

    Raises:
        InvalidSpace: an unknown field, a range that is upside down, a value that is none.
        InvalidRecipe: a recipe is none.
    """
    bases = {name: _load_base(one, dict(overrides)) for name, one in models.items()}
    values, where = _read(space)
    is_asked = space is not None
    fixed = {"cell"} if any(one in CELLS for one in models.values()) else set()
    dimensions: dict[str, Dimension] = {}
    for name, value in values.items():
        dimension = _parse(name, value, where)
        if is_asked and name in {*overrides, *fixed}:
            given = option(name) if name in overrides else option("models")
            raise InvalidSpace(
                f"{where}: {name} is searched, and {given} settles it",
                hint="leave one of them out",
            )
        if name not in overrides and name not in fixed:
            _check_values(name, dimension, where)
            dimensions[name] = dimension
    found = Space(bases, dimensions)
    if not found.all_dimensions:
        raise InvalidSpace(f"{where}: nothing is searched", hint="name a field of the recipe")
    return found


def _load_base(name: str | Recipe, overrides: dict[str, Any]) -> Recipe:
    if isinstance(name, Recipe):
        return load_recipe("default", {**name.model_dump(), **overrides})
    if name in CELLS:
        return load_recipe("default", {**overrides, "cell": name})
    if name in PRESETS or name.endswith(".toml") or Path(name).is_file():
        return load_recipe(name, overrides)
    near = difflib.get_close_matches(name, [*PRESETS, *CELLS], n=1)
    known = ", ".join(dict.fromkeys([*PRESETS, *CELLS]))
    raise UsageError(
        f"no recipe {name!r} to begin with",
        hint=f"did you mean {near[0]!r}?" if near else f"there are {known}, and TOML files",
    )


def _read(space: Path | Mapping[str, Any] | None) -> tuple[Mapping[str, Any], str]:
    """Return the fields of a space, and what to call it."""
    if space is None:
        return DEFAULT_SPACE, "the default space"
    if not isinstance(space, Path):
        return space, "the space"
    try:
        with space.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise InvalidSpace(f"{space}: larger than any space ({_LARGEST_FILE} bytes)")
        return tomllib.loads(content.decode("utf-8")), str(space)
    except OSError as error:
        raise InvalidSpace(
            f"cannot read {space}: {error.strerror}", hint="docs/tuning.md shows such a file"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidSpace(f"{space} is not TOML: {error}") from None


def _parse(name: str, value: Any, where: str) -> Dimension:
    """Return what a field may be.

    Raises:
        InvalidSpace: it is no field, none that is searched, or neither list nor range.
    """
    if name not in Recipe.model_fields:
        near = difflib.get_close_matches(name, Recipe.model_fields, n=1)
        known = ", ".join(one for one in Recipe.model_fields if one not in _REFUSED)
        raise InvalidSpace(
            f"{where}: unknown field {name!r}",
            hint=f"did you mean {near[0]!r}?" if near else f"fields: {known}",
        )
    if name in _REFUSED:
        raise InvalidSpace(
            f"{where}: {name} is not searched: {_REFUSED[name]}",
            hint=f"give one value with {option(name)}, or leave it out",
        )
    if isinstance(value, Mapping):
        return _parse_range(name, value, where)
    values = list(value) if isinstance(value, list | tuple) else [value]
    found = tuple(tuple(one) if isinstance(one, list) else one for one in values)
    if not found:
        raise InvalidSpace(f"{where}: {name} has no value to choose from")
    if len(set(map(label_value, found))) < len(found):
        raise InvalidSpace(f"{where}: {name} has a value twice", hint="each counts once")
    return Choice(found)


def _parse_range(name: str, value: Mapping[str, Any], where: str) -> Range:
    expected = "expected { from = 1, to = 4 }, with step = 1 or log = true if need be"
    if unknown := [key for key in value if key not in ("from", "to", "step", "log")]:
        raise InvalidSpace(f"{where}: {name} has an unknown key {unknown[0]!r}", hint=expected)
    low, high, step = value.get("from"), value.get("to"), value.get("step")
    log = value.get("log", False)
    if low is None or high is None or not isinstance(log, bool) or not _are_numbers(low, high):
        raise InvalidSpace(f"{where}: {name} is no range: {json.dumps(dict(value))}", hint=expected)
    if low > high:
        raise InvalidSpace(
            f"{where}: {name} goes from {low} to {high}, which is upside down",
            hint=f"write {{ from = {high}, to = {low} }}",
        )
    if log and low <= 0:
        raise InvalidSpace(
            f"{where}: {name} is a log range from {low}", hint="a log range begins above 0"
        )
    if step is not None and (not _are_numbers(step) or step <= 0 or log):
        raise InvalidSpace(
            f"{where}: {name} has the step {json.dumps(step)}",
            hint="a step is above 0, and a log range has none",
        )
    is_float = Recipe.model_fields[name].annotation is float
    low, high = (float(low), float(high)) if is_float else (low, high)
    return Range(low, high, step, log)


def _are_numbers(*values: Any) -> bool:
    return all(
        isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)
        for one in values
    )


def _check_values(name: str, dimension: Dimension, where: str) -> None:
    """Refuse what the recipe would refuse, before any trial.

    Raises:
        InvalidSpace: a value is none of the field's.
    """
    for value in dimension.ends:
        # What two fields must agree on is a trial's own affair: such a trial fails.
        alone = {**Recipe().to_dict(), name: value}
        if name == "loss":
            alone["target"] = "log-return"
        if name == "target":
            alone["loss"] = "auto"
        try:
            build_recipe(alone, where=where)
        except InvalidRecipe as error:
            raise InvalidSpace(error.raw_message, hint=error.raw_hint) from None
