"""Backtests from Python: of one ticker and of many, with failures as values."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.backtesting.candidates import name_candidates
from stockcast.backtesting.cutoffs import CutoffOptions
from stockcast.backtesting.ticker import BacktestRequest
from stockcast.errors import LeakageFound, TooShort, UnreadablePrices, UsageError
from stockcast.fleet.executor import Executor
from stockcast.fleet.work import Outcome
from stockcast.model.file import save_model
from stockcast.progress import SILENT
from stockcast.recipe import Recipe
from stockcast.workflows import backtesting as module
from stockcast.workflows.backtesting import backtest, resolve_candidates
from stockcast.workflows.events import (
    BacktestEnded,
    BacktestPlanned,
    FindingMade,
    HistoryRead,
    LeakageChecked,
    ManyStarted,
    Note,
    TickerFailed,
    Warned,
)
from tests.support import SAMPLES

FIVE = CutoffOptions(folds=5)
HERE = Executor(jobs=1)


class LastFirst(Executor):
    """An executor whose last task is done first."""

    def run(self, tasks, work, *, tickers):
        yield from reversed(list(super().run(tasks, work, tickers=tickers)))


@pytest.fixture
def histories(make_history):
    return [make_history(60, seed=seed, ticker=f"T{seed}") for seed in range(4)]


def list_tickers(result):
    return [one.ticker for one in result.forecasts]


def test_one_ticker_is_judged_and_its_forecasts_and_walks_are_there(histories):
    result = backtest(histories[0], ["drift"], cutoffs=FIVE)
    assert list(result.judgements) == ["T0"]
    assert {one.candidate.name for one in result.judgements["T0"]} == {"drift", "last-price"}
    assert len(result.to_frame()) == 5 * 2
    assert len(result.single.plan.cutoffs) == 5
    assert result.conclusion == result.single.conclusion
    assert [one.tickers for one in result.overall] == [1, 1]
    assert (result.failures, result.replayed, result.horizon) == ((), 0, 1)


@pytest.mark.slow
def test_many_tickers_are_judged_together(histories):
    result = backtest(histories, ["drift"], cutoffs=FIVE, check_leakage=True)
    assert list(result.judgements) == list_tickers(result) == ["T0", "T1", "T2", "T3"]
    assert [one.tried for one in result.overall] == [4, 4]
    assert "Over 4 tickers together" in result.conclusion
    assert result.replayed == 4 * 2 * 3
    assert result.single is None
    alone = backtest(histories[2], ["drift"], cutoffs=FIVE).to_frame()
    together = result.to_frame()
    assert together[together["ticker"] == "T2"].reset_index(drop=True).equals(alone)


def test_a_ticker_can_be_judged_as_if_there_were_many(histories):
    result = backtest(histories[0], ["drift"], cutoffs=FIVE, overall=True)
    assert result.single is None
    assert result.forecasts == ()
    assert "Over 1 ticker together" in result.conclusion


def test_files_are_read_as_their_turn_comes(tmp_path, histories, to_yahoo):
    for one in histories[:2]:
        (tmp_path / f"{one.ticker}.csv").write_text("\n".join(to_yahoo(one)) + "\n")
    result = backtest(tmp_path, ["drift"], cutoffs=FIVE)
    assert list_tickers(result) == ["T0", "T1"]


@pytest.mark.slow
def test_what_is_done_early_waits_for_those_before_it(histories):
    results = [
        backtest(histories, ["drift"], cutoffs=FIVE, executor=executor)
        for executor in (HERE, LastFirst(jobs=1))
    ]
    assert results[0].to_frame().equals(results[1].to_frame())
    np.testing.assert_equal(results[0].list_overall(), results[1].list_overall())


def test_forecasts_are_handed_over_as_they_come_and_not_kept(histories):
    taken = []
    result = backtest(histories, ["drift"], cutoffs=FIVE, on_forecasts=taken.append)
    assert [one.ticker for one in taken] == ["T0", "T1", "T2", "T3"]
    assert result.forecasts == ()
    assert result.to_frame().empty


@pytest.mark.parametrize("count", [1, 2])
def test_a_summary_keeps_no_forecast(histories, count):
    taken = []
    result = backtest(
        histories[:count], ["drift"], cutoffs=FIVE, summary=True, on_forecasts=taken.append
    )
    assert taken == []
    assert result.forecasts == ()
    assert len(result.list_figures()) == count * 2


def test_one_of_many_that_fails_is_a_value_and_stops_no_other(histories, make_history, heard):
    short = make_history(4, ticker="SHORT")
    result = backtest(
        [histories[0], short, histories[1], histories[0]], ["drift"], cutoffs=FIVE, observer=heard
    )
    assert list_tickers(result) == ["T0", "T1"]
    assert [(one.ticker, type(one.error)) for one in result.failures] == [
        ("SHORT", TooShort), ("T0", UnreadablePrices),
    ]  # fmt: skip
    told = [event for event in heard.events if isinstance(event, TickerFailed)]
    assert [event.error for event in told] == [one.error for one in result.failures]


def test_the_only_one_that_fails_is_raised(make_history):
    with pytest.raises(TooShort):
        backtest(make_history(4), ["drift"], cutoffs=FIVE)


def test_where_all_fail_nothing_is_concluded(make_history):
    short = [make_history(4, ticker=name) for name in "AB"]
    result = backtest(short, ["drift"], cutoffs=FIVE)
    assert len(result.failures) == 2
    assert (result.conclusion, result.list_figures(), result.list_overall()) == ("", [], [])


def test_an_observer_receives_the_plan_and_then_what_was_replayed(histories, heard):
    backtest(histories[0], ["drift"], cutoffs=FIVE, check_leakage=True, observer=heard)
    kinds = [kind for kind in heard.kinds if kind is not FindingMade]
    assert kinds == [HistoryRead, BacktestPlanned, LeakageChecked]
    assert heard.events[-1].text.startswith("no leakage: 6 cutoffs replayed with all later rows")


@pytest.mark.slow
def test_an_observer_receives_the_beginning_and_the_end_of_many(histories, make_history, heard):
    prices = [*histories, make_history(4, ticker="SHORT")]
    backtest(prices, ["drift"], cutoffs=FIVE, check_leakage=True, observer=heard)
    assert heard.kinds == [ManyStarted, TickerFailed, BacktestEnded, LeakageChecked]
    assert heard.events[0].text == "backtesting 5 tickers"
    assert heard.events[2].text.endswith(": 4 walked, 1 failed")
    assert "24 cutoffs of 4 tickers" in heard.events[3].text


def test_plans_say_when_recipes_are_trained(make_history):
    from stockcast.backtesting.plan import plan_backtest

    history = make_history(100)
    candidates = name_candidates(["default"], {"window": 5})

    def describe(**cutoffs):
        plan = plan_backtest(history, candidates, Recipe(), CutoffOptions(**cutoffs))
        return BacktestPlanned(history, plan, is_fitted=True).lines[1]

    assert describe(folds=10).endswith("trained once, on the 90 rows before the first cutoff")
    assert describe(folds=10, refit=5).endswith("trained 2 times, on 90 rows and more")
    assert describe(folds=10, refit=5, train_rows=60).endswith("trained 2 times, on 60 rows")


@pytest.mark.slow
def test_a_trained_model_brings_baselines_alone_and_sees_another_ticker_with_a_warning(
    make_history, make_model, heard, tmp_path
):
    history = make_history(120)
    model = make_model(history.select(np.arange(90)))
    path = tmp_path / "m.safetensors"
    save_model(model, path)
    of_file = backtest(history, model=path)
    assert [walk.candidate.name for walk in of_file.single.walks] == [
        "last-price", "drift", "moving-average:20", str(path),
    ]  # fmt: skip
    other = make_history(120, ticker="OTHER")
    of_value = backtest(other, [], model=model, observer=heard)
    assert [walk.candidate.name for walk in of_value.single.walks] == ["MADEUP", "last-price"]
    ours, theirs = of_value.single.walks[0], of_file.single.walks[-1]
    np.testing.assert_array_equal(ours.outlook.forecast, theirs.outlook.forecast)
    (warned,) = [event for event in heard.events if isinstance(event, Warned)]
    assert "trained on MADEUP, and sees OTHER here" in warned.text


def test_two_models_of_one_ticker_are_both_compared(make_history, make_model):
    history = make_history(120)
    models = [make_model(history.select(np.arange(90)), weight_seed=seed) for seed in (1, 2)]
    result = backtest(history, [], model=models)
    assert [walk.candidate.name for walk in result.single.walks] == [
        "MADEUP", "MADEUP (2)", "last-price",
    ]  # fmt: skip
    assert result.single.walks[0].digests != result.single.walks[1].digests


def test_of_many_it_is_said_once_what_a_model_was_trained_on(histories, make_model, heard):
    model = make_model(histories[0].select(np.arange(40)))
    backtest(histories, [], model=model, cutoffs=FIVE, observer=heard)
    notes = [event.text for event in heard.events if isinstance(event, Note)]
    assert notes == ["T0 was trained on T0"]


@pytest.mark.slow
def test_of_a_file_with_several_tickers_the_models_own_is_meant(
    tmp_path, make_model, make_history, to_yahoo
):
    lines = ["Ticker,Date,Open,High,Low,Close,Adj Close,Volume"]
    for seed, name in enumerate(("A", "MADEUP")):
        lines += [f"{name},{line}" for line in to_yahoo(make_history(120, seed=seed))[1:]]
    path = tmp_path / "both.csv"
    path.write_text("\n".join(lines) + "\n")
    model = make_model(make_history(90, seed=1))
    result = backtest(path, [], model=model, cutoffs=FIVE)
    assert result.single.history.ticker == "MADEUP"
    assert list(backtest(path, ["drift"], cutoffs=FIVE).judgements) == ["A", "MADEUP"]


def test_what_is_compared_can_be_given_another_name(histories):
    result = backtest(histories, {"trend": "drift"}, cutoffs=FIVE)
    assert {one.candidate.name for one in result.overall} == {"trend", "last-price"}


def test_overrides_reach_every_recipe_and_a_header_names_the_column():
    opened = backtest(SAMPLES / "FB.csv", ["drift"], cutoffs=FIVE, overrides={"column": "open"})
    assert opened.single.plan.target == "open"
    headed = backtest(SAMPLES / "FB.csv", ["drift"], cutoffs=FIVE, overrides={"column": "Open"})
    np.testing.assert_array_equal(headed.to_frame()["actual"], opened.to_frame()["actual"])
    far = backtest(SAMPLES / "FB.csv", ["drift"], cutoffs=FIVE, overrides={"horizon": 3})
    assert (far.horizon, len(far.to_frame())) == (3, 5 * 3 * 2)


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"levels": [1.5]}, "levels= has 1.5"),
        ({"report": "page.png"}, r"ends in \.html"),
        ({"models": ["defualt"]}, "no model 'defualt'"),
    ],
)
def test_what_makes_no_sense_is_refused_before_prices_are_read(more, match):
    with pytest.raises(UsageError, match=match):
        backtest("none.csv", **more)


def test_levels_are_ascending_and_none_are_none(histories):
    result = backtest(histories[0], ["drift"], cutoffs=FIVE, levels=(0.9, 0.5))
    assert result.levels == (0.5, 0.9)
    assert backtest(histories[0], ["drift"], cutoffs=FIVE, levels=()).levels == ()


def test_empty_first_intervals_are_counted_by_candidate(histories):
    result = backtest(histories, ["drift"], cutoffs=FIVE)
    assert result.short == {"drift": 4, "last-price": 4}
    assert backtest(histories, ["drift"], cutoffs=FIVE, levels=(0.5,)).short == {
        "drift": 0, "last-price": 0,
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2])
def test_a_page_is_written_of_one_and_of_many(histories, count, tmp_path):
    page = tmp_path / "page.html"
    cutoffs = CutoffOptions(folds=30)
    result = backtest(histories[:count], ["drift"], cutoffs=cutoffs, report=page)
    text = page.read_text(encoding="utf-8")
    assert result.conclusion in text
    assert ("2 tickers: models" if count == 2 else "T0: models") in text


def test_a_leak_on_one_of_many_ends_all(histories, monkeypatch):
    def leak(task):
        return Outcome(task.name, error=LeakageFound("drift: the forecast is another one"))

    monkeypatch.setattr(module, "walk_task", leak)
    with pytest.raises(LeakageFound):
        backtest(histories, ["drift"], cutoffs=FIVE)


def request_of(names, **cutoffs):
    return BacktestRequest(name_candidates(names, {}), Recipe(), CutoffOptions(**cutoffs))


def test_candidates_that_look_another_number_of_steps_ahead_are_refused_once(tmp_path):
    far = tmp_path / "far.toml"
    far.write_text("horizon = 5\n")
    with pytest.raises(UsageError, match="step ahead"):
        resolve_candidates(request_of(["default", str(far)]), lambda: iter(()), SILENT)


@pytest.mark.parametrize("name", ["refit", "train_rows"])
def test_a_pooled_recipe_is_trained_once_on_all_rows(name):
    with pytest.raises(UsageError, match=f"{name}= with pooled: a pooled recipe is trained once"):
        resolve_candidates(request_of(["pooled"], **{name: 5}), lambda: iter(()), SILENT)


def test_without_a_pooled_recipe_nothing_is_read():
    request = request_of(["drift"])
    assert resolve_candidates(request, lambda: pytest.fail("read"), SILENT) is request.candidates
