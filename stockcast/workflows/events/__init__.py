"""What workflows tell an observer; each kind of event is a class, and knows its sentence.

Each workflow's events are a module of their own, so that a forecast loads none of a training.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from stockcast.progress import Event

if TYPE_CHECKING:
    from stockcast.workflows.events.backtesting import BacktestEnded as BacktestEnded
    from stockcast.workflows.events.backtesting import BacktestPlanned as BacktestPlanned
    from stockcast.workflows.events.backtesting import LeakageChecked as LeakageChecked
    from stockcast.workflows.events.backtesting import PoolFitBegun as PoolFitBegun
    from stockcast.workflows.events.forecasting import ForecastsRecorded as ForecastsRecorded
    from stockcast.workflows.events.forecasting import ForecastsScored as ForecastsScored
    from stockcast.workflows.events.forecasting import SessionsChosen as SessionsChosen
    from stockcast.workflows.events.general import Note as Note
    from stockcast.workflows.events.general import Waiting as Waiting
    from stockcast.workflows.events.general import Warned as Warned
    from stockcast.workflows.events.many import ManyEnded as ManyEnded
    from stockcast.workflows.events.many import ManyInterrupted as ManyInterrupted
    from stockcast.workflows.events.many import ManyStarted as ManyStarted
    from stockcast.workflows.events.many import TickerFailed as TickerFailed
    from stockcast.workflows.events.models import DemoStep as DemoStep
    from stockcast.workflows.events.models import ModelExported as ModelExported
    from stockcast.workflows.events.models import ModelRestored as ModelRestored
    from stockcast.workflows.events.models import NetworkInspected as NetworkInspected
    from stockcast.workflows.events.reading import CovariatesRead as CovariatesRead
    from stockcast.workflows.events.reading import FindingMade as FindingMade
    from stockcast.workflows.events.reading import HistoryRead as HistoryRead
    from stockcast.workflows.events.training import ModelJudged as ModelJudged
    from stockcast.workflows.events.training import ModelUnchanged as ModelUnchanged
    from stockcast.workflows.events.training import PoolJudged as PoolJudged
    from stockcast.workflows.events.training import PoolWindowed as PoolWindowed
    from stockcast.workflows.events.training import SeriesWindowed as SeriesWindowed
    from stockcast.workflows.events.training import SnapshotFound as SnapshotFound
    from stockcast.workflows.events.training import SnapshotLeft as SnapshotLeft
    from stockcast.workflows.events.training import TrainingEnded as TrainingEnded
    from stockcast.workflows.events.tuning import SearchBegun as SearchBegun
    from stockcast.workflows.events.tuning import SearchEnded as SearchEnded
    from stockcast.workflows.events.tuning import SearchInterrupted as SearchInterrupted
    from stockcast.workflows.events.tuning import TrialFailed as TrialFailed

_MODULES = (
    "backtesting",
    "forecasting",
    "general",
    "many",
    "models",
    "reading",
    "training",
    "tuning",
)


def _list_events(module: str) -> dict[str, type[Event]]:
    """Return a module's events by name."""
    return {
        name: value
        for name, value in vars(import_module(f"{__name__}.{module}")).items()
        if isinstance(value, type) and issubclass(value, Event)
    }


def __getattr__(name: str) -> Any:
    """Look for an event's class in one module after the other, on first use (PEP 562)."""
    for module in _MODULES:
        if name in (found := _list_events(module)):
            globals()[name] = found[name]
            return found[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List every event's class, so that what completes names finds them."""
    return sorted({*globals(), *(name for module in _MODULES for name in _list_events(module))})
