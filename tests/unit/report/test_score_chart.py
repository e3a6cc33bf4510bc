"""The chart of a ledger: what is drawn, and that little is enough."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.ledger.join import Joined, Spread
from stockcast.report.score_chart import draw_scores

pytestmark = pytest.mark.slow


def make_joined(count, *, levels=0, ticker="GOOG", worse=False, spread=None):
    random = np.random.default_rng(0)
    prices = 50 * np.exp(np.cumsum(random.normal(0, 0.01, count + 1)))
    last, actual = prices[:-1], prices[1:]
    forecast = last * (1 + random.normal(0, 0.03 if worse else 0.001, count))
    width = np.linspace(1, 2, levels) * np.ones((count, 1))
    return Joined(
        ticker=ticker, step=1, actual=actual, forecast=forecast, last=last,
        dates=np.busday_offset("2013-01-01", np.arange(count)).astype("datetime64[us]"),
        lower=forecast[:, None] - width, upper=forecast[:, None] + width,
        at=np.empty((count, 0)), beyond=np.empty((count, 0)),
        spread=spread or Spread(*np.full((3, count), np.nan)),
        pending=0, unmatched=0, adjusted=0, late=0,
    )  # fmt: skip


def draw(path, *parts, levels=()):
    draw_scores(parts, levels, path)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("count", [0, 1, 19])
def test_too_few_forecasts_are_said_to_be(count, tmp_path):
    text = draw(tmp_path / "score.svg", make_joined(count))
    assert f"{count} recorded forecasts came true, 20 are needed" in text


@pytest.mark.parametrize("levels", [(), (80.0, 95.0)])
def test_a_chart_without_a_line_has_no_dates(levels, tmp_path):
    text = draw(tmp_path / "score.svg", make_joined(1, levels=len(levels)), levels=levels)
    assert 'id="xtick_1"' not in text
    assert 'id="xtick_1"' in draw(tmp_path / "more.svg", make_joined(40))


def test_a_lines_name_says_how_many_forecasts_a_point_has(tmp_path):
    text = draw(tmp_path / "score.svg", make_joined(300), make_joined(20, ticker="$A$"))
    assert "What 320 recorded forecasts were worth" in text
    assert "GOOG, 100 forecasts a point" in text
    assert "worse than chance explains" not in text


def test_where_forecasts_are_worse_than_chance_explains_it_is_marked_once(tmp_path):
    parts = [make_joined(300, ticker=ticker, worse=True) for ticker in "AB"]
    assert draw(tmp_path / "score.svg", *parts).count("worse than chance explains") == 1


def test_intervals_have_a_panel_of_their_own(tmp_path):
    one = make_joined(300, levels=2)
    text = draw(tmp_path / "score.svg", one, levels=(80.0, 95.0))
    assert "80 % intervals" in text
    assert "95 % intervals" in text


def test_of_many_tickers_those_with_the_most_forecasts_are_drawn(tmp_path):
    parts = [make_joined(20 + number, ticker=f"T{number}") for number in range(9)]
    text = draw(tmp_path / "score.svg", *parts)
    assert "7 of 9 tickers" in text
    assert "T8, " in text
    assert "T1, " not in text


def test_the_same_chart_is_the_same_bytes(tmp_path):
    parts = [make_joined(100)]
    assert draw(tmp_path / "a.svg", *parts) == draw(tmp_path / "b.svg", *parts)


def test_how_far_has_a_panel_where_forecasts_say_it(tmp_path):
    true = np.random.default_rng(0).uniform(1e-4, 3e-4, 40)
    spread = Spread(true.mean() * np.ones(40), 2 * true.mean() * np.ones(40), true)
    said = "QLIKE saved"
    assert said in draw(tmp_path / "with.svg", make_joined(40, spread=spread))
    assert said not in draw(tmp_path / "without.svg", make_joined(40))
    few = Spread(*(np.where(np.arange(40) < 19, one, np.nan) for one in (true, true, true)))
    assert said not in draw(tmp_path / "few.svg", make_joined(40, spread=few))
