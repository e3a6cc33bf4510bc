"""The rows and sentences of a backtest, of one ticker and of many."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cross_section import CrossSection
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.ticker import BacktestRequest, run_ticker
from stockcast.errors import render_options
from stockcast.recipe import Recipe
from stockcast.report import backtest_wording as wording

LEVELS = (0.8, 0.95)


@pytest.fixture
def walk(make_history):
    candidates = name_candidates(["drift", "moving-average:5"], {})
    request = BacktestRequest(candidates, Recipe(), CutoffOptions(folds=20))
    return lambda **fields: run_ticker(make_history(100, **fields), request)


def test_a_row_of_one_ticker_has_a_cell_a_title(walk):
    walked = walk()
    titles = wording.list_ticker_titles(walked.judgements, LEVELS)
    rows = wording.list_ticker_rows(walked.judgements, LEVELS)
    assert [len(row) for row in rows] == [len(titles)] * 3
    reference = next(row for row in rows if row[0] == "last-price")
    assert reference[titles.index("against\nlast price")] == "–"


def test_each_model_but_the_last_price_has_a_verdict(walk):
    names = [one.partition(":")[0] for one in wording.list_verdicts(walk().judgements)]
    assert sorted(names) == ["drift", "moving-average"]


def test_first_intervals_that_are_empty_are_named_with_what_gives_more(walk):
    walked = walk()
    short = wording.name_short(walked.walks)
    assert sorted(short) == ["drift", "last-price", "moving-average:5"]
    assert "a longer --validation span" in render_options(
        wording.describe_gaps(short), "command-line"
    )


def test_of_many_tickers_the_gaps_are_counted():
    short = {"drift": 1, "default": 0, "last-price": 1200}
    assert wording.name_short_of_many(short) == ["drift (1 ticker)", "last-price (1,200 tickers)"]


def test_the_side_that_was_right_more_often_is_named(walk):
    walked = walk(close=np.linspace(50.0, 80.0, 100), adj_close=np.linspace(50.0, 80.0, 100))
    sentence = wording.describe_majority(walked.judgements[0], walked.walks[0])
    assert sentence == "direction: always saying up was right 100 % of the time"


def test_many_tickers_are_rows_of_titles_and_what_never_moved_is_counted(walk):
    still = {name: np.full(100, 5.0) for name in ("close", "adj_close")}
    walks = [walk(ticker="A"), walk(ticker="B", seed=1), walk(ticker="STILL", **still)]
    panel = CrossSection(name_candidates(["drift", "moving-average:5"], {}))
    for walked in walks:
        panel.add(walked.measure())
    ranking = panel.judge_models()
    judged, left = wording.list_spans(panel, ranking[0], horizon=1)
    assert judged.startswith("2 tickers judged, 40 forecasts a model, one step ahead, on 20 dates:")
    assert left == "not judged, as their price never moved: 1"
    titles = wording.list_panel_titles(ranking, LEVELS)
    rows = wording.list_panel_rows(ranking, LEVELS)
    assert [len(row) for row in rows] == [len(titles)] * 3
    assert next(row for row in rows if row[0] == "last-price")[1:6] == ("–",) * 5
    assert len(wording.list_panel_verdicts(ranking)) == 2
