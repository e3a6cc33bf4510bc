"""Levels of intervals on the command line, and what a model can give of them."""

from __future__ import annotations

import pytest

from stockcast.cli.options.levels import parse_levels
from stockcast.cli.output import console
from stockcast.errors import TooFewResiduals, UsageError


@pytest.fixture
def warnings(monkeypatch):
    """What is said on stderr that --quiet does not silence."""
    said = []
    monkeypatch.setattr(console, "warn", said.append)
    return said


@pytest.mark.parametrize("texts", [None, []])
def test_eighty_and_ninety_five_are_the_default(texts):
    levels = parse_levels(texts)
    assert levels.values == (0.8, 0.95)
    assert not levels.asked


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
    levels = parse_levels(texts)
    assert levels.values == pytest.approx(values)
    assert levels.asked


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
    assert parse_levels(["0.8"]).values == (0.008,)
    assert warnings == ["level 0.8 is 0.8 %"]


def test_levels_that_a_model_has_the_residuals_for_pass_in_silence(
    make_history, make_model, warnings
):
    model = make_model(make_history(), residuals=19)
    parse_levels(None).require(model)
    parse_levels(["80", "95"]).require(model)
    assert warnings == []


@pytest.mark.parametrize(
    ("residuals", "texts", "needed"),
    [(18, ["95"], 19), (18, ["80", "95"], 19), (100, ["99.5"], 199), (0, ["80"], 4)],
)
def test_a_level_asked_for_with_too_few_residuals_is_refused_with_the_number_needed(
    residuals, texts, needed, make_history, make_model, expect_refusal
):
    model = make_model(make_history(), residuals=residuals)
    with expect_refusal(TooFewResiduals, texts[-1], str(needed), hint="--validation"):
        parse_levels(texts).require(model)


@pytest.mark.parametrize("residuals", [0, 3, 18])
def test_the_default_levels_are_only_said_to_be_missing(
    residuals, make_history, make_model, warnings
):
    parse_levels(None).require(make_model(make_history(), residuals=residuals))
    (said,) = warnings
    assert "empty" in said


def test_no_levels_need_no_residuals(make_history, make_model, warnings):
    parse_levels(["none"]).require(make_model(make_history(), residuals=0))
    assert warnings == []
