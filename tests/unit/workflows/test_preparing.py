"""Preparing from Python: a folder a ticker, recipe fields as keywords, and the events."""

from __future__ import annotations

import json

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import InvalidRecipe, OutputError, TooShort
from stockcast.workflows.events import FindingMade, HistoryRead
from tests.support import SAMPLES

FB, GOOG = SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"


def test_recipe_fields_are_keywords(tmp_path):
    (done,) = sc.prepare(FB, tmp_path / "prepared", window=30, target="price")
    recipe = done.series.recipe
    assert (recipe.window, recipe.target) == (30, "price")
    assert json.loads((done.path / "manifest.json").read_text())["recipe"]["window"] == 30
    assert len(done.series.window_starts) == len(done.series.dates) - 30


def test_a_keyword_wins_over_the_recipe_that_is_named_or_given(tmp_path):
    for number, recipe in enumerate(["classic", sc.Recipe(window=9, units=3)]):
        (done,) = sc.prepare(FB, tmp_path / str(number), recipe, window=11)
        assert done.series.recipe.window == 11
    assert done.series.recipe.units == 3


@pytest.mark.parametrize("fields", [{"windw": 30}, {"window": 0}], ids=["name", "value"])
def test_a_field_that_is_none_is_refused_and_nothing_is_written(fields, tmp_path):
    with pytest.raises(InvalidRecipe, match=next(iter(fields))):
        sc.prepare(FB, tmp_path / "prepared", **fields)
    assert not list(tmp_path.iterdir())


def test_what_is_written_is_what_is_returned(tmp_path):
    (done,) = sc.prepare(FB, tmp_path / "prepared")
    series = np.load(done.path / "series.npy")
    np.testing.assert_array_equal(series, done.series.values)
    assert done.to_frame().to_dict("records") == [done.to_row()]
    assert done.to_row()["rows"] == len(series)
    assert done.to_row()["path"] == str(tmp_path / "prepared")


def test_several_tickers_have_a_folder_each_inside_it(tmp_path):
    done = sc.prepare([FB, GOOG], tmp_path / "prepared")
    assert [one.path for one in done] == [tmp_path / "prepared" / name for name in ("FB", "GOOG")]
    assert all((one.path / "manifest.json").is_file() for one in done)


def test_a_history_is_prepared_as_its_file_is(tmp_path):
    (one,) = sc.prepare(FB, tmp_path / "one")
    (other,) = sc.prepare(sc.read_prices(FB), tmp_path / "other")
    np.testing.assert_array_equal(one.series.values, other.series.values)


def test_an_observer_hears_of_each_file_and_of_what_is_odd_in_it(tmp_path, write_csv, heard):
    lines = FB.read_text().splitlines()
    odd = write_csv([*lines[:50], lines[49], *lines[50:]], "ODD.csv")  # one day twice
    sc.prepare([GOOG, odd], tmp_path / "prepared", observer=heard)
    read = [one for one in heard.events if isinstance(one, HistoryRead)]
    assert [one.history.ticker for one in read] == ["GOOG", "ODD"]
    assert FindingMade in heard.kinds[heard.kinds.index(HistoryRead, 1) :]


def test_prices_too_short_for_the_window_are_refused(tmp_path):
    with pytest.raises(TooShort):
        sc.prepare(FB, tmp_path / "prepared", window=190)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(OutputError):
        sc.prepare(FB, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
