"""Covariates: other prices beside a ticker's own, the newest at or before each bar's date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import CovariateGap, UsageError, option
from stockcast.plurals import count_of
from stockcast.prices.findings import Finding
from stockcast.prices.history import Dates, PriceHistory, format_date

AGE = 5
"""Bars that a covariate's newest one may be old, by default: a week of trading."""


@dataclass(frozen=True)
class Covariates:
    """Other prices beside a ticker's own.

    Attributes:
        histories: their bars; no two have one ticker, which is what a covariate is called.
        age: bars of the ticker that a covariate's newest bar may be old.
        ages: by ticker, of those for which it is another.
    """

    histories: tuple[PriceHistory, ...]
    age: int = AGE
    ages: Mapping[str, int] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(one.ticker for one in self.histories)

    def find(self, name: str) -> PriceHistory | None:
        """Return the bars of one; None if there is none of that name."""
        return next((one for one in self.histories if one.ticker == name), None)

    def find_age(self, name: str) -> int:
        """Return how many bars old the newest one of a covariate may be."""
        return self.ages.get(name, self.age)

    def alter_later(self, date: np.datetime64) -> Covariates:
        """Return others after a date, to find out whether anything depends on them."""
        return replace(self, histories=tuple(_alter_later(one, date) for one in self.histories))

    def remove_later(self, date: np.datetime64) -> Covariates:
        """Return what is known of them on a date."""
        known = [one.select(np.flatnonzero(one.dates <= date)) for one in self.histories]
        return replace(self, histories=tuple(known))


def _alter_later(history: PriceHistory, date: np.datetime64) -> PriceHistory:
    altered = history.select(np.arange(len(history)))
    later = history.dates > date
    random = np.random.default_rng(0)
    for values in altered.columns.values():
        values[later] *= np.exp(random.normal(1.5, 0.75, int(later.sum())))
    return altered


def join_covariates(history: PriceHistory, covariates: Covariates | None) -> PriceHistory:
    """Return bars that see covariates, without those from before all of them begin.

    Raises:
        CovariateGap: one begins after the bars end.
        UsageError: bars of a day beside bars within a day.
    """
    if covariates is None:
        return history
    joined = see_covariates(history, covariates)
    late = max(covariates.histories, key=lambda one: one.dates[0])
    first = int(np.searchsorted(history.dates, late.dates[0]))
    if first == len(history):
        raise CovariateGap(
            f"{late.name} begins {format_date(late.dates[0])}, after {history.name} ends: "
            f"{format_date(history.dates[-1])}",
            hint="give a file that begins earlier, or leave it out of " + option("covariates"),
        )
    if not first:
        return joined
    message = (
        f"{history.name}: {count_of(first, 'bar')} before {format_date(late.dates[0])}, where "
        f"{late.name} begins, left out"
    )
    return joined.select(
        np.arange(first, len(history)),
        Finding("before-covariates", first, message, history.ticker),
    )


def see_covariates(history: PriceHistory, covariates: Covariates | None) -> PriceHistory:
    """Return the same bars with covariates beside them.

    Raises:
        UsageError: bars of a day beside bars within a day.
    """
    for one in () if covariates is None else covariates.histories:
        if _is_intraday(one.dates) != _is_intraday(history.dates):
            inner, outer = (one, history) if _is_intraday(one.dates) else (history, one)
            raise UsageError(
                f"{inner.name} has several bars a day and {outer.name} one: which of a day's bars "
                "is known beside which is not told by its date",
                hint=f"give {option('covariates')} with bars as long as those of the prices",
            )
    return replace(history, covariates=covariates)


def _is_intraday(dates: Dates) -> bool:
    return bool((dates != dates.astype("datetime64[D]")).any())


def find_known(covariate: PriceHistory, dates: Dates) -> NDArray[np.int64]:
    """(n,) dates ─▶ (n,) row of the newest bar at or before each; −1 where there is none.

    Example:
        >>> from stockcast.prices.csv.reader import read_prices
        >>> (history,) = read_prices("sample_data/FB.csv")
        >>> find_known(history, np.array(["2012-05-17", "2012-05-20"], "datetime64[us]"))
        array([-1,  0])
    """
    return np.searchsorted(covariate.dates, dates, side="right") - 1


def count_ages(covariate: PriceHistory, dates: Dates) -> NDArray[np.int64]:
    """(n,) dates of a ticker's bars ─▶ (n,) how many of them the newest bar at or before is old.

    Each depends on the dates up to its own alone.
    """
    known = covariate.dates[np.maximum(find_known(covariate, dates), 0)]
    ages: NDArray[np.int64] = np.arange(1, len(dates) + 1) - np.searchsorted(
        dates, known, side="right"
    )
    return ages


def require_known(
    history: PriceHistory, covariate: PriceHistory, first: int, last: int, *, age: int
) -> None:
    """Raise unless a covariate is known, and not too old, at bars first … last − 1 of a history.

    Raises:
        CovariateGap: it is not; the message has both dates.
    """
    dates = history.dates[:last]
    known = find_known(covariate, dates)[first:]
    if (known < 0).any():
        row = first + int((known < 0).argmax())
        begins = format_date(covariate.dates[0]) if len(covariate) else "nowhere"
        raise CovariateGap(
            f"{covariate.name} begins {begins}, and {history.name} has a bar of "
            f"{format_date(dates[row])} before",
            hint=f"give a file that begins earlier, or leave it out of {option('covariates')}",
        )
    old = count_ages(covariate, dates)[first:]
    if (old <= age).all():
        return
    place = int((old > age).argmax())
    newest = int(known[place])
    word = "ends" if newest == len(covariate) - 1 else "has nothing after"
    raise CovariateGap(
        f"{covariate.name} {word} {format_date(covariate.dates[newest])}, "
        f"{count_of(int(old[place]), 'bar')} of {history.name} before "
        f"{format_date(dates[first + place])}: more than {age:,}",
        hint=f"bring it up to date, or allow more: {option('covariate_age', int(old.max()))}",
    )
