"""Sparklines: one scale, a character a number."""

from __future__ import annotations

import math

import pytest

from stockcast.forecast.forecaster import forecast_next
from stockcast.prices.history import format_date
from stockcast.report.sparkline import (
    ASCII,
    BLOCKS,
    choose_marks,
    draw_next,
    draw_sparklines,
    thin,
)


def test_the_lowest_number_is_the_lowest_block_and_the_highest_the_highest():
    assert draw_sparklines([[1, 2, 3, 4, 5, 6, 7, 8]]) == ["▁▂▃▄▅▆▇█"]


def test_rows_share_one_scale():
    assert draw_sparklines([[0, 10], [5]]) == ["▁█", "▅"]


def test_a_row_that_never_moves_is_a_line_in_the_middle():
    assert draw_sparklines([[3, 3], [3]]) == ["▅▅", "▅"]


def test_what_is_no_number_is_a_gap():
    assert draw_sparklines([[0, math.nan, 1]]) == ["▁ █"]
    assert draw_sparklines([[math.nan], []]) == [" ", ""]


def test_prices_below_zero_are_drawn_like_any_other():
    assert draw_sparklines([[-4, 0, 4]]) == ["▁▅█"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", None, "no-such-encoding"])
def test_ascii_is_drawn_where_blocks_cannot_be_written(encoding):
    assert choose_marks(encoding) is ASCII
    assert (ASCII.heights + ASCII.bar + ASCII.arrow).isascii()


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-16", "gb18030"])
def test_blocks_are_drawn_where_they_can_be_written(encoding):
    assert choose_marks(encoding) is BLOCKS


def test_both_kinds_have_as_many_heights():
    assert len(set(BLOCKS.heights)) == len(set(ASCII.heights)) == 8
    assert draw_sparklines([[0, 1]], ASCII) == ["_@"]


def test_thinning_keeps_the_last_value_and_the_order():
    assert thin([1, 2, 3], 5) == [1, 2, 3]
    assert thin(list(range(10)), 5) == [1, 3, 5, 7, 9]
    assert thin(list(range(7)), 3)[-1] == 6


@pytest.mark.parametrize("width", [80, 60, 10])
def test_the_past_has_the_room_that_the_forecast_leaves(width, make_history, make_model):
    history = make_history()
    forecast = forecast_next(make_model(history), history)
    day = format_date(forecast.dates[0])
    line = draw_next([50.0] * 100, forecast, width=width)
    past, _, rest = line.partition("│")
    assert rest[1:] == (f" {forecast.last_prices[0]:.6g} → {forecast.forecast[0]:.6g} on {day}")
    assert len(past) == min(60, max(1, width - len(rest) - 1))
