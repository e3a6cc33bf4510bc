"""Which column of one file is what: by its header's names, else by what the cells show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from stockcast.errors import AmbiguousPrices, UnreadablePrices, option
from stockcast.prices.csv.columns import PRICES, find_columns, fold, rank_name
from stockcast.prices.csv.date_format import find_kind
from stockcast.prices.csv.dialect import Dialect, has_destroyed_dates, is_number
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.shape import Group, find_by_shape

# What can stand beside a price's name and is not a ticker.
_NO_TICKERS = {"pre", "prev", "previous", "prior", "last", "yesterday", "today", "day", "raw"} | {
    "change", "chg", "avg", "average", "mean", "unadj", "vortag", "anterior", "ma5", "ma10", "ma20"
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """Positions of one file's columns.

    Attributes:
        date: position of the date column.
        kind: of its dates, as `find_kind` names them.
        time: position of a column with the time of day, or None.
        ticker: position of the ticker column, or None.
        groups: ticker (None: the file's one, or each of the ticker column's) to canonical name
            to position.
        notes: what the user should know of how the columns were found.
        choices: for a wide file, the headers of its closes.
    """

    date: int
    kind: str
    time: int | None
    ticker: int | None
    groups: dict[str | None, Group]
    notes: tuple[str, ...] = field(default=())
    choices: tuple[str, ...] = field(default=())


def find_layout(dialect: Dialect, options: ReadOptions, *, name: str) -> Layout:
    """Find a file's columns.

    Raises:
        UnreadablePrices: no date column, no price column, or no column of the name given.
        AmbiguousPrices: several columns could be the close; the message names them.
    """
    where = f"{name}:{dialect.header_line}"
    named = find_columns(dialect.header) if dialect.has_header else {}
    date, kind = _find_date(dialect, named, options, where)
    named = {key: position for key, position in named.items() if position != date}
    time = _find_time(dialect, named, date)
    free = [
        position
        for position in range(len(dialect.header))
        if position not in (date, time) and _is_numeric(dialect.column(position))
    ]
    if not dialect.has_header:
        group, notes = find_by_shape(dialect, free, where)
        return Layout(date, kind, time, None, {None: group}, notes)
    ticker = _find_ticker(dialect, named)
    choices: tuple[str, ...] = ()
    if options.column is not None:
        groups = _choose_column(dialect, options.column, free, where)
    else:
        groups, choices = _find_groups(dialect, named, free, options, where)
    return Layout(date, kind, time, ticker, groups, (), choices)


def _find_date(dialect: Dialect, named: Group, options: ReadOptions, where: str) -> tuple[int, str]:
    """Return the date column and its kind: the best name whose cells are dates, else by cells."""
    positions = range(len(dialect.header))
    if options.date_column is not None:
        position = find_header(dialect, options.date_column, where)
        kind = find_kind(dialect.column(position))
        if kind is None:
            raise UnreadablePrices(
                f"{where}: {options.date_column!r} holds no dates that can be read "
                f"({_show(dialect.column(position)[:1])})"
            )
        return position, kind
    ranked = sorted(
        positions,
        key=lambda position: (
            rank if (rank := rank_name(dialect.header[position], "date")) is not None else 10_000,
            position,
        ),
    )
    kinds = {position: find_kind(dialect.column(position)) for position in ranked}
    for position in ranked:
        is_named = rank_name(dialect.header[position], "date") is not None
        # A column of plain numbers is a date only if its name says so, or nothing else can be.
        if kinds[position] is not None and (kinds[position] != "number" or is_named):
            return position, str(kinds[position])
    if has_destroyed_dates(dialect):
        raise UnreadablePrices(
            f"{where}: the dates are lost: a spreadsheet has rounded them to "
            f"{_show(dialect.column(ranked[0])[:1])} in every row",
            hint="get the file again from its source, and do not save it in a spreadsheet",
        )
    if len(dialect.sample) and not any(named) and (kind := kinds[0]) is not None:
        return 0, kind
    unnamed = [p for p in ranked if kinds[p] == "number" and not dialect.header[p]]
    if unnamed:
        return unnamed[0], "number"
    if "date" in named and not dialect.sample:
        return named["date"], "iso"
    raise _explain_no_date(dialect, named, where)


def _explain_no_date(dialect: Dialect, named: Group, where: str) -> UnreadablePrices:
    if "date" not in named:
        return UnreadablePrices(
            f"{where}: no date column, the header is {_show(dialect.header[:12])}",
            hint=f"name it with {option('date_column')}",
        )
    position = named["date"]
    return UnreadablePrices(
        f"{name_line(where, dialect)}: {dialect.header[position] or 'the first column'} is "
        f"{_show(dialect.column(position)[:1])}, expected a date such as 2013-02-28",
        hint=f"name another column with {option('date_column')}",
    )


def name_line(where: str, dialect: Dialect) -> str:
    """Return `file:line` of the first row, from that of the header."""
    return f"{where.rsplit(':', 1)[0]}:{dialect.data_line}"


def _find_time(dialect: Dialect, named: Group, date: int) -> int | None:
    """Return a column with times of day beside the dates, or None."""
    candidates = [named["time"]] if "time" in named else []
    if not dialect.has_header and date + 1 < len(dialect.header):
        candidates = [date + 1]
    for position in candidates:
        cells = [cell for cell in dialect.column(position) if cell]
        if cells and all(re.match(r"^\d{1,2}:\d{2}(:\d{2})?|^\d{4,6}$|^0+$", c) for c in cells):
            return position
    return None


def _find_ticker(dialect: Dialect, named: Group) -> int | None:
    """Return the ticker column if its cells are names, not numbers of something."""
    position = named.get("ticker")
    if position is None or not any(dialect.column(position)):
        return None
    return position


def _find_groups(
    dialect: Dialect, named: Group, free: Sequence[int], options: ReadOptions, where: str
) -> tuple[dict[str | None, Group], tuple[str, ...]]:
    """Find the price columns, of one ticker or, in a wide file, of several."""
    group = {key: position for key, position in named.items() if key in (*PRICES, "volume")}
    wide = _find_suffixes(dialect, group)
    if len(wide) > 1:
        closes = tuple(dialect.header[g["close"]] for g in wide.values() if "close" in g)
        if options.wide:
            return wide, closes
        raise _ask_which(closes, where)
    if "close" in group or "adj_close" in group or any(key in group for key in PRICES):
        return {None: group}, ()
    numeric = [position for position in free if position not in named.values()]
    if len(numeric) == 1:
        return {None: {**group, "close": numeric[0]}}, ()
    if not numeric:
        raise UnreadablePrices(
            f"{where}: no price column, the header is {_show(dialect.header[:12])}",
            hint=f"name it with {option('column', shown='NAME')}",
        )
    names = tuple(dialect.header[position] for position in numeric)
    if options.wide:
        return {dialect.header[position]: {"close": position} for position in numeric}, names
    raise _ask_which(names, where)


def _ask_which(closes: Sequence[str], where: str) -> AmbiguousPrices:
    error = AmbiguousPrices(
        f"{where}: {len(closes)} columns could be the close: {_show(closes[:8])}"
        + (", …" if len(closes) > 8 else ""),
        hint=f"pass {option('wide', value=True)} if each is a ticker of its own, or choose one: "
        + option("column", closes[0], shown=repr(closes[0])),
    )
    error.choices = tuple(closes)
    return error


def _find_suffixes(dialect: Dialect, plain: Group) -> dict[str | None, Group]:
    """Group columns named `Close_AAPL` or `AAPL Close` by what stands beside the known name."""
    groups: dict[str | None, Group] = {}
    if plain.get("close") is not None and fold(dialect.header[plain["close"]]) not in (
        "price",
        "last",
    ):
        groups[None] = dict(plain)
    for position, cell in enumerate(dialect.header):
        if any(_is_exact(cell, key) for key in (*PRICES, "volume", "date", "time")):
            continue
        for pattern in (r"^([^\W_]+(?: Close| Price)?)[_ .:/-]+(.+)$", r"^(.+)[_ .:/-]+([^\W_]+)$"):
            match = re.match(pattern, cell)
            if match is None:
                continue
            head, rest = match.groups() if pattern.startswith("^([^") else match.groups()[::-1]
            keys = [key for key in (*PRICES, "volume") if _is_exact(head, key)]
            if keys:
                groups.setdefault(rest.strip(), {}).setdefault(keys[0], position)
                break
    own = {key for key in groups.get(None, {}) if key in PRICES}
    return {
        key: group
        for key, group in groups.items()
        if ("close" in group or "adj_close" in group)
        # Beside a close of the file's own, pre_close and the like are no tickers.
        and (key is None or (fold(key) not in _NO_TICKERS and own <= group.keys()))
    }


def _is_exact(cell: str, key: str) -> bool:
    rank = rank_name(cell, key)
    return rank is not None and rank < 500 and len(fold(cell)) > 1


def _choose_column(
    dialect: Dialect, column: str, free: Sequence[int], where: str
) -> dict[str | None, Group]:
    """Read one named column as the close, with the others of its group if it has a suffix."""
    position = find_header(dialect, column, where)
    named = {
        key: at for key, at in find_columns(dialect.header).items() if key in (*PRICES, "volume")
    }
    wide = _find_suffixes(dialect, named)
    for ticker, group in wide.items():
        if position in group.values():
            return {ticker: {**group, "close": position}}
    group = {key: at for key, at in named.items() if key in ("open", "high", "low", "volume")}
    if position not in free:
        raise UnreadablePrices(
            f"{where}: {column!r} holds no numbers ({_show(dialect.column(position)[:1])})"
        )
    return {None: {**{key: at for key, at in group.items() if at != position}, "close": position}}


def find_header(dialect: Dialect, column: str, where: str) -> int:
    """Return the position of a header that the user named.

    Raises:
        UnreadablePrices: there is none of that name.
    """
    for same in (lambda cell: cell == column, lambda cell: fold(cell) == fold(column)):
        found = [position for position, cell in enumerate(dialect.header) if same(cell)]
        if found:
            return found[0]
    raise UnreadablePrices(
        f"{where}: no column {column!r}, the header is {_show(dialect.header[:12])}",
        hint="name one of these",
    )


def _is_numeric(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell]
    return bool(known) and sum(map(is_number, known)) >= 0.8 * len(known)


def _show(cells: Sequence[str]) -> str:
    return ", ".join(repr(cell) for cell in cells)
