"""Tickers that are done in another order than they were read in, and prices read twice."""

from __future__ import annotations

import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.cli.commands.backtest_many import Prices, backtest_many
from stockcast.cli.commands.backtest_pooled import resolve_candidates
from stockcast.cli.options.backtest_request import BacktestRequest
from stockcast.errors import UsageError
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions
from stockcast.recipe import Recipe


class LastFirst(Executor):
    """A fleet whose last task is done first."""

    def run(self, tasks, work, *, tickers):
        yield from reversed(list(super().run(tasks, work, tickers=tickers)))


@pytest.fixture
def histories(make_history):
    return [make_history(60, seed=seed, ticker=f"T{seed}") for seed in range(4)]


def test_what_is_done_early_waits_for_those_before_it(histories, tmp_path):
    written = []
    for fleet in (Executor(1, None, None), LastFirst(1, None, None)):
        path = tmp_path / f"{len(written)}.csv"
        asked = BacktestRequest(
            Recipe(), {"folds": 5}, (0.8,), replay=False, rows="forecasts", form="csv",
            output=path, report=None,
        )  # fmt: skip
        prices = Prices(["made-up.csv"], ReadOptions(), histories)
        backtest_many(prices, name_candidates(["drift"], {}), asked, fleet)
        written.append(path.read_bytes())
    assert written[0] == written[1]
    assert written[0].count(b"\n") == 1 + 4 * 5 * 2


def test_prices_can_be_gone_through_twice(histories, write_csv, to_yahoo):
    path = str(write_csv(to_yahoo(histories[0]), "A.csv"))
    for prices in (
        Prices([path, "none.csv"], ReadOptions()),
        Prices([path], ReadOptions(), histories),
    ):
        first, second = ([one.name for one in prices.read_all()] for _ in range(2))
        assert first == second
        assert len(first) == prices.total


def test_candidates_that_look_another_number_of_steps_ahead_are_refused_once(tmp_path):
    far = tmp_path / "far.toml"
    far.write_text("horizon = 5\n")
    named = name_candidates(["default", str(far)], {})
    asked = BacktestRequest(Recipe(), {}, (), False, "forecasts", "csv", None, None)
    with pytest.raises(UsageError, match="steps ahead"):
        resolve_candidates(named, lambda: iter(()), asked)
