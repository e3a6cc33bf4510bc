"""Scoring from Python: a ledger's worth as values, the events, and a standard that is missed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import BelowStandard, LedgerError, UsageError
from stockcast.ledger.file import append_entries, read_ledger
from stockcast.workflows.events import ForecastsScored, Warned
from tests.support import SAMPLES

FB = SAMPLES / "FB.csv"


@pytest.fixture(scope="module")
def history():
    (history,) = sc.read_prices(FB)
    return history


@pytest.fixture(scope="module")
def ledger(small_model, history, tmp_path_factory):
    """Forecasts from 30 of the days before the newest, and from the newest, which is pending."""
    path = tmp_path_factory.mktemp("scoring") / "ledger.csv"
    for known in range(len(history) - 30, len(history) + 1):
        sc.predict(small_model, history.select(np.arange(known)), ledger=path)
    return path


@pytest.mark.slow
def test_a_score_is_the_error_of_what_came_true_beside_the_last_price(ledger, small_model, history):
    whole, *_ = sc.score(ledger, history).scores
    dates = history.dates[-30:]
    span = sc.predict(small_model, history, start=dates[0])
    errors = span.forecast - span.actual
    assert (whole.scored, whole.pending, whole.unmatched) == (30, 1, 0)
    # The network runs in single precision, over many windows at once in a span.
    assert whole.rmse == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-6)
    closes = history.columns["close"]
    moves = np.diff(closes[-31:])
    assert whole.last_price_rmse == pytest.approx(np.sqrt(np.mean(moves**2)), rel=1e-9)
    assert whole.skill == pytest.approx(1 - whole.rmse / whole.last_price_rmse, rel=1e-9)


@pytest.mark.slow
def test_a_frame_has_a_row_a_score_and_a_coverage_a_level(ledger):
    scores = sc.score(ledger, FB)
    frame = scores.to_frame()
    assert list(frame.columns) == scores.columns
    assert scores.columns[-5:] == [
        "coverage_80", "coverage_95", "qlike", "ewma_qlike", "how_far_p_value",
    ]  # fmt: skip
    assert frame["span"].tolist() == ["all", "newest-250", "newest-20"]
    assert frame["scored"].tolist() == [30, 30, 20]
    np.testing.assert_array_equal(frame["rmse"], [one.rmse for one in scores.scores])


def test_a_ledger_without_intervals_has_no_column_of_their_coverage(small_model, tmp_path):
    path = tmp_path / "ledger.csv"
    sc.predict(small_model, FB, levels=(), ledger=path)
    scores = sc.score(path, FB)
    assert scores.levels == ()
    assert not any(name.startswith("coverage") for name in scores.columns)
    with pytest.raises(UsageError, match=r"fail_coverage=: the forecasts in .* have no intervals"):
        sc.score(path, FB, fail_coverage=5.0)


def test_a_standard_that_is_missed_is_a_value_and_not_raised(ledger):
    missed = sc.score(ledger, FB, fail_below_skill=0.9)
    assert type(missed.failure) is BelowStandard
    assert "FB, newest 30 forecasts: skill is " in str(missed.failure)
    assert "fail_below_skill= is 0.9" in str(missed.failure)
    assert missed.failure.exit_code == 6
    assert missed.scores == sc.score(ledger, FB).scores
    assert sc.score(ledger, FB, fail_below_skill=-100.0).failure is None


def test_intervals_that_hold_too_little_are_a_failure_too(ledger, tmp_path, history):
    recorded = tmp_path / "narrow.csv"
    known = read_ledger(ledger)
    entries = [replace(one, bounds=((one.forecast,) * 2,) * 2) for one in known.entries]
    append_entries(recorded, entries, columns=known.columns)
    failure = sc.score(recorded, history, fail_coverage=60.0).failure
    assert "the 80 % intervals held 0.0 % of the prices" in str(failure)
    assert sc.score(recorded, history, fail_coverage=96.0).failure is None


@pytest.mark.slow
def test_fewer_than_twenty_forecasts_miss_no_standard(small_model, tmp_path, history):
    path = tmp_path / "ledger.csv"
    for known in range(len(history) - 19, len(history)):
        sc.predict(small_model, history.select(np.arange(known)), ledger=path)
    few = sc.score(path, history, fail_below_skill=100.0)
    assert few.scores[0].scored == 19
    assert few.failure is None
    sc.predict(small_model, history.select(np.arange(len(history) - 20)), ledger=path)
    assert sc.score(path, history, fail_below_skill=100.0).failure is not None


def test_an_observer_hears_how_many_came_true_and_what_is_odd(ledger, heard):
    sc.score(ledger, FB, observer=heard)
    first, second = heard.events
    assert first == ForecastsScored(scored=30, pending=1)
    assert first.text == "30 forecasts came true, 1 is pending"
    assert type(second) is Warned
    assert second.text == "FB: 30 forecasts recorded when what came true was known"


def test_a_torn_row_is_told_of_and_left_out(ledger, tmp_path, heard):
    torn = tmp_path / "torn.csv"
    torn.write_bytes(ledger.read_bytes()[:-5])
    scores = sc.score(torn, FB, observer=heard)
    assert heard.events[0].text == f"{torn} ends in a torn row, which is left out"
    assert (scores.scores[0].scored, scores.scores[0].pending) == (30, 0)


def test_bars_that_the_prices_lack_are_told_of(ledger, history, heard):
    kept = np.flatnonzero(history.dates != history.dates[-10])
    scores = sc.score(ledger, history.select(kept), observer=heard)
    assert scores.scores[0].unmatched == 1
    assert "FB: 1 forecast from bars that the prices do not have" in [e.text for e in heard.events]


def test_a_ledger_of_other_tickers_is_refused_and_says_whose_prices_it_wants(
    ledger, history, expect_refusal
):
    other = replace(history, ticker="XYZ")
    hint = "the name of the file does, such as FB.csv"
    with expect_refusal(LedgerError, ledger, "forecasts of FB", "prices are of XYZ", hint=hint):
        sc.score(ledger, other, fail_below_skill=0.5)


def test_a_ticker_without_prices_is_told_of(ledger, history, small_model, tmp_path, heard):
    path = tmp_path / "two.csv"
    path.write_bytes(ledger.read_bytes())
    sc.predict(small_model, replace(history, ticker="XYZ"), ledger=path)
    sc.score(path, history, observer=heard)
    assert "no prices were given of XYZ" in [one.text for one in heard.events]


def test_what_is_no_ledger_is_refused(expect_refusal):
    with expect_refusal(LedgerError, FB):
        sc.score(FB, FB)


def test_a_chart_does_not_go_over_the_ledger(ledger, tmp_path, expect_refusal):
    path = tmp_path / "ledger.png"
    path.write_bytes(ledger.read_bytes())
    with expect_refusal(UsageError, f"{path} is the ledger file itself", hint="another"):
        sc.score(path, FB, chart=path)
    assert path.read_bytes() == ledger.read_bytes()
