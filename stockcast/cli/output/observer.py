"""What workflows tell ─▶ stderr."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, ClassVar

from stockcast.cli.output import console, demo, gates
from stockcast.cli.output.console import TrainingProgress
from stockcast.cli.output.ticker_progress import TickerBar
from stockcast.errors import Style
from stockcast.progress import Event, Observer, Progress, TickerProgress

if TYPE_CHECKING:
    from stockcast.workflows.events import TickerFailed


class StderrObserver(Observer):
    """Shows each event on stderr, as text or as JSON lines."""

    style: ClassVar[Style] = "command-line"

    def notify(self, event: Event) -> None:
        """Show it."""
        from stockcast.cli.output import messages
        from stockcast.workflows import events

        match event:
            case events.ModelJudged():
                messages.report_skill(event.model, event.series)
            case events.PoolJudged():
                messages.report_pooled_skill(event.model, event.skills)
            case (
                events.PoolWindowed()
                | events.BacktestPlanned()
                | events.SearchEnded()
                | events.CovariatesRead()
            ):
                for line in event.lines:
                    console.say(line)
            case events.NetworkInspected():
                gates.report_gates(event.seen)
            case events.DemoStep():
                demo.show_step(event)
            case events.TickerFailed():
                _show_failure(event)
            case _ if event.is_for_logs:
                console.log(event.text, **event.fields)
            case _ if event.level == "warning":
                console.warn(event.text)
            case _:
                console.say(event.text, **event.fields)

    def open_progress(self, *, unit: str = "epoch", task: str = "") -> Progress:
        """Return a bar on a terminal, and elsewhere a few lines."""
        return TrainingProgress(unit=unit, task=task)

    def count_tickers(self, task: str, total: int, *, most: int = 0) -> TickerProgress:
        """Return a bar on a terminal, and elsewhere a few lines."""
        return TickerBar(task, total, most=most)

    def waiting(self, reason: str) -> AbstractContextManager[None]:
        """Show on a terminal that something takes a moment."""
        return console.waiting(reason)


def _show_failure(event: TickerFailed) -> None:
    console.show_error(event.text, event.error.raw_hint, code=event.error.exit_code)
