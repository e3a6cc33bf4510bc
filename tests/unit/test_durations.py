"""Lengths of time on the command line."""

from __future__ import annotations

import pytest

from stockcast.durations import format_duration, parse_duration
from stockcast.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("12h", 43_200), ("3d", 259_200), ("2w", 1_209_600), ("0s", 0)],
)
def test_a_number_and_a_unit_are_seconds(text, seconds):
    assert parse_duration("--max-age", text) == seconds


def test_half_an_hour_may_be_said_so():
    assert parse_duration("--max-age", "0.5h") == 1800


@pytest.mark.parametrize(
    "text",
    ["", "3", "d", "3 d", "3days", "-3d", "1e3d", "3D", "infs", "nans", "5m 3s", "9" * 12 + "w"],
)
def test_anything_else_is_refused_with_what_is_expected(text, expect_refusal):
    with expect_refusal(UsageError, "--max-age", repr(text), "90s, 5m, 12h, 3d or 2w"):
        parse_duration("--max-age", text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (120, "2 minutes"),
        (7199, "119 minutes"), (36 * 3600, "36 hours"), (3 * 86_400, "3 days"),
        (400 * 86_400, "57 weeks"),
    ],
)  # fmt: skip
def test_a_length_of_time_is_told_in_the_largest_unit_of_which_it_has_two(seconds, text):
    assert format_duration(seconds) == text
