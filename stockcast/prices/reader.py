"""Files or stdin ─▶ PriceHistory, one a ticker."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import PricesNotFound, SeveralTickers, UnreadablePrices
from stockcast.prices.assemble import assemble_history
from stockcast.prices.history import PriceHistory
from stockcast.prices.table import PriceTable, read_table

STDIN = "-"
STDIN_NAME = "stdin"


def read_prices(
    paths: Sequence[str | Path],
    *,
    ticker: str | None = None,
    on_duplicate: Literal["first", "last"] | None = None,
    stdin: BinaryIO | None = None,
    stdin_name: str = STDIN_NAME,
) -> list[PriceHistory]:
    """Read price CSVs into one history a ticker; files of one ticker are joined by date.

    Args:
        paths: CSV files; `-` is stdin, once at the most.
        ticker: with a ticker column, the only ticker to return; without one, the name of the
            ticker whose bars all the files hold. Default: the file's stem.
        on_duplicate: which row to keep of two with one date and different prices, in file order.
        stdin: where `-` reads from, if not `sys.stdin`.
        stdin_name: what to call the ticker of bars from stdin that do not say.

    Returns:
        histories, in the order in which their tickers first appear.

    Raises:
        PricesNotFound: a path is missing or a folder.
        UnreadablePrices: not a price CSV; the message names file, line and column.
        DuplicateDates: one date with different prices and no `on_duplicate`.
    """
    tables = [_read_one(path, stdin) for path in paths]
    parts: dict[str, list[tuple[PriceTable, NDArray[np.int64]]]] = {}
    for table in tables:
        from_stdin = table.source.name == STDIN_NAME
        default = ticker or (stdin_name if from_stdin else Path(table.source.name).stem)
        for name, rows in _split_by_ticker(table, default):
            parts.setdefault(name, []).append((table, rows))
    if ticker is not None and ticker not in parts:
        known = ", ".join(list(parts)[:8]) or "none"
        raise UnreadablePrices(
            f"{tables[0].source.name}: no ticker {ticker!r}, found {known}",
            hint="name one of these with --ticker",
        )
    wanted = [ticker] if ticker is not None else list(parts)
    return [assemble_history(name, parts[name], on_duplicate=on_duplicate) for name in wanted]


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
        f"{histories[0].name} and what was read with it hold {len(names)} tickers: {shown}",
        hint=f"name one of them: --ticker {names[0]}",
    )


def _read_one(path: str | Path, stdin: BinaryIO | None) -> PriceTable:
    if str(path) == STDIN:
        return read_table(stdin or sys.stdin.buffer, name=STDIN_NAME)
    path = Path(path)
    if path.is_dir():
        raise PricesNotFound(
            f"{path} is a folder, expected a CSV file", hint=f"name its files: {path}/*.csv"
        )
    try:
        with path.open("rb") as file:
            return read_table(file, name=str(path))
    except FileNotFoundError:
        raise PricesNotFound(
            f"no such file: {path}", hint="check the path, or pass - to read stdin"
        ) from None
    except OSError as error:
        raise PricesNotFound(f"cannot read {path}: {error.strerror or error}") from None


def _split_by_ticker(table: PriceTable, default: str) -> list[tuple[str, NDArray[np.int64]]]:
    """Return each ticker's name and its rows; without a ticker column, all rows as `default`."""
    if table.ticker_codes is None:
        return [(default, np.arange(len(table.dates)))]
    order = np.argsort(table.ticker_codes, kind="stable")
    codes, starts = np.unique(table.ticker_codes[order], return_index=True)
    groups = np.split(order, starts[1:])
    return [(table.tickers[code], rows) for code, rows in zip(codes, groups, strict=True)]
