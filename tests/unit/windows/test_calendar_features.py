"""What a network is told of the days ahead: by hand, and never more than a bar knows."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import UnreadablePrices
from stockcast.forecast.outlook import forecast_at_cutoffs, scale_bars
from stockcast.prices.calendar import next_sessions
from stockcast.recipe import Recipe
from stockcast.windows.calendar_features import NEWEST, TradingWeek, compute_calendar
from stockcast.windows.features import Columns, choose_columns
from stockcast.windows.series import window_history
from tests.support import draw_model

BOTH = ("weekday", "turn-of-month")
DAYS = np.arange("2012-01-01", "2013-01-01", dtype="datetime64[D]")


def keep(*weekdays):
    """The days of 2012 on some days of the week, 0 for Monday."""
    return DAYS[[day.astype(dt.date).weekday() in weekdays for day in DAYS]]


def see(make_history, dates, features=BOTH, horizon=1):
    history = make_history(len(dates), dates=dates)
    return compute_calendar(history, features, 0, len(dates), horizon=horizon)


def test_the_weekday_is_that_of_the_next_session_and_not_the_bar_s_own(make_history):
    dates = keep(0, 1, 2, 3, 4)
    seen = see(make_history, dates, ("weekday",))
    assert seen.dtype == np.float32
    for row, (_, after) in zip(seen, itertools.pairwise(dates), strict=False):
        assert row.tolist() == [float(after.astype(dt.date).weekday() == day) for day in range(5)]


def test_the_turn_of_a_month_is_its_last_session_and_the_next_month_s_first_three(make_history):
    dates = np.append(keep(0, 1, 2, 3, 4), np.datetime64("2013-01-01"))
    seen = see(make_history, dates, ("turn-of-month",))[:, 0]
    days = [day.astype(dt.date) for day in dates]
    for bar, after in enumerate(days[1:]):
        month = [one for one in days if (one.year, one.month) == (after.year, after.month)]
        length = calendar.monthrange(after.year, after.month)[1]
        weekdays_left = sum(
            dt.date(after.year, after.month, day).weekday() < 5
            for day in range(after.day + 1, length + 1)
        )
        expected = month.index(after) < 3 or weekdays_left == 0
        if bar > 0:  # January 2012 has no bar before its second session
            assert seen[bar] == expected, after


def test_of_several_steps_it_is_the_share_in_the_turn(make_history):
    dates = keep(0, 1, 2, 3, 4)
    alone = see(make_history, dates, ("turn-of-month",))[:, 0]
    together = see(make_history, dates, ("turn-of-month",), horizon=5)[:, 0]
    means = [alone[bar : bar + 5].mean() for bar in range(len(dates) - 5)]
    np.testing.assert_allclose(together[: len(means)], means, rtol=1e-6)


def test_a_holiday_is_neither_known_before_nor_remembered_after(make_history):
    """Monday 3 September 2012 was Labor Day: the Friday before is told Monday all the same."""
    dates = keep(0, 1, 2, 3, 4)
    holiday = np.flatnonzero(dates == np.datetime64("2012-09-03"))
    whole = see(make_history, dates)
    without = see(make_history, np.delete(dates, holiday))
    assert whole[holiday - 1, 0] == 1
    assert (without == np.delete(whole, holiday, axis=0)).all()


@pytest.mark.parametrize(
    "weekdays", [(0, 1, 2, 3, 4), range(7), (6, 0, 1, 2, 3), (0, 1, 2, 3, 4, 6)]
)
def test_the_days_of_the_week_are_learnt_from_the_newest_bars(weekdays):
    dates = keep(*weekdays)
    week = TradingWeek.from_dates(dates.astype("datetime64[us]"))
    ahead = week.list_sessions(2).astype("datetime64[D]")
    known = slice(NEWEST, len(dates) - 2)
    assert (ahead[known, 0] == dates[NEWEST + 1 : -1]).all()
    assert (ahead[known, 1] == dates[NEWEST + 2 :]).all()


@pytest.mark.parametrize("weekdays", [(0, 1, 2, 3, 4), range(7)])
def test_a_bar_is_told_of_the_sessions_that_predict_dates(weekdays):
    dates = keep(*weekdays).astype("datetime64[us]")
    for bar in range(60, 80):
        known = dates[: bar + 1]
        ahead = TradingWeek.from_dates(known).list_sessions(8)[-1].astype("datetime64[D]")
        assert (ahead == next_sessions(known, 8)).all()


def test_one_session_on_a_saturday_makes_no_trading_day_of_it(make_history):
    dates = keep(0, 1, 2, 3, 4)
    saturday = np.datetime64("2012-06-30")
    place = int(np.searchsorted(dates, saturday))
    seen = see(make_history, np.insert(dates, place, saturday))
    assert (np.delete(seen, place, axis=0) == see(make_history, dates)).all()
    assert seen[place, 0] == 1  # Monday comes next


def test_at_a_weekend_all_five_are_nothing(make_history):
    seen = see(make_history, DAYS, ("weekday",))
    friday, saturday = (np.flatnonzero(np.datetime64(one) == DAYS) for one in
                        ("2012-06-29", "2012-06-30"))  # fmt: skip
    assert not seen[[friday, saturday]].any()
    assert (seen[NEWEST:].sum(axis=1) == 1).sum() > 230


def test_nothing_depends_on_a_later_date(make_history):
    rows = np.random.default_rng(0).random(len(DAYS)) < 0.7
    dates = DAYS[rows]
    whole = see(make_history, dates, horizon=3)
    for count in (5, 31, 90, 200):
        assert (see(make_history, dates[:count], horizon=3) == whole[:count]).all()


def test_a_part_is_the_same_as_in_the_whole(make_history):
    history = make_history(len(DAYS), dates=DAYS)
    whole = compute_calendar(history, BOTH, 0, len(DAYS), horizon=2)
    for first, last in ((0, 3), (10, 40), (200, 201)):
        part = compute_calendar(history, BOTH, first, last, horizon=2)
        assert (part == whole[first:last]).all()


def test_bars_within_a_day_and_bars_of_a_month_are_refused(make_history, expect_refusal):
    minutes = np.datetime64("2012-01-02T09:30") + np.arange(60) * np.timedelta64(5, "m")
    months = np.arange("2010-01", "2014-01", dtype="datetime64[M]")
    for dates, words in ((minutes, "every 5 minutes"), (months, "every month")):
        with expect_refusal(UnreadablePrices, words, "of bars of a day", hint="features="):
            see(make_history, dates)
        with expect_refusal(UnreadablePrices, "weekday and turn-of-month"):
            window_history(make_history(len(dates), dates=dates), Recipe(window=5, features=BOTH))


def test_a_recipe_that_names_them_alone_sees_the_forecast_column_as_well(make_history):
    columns = choose_columns(make_history(5), Recipe(features=("weekday",)))
    assert columns == Columns("adj_close", ("adj_close",), calendar=("weekday",))
    assert columns.inputs == (
        "adj_close", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
    )  # fmt: skip
    assert columns.fits(Recipe(features=("weekday",)))
    assert not columns.fits(Recipe())
    both = choose_columns(make_history(5), Recipe(features=("turn-of-month", "close", "weekday")))
    assert both.features == ("close",)
    assert both.inputs[1:3] == ("turn of month", "Monday")


@pytest.mark.parametrize("target", ["log-return", "relative", "price"])
@pytest.mark.parametrize("loss", ["squared-error", "qlike"])
def test_a_forecast_sees_what_the_training_saw(make_history, target, loss):
    if loss == "qlike" and target != "log-return":
        return
    history = make_history(160)
    recipe = Recipe(window=8, target=target, loss=loss, features=BOTH, horizon=2)
    series = window_history(history, recipe)
    model = draw_model(series)
    table, values = scale_bars(model, history, 100, 120)
    assert (values[:, -6:] == series.values[-40 - len(table.dates) : -40, -6:]).all()
    assert values[:, -6:].any()
    moved = replace(history, dates=history.dates + np.timedelta64(1, "D"))
    cutoffs = np.arange(110, 120)
    assert (
        forecast_at_cutoffs(model, history, cutoffs).forecast
        != forecast_at_cutoffs(model, moved, cutoffs).forecast
    ).any()
