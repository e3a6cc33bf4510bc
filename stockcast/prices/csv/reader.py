"""Files or stdin ─▶ PriceHistory, one a ticker."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import PricesNotFound, SeveralTickers, UnreadablePrices, option
from stockcast.prices.csv.assemble import Part, assemble_history
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.plain import read_plain
from stockcast.prices.csv.raw import RawFile, spool_pipe
from stockcast.prices.csv.table import PriceTable, judge_tables
from stockcast.prices.history import PriceHistory

STDIN = "-"
STDIN_NAME = "stdin"
_NO_OPTIONS = ReadOptions()


def read_prices(
    paths: Sequence[str | Path],
    options: ReadOptions = _NO_OPTIONS,
    *,
    stdin: BinaryIO | None = None,
    stdin_name: str = STDIN_NAME,
) -> list[PriceHistory]:
    """Read price CSVs into one history a ticker; files of one ticker are joined by date.

    Args:
        paths: CSV files; `-` is stdin, once at the most.
        options: what the user says of the files.
        stdin: where `-` reads from, if not `sys.stdin`.
        stdin_name: what to call the ticker of bars from stdin that do not say.

    Returns:
        histories, in the order in which their tickers first appear.

    Raises:
        PricesNotFound: a path is missing or a folder.
        UnreadablePrices: not a price CSV; the message names file, line and column.
        AmbiguousPrices: it can be read in two ways; the hint names the option.
        DuplicateDates: one date with different prices and no `on_duplicate`.
    """
    parts: dict[str, list[Part]] = {}
    for path in paths:
        raw = open_raw(path, stdin)
        default = stdin_name if raw.path is None else raw.stem
        with closing(raw):
            tables = read_tables(raw, options)
        for table in tables:
            for name, rows in split_by_ticker(table):
                parts.setdefault(call_ticker(name, default, options), []).append((table, rows))
    wanted = list(parts)
    if options.ticker is not None:
        check_ticker(options.ticker, wanted, str(paths[0]))
        wanted = [options.ticker]
    histories = [
        assemble_history(name, parts[name], on_duplicate=options.on_duplicate) for name in wanted
    ]
    return [replace(history, header=options.column) for history in histories]


def read_tables(raw: RawFile, options: ReadOptions) -> list[PriceTable]:
    """Read one CSV: one table, or of a wide file one a ticker.

    Raises:
        UnreadablePrices: not a price CSV, or a cell is not what it must be.
        AmbiguousPrices: it can be read in two ways.
    """
    plain = read_plain(raw, options)
    return judge_tables(raw, options) if plain is None else [plain]


def check_readable(path: str | Path) -> None:
    """Raise unless there is a file to read; stdin always is.

    Raises:
        PricesNotFound: there is none, or it is a folder.
    """
    if str(path) != STDIN:
        with RawFile(str(path), Path(path)).open():
            pass


def check_ticker(ticker: str, known: Sequence[str], name: str) -> None:
    """Raise unless a ticker is among those that were read.

    Raises:
        UnreadablePrices: it is not.
    """
    if ticker not in known:
        raise UnreadablePrices(
            f"{name}: no ticker {ticker!r}, found {', '.join(known[:8])}",
            hint=f"name one of these with {option('ticker')}",
        )


def open_raw(path: str | Path, stdin: BinaryIO | None = None) -> RawFile:
    """Return a file's bytes, or what stdin holds if the path is `-`."""
    if str(path) == STDIN:
        if stdin is None and sys.stdin is None:
            raise PricesNotFound("stdin is closed", hint="name a price file instead of -")
        return spool_pipe(stdin or sys.stdin.buffer, name=STDIN_NAME)
    return RawFile(str(path), Path(path))


def choose_one(histories: Sequence[PriceHistory], *, prefer: str | None = None) -> PriceHistory:
    """Return the only history, or of several the one whose ticker is `prefer`.

    Raises:
        SeveralTickers: there are several and none of them is `prefer`.
    """
    if len(histories) == 1:
        return histories[0]
    for history in histories:
        if history.ticker == prefer:
            return history
    names = [history.ticker for history in histories]
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    raise SeveralTickers(
        f"{histories[0].sources[0].name}: {len(names)} tickers: {shown}",
        hint=f"name one of them: {option('ticker', names[0])}",
    )


def split_by_ticker(table: PriceTable) -> list[tuple[str | None, NDArray[np.int64]]]:
    """Return each ticker that the data name, None if they name none, and its rows."""
    if table.ticker_codes is None:
        return [(table.ticker, np.arange(len(table.dates)))]
    order = np.argsort(table.ticker_codes, kind="stable")
    codes, starts = np.unique(table.ticker_codes[order], return_index=True)
    groups = np.split(order, starts[1:])
    named = [(table.tickers[code], rows) for code, rows in zip(codes, groups, strict=True)]
    return [(name or None, rows) for name, rows in named]


def call_ticker(name: str | None, default: str, options: ReadOptions) -> str:
    """Settle what to call a history: the data's own word, the user's, the file's stem."""
    return name or options.ticker or default
