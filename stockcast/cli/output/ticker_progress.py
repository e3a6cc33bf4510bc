"""How many tickers are done, running and failed: a bar on a terminal, else a few lines."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stockcast.cli.options.durations import format_duration
from stockcast.cli.output import console

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

_LINES = 10  # at the most, where there is no terminal


class TickerProgress:
    """Counts tickers, and shows how many while the block runs.

    Args:
        what: what is done with them.
        total: how many there are, as far as is known.
        most: how many are worked on at once; 0 if that is not known.
    """

    def __init__(self, what: str, total: int, *, most: int = 0) -> None:
        self.done = 0
        self.failed = 0
        self._what = what
        self._total = total
        self._most = most
        self._begun = 0
        self._began = time.monotonic()
        self._bar: Progress | None = None
        self._id: Any = None

    def __enter__(self) -> TickerProgress:
        if console.quiet or not console.is_watched():
            return self
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn(self._what),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:.0f}/{task.total:.0f} done{task.fields[more]}"),
            TimeRemainingColumn(compact=True),
            console=console.get_console(),
            transient=True,
            speed_estimate_period=600,
        )
        self._bar.start()
        console.bar = self._bar
        self._id = self._bar.add_task("", total=self._total, more="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        console.bar = None
        if self._bar is not None:
            self._bar.stop()

    def begin(self) -> None:
        """Count a ticker whose turn has come; a file may hold more of them than expected."""
        self._begun += 1
        self._total = max(self._total, self._begun)
        self._show()

    def finish(self, *, failed: bool) -> None:
        """Count a ticker that is done, well or not."""
        self.done += 1
        self.failed += failed
        self._show()
        every = max(1, -(-self._total // _LINES))
        if self._bar is None and self.done % every == 0 and self.done < self._total:
            console.log(
                f"{self._what} {self.done:,}/{self._total:,}{self._tell_more()}",
                done=self.done,
                of=self._total,
                failed=self.failed,
            )

    def tell_time(self) -> str:
        """Return how long it took, for people."""
        return format_duration(time.monotonic() - self._began)

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.update(
                self._id, completed=self.done, total=self._total, more=self._tell_more()
            )

    def _tell_more(self) -> str:
        running = min(self._begun - self.done, self._most)
        return "".join(
            f", {count:,} {name}"
            for name, count in (("running", running), ("failed", self.failed))
            if count > 0
        )
