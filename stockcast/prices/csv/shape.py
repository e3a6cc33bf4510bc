"""Columns without a header: found by the order in which prices hold, never by convention alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.csv.dialect import Dialect

Group = dict[str, int]


def find_by_shape(
    dialect: Dialect, free: Sequence[int], where: str
) -> tuple[Group, tuple[str, ...]]:
    """Without a header: the four columns in which one is always the highest, one the lowest."""
    if not free:
        raise UnreadablePrices(
            f"{where}: no price column, the first row is {', '.join(map(repr, dialect.sample[0]))}"
        )
    if len(free) < 4:
        return {"close": free[0]}, (f"no header: read column {free[0] + 1} as the close",)
    four = list(free[:4])
    cells = [
        [cell.replace(",", ".").replace("$", "") for cell in dialect.column(at)] for at in four
    ]
    try:
        values = np.array(cells, dtype=float)
    except ValueError:
        values = np.zeros((4, 1))
    highest = [at for at in range(4) if (values[at] >= values.max(axis=0)).all()]
    lowest = [at for at in range(4) if (values[at] <= values.min(axis=0)).all()]
    high = 1 if 1 in highest else highest[0] if highest else None
    low = 2 if 2 in lowest else lowest[0] if lowest else None
    if high is None or low is None or (high == low and len(highest) < 4):
        raise AmbiguousPrices(
            f"{where}: no header, and no four columns in which one is always the highest and one "
            "always the lowest",
            hint="add a first line that names the columns: Date,Open,High,Low,Close,Volume",
        )
    first, last = [at for at in range(4) if at not in (high, low)]
    group = {"open": four[first], "high": four[high], "low": four[low], "close": four[last]}
    if len(free) > 4:
        group["volume"] = free[4]
    columns = ", ".join(f"column {at + 1} as {key}" for key, at in group.items())
    return group, (
        f"no header: read {columns}, by the order in which low ≤ open, close ≤ high holds",
    )
