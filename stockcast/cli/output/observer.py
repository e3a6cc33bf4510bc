"""What workflows tell ─▶ stderr."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from stockcast.cli.output import console, demo, gates
from stockcast.cli.output.console import TrainingProgress
from stockcast.cli.output.ticker_progress import TickerBar
from stockcast.errors import Style
from stockcast.progress import Event, Observer, Progress, TickerProgress

if TYPE_CHECKING:
    from stockcast.workflows.events.many import TickerFailed
    from stockcast.workflows.events.models import NetworkInspected
    from stockcast.workflows.events.training import ModelJudged, PoolJudged


class StderrObserver(Observer):
    """Shows each event on stderr, as text or as JSON lines."""

    style: ClassVar[Style] = "command-line"

    def notify(self, event: Event) -> None:
        """Show it."""
        show = _SHOWN.get(type(event).__name__)
        if show is not None:
            show(event)
        elif event.is_for_logs:
            console.log(event.text, **event.fields)
        elif event.level == "warning":
            console.warn(event.text)
        else:
            for line in event.lines:
                console.say(line, **event.fields)

    def open_progress(self, *, unit: str = "epoch", task: str = "") -> Progress:
        """Return a bar on a terminal, and elsewhere a few lines."""
        return TrainingProgress(unit=unit, task=task)

    def count_tickers(self, task: str, total: int, *, most: int = 0) -> TickerProgress:
        """Return a bar on a terminal, and elsewhere a few lines."""
        return TickerBar(task, total, most=most)

    def waiting(self, reason: str) -> AbstractContextManager[None]:
        """Show on a terminal that something takes a moment."""
        return console.waiting(reason)


def _show_model(event: ModelJudged) -> None:
    from stockcast.cli.output import messages

    messages.report_skill(event.model, event.series)


def _show_pooled_model(event: PoolJudged) -> None:
    from stockcast.cli.output import messages

    messages.report_pooled_skill(event.model, event.skills)


def _show_gates(event: NetworkInspected) -> None:
    gates.report_gates(event.seen)


def _show_failure(event: TickerFailed) -> None:
    console.show_error(event.text, event.error.raw_hint, code=event.error.exit_code)


# By the names of their classes, so that no events are loaded to show another workflow's.
_SHOWN: dict[str, Callable[[Any], None]] = {
    "DemoStep": demo.show_step,
    "ModelJudged": _show_model,
    "NetworkInspected": _show_gates,
    "PoolJudged": _show_pooled_model,
    "TickerFailed": _show_failure,
}
