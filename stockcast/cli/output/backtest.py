"""What `stockcast backtest` writes: rows to stdout as they come, and figures to stderr."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from stockcast.cli.output.buffered_rows import BufferedRows
from stockcast.cli.output.cross_section import report_cross_section
from stockcast.cli.output.tables import write_document, write_table
from stockcast.cli.output.ticker_backtest import report_ticker
from stockcast.files.tables import Row, TableFormat

if TYPE_CHECKING:
    from stockcast.backtesting.forecasts import Forecasts
    from stockcast.workflows.backtesting import BacktestResult

Rows = Literal["forecasts", "tickers", "overall"]


class BacktestWriter:
    """Writes forecasts as they come, or figures when all are there. Use it as a context manager.

    Args:
        rows: what stdout has a row of; JSON has those and what they come to.
        form: how.
        path: a file instead of stdout.
    """

    def __init__(self, rows: Rows, form: TableFormat, path: Path | None) -> None:
        self._rows = rows
        self._form = form
        self._path = path
        self._buffer = BufferedRows("csv" if form == "json" else form, path, keep=False)
        self._held: Forecasts | None = None
        self._kept: list[Row] = []

    def __enter__(self) -> BacktestWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._buffer.__exit__(kind, error, traceback)

    def take(self, forecasts: Forecasts) -> None:
        """Write a ticker's forecasts.

        The last ones are held back for `finish`: a reader of stdout that has seen enough of the
        only ticker ends the program, and the table on stderr must come all the same.
        """
        self._write_held()
        self._held = forecasts

    def finish(self, result: BacktestResult) -> None:
        """Write what is left, to stdout and then to stderr."""
        try:
            self._write_held()
            self._buffer.finish()
            self._write_figures(result)
        finally:
            if result.single is not None:
                report_ticker(result.single)
            elif result.panel.tickers:
                report_cross_section(result)

    def _write_held(self) -> None:
        if self._held is None:
            return
        rows = list(self._held.list_rows())
        if self._form == "json":  # forecasts and figures are one document
            self._kept += rows
        else:
            self._buffer.write(rows)

    def _write_figures(self, result: BacktestResult) -> None:
        if not result.panel.tickers or (self._rows == "forecasts" and self._form != "json"):
            return
        figures, overall = result.list_figures(), result.list_overall()
        if self._form != "json":
            rows = overall if self._rows == "overall" else figures
            write_table(rows, self._form, self._path)
            return
        document: dict[str, Iterable[Row]] = {}
        if self._rows == "forecasts":
            document["forecasts"] = self._kept
        if result.single is not None:
            document["models"] = figures
        elif self._rows != "overall":
            document["tickers"] = figures
        if result.single is None:
            document["overall"] = overall
        write_document(document, self._path)
