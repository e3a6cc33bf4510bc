"""A column with times of day."""

from __future__ import annotations

import pyarrow as pa
import pytest

from stockcast.prices.csv.times import find_digits, read_times

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
    assert read_times(pa.array([cell]), digits=6).tolist() == [minutes * MINUTE]


def test_four_digits_are_hours_and_minutes():
    times = read_times(pa.array(["0930", "1600", "5"]), digits=4)
    assert times.tolist() == [570 * MINUTE, 960 * MINUTE, 5 * MINUTE]


def test_seconds_count():
    assert read_times(pa.array(["00:00:07", "000007"]), digits=6).tolist() == [7_000_000] * 2


@pytest.mark.parametrize(
    ("cells", "digits"),
    [
        (["0930", "1600"], 4),
        (["093000", "160000"], 6),
        (["93000", "0"], 6),
        (["0", "100", "5900"], 6),  # 00:59:00: no clock shows 59 hours
        (["09:30", "16:00"], 4),
        ([], 4),
    ],
    ids=str,
)
def test_the_column_tells_whether_its_times_have_seconds(cells, digits):
    assert find_digits(cells) == digits
