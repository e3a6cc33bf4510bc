"""A column with times of day."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stockcast.prices.times import read_times

MINUTE = 60_000_000


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("00:00", 0),
        ("9:30", 570),
        ("09:30:00", 570),
        ("15:35:00.000", 935),
        ("9:30 PM", 1290),
        ("12:15 am", 15),
        ("12:15 p.m.", 735),
        ("093000", 570),
        ("93000", 570),
        ("0", 0),
        ("000000", 0),
        ("", 0),
    ],
)
def test_a_time_is_microseconds_since_midnight(cell, minutes):
    assert read_times(pa.array([cell])).tolist() == [minutes * MINUTE]


def test_four_digits_are_hours_and_minutes():
    assert read_times(pa.array(["0930", "1600"])).tolist() == [570 * MINUTE, 960 * MINUTE]


def test_seconds_count():
    assert read_times(pa.array(["00:00:07", "000007"])).tolist() == [7_000_000] * 2
