"""Cutoffs and folds, by hand."""

import numpy as np
import pytest

from stockcast.backtesting.plan import MOST_FOLDS, group_cutoffs, place_cutoffs
from stockcast.errors import StockcastError, TooShort, UnreadablePrices, UsageError


@pytest.mark.parametrize(
    ("count", "horizon", "step", "expected"),
    [
        (3, 1, 1, [7, 8, 9]),
        (3, 2, 1, [6, 7, 8]),
        (3, 2, 3, [2, 5, 8]),
        (1, 10, 1, [0]),
        (2, 9, 2, [-1, 1]),
    ],
)
def test_the_last_cutoff_leaves_exactly_the_horizon_to_come_true(count, horizon, step, expected):
    assert place_cutoffs(10, count, horizon=horizon, step=step).tolist() == expected


@pytest.mark.parametrize(
    ("refit", "expected"),
    [
        (None, [[4, 5, 6, 7, 8]]),
        (1, [[4], [5], [6], [7], [8]]),
        (2, [[4, 5], [6, 7], [8]]),
        (9, [[4, 5, 6, 7, 8]]),
    ],
)
def test_cutoffs_up_to_the_next_fit_share_one(refit, expected):
    folds = group_cutoffs(np.arange(4, 9), refit=refit, train_rows=None)
    assert [fold.cutoffs.tolist() for fold in folds] == expected
    assert [fold.fitted_at for fold in folds] == [cutoffs[0] for cutoffs in expected]
    assert {fold.first_row for fold in folds} == {0}


def test_a_sliding_span_moves_with_each_fit():
    folds = group_cutoffs(np.arange(4, 9), refit=2, train_rows=5)
    assert [(fold.first_row, fold.fitted_at) for fold in folds] == [(0, 4), (1, 6), (3, 8)]


def test_unless_told_otherwise_a_year_is_forecast_or_a_third_of_the_bars(make_history, set_out):
    for rows in (900, 90):
        _, plan = set_out(make_history(rows))
        assert len(plan.cutoffs) == min(MOST_FOLDS, rows // 3)
        assert plan.cutoffs[-1] == rows - 1
        assert len(plan.folds) == 1


def test_from_a_date_on_every_bar_is_forecast(make_history, set_out):
    history = make_history(90)
    saturday = np.datetime64("2012-03-24", "us")
    _, plan = set_out(history, start=saturday)
    assert str(history.dates[plan.cutoffs[0]])[:10] == "2012-03-26"
    assert str(history.dates[plan.cutoffs[0] - 1])[:10] == "2012-03-23"
    assert plan.cutoffs.tolist() == list(range(plan.cutoffs[0], 90))
    _, stepped = set_out(history, start=saturday, step=7, fields={"horizon": 3})
    assert stepped.cutoffs.tolist() == list(range(plan.cutoffs[0], 88, 7))


def test_a_date_after_the_last_bar_is_refused(make_history, set_out, expect_refusal):
    history = make_history(90)
    after = history.dates[-1] + np.timedelta64(1, "D")
    with expect_refusal(UsageError, "has no bar from", hint="2012-01-02 to 2012-05-04"):
        set_out(history, start=after)
    with expect_refusal(UsageError, "has no 4 bars from 2012-05-04 on"):
        set_out(history, start=history.dates[-1], fields={"horizon": 4})


def read_hint(error):
    """Return the count and the date that a refusal proposes."""
    values = {one.name: one.value for one in error.options}
    return values["folds"], np.datetime64(values["start"], "us")


@pytest.mark.parametrize("when", [{"folds": 90}, {"start": np.datetime64("2012-01-03", "us")}])
def test_too_many_cutoffs_are_refused_with_as_many_as_there_is_room_for(
    make_history, set_out, when
):
    history = make_history(90)
    with pytest.raises(TooShort, match="default needs 8 before the first") as caught:
        set_out(history, **when)
    count, start = read_hint(caught.value)
    plans = [set_out(history, folds=count)[1], set_out(history, start=start)[1]]
    assert [plan.cutoffs.tolist() for plan in plans] == [list(range(8, 90))] * 2
    with pytest.raises(TooShort):
        set_out(history, folds=count + 1)


def test_a_fit_on_fewer_rows_than_it_needs_is_refused(make_history, set_out, expect_refusal):
    history = make_history(90)
    with expect_refusal(UsageError, "train_rows= is 7: default needs 8", hint="at least 8"):
        set_out(history, train_rows=7)
    assert set_out(history, train_rows=8)[1].folds[0].first_row == 90 - 30 - 8


def test_a_trained_model_forecasts_all_that_it_has_not_seen(
    make_history, make_model, set_out, expect_refusal
):
    history = make_history(120)
    model = make_model(history, test=0.25)
    _, plan = set_out(history, ["drift"], models={"m": model})
    assert plan.cutoffs.tolist() == list(range(91, 120))
    assert str(history.dates[90])[:10] == model.provenance.known_to
    with expect_refusal(TooShort, "m was trained on rows to 2012-05-07", hint="folds=29"):
        set_out(history, ["drift"], models={"m": model}, folds=30)


def test_a_trained_model_that_has_seen_everything_leaves_nothing_to_forecast(
    make_history, make_model, set_out, expect_refusal
):
    history = make_history(120)
    with expect_refusal(TooShort, "no room for a cutoff: m was trained", hint="more history"):
        set_out(history, [], models={"m": make_model(history, test=0)})


def test_baselines_are_calibrated_on_the_longest_validation_span(make_history, set_out, write_csv):
    history = make_history(121)
    path = str(write_csv("validation = 13\n", "my.toml"))
    for names, expected in (
        (["default"], 10),
        (["classic", path], 13),
        (["classic"], 10),
        (["drift"], 10),
    ):
        assert set_out(history, names, folds=20)[1].validation_rows == expected, names


def test_a_price_that_is_missing_is_refused_though_only_baselines_forecast(make_history, set_out):
    prices = make_history(90).columns["adj_close"].copy()
    prices[30] = np.nan
    with pytest.raises(UnreadablePrices, match=r"made-up\.csv:32: adj_close is missing"):
        set_out(make_history(90, adj_close=prices), ["drift"])


def test_what_the_first_fit_cannot_use_is_found_before_it_begins(make_history, set_out):
    prices = make_history(90).columns["adj_close"].copy()
    prices[:70] = 10.0
    with pytest.raises(StockcastError, match="never changes"):
        set_out(make_history(90, adj_close=prices), ["classic"], folds=20)


@pytest.mark.parametrize("folds", [None, 1])
def test_two_bars_leave_no_move_to_scale_errors_by(make_history, set_out, expect_refusal, folds):
    with expect_refusal(TooShort, "2 rows have no room for a cutoff", hint="more history"):
        set_out(make_history(2), ["drift"], folds=folds)
    assert set_out(make_history(3), ["drift"], folds=folds)[1].cutoffs.tolist() == [2]


def test_errors_are_scaled_by_moves_over_as_many_bars_as_are_forecast(
    make_history, set_out, expect_refusal
):
    history, fields = make_history(30), {"horizon": 4}
    with expect_refusal(TooShort, "need 5 before the first", hint="folds=22"):
        set_out(history, ["drift"], fields=fields, folds=23)
    with expect_refusal(UsageError, "train_rows= is 4: scaled errors", hint="at least 5"):
        set_out(history, ["drift"], fields=fields, folds=2, train_rows=4)
    _, plan = set_out(history, ["drift"], fields=fields, folds=22)
    assert plan.cutoffs[0] == 5
