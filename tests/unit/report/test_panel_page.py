"""The page of many tickers has what the table on the terminal has, and each ticker."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cross_section import CrossSection
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.ticker import BacktestRequest, run_ticker
from stockcast.recipe import Recipe
from stockcast.report.panel_page import write_cross_section_page, write_panel_page

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(make_history):
    candidates = name_candidates(["drift", "moving-average:5"], {})
    panel = CrossSection(candidates)
    for seed in range(3):
        history = make_history(100, seed=seed, ticker=f"<T{seed}>")
        if seed == 2:
            still = {name: np.full(100, 5.0) for name in ("close", "adj_close")}
            history = make_history(100, ticker="STILL", **still)
        request = BacktestRequest(candidates, Recipe(), CutoffOptions(folds=75))
        panel.add(run_ticker(history, request).measure())
    return panel


def test_the_page_has_every_model_and_every_ticker(panel, tmp_path):
    path = tmp_path / "page.html"
    write_panel_page(
        path, panel.judge_models(), panel.judge_tickers(), lead="In short.", facts=[("a", "b")]
    )
    text = path.read_text(encoding="utf-8")
    assert "3 tickers: models held against the last price" in text
    assert "In short." in text
    assert "&lt;T0&gt;" in text
    assert "<T0>" not in text
    assert "never moved" in text
    assert text.count("<svg") == 2
    assert "moving-average:5" in text
    assert re.search(r"\d % more ▼", text)
    assert "nan" not in text.lower()


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize(("failed", "told"), [(0, False), (2, True)])
def test_the_page_says_how_many_tickers_failed(panel, tmp_path, failed, told):
    path = tmp_path / "page.html"
    write_cross_section_page(path, panel, horizon=1, failed=failed)
    text = path.read_text(encoding="utf-8")
    assert ("2 of 5 tickers failed and are not in these figures." in text) is told


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize(("style", "name"), [("python", "summary="), ("command-line", "--summary")])
def test_a_page_of_too_many_tickers_says_where_the_others_are(panel, tmp_path, style, name):
    path = tmp_path / "page.html"
    tickers = panel.judge_tickers()
    still = tickers[-1]
    assert still[0] == "STILL"
    tickers += [still] * 1_197  # that have no place in a picture
    write_panel_page(path, panel.judge_models(), tickers, lead="", facts=[], style=style)
    text = path.read_text(encoding="utf-8")
    assert f"The first 1,000 of 1,200; {name} writes all of them." in text
