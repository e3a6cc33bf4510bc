"""Some of many tickers failed: said once they are all done, and each of them before."""

from __future__ import annotations

from stockcast.errors import SomeFailed, StockcastError
from stockcast.plurals import count_of


class Failures:
    """What failed of many tickers.

    Attributes:
        count: how many did; what is wrong with each was said when it did.
    """

    def __init__(self) -> None:
        self.count: int = 0
        self._kinds: set[type[StockcastError]] = set()

    def add(self, error: StockcastError | None) -> None:
        """Count a ticker's error, if it has one."""
        if error is not None:
            self.count += 1
            self._kinds.add(_find_owner(type(error)))

    def require_none(self, tickers: int, *, others: str) -> None:
        """Raise if any ticker failed.

        Args:
            tickers: how many there are.
            others: what became of the others, for the hint.

        Raises:
            SomeFailed: some did, or all, for reasons of several kinds.
            StockcastError: all did for reasons of one kind; the error is of that kind too.
        """
        if not self.count:
            return
        message = f"{self.count:,} of {count_of(tickers, 'ticker')} failed"
        hint = "what is wrong with each stands above"
        if self.count < tickers:
            raise SomeFailed(message, hint=f"{hint}; {others}")
        (kind,) = self._kinds if len(self._kinds) == 1 else (SomeFailed,)
        raise kind(message, hint=hint)


def _find_owner(kind: type[StockcastError]) -> type[StockcastError]:
    """Return the class that a kind of error has its exit code from."""
    return [
        one
        for one in kind.__mro__
        if issubclass(one, StockcastError) and one.exit_code == kind.exit_code
    ][-1]
