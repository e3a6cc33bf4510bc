"""What workflows return as frames, and as HTML for notebooks."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest

import stockcast as sc
from stockcast.evaluation.skill import judge_forecasts
from tests.support import SAMPLES

FB = SAMPLES / "FB.csv"


@pytest.fixture(scope="module")
def history():
    return sc.read_prices(FB)[0]


@pytest.fixture
def forecast(small_model, history):
    return sc.predict(small_model, history, horizon=5)


def test_a_forecast_is_a_row_a_step(forecast):
    frame = forecast.to_frame()
    assert frame["step"].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(frame["forecast"], forecast.forecast)


def test_a_notebook_shows_a_forecast_as_a_fan_above_its_rows(forecast):
    shown = forecast._repr_html_()
    fan = shown[: shown.index("</svg>") + len("</svg>")]
    lines = ElementTree.fromstring(fan).findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines[0].attrib["points"].split()) == 6  # the last price and five steps
    assert shown.count("<tr>") == 6
    assert "actual" not in shown


def test_forecasts_of_a_span_have_no_fan(small_model, history):
    shown = sc.predict(small_model, history, start="2013-02-01")._repr_html_()
    assert "<svg" not in shown
    assert "actual" in shown


def test_a_ticker_out_of_a_file_is_text_in_a_notebook(forecast):
    odd = dataclasses.replace(forecast, ticker="<script>")
    assert "<script>" not in odd._repr_html_()


def test_a_skill_says_its_verdict(history):
    prices = history.columns["close"]
    skill = judge_forecasts(prices[1:], prices[1:] + 1, prices[:-1])
    assert skill.to_frame()["rmse"].tolist() == [skill.rmse]
    assert skill.verdict.split(" (")[0] in skill._repr_html_()


@pytest.mark.parametrize("kind", ["states", "summary", "memory"])
def test_an_inspection_is_the_table_that_the_command_writes(kind, small_model, history):
    seen = sc.inspect(small_model, history)
    pd.testing.assert_frame_equal(seen.to_frame(kind), pd.DataFrame(list(seen.list_rows(kind))))
    assert len(seen.to_frame("summary")) == len(seen.layers)


def test_a_backtest_shows_its_conclusion_and_a_row_a_model(history):
    walked = sc.backtest(history, ["drift"], cutoffs=sc.CutoffOptions(folds=20))
    shown = walked._repr_html_()
    assert walked.conclusion in shown
    assert shown.count("<tr>") == 3  # names, last-price, drift
    assert len(walked.to_frame()) == 40


@pytest.mark.slow
def test_frames_go_into_every_workflow(small_model, history):
    frame = history.to_frame()
    expected = sc.predict(small_model, history)
    np.testing.assert_array_equal(sc.predict(small_model, frame).forecast, expected.forecast)
    walked = sc.backtest(frame, ["drift"], cutoffs=sc.CutoffOptions(folds=20))
    assert walked.panel.tickers == 1


@pytest.mark.slow
def test_a_training_is_its_figures(history):
    result = sc.train(history, epochs=1, units=2, layers=1, window=10)
    assert result.to_frame()["epochs"].tolist() == [1]
    assert "verdict" not in result._repr_html_()
    assert result.model.skill.verdict.split(" (")[0] in result._repr_html_()
