"""The lag alarm: forecasts that repeat the last price, or trail behind it."""

from __future__ import annotations

import numpy as np

from stockcast.evaluation.metrics import root_mean_squared_error
from stockcast.prices.history import Numbers

SMALLEST_SKILL = 0.01
"""A gain in RMSE over the last price below this, were it reached, is as good as none."""

_CLEARLY = 0.9  # of a constant's misfit; a forecast that stands still comes out at 1


def repeats_last_price(
    actual: Numbers, forecast: Numbers, last: Numbers, *, bound: float = SMALLEST_SKILL
) -> bool:
    """Say whether forecasts lie so close to the last price that they could not beat it by `bound`.

    With moves m = actual − last, of root mean square M, and forecast moves d = forecast − last,
    of root mean square D,

        RMSE² = mean (m − d)² = M² − 2 mean(m d) + D² ≥ M² − 2 M D + D² = (M − D)²,

    by Cauchy and Schwarz, with equality only where d is m times one positive number: every
    direction right and every size in proportion. The last price's own RMSE is M, so the skill
    1 − RMSE / M is at most D / M, whatever the forecasts know. This is true where D / M < bound.

    Args:
        actual: (n,) prices that came true.
        forecast: (n,) forecasts of them.
        last: (n,) the last price that each forecast knew.
        bound: relative gain in RMSE, 0.01 for 1 %.
    """
    move = root_mean_squared_error(actual, last)
    predicted_move = root_mean_squared_error(forecast, last)
    return predicted_move < bound * move or predicted_move == 0


def measure_lags(prices: Numbers, forecast: Numbers, longest: int) -> Numbers:
    """RMSE between each forecast and the price so many bars before the one it is for.

    Args:
        prices: (rows,), the last n of them being what `forecast` is for.
        forecast: (n,) forecasts, n at least 1.
        longest: the longest lag, at most rows − n.

    Returns:
        (longest + 1,) price units; [0] is the forecasts' own error, [k] their distance from the
        price k bars before.
    """
    delayed = _delay(prices, len(forecast), longest)
    return np.array([root_mean_squared_error(row, forecast) for row in delayed])


def find_lag(
    prices: Numbers, forecast: Numbers, *, step: int = 1, max_lag: int | None = None
) -> int | None:
    """Find by how many bars forecasts trail behind the price, if they do.

    They do if, by RMSE, they fit a price older than the last one they knew better than any other,
    the one they are for included. (The last one itself fits a lag of `step`, which is none.) That
    alone would also be said of others: a forecast that is always too low fits the older prices of
    a rise, one that stands still fits whatever the price was then, and after a sharp reversal the
    right forecast lies near the price before. So, too,

    - the best lag is not the longest one looked at: beyond it the fit gets worse again;
    - with the mean difference taken off, that lag still fits better than any up to `step`, and by
      a tenth better than any constant would;
    - repeating the last price is no worse than the forecasts.

    Args:
        prices: (rows,), the last n of them being what `forecast` is for; the older ones are
            compared with as far as they reach.
        forecast: (n,) forecasts of consecutive bars, n at least 1.
        step: bars ahead that they look.
        max_lag: the longest lag to be found; default: step + 9.

    Returns:
        the lag that fits best, in bars, above `step`; None if the forecasts do not trail.
    """
    first = len(prices) - len(forecast)
    longest = min(step + 10 if max_lag is None else max_lag + 1, first)
    errors = measure_lags(prices, forecast, longest)
    best = int(errors.argmin())
    if not step < best < longest:
        return None
    delayed = _delay(prices, len(forecast), longest)
    if errors[0] < root_mean_squared_error(delayed[0], delayed[step]):
        return None
    spreads = (forecast - delayed).std(axis=1)
    largest = min(_CLEARLY * delayed[best].std(), spreads[: step + 1].min())
    return best if spreads[best] <= largest else None


def _delay(prices: Numbers, count: int, longest: int) -> Numbers:
    """(longest + 1, count): row k has the prices k bars before each of the last `count`."""
    first = len(prices) - count
    return np.stack([prices[first - lag : len(prices) - lag] for lag in range(longest + 1)])
