"""Rows of another kind than bars: dividends and splits, totals, rows that lack their last cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.prices.csv.arrow import matches
from stockcast.prices.csv.blocks import OddRow
from stockcast.prices.csv.date_format import find_kind_of
from stockcast.prices.csv.dialect import Dialect, is_dated
from stockcast.prices.csv.months import simplify_name
from stockcast.prices.csv.row_text import split_like
from stockcast.prices.history import Dates, Numbers

# What happened to a share instead of what it cost: `0.52 Dividend`, `2:1 Stock Split`.
_ACTION = (
    r"divid|\bsplits?\b|capital gains?|spin-?off|distribution|rights? issue|bonus issue|aktiensplit"
    r"|aussch(?:ü|ue)ttung|fractionnement|plus-values?|gains? en capital|desdobramento|grupamento"
    r"|dywidenda|podzia[łl] akcji|дивиденд|сплит|股息|红利|紅利|分红|派息|除息|除权|除權|拆股|拆细"
    r"|送股|配当|株式分割|배당|액면분할"
)
_IS_ACTION = re.compile(_ACTION, re.IGNORECASE)
_SUMMARIES = frozenset(
    """
    total totals subtotal sum average avg mean median min max minimum maximum high low highest
    lowest change count stdev std summe gesamt durchschnitt mittelwert hochster niedrigster moyenne
    somme media promedio suma soma totale somma srednia razem gemiddelde totaal ortalama toplam
    итого среднее всего 合计 合計 总计 總計 平均 平均值 最大值 最小值 합계 평균
    """.split()  # noqa: SIM905
)
_FEWEST = 2  # rows of one width that are no accident
_JUDGED = 1000  # odd rows on either side that are looked at; between them all are taken for dated
_NEIGHBOURS = 20  # rows on either side of where a column begins
_SAME_KIND = {"volume": 1000.0}  # times: by how much a column may differ there
_SAME_PRICE = 5.0


def are_actions(cells: pa.Array) -> NDArray[np.bool_]:
    """(rows,) whether each cell tells of a dividend, a split or the like."""
    return matches(cells, _ACTION)


def is_summary(cell: str) -> bool:
    """Whether a cell in place of a date says that the row sums others up.

    Example:
        >>> is_summary("Total:"), is_summary("today")
        (True, False)
    """
    match = re.match(r"([^\W\d_]+)\W*(?:\([^()]*\))?$", simplify_name(cell))
    return match is not None and match[1] in _SUMMARIES


def is_action_row(cells: Sequence[str]) -> bool:
    """Whether a row has a date, and beside it nothing but what happened to the share then.

    Example:
        >>> is_action_row(["Nov 7, 2012", "0.66 Dividend"])
        True
    """
    others = [cell for cell in cells if cell and find_kind_of(cell) is None]
    told = [cell for cell in others if _IS_ACTION.search(cell)]
    return len(others) < sum(map(bool, cells)) and bool(told) and len(others) - len(told) <= 1


def find_short_widths(
    odd: Sequence[OddRow], full: NDArray[np.int32], dialect: Dialect
) -> tuple[int, ...]:
    """Return the widths of rows that lack their last cells, all before or all after the others.

    So a file is written to which a column was added later, and such rows are no accident: of each
    width there are several, and the widths only grow towards the full one.

    Args:
        odd: rows of another width than the header, in the file's order.
        full: (rows,) lines of the dated rows as wide as the header, ascending.
        dialect: of the file.
    """
    if not odd or len(full) < _FEWEST:
        return ()
    ends = {*odd[:_JUDGED], *odd[-_JUDGED:]}
    dated = [
        row
        for row in odd
        if (row not in ends and row.width > 1) or is_dated(split_like(row.text, dialect))
    ]
    widths = [row.width for row in dated]
    if not dated or max(widths) >= len(dialect.header) or min(widths) < 2:
        return ()
    before = dated[-1].line < full[0] and widths == sorted(widths)
    after = dated[0].line > full[-1] and widths == sorted(widths, reverse=True)
    often = all(widths.count(count) >= _FEWEST for count in set(widths))
    return tuple(sorted(set(widths))) if (before or after) and often else ()


def began_later(dates: Dates, columns: Mapping[str, Numbers], short: NDArray[np.bool_]) -> bool:
    """Whether the short rows are the older ones, and their columns go on in the others.

    They would not if it was not the last columns that were added.

    Args:
        dates: (rows,) none missing.
        columns: canonical name to (rows,).
        short: (rows,) whether a row lacks its last cells.
    """
    if short.all() or not short.any() or dates[short].max() >= dates[~short].min():
        return False
    order = np.argsort(dates, kind="stable")
    older = order[: int(short.sum())][-_NEIGHBOURS:]
    newer = order[int(short.sum()) :][:_NEIGHBOURS]
    for name, values in columns.items():
        old, new = (part[np.isfinite(part)] for part in (values[older], values[newer]))
        if not len(old) or not len(new):
            continue
        pair = sorted((abs(float(np.median(old))), abs(float(np.median(new)))))
        if pair[1] > _SAME_KIND.get(name, _SAME_PRICE) * pair[0]:
            return False
    return True
