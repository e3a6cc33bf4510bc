"""One ticker's work among many's: pure functions that any process of any machine can run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stockcast.backtesting.run import Fit
from stockcast.backtesting.ticker import BacktestRequest, TickerResult, run_ticker
from stockcast.errors import StockcastError, TimedOut, option
from stockcast.evaluation.skill import Skill
from stockcast.evaluation.volatility_skill import VolatilitySkill
from stockcast.fleet.work import Outcome
from stockcast.model.model import Model
from stockcast.prices.history import PriceHistory
from stockcast.progress import Observer, Progress, Silent
from stockcast.recipe import Recipe
from stockcast.windows.series import WindowedSeries
from stockcast.workflows.engines import load_engines

if TYPE_CHECKING:
    from stockcast.training.checkpoint import Checkpoint

Made = TypeVar("Made")


@dataclass(frozen=True)
class SnapshotPlace:
    """Where the snapshots of a training go.

    Attributes:
        path: of the file; absolute.
        every: epochs between two snapshots; 0: only when interrupted.
    """

    path: Path
    every: int


@dataclass(frozen=True)
class TrainTask:
    """What one ticker's model follows from.

    Attributes:
        name: what to call it; no two tasks of a run have the same.
        series: its windowed series, with the recipe.
        timeout: seconds after which to give it up; None: never.
        snapshots: where its snapshots go, and what it goes on from if one is there; None: nowhere.
        yardsticks: what its volatility is held against.
    """

    name: str
    series: WindowedSeries
    timeout: float | None = None
    snapshots: SnapshotPlace | None = None
    yardsticks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trained:
    """What a training made.

    Attributes:
        content: the bytes of the model file; None where there was nothing to do.
        skill: how the model did on the held-out span; None if nothing was held out.
        epochs: that were run.
        resumed: the epoch whose snapshot it went on from; 0 if it began at the first.
        notes: why a snapshot that was there was not used.
        how_far: how its volatility did there; None if it was not judged.
    """

    content: bytes | None
    skill: Skill | None
    epochs: int = 0
    resumed: int = 0
    notes: tuple[str, ...] = ()
    how_far: VolatilitySkill | None = None


@dataclass(frozen=True)
class WalkTask:
    """What one ticker's backtest follows from.

    Attributes:
        name: what to call it; no two tasks of a run have the same.
        history: its bars.
        request: what is asked of it.
        keep_forecasts: whether each forecast is wanted back, and not only what they come to.
        timeout: seconds after which to give it up; None: never.
    """

    name: str
    history: PriceHistory
    request: BacktestRequest
    keep_forecasts: bool = True
    timeout: float | None = None


@dataclass(frozen=True)
class FitTask:
    """What a model of all that is known at a cutoff follows from.

    Attributes:
        name: what to call it; no two tasks of a run have the same.
        history: the bars; later ones play no part.
        recipe: its test span plays none either.
        cutoff: bars known.
        timeout: seconds after which to give it up; None: never.
    """

    name: str
    history: PriceHistory
    recipe: Recipe
    cutoff: int
    timeout: float | None = None


def fit_task(task: FitTask) -> Outcome[Model]:
    """Train on the bars before a cutoff: bars and recipe with its seed ─▶ the model.

    The same task gives the same model in whichever process it runs. What is wrong with the data
    is an outcome too, not an exception.
    """
    load_engines([task.recipe])
    clock = _Watch(task.name, task.timeout).open_clock("epoch")

    def work() -> Model:
        from stockcast.training.cutoff import fit_at_cutoff

        return fit_at_cutoff(
            task.history, task.recipe, task.cutoff, progress=clock, on_step=clock.look
        )

    return do_task(task.name, work)


def train_task(task: TrainTask) -> Outcome[Trained]:
    """Train one ticker's model: series and recipe with its seed ─▶ the bytes of its model file.

    The same task gives the same bytes in whichever process it runs. What is wrong with the data
    is an outcome too, not an exception.
    """
    from stockcast.model.file import serialize_model
    from stockcast.training.fit import train_series

    load_engines([task.series.recipe])
    watch = _Watch(task.name, task.timeout)

    def work() -> Trained:
        notes: list[str] = []
        checkpoint = _open_checkpoint(task, notes.append)
        found = checkpoint.load() if checkpoint else None
        resumed = found.state.epoch if found else 0
        clock = watch.open_clock("epoch")
        model = train_series(
            task.series,
            progress=clock,
            checkpoint=checkpoint,
            on_step=clock.look,
            yardsticks=task.yardsticks,
        )
        told = tuple(dict.fromkeys(notes))  # training looks at the snapshot once more
        epochs, how_far = model.provenance.epochs, model.how_far
        return Trained(serialize_model(model), model.skill, epochs, resumed, told, how_far)

    return do_task(task.name, work)


def _open_checkpoint(task: TrainTask, note: Callable[[str], None]) -> Checkpoint | None:
    """Return where a training's snapshots go, if they go anywhere."""
    from stockcast.training.checkpoint import Checkpoint, identify_training

    if task.snapshots is None:
        return None
    place, key = task.snapshots, identify_training(task.series)
    return Checkpoint(place.path, key, every=place.every, note=note)


def walk_task(task: WalkTask) -> Outcome[TickerResult]:
    """Walk forward through one ticker: its bars and what is asked ─▶ how all candidates did.

    The same task gives the same numbers in whichever process it runs. What is wrong with the
    data is an outcome too, not an exception.
    """
    load_engines(one.recipe for one in task.request.candidates if one.is_fitted and one.recipe)
    watch = _Watch(task.name, task.timeout)

    def load_fit(_: Progress | None) -> Fit:
        from stockcast.training.cutoff import fit_at_cutoff

        clock = watch.open_clock("epoch")
        return partial(fit_at_cutoff, progress=clock, on_step=clock.look)

    def work() -> TickerResult:
        walked = run_ticker(task.history, task.request, load_fit=load_fit, observer=watch)
        return walked.measure(keep_forecasts=task.keep_forecasts)

    return do_task(task.name, work)


def do_task(name: str, work: Callable[[], Made]) -> Outcome[Made]:
    """Do a task's work; what is wrong with its data is an outcome, not an exception."""
    began = time.monotonic()
    try:
        made = work()
    except StockcastError as error:
        # A traceback would keep the bars in memory, and no process sends one to another.
        seconds, error = time.monotonic() - began, error.with_traceback(None)
        return Outcome(name, seconds=seconds, error=error)
    return Outcome(name, made, time.monotonic() - began)


class _Watch(Observer):
    """Looks at the clock at each step and fold, and gives a task up when its time is over.

    Args:
        name: of the task.
        limit: seconds from now; None: never.
    """

    def __init__(self, name: str, limit: float | None) -> None:
        self._name = name
        self._limit = limit
        self._began = time.monotonic()

    def open_progress(self, *, unit: str = "epoch", task: str = "") -> Progress:
        """Return what looks at the clock after each unit; look before a candidate's folds too."""
        if unit == "fold" and task:
            self.look(f"before {task}")
        return self.open_clock(unit)

    def open_clock(self, unit: str) -> _Clock:
        """Return what looks at the clock after each epoch or fold, and when it is asked to."""
        return _Clock(self, unit)

    def look(self, where: str) -> None:
        """Look at the clock.

        Raises:
            TimedOut: time is over; the message says where.
        """
        if self._limit is not None and time.monotonic() - self._began > self._limit:
            raise TimedOut(
                f"{self._name}: not done after {self._limit:g} s, {where}",
                hint=f"give it longer: {option('timeout')}, or a smaller recipe",
            )


class _Clock(Silent):
    """A progress that looks at the clock after each epoch or fold, and in between when asked."""

    def __init__(self, watch: _Watch, unit: str) -> None:
        self._watch = watch
        self._unit = unit
        self._now = 1

    def begin(self, task: str, total: int) -> None:  # noqa: ARG002 — the protocol's
        """Start with the first one."""
        self._now = 1

    def advance(self, step: int, figures: dict[str, float]) -> None:  # noqa: ARG002 — the protocol's
        """Look at the clock, and go on to the next one."""
        self._watch.look(f"in {self._unit} {step}")
        self._now = step + 1

    def look(self) -> None:
        """Look at the clock.

        Raises:
            TimedOut: time is over.
        """
        self._watch.look(f"in {self._unit} {self._now}")
