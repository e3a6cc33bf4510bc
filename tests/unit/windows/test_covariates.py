"""What a network sees of other prices: by hand, scale-free, and the same whatever comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import CovariateMismatch, UnreadablePrices
from stockcast.forecast.outlook import forecast_at_cutoffs, scale_bars
from stockcast.prices.covariates import Covariates
from stockcast.recipe import Recipe
from stockcast.windows.covariates import compute_covariates, describe_covariates
from stockcast.windows.features import Columns, CovariateColumn
from stockcast.windows.moves import measure_moves
from stockcast.windows.series import window_history
from tests.support import draw_model

SEEN = (CovariateColumn("SPX", "close"),)


@pytest.fixture
def spx(make_history):
    return make_history(120, seed=1, ticker="SPX", columns=("open", "high", "low", "close"))


@pytest.fixture
def history(make_history, spx):
    return replace(make_history(120), covariates=Covariates((spx,)))


def see(history, *covariates):
    return replace(history, covariates=Covariates(covariates))


def test_a_return_and_a_range_stand_beside_the_covariates_own_year(history, spx):
    seen = compute_covariates(history, SEEN, 1, 120)
    moves = measure_moves(spx, "close")
    returns = np.diff(np.log(spx.columns["close"])) / moves.year[1:]
    ranges = (moves.log_scales - np.log(moves.year))[1:]
    assert seen.dtype == np.float32
    np.testing.assert_allclose(seen[:, 0], np.clip(returns, -8, 8), rtol=1e-6)
    # The first bar has no return over night, so ranges are nine tenths of the bars from here on.
    np.testing.assert_allclose(seen[10:, 1], np.clip(ranges[10:], -8, 8), rtol=1e-5, atol=1e-6)
    assert not seen[:9, 1].any()


def test_what_is_seen_has_no_unit(history, spx):
    other = replace(spx, columns={name: 37 * values for name, values in spx.columns.items()})
    np.testing.assert_allclose(
        compute_covariates(see(history, other), SEEN, 0, 120),
        compute_covariates(history, SEEN, 0, 120),
        atol=1e-5,
    )


def test_closes_alone_have_no_range(history, spx):
    closes = replace(spx, columns={"close": spx.columns["close"]})
    seen = compute_covariates(see(history, closes), SEEN, 1, 120)
    assert seen[:, 0].any()
    assert not seen[:, 1].any()


def test_on_a_holiday_of_the_covariate_it_did_not_move_and_then_made_up_for_it(history, spx):
    holiday = spx.select(np.delete(np.arange(120), 50))
    seen = compute_covariates(see(history, holiday), SEEN, 1, 120)[:, 0]
    assert seen[49] == 0
    closes = spx.columns["close"]
    year = measure_moves(holiday, "close").year[50]
    assert seen[50] == pytest.approx(np.log(closes[51] / closes[49]) / year, rel=1e-5)


def test_a_holiday_of_the_ticker_adds_up_what_the_covariate_did(history, spx):
    shorter = history.select(np.delete(np.arange(120), 50))
    closes, year = spx.columns["close"], measure_moves(spx, "close").year
    seen = compute_covariates(shorter, SEEN, 1, 119)[:, 0]
    assert seen[49] == pytest.approx(np.log(closes[51] / closes[49]) / year[51], rel=1e-5)


def test_nothing_depends_on_a_later_bar_of_either(history, spx):
    whole = compute_covariates(history, SEEN, 1, 120)
    date = spx.dates[79]
    for covariates in (
        history.covariates.alter_later(date),
        history.covariates.remove_later(date),
    ):
        known = replace(history.select(np.arange(80)), covariates=covariates)
        assert (compute_covariates(known, SEEN, 1, 80) == whole[:79]).all()


def test_a_part_is_the_same_to_the_bit_as_in_the_whole(make_history):
    spx = make_history(700, seed=1, ticker="SPX")
    history = see(make_history(700), spx)
    whole = compute_covariates(history, SEEN, 0, 700)
    assert (compute_covariates(history, SEEN, 650, 655) == whole[650:655]).all()


def test_a_price_without_a_logarithm_is_refused_with_its_line(history, spx, expect_refusal):
    closes = spx.columns["close"].copy()
    closes[7] = -37.63
    low = replace(spx, columns={"close": closes})
    with expect_refusal(UnreadablePrices, "made-up.csv:9", "-37.63", "above zero"):
        compute_covariates(see(history, low), SEEN, 0, 120)


def test_another_covariate_or_another_column_of_it_does_not_stand_in(history, spx, expect_refusal):
    for given in (history, replace(history, covariates=None)):
        with expect_refusal(CovariateMismatch, "sees VIX beside MADEUP", hint="covariates="):
            compute_covariates(given, (CovariateColumn("VIX", "close"),), 0, 120)
    with expect_refusal(CovariateMismatch, "no adj_close column"):
        compute_covariates(history, (CovariateColumn("SPX", "adj_close"),), 0, 120)


def test_a_model_remembers_name_column_header_and_the_bars_that_it_learnt_from(history, spx):
    (column,) = describe_covariates(history.covariates, history.dates[99])
    assert column == CovariateColumn("SPX", "close", None, spx.select(np.arange(100)).hash_rows())
    assert column.inputs == ("SPX return", "SPX range")
    with pytest.raises(ValueError, match="one name"):
        Columns("close", ("close",), covariates=(column, column))


@pytest.mark.parametrize("target", ["log-return", "relative", "price"])
@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
def test_a_forecast_sees_what_the_training_saw(history, target, loss):
    if loss == "qlike" and target != "log-return":
        return
    recipe = Recipe(window=8, target=target, loss=loss)
    series = window_history(history, recipe)
    assert series.columns.inputs[-2:] == ("SPX return", "SPX range")
    model = draw_model(series)
    table, values = scale_bars(model, history, 100, 120)
    count = len(table.dates)
    assert (values[:, -2:] == series.values[-count:, -2:]).all()
    with_spx = forecast_at_cutoffs(model, history, np.arange(110, 120))
    other = see(history, history.covariates.alter_later(history.dates[90]).histories[0])
    without = forecast_at_cutoffs(model, other, np.arange(110, 120))
    assert (with_spx.forecast != without.forecast).all()
