"""How old the newest bar is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from stockcast.prices.age import measure_age

HOUR = 3600


@pytest.mark.parametrize(
    ("bar", "hours"),
    [
        ("2026-01-05", -12),  # its day is not over
        ("2026-01-04", 12),
        ("2026-01-02", 60),
        ("2026-01-05T11:30", 0.5),
        ("2026-01-05T12:30", -0.5),
    ],
)
def test_a_day_is_as_old_as_it_has_been_over_and_a_moment_as_it_was(bar, hours):
    dates = np.array(["2020-01-01", bar], dtype="datetime64[us]")
    now = datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert measure_age(dates, now) == hours * HOUR
    elsewhere = now.astimezone(timezone(timedelta(hours=9)))
    assert measure_age(dates, elsewhere) == hours * HOUR
