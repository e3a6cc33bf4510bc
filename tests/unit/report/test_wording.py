"""What the terminal, the chart and the page say alike."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from stockcast.networks.cells import CELLS
from stockcast.report import wording
from stockcast.windows.signals import SIGNALS
from tests.support import make_inspection

DAILY = make_inspection(4, 2, 1)
HOURLY = replace(DAILY, is_daily=False)


def test_steps_are_trading_days_where_bars_are_daily_and_else_bars():
    assert wording.count_steps(2.25, DAILY) == "2.2 trading days"
    assert wording.count_steps(2.25, HOURLY) == "2.2 bars"
    for say in (wording.describe_span, wording.describe_reach):
        assert "trading day" in say(DAILY)
        assert "bar" in say(HOURLY)
        assert "day" not in say(HOURLY)


def test_a_long_half_life_is_rounded_and_an_infinite_one_is_never():
    assert wording.count_steps(12345.6, DAILY) == "12,346 trading days"
    assert wording.count_steps(math.inf, DAILY) == "never"


@pytest.mark.parametrize(
    ("newest_first", "words"),
    [
        (
            (4, 2, 1),
            "what counts most is the newest trading day; the newest 1 of 3 carries half of all; "
            "further back it halves about every 1.0 trading days",
        ),
        ((1, 4, 2), "what counts most is 2 trading days back; the newest 2 of 3 carry half of all"),
        ((1, 1, 1), "what it sees does not fade within the window; the newest 2 of 3 carry half"),
        ((1,), "its window is one trading day"),
        ((0, 0, 0), "the forecast does not depend on what it sees"),
    ],
)
def test_how_far_back_it_remembers_is_one_sentence(newest_first, words):
    assert wording.describe_reach(make_inspection(*newest_first)).startswith(words)


def test_a_window_is_named_by_its_dates_and_what_it_is_for():
    seen = replace(DAILY, forecast_date=np.datetime64("1970-01-04", "us"))
    expected = "3 trading days, 1970-01-01 to 1970-01-03, seen for the forecast of 1970-01-04"
    assert wording.describe_span(seen) == expected


def test_a_span_says_that_each_date_has_a_window_of_its_own():
    assert wording.describe_span(DAILY).endswith("each at the end of its own window of 3")
    one = make_inspection(1)
    assert wording.describe_span(one) == "1970-01-01, at the end of its own window of 1"


def test_the_lowest_layer_sees_what_the_recipe_says():
    assert wording.name_inputs(DAILY) == "scaled prices"
    assert wording.name_inputs(replace(DAILY, target="log-return")) == "log returns"
    assert wording.name_inputs(replace(DAILY, features=("open", "close"))) == "2 columns"
    beside = replace(DAILY, target="log-return", signals=SIGNALS)
    assert wording.name_inputs(beside) == "log returns, 4 signals"


def test_a_network_that_says_how_far_remembers_for_its_volatility():
    still = replace(make_inspection(0, 0), answer="volatility")
    assert wording.describe_reach(still) == "the volatility does not depend on what it sees"


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_has_a_name_of_its_own(cell):
    names = {wording.name_cells(replace(DAILY, cell=other)) for other in CELLS}
    assert len(names) == len(CELLS)
    assert wording.name_cells(replace(DAILY, cell=cell)).startswith("MADEUP, ")
