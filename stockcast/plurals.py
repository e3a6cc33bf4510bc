"""Counts and names in sentences: `1 epoch`, `1,000 epochs`; `A, B and 3 more`."""

from __future__ import annotations

from collections.abc import Sequence

_NAMED = 5  # of many


def count_of(count: int, noun: str) -> str:
    """Write a count with its noun, in the plural unless it is one.

    Example:
        >>> count_of(1, "ticker"), count_of(1200, "ticker")
        ('1 ticker', '1,200 tickers')
    """
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def join_names(names: Sequence[str]) -> str:
    """Write names, of more than five how many more there are.

    Example:
        >>> join_names(["A", "B"]), join_names(list("ABCDEFGH"))
        ('A, B', 'A, B, C, D, E and 3 more')
    """
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
