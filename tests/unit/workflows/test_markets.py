"""The market of a pooled model: from the tickers given, from a file, or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import stockcast as sc
from stockcast.backtesting.leakage import alter_later, remove_later
from stockcast.prices.history import Source
from stockcast.prices.market import FEWEST
from stockcast.workflows.markets import add_up

pytestmark = pytest.mark.slow

ROWS = 420
TINY = sc.Recipe(
    pooled=True, layers=1, units=2, window=10, epochs=1, dropout=0.0, validation=60, test=60
)


def make_market(count=FEWEST):
    """Make histories that have calm and wild months in common."""
    random = np.random.default_rng(0)
    scale = 0.01 * np.exp(0.8 * np.sin(np.arange(ROWS) / 20))
    days = np.busday_offset("2020-01-01", np.arange(ROWS), roll="forward")
    for number in range(count):
        closes = 100 * np.exp(np.cumsum(scale * random.normal(0, 1, ROWS)))
        opens = closes * np.exp(0.2 * scale * random.normal(0, 1, ROWS))
        wide = scale * np.abs(random.normal(0, 1, (2, ROWS)))
        yield sc.PriceHistory(
            ticker=f"T{number:02}",
            dates=days.astype("datetime64[us]"),
            columns={
                "open": opens,
                "high": np.maximum(opens, closes) * np.exp(wide[0]),
                "low": np.minimum(opens, closes) * np.exp(-wide[1]),
                "close": closes,
            },
            findings=(),
            sources=(Source(f"T{number:02}.csv", "0" * 64),),
            lines=np.arange(2, ROWS + 2, dtype=np.int32),
            files=np.zeros(ROWS, np.int16),
        )


@pytest.fixture(scope="module")
def histories():
    return list(make_market())


@pytest.fixture(scope="module")
def model(histories, tmp_path_factory):
    path = tmp_path_factory.mktemp("market") / "pooled.safetensors"
    return sc.train_pooled(histories, TINY, path).model


class Hearing(sc.Observer):
    """Remembers what it is told."""

    def __init__(self):
        self.texts = []

    def notify(self, event):
        self.texts.append(str(event))


CUTOFFS = sc.CutoffOptions(folds=20)


def walk(prices, model, **options):
    heard = Hearing()
    result = sc.backtest(prices, (), model=model, cutoffs=CUTOFFS, observer=heard, **options)
    return result, [text for text in heard.texts if "market" in text]


def test_a_backtest_of_enough_tickers_takes_the_market_from_them(histories, model):
    result, told = walk(histories, model)
    assert told == [f"market: the mean of these {FEWEST} tickers"]
    few, told = walk(histories[:2], model)
    assert told[0].startswith("market: not known from 2 tickers")
    name = next(iter(few.forecasts[0].models.keys() - {"last-price"}))
    with_market, without = (one.forecasts[0].models[name][1][0.95] for one in (result, few))
    assert (with_market[1] != without[1]).any()


def test_predict_and_backtest_say_the_same_from_one_cutoff(histories, model):
    known = [one.select(np.arange(ROWS - 1)) for one in histories]
    market = add_up(known)
    forecast = sc.forecast_next(model, replace(known[3], market=market), levels=(0.95,))
    result, _ = walk(histories, model)
    name = next(iter(result.forecasts[3].models.keys() - {"last-price"}))
    assert result.forecasts[3].models[name][0][-1, 0] == pytest.approx(forecast.forecast[0])


def test_a_file_stands_for_the_market(histories, model, tmp_path):
    file = tmp_path / "index.csv"
    columns = histories[0].columns
    rows = zip(histories[0].dates.astype("datetime64[D]"), *columns.values(), strict=True)
    lines = [",".join(map(str, row)) for row in rows]
    file.write_text("\n".join(["Date,Open,High,Low,Close", *lines]) + "\n")
    with_file, told = walk(histories[:1], model, market=file)
    assert told == []
    without, _ = walk(histories[:1], model)
    name = next(iter(without.forecasts[0].models.keys() - {"last-price"}))
    upper, other = (one.forecasts[0].models[name][1][0.95][1] for one in (with_file, without))
    assert (upper != other).any()


def test_a_market_that_nobody_knows_is_told_to_be_of_no_use(histories, tmp_path):
    heard = Hearing()
    sc.backtest(
        histories[0], ["drift"], cutoffs=CUTOFFS, market=tmp_path / "no.csv", observer=heard
    )
    assert "market= is not used: no pooled model is compared" in heard.texts


def test_no_forecast_depends_on_the_market_of_later_days(histories, model):
    result, _ = walk(histories, model, check_leakage=True)
    assert result.replayed > 0


def test_the_market_is_altered_and_removed_after_a_cutoff_alone(histories):
    history = replace(histories[0], market=add_up(histories))
    for change in (alter_later, remove_later):
        market = change(history, 100).market
        scales, returns = market.look_up(history.dates[:100])
        expected = history.market.look_up(history.dates[:100])
        np.testing.assert_array_equal(scales, expected[0])
        np.testing.assert_array_equal(returns, expected[1])
        later = market.look_up(history.dates[100:])[0]
        assert (later != history.market.look_up(history.dates[100:])[0]).all()
