"""From which dates a backtest forecasts: plain values, which cost nothing to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stockcast.errors import UsageError, option

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class CutoffOptions:
    """From where a backtest forecasts, and what is fitted when.

    A cutoff is the number of bars known.

    Attributes:
        folds: cutoffs, the newest ones; None: 250, or a third of the bars if fewer. With trained
            models None is all after what those have seen.
        start: instead of `folds`, the first date forecast, from ISO 8601 or NumPy.
        step: bars between cutoffs.
        refit: recipes are fitted anew at every n-th cutoff, 1 being each; None: only at the first.
        train_rows: the newest bars that a fit sees; None: all before its cutoff.

    Raises:
        UsageError: `folds` and `start` together, a number below 1, or a start that is no date.

    Example:
        >>> CutoffOptions(folds=100, refit=20).step
        1
    """

    folds: int | None = None
    start: str | np.datetime64 | None = None
    step: int = 1
    refit: int | None = None
    train_rows: int | None = None

    def __post_init__(self) -> None:
        if self.folds is not None and self.start is not None:
            raise UsageError(
                f"{option('folds')} and {option('start')}",
                hint="give one of them: each says where to begin",
            )
        for name in ("folds", "step", "refit", "train_rows"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"{option(name)} is {value}, expected at least 1")
        self.find_start()

    def find_start(self) -> np.datetime64 | None:
        """Return the first date forecast, as histories have dates; None if it is not given.

        Raises:
            UsageError: it is no date.
        """
        if self.start is None:
            return None
        import numpy as np

        problem = UsageError(
            f"{option('start')} is {str(self.start)!r}, expected a date such as 2013-02-28"
        )
        try:
            date = np.datetime64(str(self.start), "us")
        except ValueError:
            raise problem from None
        if np.isnat(date):
            raise problem
        return date
