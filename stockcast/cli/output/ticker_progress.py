"""How many tickers are done, running and failed: a bar on a terminal, else a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from stockcast.cli.output import console
from stockcast.cli.output.terminal import get_terminal
from stockcast.progress import TickerProgress

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

_LINES = 10  # at the most, where there is no terminal


class TickerBar(TickerProgress):
    """Counts tickers, and shows how many while the block runs.

    Args:
        task: what is done with them.
        total: how many there are, as far as is known.
        most: how many are worked on at once; 0 if that is not known.
    """

    def __init__(self, task: str, total: int, *, most: int = 0) -> None:
        super().__init__(total)
        self._task = task
        self._most = most
        self._bar: Progress | None = None
        self._id: Any = None

    def __enter__(self) -> Self:
        if console.is_quiet() or not console.is_watched():
            return self
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn(self._task),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:.0f}/{task.total:.0f} done{task.fields[more]}"),
            TimeRemainingColumn(compact=True),
            console=console.get_console(),
            transient=True,
            speed_estimate_period=600,
        )
        self._bar.start()
        get_terminal().bar = self._bar
        self._id = self._bar.add_task("", total=self.total, more="")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        get_terminal().bar = None
        if self._bar is not None:
            self._bar.stop()

    def finish(self, *, failed: bool) -> None:
        """Count a ticker that is done, well or not."""
        super().finish(failed=failed)
        every = max(1, -(-self.total // _LINES))
        if self._bar is None and self.done % every == 0 and self.done < self.total:
            console.log(
                f"{self._task} {self.done:,}/{self.total:,}{self._list_more()}",
                done=self.done,
                of=self.total,
                failed=self.failed,
            )

    def show(self) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(
                self._id, completed=self.done, total=self.total, more=self._list_more()
            )

    def _list_more(self) -> str:
        running = min(self.begun - self.done, self._most)
        return "".join(
            f", {count:,} {name}"
            for name, count in (("running", running), ("failed", self.failed))
            if count > 0
        )
