"""What was forecast beside what came true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.evaluation.volatility_methods import KINDS, forecast_variances
from stockcast.ledger.entry import Entry, LedgerColumns
from stockcast.ledger.file import Ledger
from stockcast.prices.history import Dates, Numbers, PriceHistory
from stockcast.prices.matching import match_column
from stockcast.windows.har import sum_variances
from stockcast.windows.moves import measure_moves

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Spread:
    """How far prices were said to move up to the step forecast, and how far they did.

    Attributes:
        variance: (n,) of the log return, as the ledger has it; NaN where it says none.
        ewma: (n,) the same by RiskMetrics, from the bars before each cutoff.
        true: (n,) estimated from what came true; NaN where it is not known.
    """

    variance: Numbers
    ewma: Numbers
    true: Numbers

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) where all three are known."""
        known: NDArray[np.bool_] = (self.variance > 0) & (self.ewma > 0) & (self.true > 0)
        return known

    def select(self, rows: NDArray[np.bool_] | slice) -> Spread:
        """Return some of the rows."""
        return Spread(self.variance[rows], self.ewma[rows], self.true[rows])


@dataclass(frozen=True)
class Joined:
    """One ticker's forecasts of one step ahead that came true, in order of their cutoffs.

    Attributes:
        ticker: its name.
        step: bars ahead.
        dates: (n,) datetime64[us], of the bars that came true.
        actual: (n,) prices that came true, in the price units of the day of the forecast.
        forecast: (n,) forecasts of them.
        last: (n,) the last price that each knew.
        lower: (n, levels) lower bounds.
        upper: (n, levels) upper bounds.
        at: (n, quantiles) prices at one-sided quantiles.
        beyond: (n, quantiles) mean prices beyond them.
        spread: how far the price was said to move, and how far it moved.
        pending: forecasts whose bar the prices do not have yet.
        unmatched: forecasts from a ticker or bar that the prices do not have at all.
        adjusted: of the n, those whose prices have been adjusted since.
        late: of the n, those written down when it was known what came true.
    """

    ticker: str
    step: int
    dates: Dates
    actual: Numbers
    forecast: Numbers
    last: Numbers
    lower: Numbers
    upper: Numbers
    at: Numbers
    beyond: Numbers
    spread: Spread
    pending: int
    unmatched: int
    adjusted: int
    late: int

    def __len__(self) -> int:
        return len(self.dates)


def join_actuals(ledger: Ledger, histories: Sequence[PriceHistory]) -> list[Joined]:
    """Find what came true of each forecast of a ledger.

    A forecast of step k came true on the kth bar after its cutoff, which is another date than the
    ledger's where that was a holiday. Prices that were adjusted since (a split, a dividend) are
    scaled back by what the cutoff's price was and is: what counts is the change since the cutoff.
    The column of prices is the one that the ledger's last prices were taken from.

    Returns:
        one for each ticker and step, in the order in which they first appear.
    """
    by_ticker = {history.ticker: history for history in histories}
    groups: dict[tuple[str, int], list[Entry]] = {}
    for entry in ledger.entries:
        groups.setdefault((entry.ticker, entry.step), []).append(entry)
    return [
        _join(entries, ledger.columns, by_ticker.get(ticker))
        for (ticker, _), entries in groups.items()
    ]


def _join(entries: list[Entry], columns: LedgerColumns, history: PriceHistory | None) -> Joined:
    entries = sorted(entries, key=lambda entry: (entry.cutoff, entry.made_at))
    cutoffs = _to_dates([entry.cutoff for entry in entries])
    last = np.array([entry.last_price for entry in entries])
    then = now = np.full(len(entries), np.nan)
    dates = np.full(len(entries), np.datetime64("NaT", "us"))
    pending, spread = np.zeros(len(entries), dtype=bool), Spread(then, then, then)
    if history is not None:
        step = entries[0].step
        rows, known = _find_rows(history, cutoffs)
        pending = (known & (rows + step >= len(history))) | (cutoffs > history.dates[-1])
        name = match_column(history, rows[known], last[known])
        prices = history.columns[name]
        came = known & ~pending
        then = _take(prices, rows, came)
        now = _take(prices, rows + step, came)
        dates[came] = history.dates[rows[came] + step]
        spread = _measure_spread(history, name, rows, came, entries)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(then == last, 1.0, last / then)
        actual = now * scale
    scored = np.isfinite(actual)
    pairs = np.array([entry.bounds for entry in entries]).reshape(len(entries), -1, 2)[scored]
    bounds, tails = np.split(pairs, [len(columns.levels)], axis=1)
    return Joined(
        ticker=entries[0].ticker,
        step=entries[0].step,
        dates=dates[scored],
        actual=actual[scored],
        forecast=np.array([entry.forecast for entry in entries])[scored],
        last=last[scored],
        lower=bounds[:, :, 0],
        upper=bounds[:, :, 1],
        at=tails[:, :, 0],
        beyond=tails[:, :, 1],
        spread=spread.select(scored),
        pending=int(pending.sum()),
        unmatched=int((~scored & ~pending).sum()),
        adjusted=int((scored & (np.abs(scale - 1) > 1e-6)).sum()),
        late=int((scored & _find_late(entries, dates)).sum()),
    )


def _find_late(entries: Sequence[Entry], dates: Dates) -> NDArray[np.bool_]:
    """Return whether each was written down when its date was over."""
    made = _to_dates([entry.made_at.removesuffix("Z") for entry in entries])
    over = np.where(dates == dates.astype("datetime64[D]"), dates + _DAY, dates)
    late: NDArray[np.bool_] = made >= over
    return late


def _find_rows(history: PriceHistory, dates: Dates) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return each date's row, and whether the history has it."""
    rows = np.minimum(np.searchsorted(history.dates, dates), len(history) - 1)
    return rows, history.dates[rows] == dates


def _measure_spread(
    history: PriceHistory,
    name: str,
    rows: NDArray[np.int64],
    came: NDArray[np.bool_],
    entries: Sequence[Entry],
) -> Spread:
    """Return how far prices were said to move after bars `rows`, and did; NaN where not `came`."""
    moves, step = measure_moves(history, name), entries[0].step
    said = (np.array([entry.volatility for entry in entries]) / 100) ** 2
    true = _take(sum_variances(moves.variances, step), rows, came)
    ewma = np.full(len(rows), np.nan)
    known = np.isfinite(moves.returns).cumsum()[rows] >= KINDS["ewma"].needed
    wanted = came & known
    if wanted.any():
        ewma[wanted] = forecast_variances("ewma", moves.returns, rows[wanted] + 1, step)[:, -1]
    return Spread(said, ewma, true)


def _take(prices: Numbers, rows: NDArray[np.int64], wanted: NDArray[np.bool_]) -> Numbers:
    taken = np.full(len(rows), np.nan)
    taken[wanted] = prices[rows[wanted]]
    return taken


def _to_dates(texts: Sequence[str]) -> Dates:
    return np.array(texts, dtype="datetime64[us]")
