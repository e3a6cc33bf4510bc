"""Counts in sentences: `1 epoch`, `1,000 epochs`."""

from __future__ import annotations


def count_of(count: int, noun: str) -> str:
    """Write a count with its noun, in the plural unless it is one.

    Example:
        >>> count_of(1, "ticker"), count_of(1200, "ticker")
        ('1 ticker', '1,200 tickers')
    """
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
