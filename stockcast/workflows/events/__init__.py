"""What workflows tell an observer; each kind of event is a class, and knows its sentence.

Each workflow's events are a module, which is loaded when one of them is first named here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stockcast.workflows.events.backtesting import (
        BacktestEnded,
        BacktestPlanned,
        LeakageChecked,
        PoolFitBegun,
    )
    from stockcast.workflows.events.forecasting import (
        ForecastsRecorded,
        ForecastsScored,
        SessionsChosen,
    )
    from stockcast.workflows.events.general import Note, Waiting, Warned
    from stockcast.workflows.events.many import (
        ManyEnded,
        ManyInterrupted,
        ManyStarted,
        TickerFailed,
    )
    from stockcast.workflows.events.models import (
        DemoStep,
        ModelExported,
        ModelRestored,
        NetworkInspected,
    )
    from stockcast.workflows.events.reading import CovariatesRead, FindingMade, HistoryRead
    from stockcast.workflows.events.training import (
        ModelJudged,
        ModelUnchanged,
        PoolJudged,
        PoolWindowed,
        SeriesWindowed,
        SnapshotFound,
        SnapshotLeft,
        TrainingEnded,
    )
    from stockcast.workflows.events.tuning import (
        SearchBegun,
        SearchEnded,
        SearchInterrupted,
        TrialFailed,
    )

__all__ = [
    "BacktestEnded",
    "BacktestPlanned",
    "CovariatesRead",
    "DemoStep",
    "FindingMade",
    "ForecastsRecorded",
    "ForecastsScored",
    "HistoryRead",
    "LeakageChecked",
    "ManyEnded",
    "ManyInterrupted",
    "ManyStarted",
    "ModelExported",
    "ModelJudged",
    "ModelRestored",
    "ModelUnchanged",
    "NetworkInspected",
    "Note",
    "PoolFitBegun",
    "PoolJudged",
    "PoolWindowed",
    "SearchBegun",
    "SearchEnded",
    "SearchInterrupted",
    "SeriesWindowed",
    "SessionsChosen",
    "SnapshotFound",
    "SnapshotLeft",
    "TickerFailed",
    "TrainingEnded",
    "TrialFailed",
    "Waiting",
    "Warned",
]

_HOMES = {
    "BacktestEnded": "backtesting",
    "BacktestPlanned": "backtesting",
    "CovariatesRead": "reading",
    "DemoStep": "models",
    "FindingMade": "reading",
    "ForecastsRecorded": "forecasting",
    "ForecastsScored": "forecasting",
    "HistoryRead": "reading",
    "LeakageChecked": "backtesting",
    "ManyEnded": "many",
    "ManyInterrupted": "many",
    "ManyStarted": "many",
    "ModelExported": "models",
    "ModelJudged": "training",
    "ModelRestored": "models",
    "ModelUnchanged": "training",
    "NetworkInspected": "models",
    "Note": "general",
    "PoolFitBegun": "backtesting",
    "PoolJudged": "training",
    "PoolWindowed": "training",
    "SearchBegun": "tuning",
    "SearchEnded": "tuning",
    "SearchInterrupted": "tuning",
    "SeriesWindowed": "training",
    "SessionsChosen": "forecasting",
    "SnapshotFound": "training",
    "SnapshotLeft": "training",
    "TickerFailed": "many",
    "TrainingEnded": "training",
    "TrialFailed": "tuning",
    "Waiting": "general",
    "Warned": "general",
}


def __getattr__(name: str) -> Any:
    """Load an event's class on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
