"""Which column of one file is what: by its header's names, else by what the cells show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from stockcast.errors import AmbiguousPrices, UnreadablePrices, option, quote
from stockcast.prices.csv.columns import (
    PRICES,
    find_columns,
    fold,
    is_no_price,
    is_short_name,
    name_price,
    rank_name,
)
from stockcast.prices.csv.date_format import find_kind, find_kind_of
from stockcast.prices.csv.dialect import Dialect, has_destroyed_dates, is_missing, is_number
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.shape import Group, find_by_shape, runs_as_dates
from stockcast.prices.history import Headers

# What can stand beside a price's name and is not a ticker.
_NO_TICKERS = {"pre", "prev", "previous", "prior", "last", "yesterday", "today", "day", "raw"} | {
    "change", "chg", "avg", "average", "mean", "unadj", "vortag", "anterior", "ma5", "ma10", "ma20"
}  # fmt: skip
_FRACTION = re.compile(r"[-+$€£]? ?[0-9][0-9.,' ]*[.,][0-9]+")


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
        numeric: positions of all columns of numbers but dates, times and tickers.
        percents: of these, those whose cells are percents.
    """

    date: int
    kind: str
    time: int | None
    ticker: int | None
    groups: dict[str | None, Group]
    notes: tuple[str, ...] = field(default=())
    choices: tuple[str, ...] = field(default=())
    numeric: tuple[int, ...] = field(default=())
    percents: tuple[int, ...] = field(default=())


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
    ticker = _find_ticker(dialect, named)
    if ticker is None:
        named.pop("ticker", None)
    free = tuple(
        position
        for position in range(len(dialect.header))
        if position not in (date, time, ticker) and _is_numeric(dialect.column(position))
    )
    percents = tuple(position for position in free if _holds_percents(dialect.column(position)))
    if not dialect.has_header:
        group, notes = find_by_shape(dialect, free, where)
        return Layout(date, kind, time, None, {None: group}, notes, (), free, percents)
    choices: tuple[str, ...] = ()
    if options.column is not None and name_price(options.column) is None:
        groups = _choose_column(dialect, options.column, free, where)
    else:
        groups, choices = _find_groups(dialect, named, free, options, where)
    return Layout(date, kind, time, ticker, groups, (), choices, free, percents)


def list_headers(dialect: Dialect, layout: Layout, group: Group) -> Headers:
    """Return what the file itself calls its columns.

    Args:
        dialect: its header.
        layout: which column is what.
        group: the columns that are read of one ticker.
    """
    header = dialect.header
    known = find_columns(header) if dialect.has_header else {}
    if layout.ticker is None:
        known.pop("ticker", None)
    volume = {group.get("volume"), known.get("volume")}
    priced = [at for at in layout.numeric if at not in volume and header[at]]
    plain = [at for at in priced if at not in layout.percents]
    unknown = [
        at
        for at in plain
        if at not in {*group.values(), *known.values()} and not is_no_price(header[at])
    ]
    return Headers(
        line=dialect.header_line,
        names={key: header[at] for key, at in group.items()},
        numeric=tuple(dict.fromkeys(header[at] for at in plain or priced)),
        unknown=tuple(dict.fromkeys(header[at] for at in unknown)),
        percents=tuple(key for key, at in group.items() if at in layout.percents),
    )


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
    chosen = _choose_date(dialect, kinds)
    if chosen is not None:
        return chosen, str(kinds[chosen])
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


def _choose_date(dialect: Dialect, kinds: dict[int, str | None]) -> int | None:
    """Return the column that holds the dates, or None.

    Args:
        dialect: the cells.
        kinds: position to what its cells are, the best names first.
    """
    dated = [position for position, kind in kinds.items() if kind is not None]
    named = [at for at in dated if rank_name(dialect.header[at], "date") is not None]
    if named:
        return named[0]
    # A column of plain numbers is a date only if its name says so, or nothing else can be.
    unnamed = [at for at in dated if kinds[at] != "number"]
    if unnamed:
        return _prefer_whole(dialect, unnamed)[0]
    counted = [at for at in dated if runs_as_dates(dialect.column(at))]
    return counted[0] if dialect.has_header and len(counted) == 1 else None


def _prefer_whole(dialect: Dialect, positions: list[int]) -> list[int]:
    """Return the only column that reads as dates from top to bottom; if there is none, all."""
    if len(positions) < 2:
        return positions
    whole = [
        position
        for position in positions
        if all(find_kind_of(cell) is not None for cell in dialect.column(position))
    ]
    return whole if len(whole) == 1 else positions


def _explain_no_date(dialect: Dialect, named: Group, where: str) -> UnreadablePrices:
    if "date" not in named:
        return UnreadablePrices(
            f"{where}: no date column, the header is {_show(dialect.header[:12])}",
            hint=f"name it with {option('date_column')}; a file without dates cannot be forecast",
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
        is_named = dialect.has_header
        if cells and all(
            re.match(r"^\d{1,2}:\d{2}(:\d{2})?|^\d{4,6}$|^0+$", cell)
            and (is_named or _may_be_clock(cell))
            for cell in cells
        ):
            return position
    return None


def _may_be_clock(cell: str) -> bool:
    """Whether digits can be a time of day; without a name they may be a volume as well."""
    digits = cell.zfill(4 if len(cell) <= 4 else 6)
    parts = [int(digits[at : at + 2]) for at in range(0, len(digits), 2) if ":" not in cell]
    return all(part < most for part, most in zip(parts, (24, 60, 60), strict=False))


def _find_ticker(dialect: Dialect, named: Group) -> int | None:
    """Return the ticker column if its cells are names, not numbers of something."""
    position = named.get("ticker")
    if position is None:
        return None
    cells = [cell for cell in dialect.column(position) if cell]
    fractions = sum(_FRACTION.fullmatch(cell) is not None for cell in cells)
    return position if 2 * fractions < len(cells) else None


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
        if options.column is not None and (chosen := _find_holder(dialect, wide, options.column)):
            return chosen, closes
        raise _ask_which(closes, where)
    if any(key in group for key in PRICES):
        return {None: group}, ()
    numeric = [position for position in free if position not in named.values()]
    # Numbers of rows have no name; numbers that have one come first.
    numeric = [position for position in numeric if dialect.header[position]] or numeric
    if len(numeric) == 1 and not options.wide:
        (position,) = numeric
        if not is_no_price(dialect.header[position]):
            return {None: {**group, "close": position}}, ()
        raise _ask_whether(dialect.header[position], where)
    if not numeric:
        raise UnreadablePrices(
            f"{where}: no price column, the header is {_show(dialect.header[:12])}",
            hint=f"name it with {option('column', shown='NAME')}",
        )
    names = tuple(dict.fromkeys(dialect.header[position] for position in numeric))
    if options.wide:
        # A ticker without a single price is one too: it is told of, not passed over.
        empty = [
            position
            for position, cell in enumerate(dialect.header)
            if cell
            and position not in named.values()
            and all(map(is_missing, dialect.column(position)))
        ]
        tickers = sorted([*numeric, *empty])
        return {dialect.header[position]: {"close": position} for position in tickers}, names
    raise _ask_which(names, where)


def _find_holder(
    dialect: Dialect, wide: dict[str | None, Group], column: str
) -> dict[str | None, Group] | None:
    """Return the one group of a wide file that holds a column named by its header."""
    for ticker, group in wide.items():
        if any(dialect.header[position] == column for position in group.values()):
            return {ticker: group}
    return None


def _ask_whether(header: str, where: str) -> AmbiguousPrices:
    chosen = option("column", header, shown=quote(header))
    error = AmbiguousPrices(
        f"{where}: the only column of numbers is {header!r}, which by its name is no price",
        hint=f"if it is to be forecast all the same, say so: {chosen}",
    )
    error.choices = (header,)
    return error


def _ask_which(closes: Sequence[str], where: str) -> AmbiguousPrices:
    error = AmbiguousPrices(
        f"{where}: {len(closes)} columns could be the close: {_show(closes[:8])}"
        + (", …" if len(closes) > 8 else ""),
        hint=f"pass {option('wide', value=True)} if each is a ticker of its own, or choose one: "
        + option("column", closes[0], shown=quote(closes[0])),
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
    return rank is not None and rank < 500 and len(fold(cell)) > 1 and not is_short_name(cell)


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


def _holds_percents(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if cell]
    return sum(cell.endswith("%") for cell in known) * 2 > len(known)


def _is_numeric(cells: Sequence[str]) -> bool:
    known = [cell for cell in cells if not is_missing(cell)]
    return bool(known) and sum(map(is_number, known)) >= 0.8 * len(known)


def _show(cells: Sequence[str]) -> str:
    return ", ".join(repr(cell) for cell in cells)
