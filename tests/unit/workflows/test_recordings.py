"""Forecasts made elsewhere, from Python: files, frames, ledgers, of one ticker and of many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import stockcast as sc
from stockcast.errors import UnusableForecasts, UsageError
from stockcast.prices.history import format_date
from stockcast.progress import Observer
from tests.support import SAMPLES

YARDSTICKS = ["har", "ewma"]


class Listening(Observer):
    """Keeps what it is told."""

    def __init__(self):
        self.events = []

    def notify(self, event):
        self.events.append(event)

    @property
    def texts(self):
        return [event.text for event in self.events]


def forecast(history, rows, *, name="mine", factor=1.001, **columns):
    """Return a frame of forecasts of some rows: the price before, and a little more."""
    last = history.columns["adj_close"][rows - 1]
    return pd.DataFrame(
        {
            "ticker": history.ticker,
            "date": [format_date(date) for date in history.dates[rows]],
            "forecast": last * factor,
            "model": name,
            **{key: last * value for key, value in columns.items()},
        }
    )


ROWS = np.arange(220, 300)


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(300)


@pytest.fixture(scope="module")
def many(make_history):
    return [make_history(300, seed=seed, ticker=f"T{seed}") for seed in range(3)]


@pytest.mark.slow
def test_a_frame_is_judged_beside_the_last_price_and_yardsticks_of_volatility(history):
    frame = forecast(history, ROWS, lower_80=0.98, upper_80=1.02, lower_95=0.96, upper_95=1.04)
    walked = sc.backtest(history, YARDSTICKS, forecasts=frame)
    names = [one.candidate.name for one in walked.judgements["MADEUP"]]
    assert sorted(names) == ["ewma", "har", "last-price", "mine"]
    mine = next(one for one in walked.judgements["MADEUP"] if one.candidate.name == "mine")
    actual, last = history.columns["adj_close"][ROWS], history.columns["adj_close"][ROWS - 1]
    assert mine.skill.rmse == pytest.approx(np.sqrt(np.mean((actual - 1.001 * last) ** 2)))
    inside = (0.98 * last <= actual) & (actual <= 1.02 * last)
    assert mine.figures["coverage_80"] == pytest.approx(inside.mean())
    assert mine.figures["wis"] > 0
    assert np.isnan(mine.figures["qlike"])
    assert mine.spread.yardstick in YARDSTICKS
    assert mine.spread.p_holm >= mine.spread.p_value
    assert walked.to_frame().query("model == 'mine'")["forecast"].tolist() == (
        frame["forecast"].tolist()
    )


def test_a_file_and_its_frame_are_judged_alike(history, tmp_path):
    frame = forecast(history, ROWS)
    frame.to_csv(tmp_path / "mine.csv", index=False)
    one = sc.backtest(history, ["drift"], forecasts=tmp_path / "mine.csv")
    other = sc.backtest(history, ["drift"], forecasts=frame)
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())


def test_a_frame_without_a_model_is_called_as_the_mapping_has_it(history):
    frame = forecast(history, ROWS).drop(columns="model")
    named = sc.backtest(history, ["drift"], forecasts={"chronos": frame})
    assert "chronos" in [one.candidate.name for one in named.judgements["MADEUP"]]
    listed = sc.backtest(history, ["drift"], forecasts=[frame, frame.assign(forecast=50.0)])
    names = {one.candidate.name for one in listed.judgements["MADEUP"]}
    assert names == {"drift", "last-price", "forecasts", "forecasts (2)"}


def test_models_of_one_file_are_tried_together(history):
    both = pd.concat([forecast(history, ROWS, name=name) for name in ("a", "b")])
    walked = sc.backtest(history, ["drift"], forecasts=both)
    verdicts = {one.candidate.name: one.verdict for one in walked.judgements["MADEUP"]}
    assert "2 models tried" in verdicts["a"]
    assert "2 models tried" in verdicts["b"]


def test_two_files_of_one_model_are_one(many, tmp_path):
    paths = []
    for one in many[:2]:
        paths.append(tmp_path / f"{one.ticker}.csv")
        forecast(one, ROWS).to_csv(paths[-1], index=False)
    walked = sc.backtest(many[:2], ["drift"], forecasts=paths)
    assert sorted(walked.judgements) == ["T0", "T1"]
    assert {one.candidate.name for one in walked.overall} == {"drift", "last-price", "mine"}


def test_two_files_of_one_name_keep_their_folders(history, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        frame = forecast(history, ROWS).drop(columns="model")
        frame.to_csv(tmp_path / folder / "it.csv", index=False)
    paths = [tmp_path / folder / "it.csv" for folder in ("a", "b")]
    walked = sc.backtest(history, ["drift"], forecasts=paths)
    names = {one.candidate.name for one in walked.judgements["MADEUP"]}
    assert {str(path) for path in paths} <= names


def test_volatility_makes_intervals_and_a_qlike(history):
    frame = forecast(history, ROWS).assign(volatility=1.0)
    walked = sc.backtest(history, YARDSTICKS, forecasts=frame)
    mine = next(one for one in walked.judgements["MADEUP"] if one.candidate.name == "mine")
    assert np.isfinite(mine.figures["qlike"])
    assert 0.6 < mine.figures["coverage_80"] < 0.95
    assert mine.spread.gain is not None


def test_older_forecasts_than_are_judged_calibrate_its_volatility(history):
    frame = forecast(history, ROWS).assign(volatility=1.0)
    cutoffs = sc.CutoffOptions(folds=30)
    walked = sc.backtest(history, ["drift"], forecasts=frame, cutoffs=cutoffs).single
    walk = next(one for one in walked.walks if one.candidate.name == "mine")
    assert np.isfinite(walk.intervals[0.95][1]).all()


@pytest.mark.slow
def test_points_alone_are_judged_by_their_errors_and_spoil_no_ones_intervals(many):
    frames = pd.concat([forecast(one, ROWS) for one in many])
    with_points = sc.backtest(many, YARDSTICKS, forecasts=frames, levels=(0.8,))
    rows = {row["model"]: row for row in with_points.list_overall()}
    assert rows["mine"]["interval_ratio"] is None
    assert np.isnan(rows["mine"]["coverage_80"])
    assert rows["mine"]["p_holm"] <= 1
    cutoffs = sc.CutoffOptions(folds=len(ROWS))
    without = sc.backtest(many, YARDSTICKS, cutoffs=cutoffs, levels=(0.8,))
    for row in without.list_overall():
        assert rows[row["model"]]["interval_ratio"] == row["interval_ratio"]
        assert rows[row["model"]]["how_far_p_value"] == row["how_far_p_value"]


def test_levels_are_those_of_the_file_unless_others_are_asked_for(history):
    frame = forecast(history, ROWS, lower_90=0.98, upper_90=1.02)
    assert sc.backtest(history, ["drift"], forecasts=frame).levels == (0.9,)
    listening = Listening()
    asked = sc.backtest(history, ["drift"], forecasts=frame, levels=(0.5, 0.9), observer=listening)
    assert asked.levels == (0.5, 0.9)
    assert "mine has no 50 % intervals, so nothing is said of those" in listening.texts


@pytest.mark.slow
def test_what_does_not_say_when_it_was_made_is_taken_as_of_the_bar_before_and_that_is_said(history):
    frame = forecast(history, ROWS)
    last = [format_date(date) for date in history.dates[ROWS - 1]]
    for found, count in ((frame, 1), (frame.assign(step=1), 0), (frame.assign(last_date=last), 0)):
        listening = Listening()
        sc.backtest(history, ["drift"], forecasts=found, observer=listening)
        assert sum("nothing says what was known" in text for text in listening.texts) == count


@pytest.mark.slow
def test_steps_ahead_are_those_that_all_files_have(history):
    parts = []
    for step in (1, 2, 3):
        part = forecast(history, ROWS[step - 1 :])
        dates = [format_date(date) for date in history.dates[ROWS - 1]]
        parts.append(part.assign(last_date=dates[: len(part)]))
    frame = pd.concat(parts)
    assert sc.backtest(history, ["drift"], forecasts=frame).horizon == 3
    one = sc.backtest(history, ["drift"], forecasts=frame, overrides={"horizon": 1})
    assert one.horizon == 1
    both = sc.backtest(history, ["drift"], forecasts=[frame, forecast(history, ROWS, name="one")])
    assert both.horizon == 1


def test_what_statsforecast_writes_is_read(history):
    rows = np.arange(250, 300)
    frame = forecast(history, rows).drop(columns=["ticker", "model", "forecast"])
    last = history.columns["adj_close"][rows - 1]
    frame = pd.DataFrame(
        {
            "unique_id": history.ticker,
            "ds": pd.to_datetime(frame["date"]),
            "cutoff": history.dates[rows - 1],
            "y": history.columns["adj_close"][rows],
            "Naive": last,
            "AutoETS": last * 1.0005,
            "AutoETS-lo-90": last * 0.98,
            "AutoETS-hi-90": last * 1.02,
        }
    )
    walked = sc.backtest(history, ["drift"], forecasts=frame)
    assert {one.candidate.name for one in walked.judgements["MADEUP"]} == {
        "drift", "last-price", "Naive", "AutoETS",
    }  # fmt: skip
    assert walked.levels == (0.9,)


def test_a_name_that_is_taken_has_its_files_behind_it(history):
    frame = forecast(history, ROWS, name="drift")
    walked = sc.backtest(history, ["drift"], forecasts=frame)
    assert "drift in frame" in {one.candidate.name for one in walked.judgements["MADEUP"]}
    names = {"drift": "drift", "drift in frame": "moving-average:5"}
    with pytest.raises(UsageError, match="has drift in frame, which is compared by that name"):
        sc.backtest(history, names, forecasts=frame)


@pytest.mark.slow
def test_look_ahead_is_not_looked_for_in_what_was_made_elsewhere_and_that_is_said(history):
    listening = Listening()
    frame = forecast(history, ROWS)
    walked = sc.backtest(
        history, ["drift"], forecasts=frame, check_leakage=True, observer=listening
    )
    assert walked.replayed == 6  # the first, the middle and the last of two baselines
    (said,) = [text for text in listening.texts if "made elsewhere" in text]
    assert said.startswith("mine: ")


def test_tickers_without_prices_or_forecasts_are_left_out_and_named(many):
    listening = Listening()
    frames = pd.concat([forecast(many[0], ROWS), forecast(many[1], ROWS).assign(ticker="GONE")])
    walked = sc.backtest(many, ["drift"], forecasts=frames, observer=listening)
    assert list(walked.judgements) == ["T0"]
    assert not walked.failures
    assert "frame:82: no prices of GONE: left out" in listening.texts
    assert "T1 and 1 more ticker left out: not forecast by all" in listening.texts


def test_forecasts_of_no_ticker_at_hand_are_refused(many):
    frame = forecast(many[0], ROWS).assign(ticker="GONE")
    with pytest.raises(UnusableForecasts, match="frame:2: no forecasts of T0, only of GONE"):
        sc.backtest(many[0], ["drift"], forecasts=frame)
    with pytest.raises(UnusableForecasts, match="frame:2: no forecasts of T0, T1, T2"):
        sc.backtest(many, ["drift"], forecasts=frame)


def test_a_file_without_tickers_is_of_the_one_ticker_and_of_no_other(many):
    frame = forecast(many[0], ROWS).drop(columns="ticker")
    assert sc.backtest(many[0], ["drift"], forecasts=frame).panel.tickers == 1
    with pytest.raises(UnusableForecasts, match="frame:2: no ticker here, and there are 3"):
        sc.backtest(many, ["drift"], forecasts=frame)


def test_a_ticker_whose_forecasts_do_not_fit_fails_alone(many):
    saturday = forecast(many[1], ROWS).assign(date="2013-02-09")
    frames = pd.concat([forecast(many[0], ROWS), saturday])
    walked = sc.backtest(many[:2], ["drift"], forecasts=frames)
    assert list(walked.judgements) == ["T0"]
    (failed,) = walked.failures
    assert failed.ticker == "T1"
    assert "has no bar" in str(failed.error)


@pytest.mark.slow
def test_forecasts_go_to_other_processes_with_their_ticker(many):
    frames = pd.concat([forecast(one, ROWS) for one in many])
    here = sc.backtest(many, ["drift"], forecasts=frames)
    there = sc.backtest(many, ["drift"], forecasts=frames, executor=sc.Executor(jobs=2))
    pd.testing.assert_frame_equal(here.to_frame(), there.to_frame())


@pytest.mark.slow
def test_a_ledger_is_read_as_one_candidate(small_model, tmp_path):
    (whole,) = sc.read_prices(SAMPLES / "FB.csv")
    ledger = tmp_path / "ledger.csv"
    for known in range(len(whole) - 9, len(whole) + 1):
        bars = whole.select(np.arange(known))
        sc.predict(small_model, bars, ledger=ledger, quantiles=[0.05])
    listening = Listening()
    walked = sc.backtest(whole, ["drift"], forecasts=ledger, quantiles=[0.05], observer=listening)
    assert len(walked.single.plan.cutoffs) == 9
    assert walked.single.plan.covered.pending == 1
    assert "ledger" in [one.candidate.name for one in walked.single.judgements]
    scored = sc.score(ledger, whole).scores[0]
    mine = next(one for one in walked.single.judgements if one.candidate.name == "ledger")
    assert mine.skill.rmse == pytest.approx(scored.rmse)
    assert mine.tails[0].count == 9
    assert mine.tails[0].pinball == pytest.approx(scored.tails[0].pinball)
    late = [text for text in listening.texts if "recorded when what came true was known" in text]
    assert late == [f"{ledger}: 10 forecasts recorded when what came true was known"]


def test_what_predict_prints_is_read(small_model, tmp_path):
    (whole,) = sc.read_prices(SAMPLES / "FB.csv")
    made = sc.predict(small_model, whole, start="2013-02-04")
    made.to_frame().to_csv(tmp_path / "span.csv", index=False)
    walked = sc.backtest(whole, ["drift"], forecasts=tmp_path / "span.csv")
    mine = next(one for one in walked.single.judgements if one.candidate.name == "span")
    assert mine.figures["count"] == len(made.dates)
    assert np.isfinite(mine.figures["coverage_80"])


@pytest.mark.slow
def test_what_a_backtest_wrote_is_read_again(history, tmp_path):
    first = sc.backtest(history, ["drift"], cutoffs=sc.CutoffOptions(folds=60))
    first.to_frame().to_csv(tmp_path / "walk.csv", index=False)
    page = tmp_path / "page.html"
    again = sc.backtest(history, ["drift"], forecasts=tmp_path / "walk.csv", report=page)
    rmse = {one.candidate.name: one.skill.rmse for one in again.judgements["MADEUP"]}
    name = f"drift in {tmp_path / 'walk.csv'}"
    assert rmse[name] == rmse["drift"]
    text = page.read_text(encoding="utf-8")
    assert name in text
    assert "they knew what their files say" in text


@pytest.mark.slow
def test_what_is_too_good_to_be_true_is_called_so(many):
    frames = []
    for one in many:
        known = one.columns["adj_close"][ROWS]
        frames.append(forecast(one, ROWS).assign(forecast=0.8 * known + 0.2 * np.roll(known, 1)))
    for prices, found in ((many[0], frames[0]), (many, pd.concat(frames))):
        listening = Listening()
        sc.backtest(prices, ["drift"], forecasts=found, observer=listening)
        assert [text for text in listening.texts if "too good to be true" in text]


def test_what_is_no_file_is_refused(history, tmp_path):
    with pytest.raises(UnusableForecasts, match="no such file"):
        sc.backtest(history, ["drift"], forecasts=tmp_path / "none.csv")
    with pytest.raises(UnusableForecasts, match="is a folder"):
        sc.backtest(history, ["drift"], forecasts=tmp_path)
