"""Levels of intervals on the command line."""

from __future__ import annotations

import pytest

from stockcast.cli.options.levels import parse_levels
from stockcast.cli.output import console
from stockcast.errors import UsageError


@pytest.fixture
def warnings(monkeypatch):
    """What is said on stderr that --quiet does not silence."""
    said = []
    monkeypatch.setattr(console, "warn", said.append)
    return said


@pytest.mark.parametrize("texts", [None, []])
def test_no_level_leaves_the_default(texts):
    assert parse_levels(texts) is None


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["50"], (0.5,)),
        (["95", "80"], (0.8, 0.95)),
        (["90", "90.0", "9e1"], (0.9,)),
        (["99.5"], (0.995,)),
        (["none"], ()),
        (["none", "none"], ()),
    ],
)
def test_levels_come_out_as_shares_in_ascending_order_each_once(texts, values):
    assert parse_levels(texts) == pytest.approx(values)


@pytest.mark.parametrize(
    "text", ["0", "100", "-5", "101", "nan", "inf", "", "eighty", "80%", "99.9999999999999"]
)
def test_what_is_no_percentage_between_0_and_100_is_refused(text, expect_refusal):
    with expect_refusal(UsageError, "--level", repr(text), hint="--level 80"):
        parse_levels([text])


def test_none_beside_a_level_is_refused(expect_refusal):
    with expect_refusal(UsageError, "--level none"):
        parse_levels(["80", "none"])


def test_a_share_is_taken_for_a_percentage_and_said_to_be_one(warnings):
    assert parse_levels(["0.8"]) == (0.008,)
    assert warnings == ["level 0.8 is 0.8 %"]
