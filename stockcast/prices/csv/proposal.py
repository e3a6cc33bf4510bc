"""A question which column is the close, with what the numbers of the whole file make of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import AmbiguousPrices, PriceError, option, quote
from stockcast.prices.csv.blocks import iterate_blocks
from stockcast.prices.csv.cells import CellReader
from stockcast.prices.csv.columns import PRICES, find_columns, is_no_price
from stockcast.prices.csv.dialect import Dialect, is_missing
from stockcast.prices.csv.layout import Layout, find_layout
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.shape import Group, propose_close

_LATER = 100  # cells of a column that are looked at


def propose_by_shape(
    raw: RawFile, encoding: str, dialect: Dialect, layout: Layout, options: ReadOptions
) -> tuple[str, str] | None:
    """Return the header that by its numbers could be the close, and why; None if none stands out.

    Args:
        raw: the file.
        encoding: a Python codec name.
        dialect: its header.
        layout: which columns are numbers.
        options: what the user says of it.
    """
    found_columns = find_columns(dialect.header)
    known: Group = {key: at for key, at in found_columns.items() if key in PRICES}
    taken = {*found_columns.values(), *layout.percents}
    header = dialect.header
    free = [
        at
        for at in layout.numeric
        if at not in taken and header[at] and not is_no_price(header[at])
    ]
    if not free:
        return None
    try:
        columns = _read_numbers(raw, encoding, dialect, layout, options, [*known.values(), *free])
    except PriceError:
        return None  # the numbers themselves are in question
    found = propose_close(columns, known, free)
    return found and (header[found[0]], found[1])


def explain_choices(
    error: AmbiguousPrices, raw: RawFile, encoding: str, dialect: Dialect, options: ReadOptions
) -> AmbiguousPrices:
    """Return the question which of several columns is the close, with a proposal if there is one.

    Args:
        error: the question.
        raw: the file.
        encoding: a Python codec name.
        dialect: its header.
        options: what the user says of it.
    """
    if not error.choices:
        return error
    try:
        layout = find_layout(dialect, replace(options, wide=True), name=raw.name)
    except PriceError:
        return error
    if any(len(group) > 1 for group in layout.groups.values()):
        return error  # bars of several tickers, by their names
    found = propose_by_shape(raw, encoding, dialect, layout, options)
    if found is None:
        return error
    header, reason = found
    explained = AmbiguousPrices(
        f"{error.raw_message}; by its numbers it could be {header!r}, {reason}",
        hint=f"choose one: {option('column', header, shown=quote(header))}, or pass "
        f"{option('wide', value=True)} if each is a ticker of its own",
    )
    explained.choices = error.choices
    return explained


def look_further(raw: RawFile, encoding: str, dialect: Dialect) -> Dialect:
    """Return a dialect that also knows what columns hold that have no value in its sample.

    What such a column is, its first cells tell, wherever they stand: a ticker of a wide file may
    begin years after the others.

    Args:
        raw: the file.
        encoding: a Python codec name.
        dialect: as the sample shows it; the file is longer than that.
    """
    known = find_columns(dialect.header).values() if dialect.has_header else ()
    empty = [
        position
        for position, cell in enumerate(dialect.header)
        if cell and position not in known and all(map(is_missing, dialect.column(position)))
    ]
    found: dict[int, list[str]] = {position: [] for position in empty}
    if empty:
        for block in iterate_blocks(raw, encoding, dialect, []):
            for position, cells in found.items():
                if len(cells) < _LATER:
                    texts = (
                        text.strip() for text in block.cells.column(position).unique().to_pylist()
                    )
                    values = [text for text in texts if not is_missing(text)]
                    cells.extend(values[: _LATER - len(cells)])
            if all(len(cells) >= _LATER for cells in found.values()):
                break
    later = {position: tuple(cells) for position, cells in found.items() if cells}
    return replace(dialect, later=later) if later else dialect


def _read_numbers(
    raw: RawFile,
    encoding: str,
    dialect: Dialect,
    layout: Layout,
    options: ReadOptions,
    positions: Sequence[int],
) -> dict[int, NDArray[np.float64]]:
    """Return columns as numbers, position to (rows,), NaN where a cell is none.

    Raises:
        AmbiguousPrices: how they are written is not clear.
    """
    groups: dict[str | None, Group] = {str(at): {"close": at} for at in positions}
    reader = CellReader(raw, encoding, dialect, replace(layout, groups=groups), options)
    _, cells = reader.read()
    return {at: column.finish() for at, column in cells.numbers.items()}
