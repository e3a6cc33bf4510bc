"""What is told of trainings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from stockcast.errors import option
from stockcast.plurals import count_of
from stockcast.prices.history import format_date
from stockcast.progress import Event
from stockcast.report.skill_wording import describe_epochs

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.windows.pool import Pool
    from stockcast.windows.series import WindowedSeries
    from stockcast.windows.training_data import TrainingData


@dataclass(frozen=True)
class SeriesWindowed(Event):
    """A series is ready to be trained on."""

    series: WindowedSeries

    @property
    def text(self) -> str:
        """Say what is forecast from how many windows."""
        series = self.series
        names = (*series.columns.features, *series.columns.calendar)
        seen = "" if len(names) == 1 else f" from {', '.join(names)}"
        return _describe_windows(f"{series.columns.target}{seen}", series)


@dataclass(frozen=True)
class PoolWindowed(Event):
    """A pool of tickers is ready to be trained on."""

    pool: Pool

    @property
    def text(self) -> str:
        """Say how many rows, windows and spans, a line each."""
        return "\n".join(self.lines)

    @property
    def lines(self) -> list[str]:
        """The sentences of it."""
        pool, recipe, spans = self.pool, self.pool.recipe, self.pool.spans
        lines = [
            f"{pool.name}: {count_of(int(pool.edges[-1]), 'row')}, "
            f"{format_date(spans.first)} to {format_date(spans.last)}",
            _describe_windows(", ".join((pool.columns.target, *pool.columns.calendar)), pool),
        ]
        if pool.columns.covariates:
            names = ", ".join(one.name for one in pool.columns.covariates)
            lines.append(f"each beside {names}")
        if pool.count_windows()[0] > recipe.epoch_windows:
            lines.append(
                f"an epoch draws {recipe.epoch_windows:,} of these ({option('epoch_windows')})"
            )
        later = [
            f"{what} from {format_date(date)}"
            for what, date, days in (
                ("validation", spans.train_end, spans.days[1]),
                ("held out", spans.validation_end, spans.days[2]),
            )
            if days
        ]
        if later:
            lines.append(f"for all tickers alike: {', '.join(later)}")
        return lines


def _describe_windows(seen: str, data: TrainingData) -> str:
    recipe = data.recipe
    training, validation, test = data.count_windows()
    return (
        f"forecasting {seen}; target {recipe.target}, windows of {recipe.window}: "
        f"{training:,} to train on, {validation:,} to validate, {test:,} held out"
    )


@dataclass(frozen=True)
class ModelUnchanged(Event):
    """The model that is there is of the same data and recipe."""

    path: Path

    @property
    def text(self) -> str:
        """Say so."""
        return f"{self.path} is of the same data and recipe: nothing to do"


@dataclass(frozen=True)
class SnapshotFound(Event):
    """Training continues from a snapshot, or did; of many tickers it is told at the end.

    Attributes:
        epoch: after which it was written.
        ticker: of many, whose it is.
    """

    epoch: int
    ticker: str = ""

    @property
    def text(self) -> str:
        """Say after which epoch."""
        if self.ticker:
            return f"{self.ticker} went on from its snapshot after epoch {self.epoch}"
        return (
            f"found a snapshot of the same data and recipe after epoch {self.epoch}: "
            "going on from there"
        )


@dataclass(frozen=True)
class SnapshotLeft(Event):
    """Training was interrupted and left a snapshot."""

    epoch: int
    path: Path

    @property
    def text(self) -> str:
        """Say where it is."""
        return (
            f"interrupted after epoch {self.epoch}: the same command goes on from the "
            f"snapshot {self.path}"
        )


@dataclass(frozen=True)
class ModelJudged(Event):
    """A model was trained and judged on the rows that were held out."""

    model: Model
    series: WindowedSeries

    @property
    def text(self) -> str:
        """Say the epochs and the verdict."""
        return f"{describe_epochs(self.model)}; verdict: {self.model.verdict}"


@dataclass(frozen=True)
class PoolJudged(Event):
    """A pooled model was trained and judged on the held-out rows of each ticker."""

    model: Model
    skills: Mapping[str, Skill | None]

    @property
    def text(self) -> str:
        """Say the epochs and the verdict."""
        return f"{describe_epochs(self.model)}; verdict: {self.model.verdict}"


@dataclass(frozen=True)
class TrainingEnded(Event):
    """A training in one line, for logs.

    Attributes:
        model: what was trained.
        path: where it was published; None if it was not.
        seconds: it took.
    """

    is_for_logs: ClassVar[bool] = True
    model: Model
    path: Path | None
    seconds: float

    @property
    def text(self) -> str:
        """Say all of it."""
        model, value = self.model, self.fields["skill"]
        shown = "" if value is None else f" skill {value:.4f}"
        return (
            f"trained {model.name} epochs {model.provenance.epochs}/{model.recipe.epochs}{shown} "
            f"{self.path or '(not published)'} {self.seconds:.1f} s "
            f"verdict: {model.verdict}"
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The same as figures."""
        model = self.model
        return {
            "ticker": model.ticker or None,
            "epochs": model.provenance.epochs,
            "best_epoch": model.provenance.best_epoch,
            "skill": None if model.skill is None else model.skill.skill,
            "verdict": model.verdict,
            "model": str(self.path) if self.path else None,
            "seconds": round(self.seconds, 3),
        }
