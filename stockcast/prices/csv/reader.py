"""Files or stdin ─▶ PriceHistory, one a ticker."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import PricesNotFound, SeveralTickers, UnreadablePrices, option
from stockcast.prices.containers.folders import is_parquet_folder
from stockcast.prices.containers.registry import find_container
from stockcast.prices.csv.arrow import release_memory
from stockcast.prices.csv.assemble import Part, assemble_history, find_unpriced
from stockcast.prices.csv.columns import name_price
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.csv.paths import expand_path
from stockcast.prices.csv.plain import read_plain
from stockcast.prices.csv.raw import RawFile, spool_pipe
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.findings import Finding
from stockcast.prices.history import PriceHistory, Source

_MANY_ROWS = 100_000  # from which on it pays to give memory back

STDIN = "-"
STDIN_NAME = "stdin"


Named = str | Path | BinaryIO


def read_prices(
    prices: Named | Sequence[Named],
    options: ReadOptions = NO_ANSWERS,
    *,
    stdin: BinaryIO | None = None,
    stdin_name: str = STDIN_NAME,
) -> list[PriceHistory]:
    """Read price files into one history a ticker; files of one ticker are joined by date.

    Args:
        prices: price files (CSV, compressed or in a ZIP archive, Parquet, Arrow, workbooks),
            patterns, folders of them, or files that are open for reading bytes; one or several.
            `-` is stdin, once at the most.
        options: what the user says of the files.
        stdin: where `-` reads from, if not `sys.stdin`.
        stdin_name: what to call the ticker of bars from stdin that do not say.

    Returns:
        histories, in the order in which their tickers first appear.

    Raises:
        PricesNotFound: a path is missing, a folder has no price files, a pattern matches none.
        UnreadablePrices: not a price file; the message names file, line and column.
        AmbiguousPrices: it can be read in two ways; the hint names the option.
        DuplicateDates: one date with different prices and no `on_duplicate`.
        MissingLibrary: a workbook, and what opens it is not installed.

    Example:
        >>> [history.ticker for history in read_prices("sample_data/[FG]*.csv")]
        ['FB', 'GOOG']
    """
    named = [prices] if isinstance(prices, str | Path) or hasattr(prices, "read") else prices
    raws = (raw for one in named for raw in _open_named(one, stdin))
    return read_raw_files(
        (
            (raw, stdin_name if raw.name == STDIN_NAME and raw.path is None else raw.stem)
            for raw in raws
        ),
        options,
    )


def iterate_prices(
    path: str, options: ReadOptions = NO_ANSWERS, *, stdin_name: str = STDIN_NAME
) -> Iterator[PriceHistory]:
    """Yield what `read_prices` returns of one file or folder; of Parquet, a few tickers at a time.

    Raises:
        PriceError: as `read_prices`; of Parquet perhaps with the tickers before it out already.
    """
    raw = open_raw(path)
    container = find_container(raw)
    default = stdin_name if raw.name == STDIN_NAME and raw.path is None else raw.stem
    if container is None or not container.in_parts or options.ticker is not None:
        yield from read_raw_files([(raw, default)], options)
        return
    yield from _iterate_parts(raw, default, options)


def _iterate_parts(raw: RawFile, default: str, options: ReadOptions) -> Iterator[PriceHistory]:
    """Yield the tickers of a file as they are read; of those without a price the next one tells.

    Raises:
        UnreadablePrices: there is no next one.
    """
    unpriced: list[tuple[str, Finding, Part]] = []
    for table in iterate_tables(raw, options):
        for name, rows in split_by_ticker(table):
            ticker, part = call_ticker(name, default, options), (table, rows)
            if found := find_unpriced(ticker, [part]):
                unpriced.append((ticker, found, part))
                continue
            history = assemble_history(ticker, [part], on_duplicate=options.on_duplicate)
            told = (*history.findings, *(found for _, found, _ in unpriced))
            yield replace(history, header=find_own_header(options), findings=told)
            unpriced = []
    for ticker, _, part in unpriced:
        assemble_history(ticker, [part], on_duplicate=options.on_duplicate)


def _open_named(one: Any, stdin: BinaryIO | None) -> Iterator[RawFile]:
    """Yield the raw files that are meant, each opened when its turn comes."""
    if hasattr(one, "read"):
        name = getattr(one, "name", None)
        yield spool_pipe(one, name=name if isinstance(name, str) else "file")
        return
    for path in expand_path(str(one)):
        yield open_raw(path, stdin)


def read_raw_files(
    raws: Iterable[tuple[RawFile, str]], options: ReadOptions = NO_ANSWERS
) -> list[PriceHistory]:
    """Read files, each with the name for a ticker that it does not name; see `read_prices`.

    Each file is closed once it is read.
    """
    parts: dict[str, list[Part]] = {}
    first_name = ""
    for raw, default in raws:
        first_name = first_name or raw.name
        with closing(raw):
            tables = read_tables(raw, options)
        for table in tables:
            for name, rows in split_by_ticker(table):
                parts.setdefault(call_ticker(name, default, options), []).append((table, rows))
    wanted = list(parts)
    if options.ticker is not None:
        check_ticker(options.ticker, wanted, first_name)
        wanted = [options.ticker]
    unpriced = []
    if len(wanted) > 1:  # a ticker without prices stops no other
        unpriced = [found for name in wanted if (found := find_unpriced(name, parts[name]))]
    left_out = {found.ticker for found in unpriced} if len(unpriced) < len(wanted) else set()
    first, *others = [
        assemble_history(name, parts[name], on_duplicate=options.on_duplicate)
        for name in wanted
        if name not in left_out
    ]
    if left_out:
        first = replace(first, findings=(*first.findings, *unpriced))
    header = find_own_header(options)
    return [replace(history, header=header) for history in (first, *others)]


def find_own_header(options: ReadOptions) -> str | None:
    """Return the header that is read as the close; None for one that names a price outright."""
    column = options.column
    return None if column is None or name_price(column) is not None else column


def read_tables(raw: RawFile, options: ReadOptions) -> list[PriceTable]:
    """Read one file: one table, or of a wide file one a ticker; see `iterate_tables`."""
    return list(iterate_tables(raw, options))


def iterate_tables(raw: RawFile, options: ReadOptions) -> Iterator[PriceTable]:
    """Yield the tables of one file: CSV, or a container; no ticker is in two of them.

    Raises:
        UnreadablePrices: not a price file, or a cell is not what it must be.
        AmbiguousPrices: it can be read in two ways, or holds several files or sheets.
        MissingLibrary: what opens such a file is not installed.
    """
    container = find_container(raw)
    if container is None:
        plain = read_plain(raw, options)
        tables = _judge_tables(raw, options) if plain is None else [plain]
        if max(len(table.dates) for table in tables) >= _MANY_ROWS:
            release_memory()
        yield from tables
        return
    digest = None
    for table in container.read(raw, options, iterate_tables):
        if table.source.sha256:
            yield table
            continue
        digest = digest or raw.hash()
        yield replace(table, source=Source(raw.name, digest))


def _judge_tables(raw: RawFile, options: ReadOptions) -> list[PriceTable]:
    from stockcast.prices.csv.judges import judge_tables  # a plain file needs none of them

    return judge_tables(raw, options)


def check_readable(path: str | Path) -> None:
    """Raise unless there is a file to read; stdin always is.

    Raises:
        PricesNotFound: there is none, or it is a folder that is no table of Parquet files.
    """
    if str(path) != STDIN and not (Path(path).is_dir() and is_parquet_folder(Path(path))):
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
