"""Some of many tickers failed: said once they are all done, and each of them before."""

from __future__ import annotations

from stockcast.errors import SomeFailed
from stockcast.plurals import count_of


def require_all(failed: int, count: int, *, others: str) -> None:
    """Raise if any of many tickers failed.

    Args:
        failed: how many did; what is wrong with each was said when it did.
        count: how many there are.
        others: what became of the others, for the hint.

    Raises:
        SomeFailed: at least one did.
    """
    if failed:
        raise SomeFailed(
            f"{failed:,} of {count_of(count, 'ticker')} failed",
            hint=f"what is wrong with each stands above; {others}",
        )
