"""Has one forecast become worse than another for a while, though not all the time?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stockcast.prices.history import Numbers

_FEWEST, _SHORTEST, _LONGEST = 50, 20, 250  # forecasts, and forecasts in one window
# Giacomini & Rossi 2010, table 1, one-sided, 5 %: by the window's share of all forecasts.
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
_CRITICAL = (3.176, 2.938, 2.770, 2.624, 2.475, 2.352, 2.248, 2.080, 1.975)


@dataclass(frozen=True)
class Fluctuation:
    """The fluctuation test of Giacomini & Rossi 2010.

    Attributes:
        window: forecasts in a window.
        statistics: (windows,) the scaled mean gain over the reference in each, the oldest first;
            below 0 the forecast was worse in that window.
        critical: where all windows have equal errors, one in twenty series has any statistic
            below −critical.
    """

    window: int
    statistics: Numbers
    critical: float

    @property
    def has_drifted(self) -> bool:
        """Whether the forecast has been worse over the newest window than chance explains."""
        return bool(self.statistics[-1] < -self.critical)


def measure_fluctuation(
    actual: Numbers, forecast: Numbers, reference: Numbers
) -> Fluctuation | None:
    """Test whether one-step forecasts are, in some window of time, worse than others.

    A Diebold-Mariano test in each window would find something sooner or later, looked at every
    day; the critical value here is for all windows together. Errors are taken as shares of the
    reference, since the price's size changes over the years.

    Args:
        actual: (n,) prices that came true, in order of time.
        forecast: (n,) forecasts of them.
        reference: (n,) other forecasts of them, such as the last price.

    Returns:
        the test over a third of the forecasts, 20 to 250, at a time; None for fewer than 50, or
        if the two never differ in error.
    """
    newest = slice(-10 * _LONGEST, None)  # the table begins at a tenth
    actual, forecast, reference = actual[newest], forecast[newest], reference[newest]
    gain = ((reference - actual) ** 2 - (forecast - actual) ** 2) / reference**2
    count = len(gain)
    if count < _FEWEST or not np.ptp(gain):
        return None
    window = min(max(_SHORTEST, count // 3), _LONGEST)
    totals = sliding_window_view(gain, window).sum(axis=1)
    return Fluctuation(
        window=window,
        statistics=totals / (math.sqrt(window) * gain.std()),
        critical=float(np.interp(window / count, _SHARES, _CRITICAL)),
    )
