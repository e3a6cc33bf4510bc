"""What a backtest compares: recipes to be fitted, models as they are, baselines; a name each."""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.backtesting.recorded import PlacedForecasts, RecordedForecasts
from stockcast.errors import TooShort, UsageError, option
from stockcast.evaluation.baselines import BASELINES, Baseline, parse_baseline
from stockcast.forecast.outlook import count_needed
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.history import PriceHistory
from stockcast.recipe import PRESETS, PriceColumn, Recipe, list_choices, load_recipe
from stockcast.windows.features import choose_columns, count_warmup
from stockcast.windows.split import split_rows

REFERENCE = Baseline("last-price")
"""What all others are held against; a part of every backtest."""

CELLS = list_choices("cell")

BESIDE = "+covariates"
"""What the name of a recipe ends in that sees covariates, where others are compared without."""


@dataclass(frozen=True)
class Need:
    """How many bars must be known before a candidate's first cutoff, and why.

    Attributes:
        rows: so many.
        reason: whose need it is, for a message.
    """

    rows: int
    reason: str


@dataclass(frozen=True)
class Candidate:
    """Something that forecasts.

    Attributes:
        name: as the user wrote it; no two candidates share one.
        source: a recipe is fitted in each fold, with nothing kept for a test; a model is used as
            it is; a baseline needs no fit; recorded forecasts were made elsewhere, and are placed
            on one ticker's bars.
        sees_covariates: whether a recipe is fitted beside the covariates of the history; a
            model sees those that it was trained beside.
    """

    name: str
    source: Recipe | Model | Baseline | RecordedForecasts | PlacedForecasts
    sees_covariates: bool = False

    @property
    def recipe(self) -> Recipe | None:
        """The recipe that it is fitted by, or was; None for what has none."""
        if isinstance(self.source, Model):
            return self.source.recipe
        return self.source if isinstance(self.source, Recipe) else None

    @property
    def is_reference(self) -> bool:
        """Whether it is the last price, which all others are held against."""
        return self.source == REFERENCE

    @property
    def is_fitted(self) -> bool:
        """Whether each fold fits it anew."""
        return isinstance(self.source, Recipe)

    @property
    def is_pooled(self) -> bool:
        """Whether it is fitted once, over all tickers, before any of them is forecast."""
        return isinstance(self.source, Recipe) and self.source.pooled

    @property
    def is_trained(self) -> bool:
        """Whether it is a model that is used as it is."""
        return isinstance(self.source, Model)

    @property
    def is_baseline(self) -> bool:
        """Whether it is one of the forecasts that need no network."""
        return isinstance(self.source, Baseline)

    @property
    def is_recorded(self) -> bool:
        """Whether its forecasts were made elsewhere."""
        return isinstance(self.source, RecordedForecasts | PlacedForecasts)

    @property
    def is_yardstick(self) -> bool:
        """Whether it repeats the last price and says how far the next will be from it."""
        return isinstance(self.source, Baseline) and bool(self.source.volatility)

    def adapt(self, history: PriceHistory) -> Candidate:
        """Return it as it sees one ticker, see `Model.adapt` and `RecordedForecasts.place`.

        Raises:
            UnreadablePrices: the history has no column that a pooled model forecasts.
            UnusableForecasts: recorded forecasts do not fit the history.
        """
        match self.source:
            case Model() as model:
                return replace(self, source=model.adapt(history))
            case RecordedForecasts() as recorded:
                return replace(self, source=recorded.place(history))
            case _:
                return self

    def find_target(self, history: PriceHistory) -> PriceColumn | None:
        """Return the column that it forecasts; None for a baseline, which forecasts any.

        Of recorded forecasts it is the one that their last prices stand in, if they have any.

        Raises:
            UnreadablePrices: the history lacks a column.
        """
        match self.source:
            case Recipe() as recipe:
                return choose_columns(history, recipe).target
            case Model() as model:
                return model.columns.target
            case PlacedForecasts() as placed:
                return placed.target
            case Baseline() | RecordedForecasts():
                return None

    def find_need(self, history: PriceHistory) -> Need:
        """Find out what must be known before its first cutoff.

        Raises:
            PriceError: the whole history is too short, or lacks a column.
        """
        match self.source:
            case Recipe() as recipe:
                rows = _count_needed_to_fit(recipe, history)
            case Model() as model:
                rows = count_needed(model)
                if (seen := _count_seen(model, history)) > rows:
                    known_to = model.provenance.known_to
                    return Need(seen, f"{self.name} was trained on rows to {known_to}")
            case Baseline() as baseline:
                rows = baseline.needed
            case RecordedForecasts() | PlacedForecasts():
                rows = 1
        return Need(rows, f"{self.name} needs {rows:,} before the first")


def name_candidates(
    names: Sequence[str] | Mapping[str, str | Recipe],
    overrides: dict[str, Any],
    models: dict[str, Model] | None = None,
    recorded: Sequence[RecordedForecasts] = (),
) -> tuple[Candidate, ...]:
    """Turn names into candidates, in their order; the last price is always among them.

    Args:
        names: recipes by name, cells (the default recipe with that one), TOML files, baselines;
            a name that stands twice counts once. A mapping gives them other names. A recipe
            whose name ends in `+covariates` sees those of the history.
        overrides: recipe fields that win over each recipe's own.
        models: trained ones by name, which come after those.
        recorded: forecasts that were made elsewhere, which come last; one whose name is taken has
            its file's behind it.

    Raises:
        UsageError: a name is none of these, or of a trained model, or a recipe is wrong.
    """
    named = names if isinstance(names, Mapping) else dict(zip(names, names, strict=True))
    found = {name: _make_candidate(name, what, overrides) for name, what in named.items()}
    for name, model in (models or {}).items():
        found[name] = Candidate(name, model)
    found.setdefault(REFERENCE.name, Candidate(REFERENCE.name, REFERENCE))
    for forecasts in recorded:
        name = forecasts.name
        if name in found:
            name = f"{name} in {forecasts.source}"
        if name in found:
            raise UsageError(
                f"{option('forecasts')} has {name}, which is compared by that name already",
                hint="give it another name in the column model, or rename the file",
            )
        found[name] = Candidate(name, replace(forecasts, name=name))
    return tuple(found.values())


def _make_candidate(name: str, what: str | Recipe, overrides: dict[str, Any]) -> Candidate:
    said = name if isinstance(what, Recipe) else what
    if not said.endswith(BESIDE):
        return Candidate(name, _find_source(what, overrides))
    plain = what if isinstance(what, Recipe) else what.removesuffix(BESIDE)
    made = Candidate(name, _find_source(plain, overrides), sees_covariates=True)
    if not made.is_fitted:
        raise UsageError(
            f"{name}: a baseline sees no covariates", hint=f"leave {BESIDE} out of its name"
        )
    return made


def _find_source(name: str | Recipe, overrides: dict[str, Any]) -> Recipe | Baseline:
    if isinstance(name, Recipe):
        return _leave_untested(load_recipe("default", {**name.model_dump(), **overrides}))
    baselines = [form.partition(":")[0] for form in BASELINES]
    if name.partition(":")[0] in baselines:
        return parse_baseline(name)
    if name in CELLS:
        overrides, name = {**overrides, "cell": name}, "default"
    if name.endswith(".safetensors"):
        raise UsageError(f"{name} is a trained model, not a recipe", hint=option("models", name))
    if name in PRESETS or name.endswith(".toml") or Path(name).is_file():
        return _leave_untested(load_recipe(name, overrides))
    near = difflib.get_close_matches(name, [*PRESETS, *CELLS, *baselines], n=1)
    known = ", ".join(dict.fromkeys([*PRESETS, *CELLS, *BASELINES]))
    raise UsageError(
        f"no model {name!r}",
        hint=f"did you mean {near[0]!r}?" if near else f"there are {known}, and TOML files",
    )


def _leave_untested(recipe: Recipe) -> Recipe:
    """What comes after a cutoff is the test; no row before it is kept back for another."""
    return recipe.model_copy(update={"test": 0})


def resolve_horizon(candidates: Sequence[Candidate], default: int) -> int:
    """Return how many steps ahead all candidates forecast.

    Args:
        candidates: all of them.
        default: where there are only baselines, which forecast as far as they are asked to.

    Raises:
        UsageError: they do not agree.
    """
    found = {one.name: one.recipe.horizon for one in candidates if one.recipe is not None}
    if len(set(found.values())) > 1:
        one, other = _find_two(found)
        raise UsageError(
            f"{one} forecasts {count_of(found[one], 'step')} ahead, {other} {found[other]:,}",
            hint=f"give {option('horizon')} for all recipes, or leave one of them out",
        )
    return next(iter(found.values()), default)


def resolve_target(
    candidates: Sequence[Candidate], history: PriceHistory, default: Recipe
) -> PriceColumn:
    """Return the column that all candidates forecast.

    Args:
        candidates: all of them.
        history: the bars.
        default: settles it where there are only baselines.

    Raises:
        UsageError: they do not agree.
        UnreadablePrices: the history lacks a column.
    """
    targets = {one.name: one.find_target(history) for one in candidates}
    found = {name: target for name, target in targets.items() if target is not None}
    if len(set(found.values())) > 1:
        one, other = _find_two(found)
        raise UsageError(
            f"{one} forecasts {found[one]}, {other} {found[other]}",
            hint=f"give {option('column')} for all recipes, or leave one of them out",
        )
    if found:
        return next(iter(found.values()))
    return choose_columns(history, default).target


def _find_two(found: dict[str, Any]) -> tuple[str, str]:
    """Return the first name, and the first whose value is another."""
    first = next(iter(found))
    return first, next(name for name in found if found[name] != found[first])


def _count_needed_to_fit(recipe: Recipe, history: PriceHistory) -> int:
    warmup = count_warmup(choose_columns(history, recipe).features, recipe.target)
    split_rows(len(history) - warmup, recipe, warmup=warmup, name=history.name)

    def is_enough(rows: int) -> bool:
        try:
            split_rows(rows - warmup, recipe, warmup=warmup, name=history.name)
        except TooShort:
            return False
        return True

    return bisect.bisect_left(range(len(history)), 1, key=is_enough)


def _count_seen(model: Model, history: PriceHistory) -> int:
    """Return how many bars are no later than the last one that a model saw in training."""
    last = np.datetime64(model.provenance.known_to, "us")
    return int(np.searchsorted(history.dates, last, side="right"))
