"""A search as a whole, from Python: its trials, its verdict, and what it leaves."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import fields

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import NoTrial, OtherStudy, TooShort, UsageError
from stockcast.progress import Observer, Recorder
from stockcast.workflows import events

pytestmark = pytest.mark.slow

TINY = {"layers": 1, "units": 2, "epochs": 3, "window": 5, "batch_size": 64}
# Taken at its word: with a validation span most forecasts are shrunk to the last price.
BOLD = {**TINY, "validation": 0, "patience": 0, "learning_rate": 0.01}
LEARNING = {"learning_rate": {"from": 0.001, "to": 0.05, "log": True}}
SPACE = {**LEARNING, "dropout": {"from": 0.0, "to": 0.4, "step": 0.2}}


class Listening(Observer):
    """Keeps what it is told."""

    def __init__(self):
        self.heard = []
        self.trials = Recorder()

    def notify(self, event):
        self.heard.append(event)

    def open_progress(self, *, unit="epoch", task=""):
        return self.trials if unit == "trial" else super().open_progress(unit=unit, task=task)


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(300)


def tune(prices, **options):
    """Search quickly."""
    base = {"trials": 4, "folds": 2, "seeds": 1, "space": SPACE, "overrides": BOLD}
    fixed = options.get("space", SPACE)
    options = {**base, **options}
    options["overrides"] = {k: v for k, v in options["overrides"].items() if k not in fixed}
    return sc.tune(prices, **options)


@pytest.fixture(scope="module")
def found(history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("found")
    observer = Listening()
    result = tune(
        history, trials=12, path=folder / "best.toml", report=folder / "tune.html",
        check_leakage=True, observer=observer,
    )  # fmt: skip
    return result, observer, folder


def test_the_best_is_the_trial_of_the_lowest_score(found):
    result, _, _ = found
    frame = result.to_frame()
    assert list(frame["trial"]) == list(range(12))
    assert set(frame["state"]) == {"complete"}
    assert result.best.number == frame["score"].idxmin()
    assert result.recipe.learning_rate == result.best.labels["learning_rate"]
    assert result.recipe.units == 2
    assert len(result.seed_scores) == 1
    assert result.seed_scores[0] != result.best.score


def test_a_trials_score_is_what_a_backtest_of_its_recipe_says(found, history):
    """The folds are the last 135 bars before the test span of 30; a backtest has one fit a fold."""
    result, _, _ = found
    known = history.select(np.arange(270))
    each = len(result.folds.dates) // 2
    walked = sc.backtest(
        known, {"best": result.recipe}, cutoffs=sc.CutoffOptions(folds=2 * each, refit=each)
    )
    (forecasts,) = walked.forecasts
    last = known.columns["adj_close"][-2 * each - 1 : -1]
    actual, said = forecasts.actual[:, 0], forecasts.models["best"][0][:, 0]
    errors, moves = ((said - actual) / last) ** 2, ((last - actual) / last) ** 2
    assert result.best.score == pytest.approx(np.sqrt(errors.sum() / moves.sum()))


def test_what_the_recipe_file_says_of_itself_is_a_recipe_and_how_it_was_found(found):
    result, _, folder = found
    assert sc.load_recipe(folder / "best.toml") == result.recipe
    text = " ".join((folder / "best.toml").read_text().replace("\n# ", " ").split())
    for part in (
        "search of 12 trials",
        f"trial {result.best.number} is the best",
        "1 other seed",
        "2 folds of 67 dates",
        "Test span: ",
        "Seed: 0",
        f"Verdict: {result.verdict.sentence}",
    ):
        assert part in text


def test_leakage_was_looked_for_in_the_folds_and_in_the_test_span(found):
    result, observer, _ = found
    (checked,) = [one for one in observer.heard if isinstance(one, events.LeakageChecked)]
    # Three cutoffs of each of two folds, and of the test span.
    assert checked.cutoffs == result.replayed == 9


def test_the_progress_has_the_best_so_far_after_each_trial(found):
    result, observer, _ = found
    best = observer.trials.figures["best"]
    assert len(best) == 12
    assert best == sorted(best, reverse=True)
    assert best[-1] == result.best.score


def test_the_page_has_the_verdict_and_every_trial(found):
    result, _, folder = found
    text = (folder / "tune.html").read_text()
    assert "Why the best may be luck" in text
    assert result.verdict.sentence[1:] in text
    assert text.count("<svg") == 2
    assert all(f"{one.score:.4f}" in text for one in result.trials)


def test_a_random_walk_is_not_called_predictable(found):
    result, _, _ = found
    assert not result.verdict.is_better
    assert result.verdict.sentence.startswith("no better than repeating the last price")
    assert result.verdict.trials == 12
    assert "TuneResult of 12 trials: no better" in repr(result)
    assert "<table" in result._repr_html_()


def test_what_can_be_found_is_found(make_history):
    """Log returns that are 0.6 of the one before, and little noise."""
    random = np.random.default_rng(0)
    returns = np.zeros(900)
    for day in range(1, 900):
        returns[day] = 0.6 * returns[day - 1] + random.normal(0, 0.01)
    history = make_history(900, columns=("close",), close=100 * np.exp(np.cumsum(returns)))
    result = tune(history, overrides={**BOLD, "epochs": 8, "units": 4})
    assert result.verdict.is_better
    assert result.verdict.sentence.startswith("better than repeating the last price: on the folds")
    assert result.verdict.test_gain > 0.1


def test_the_same_seed_and_one_job_give_the_same_bytes_and_another_seed_others(history, tmp_path):
    options = {"trials": 3, "seeds": 0}
    one = tune(history, path=tmp_path / "one.toml", report=tmp_path / "one.html", **options)
    two = tune(history, path=tmp_path / "two.toml", report=tmp_path / "two.html", **options)
    assert one.list_rows() == two.list_rows()
    for suffix in ("toml", "html"):
        assert (tmp_path / f"one.{suffix}").read_bytes() == (
            tmp_path / f"two.{suffix}"
        ).read_bytes()
    other = tune(history, overrides={**BOLD, "seed": 1}, **options)
    assert other.list_rows() != one.list_rows()


def test_no_trial_sees_the_test_span(history):
    """Prices that are others from there on change no trial, and what is said of the best."""
    altered = history.select(np.arange(len(history)))
    for values in altered.columns.values():
        values[270:] *= np.linspace(1, 3, 30)
    ours, theirs = tune(history), tune(altered)
    assert ours.list_rows() == theirs.list_rows()
    assert ours.verdict.fold_p_value == theirs.verdict.fold_p_value
    assert ours.verdict.test_gain != theirs.verdict.test_gain


def test_a_trial_that_cannot_be_made_fails_with_its_reason_and_stops_no_other(history):
    observer = Listening()
    space = {"loss": ["qlike", "squared-error"]}
    result = tune(
        history, space=space, trials=6, overrides={**TINY, "target": "price"}, observer=observer
    )
    states = {one.labels["loss"]: (one.state, one.reason) for one in result.trials}
    assert states["squared-error"] == ("complete", "")
    assert states["qlike"][0] == "failed"
    assert "needs target log-return" in states["qlike"][1]
    failed = [one for one in observer.heard if isinstance(one, events.TrialFailed)]
    assert len(failed) == sum(one.state == "failed" for one in result.trials)
    assert result.verdict.trials == 6 - len(failed)


class Deadly(sc.PriceHistory):
    """Bars that end the process of a worker that cuts them."""

    def select(self, rows, *findings):
        if multiprocessing.parent_process() is not None:
            os._exit(9)
        return super().select(rows, *findings)


@pytest.mark.slow
@pytest.mark.process
def test_a_trial_whose_process_dies_is_a_failed_trial(history, expect_refusal):
    deadly = Deadly(**{one.name: getattr(history, one.name) for one in fields(history)})
    executor = sc.Executor(jobs=1, isolated=True)
    with expect_refusal(NoTrial, "of 2 trials none", hint="its process died twice"):
        tune(deadly, trials=2, executor=executor)


@pytest.mark.slow
@pytest.mark.process
def test_trials_are_the_same_in_processes_of_their_own(history):
    """As long as the search does not learn yet from which of them was done first."""
    here = tune(history, trials=4)
    there = tune(history, trials=4, executor=sc.Executor(jobs=2))
    assert there.list_rows() == here.list_rows()
    assert there.verdict == here.verdict


def test_a_trial_that_is_worse_than_half_of_those_before_is_broken_off(history):
    overrides = {**TINY, "target": "relative", "epochs": 6, "patience": 0, "validation": 0.2}
    result = tune(history, trials=20, space=LEARNING, overrides=overrides, seeds=0)
    pruned = [one for one in result.trials if one.state == "pruned"]
    assert pruned
    for one in pruned:
        assert one.number >= 5
        assert one.score is None
        assert sum(map(len, one.curves)) < 12
    assert result.verdict.trials == 20 - len(pruned)


def test_a_search_goes_on_from_its_database_with_more_trials(history, tmp_path):
    whole = tune(history, trials=6)
    tune(history, trials=2, storage=tmp_path / "study.db")
    observer = Listening()
    result = tune(history, trials=6, storage=tmp_path / "study.db", observer=observer)
    assert result.list_rows() == whole.list_rows()
    assert result.verdict == whole.verdict
    assert any("has 2 trials already" in str(one) for one in observer.heard)
    warned = [str(one) for one in observer.heard if isinstance(one, events.Warned)]
    assert (result.best.number > 1) == any("was looked at before" in one for one in warned)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"space": LEARNING}, "space"),
        ({"overrides": {**BOLD, "seed": 4}}, "space"),
        ({"folds": 3}, "folds"),
    ],
)
def test_a_database_of_another_search_is_refused(history, tmp_path, change, part, expect_refusal):
    tune(history, trials=1, seeds=0, storage=tmp_path / "study.db")
    with expect_refusal(OtherStudy, f"another search: {part}", hint="storage="):
        tune(history, trials=2, storage=tmp_path / "study.db", **change)


def test_a_database_of_other_prices_is_refused(history, make_history, tmp_path, expect_refusal):
    tune(history, trials=1, seeds=0, storage=tmp_path / "study.db")
    with expect_refusal(OtherStudy, "another search: prices"):
        tune(make_history(300, seed=1), trials=2, storage=tmp_path / "study.db")


class Interrupting(Listening):
    """Presses Ctrl-C after a trial."""

    def __init__(self, trials):
        super().__init__()
        self.left = trials

    def open_progress(self, *, unit="epoch", task=""):
        progress = super().open_progress(unit=unit, task=task)
        if unit == "trial":
            advance = progress.advance

            def interrupt(step, figures):
                advance(step, figures)
                if step == self.left:
                    raise KeyboardInterrupt

            progress.advance = interrupt
        return progress


def test_what_is_done_when_it_is_interrupted_is_kept_and_the_test_span_stays_unseen(
    history, tmp_path
):
    observer = Interrupting(3)
    with pytest.raises(KeyboardInterrupt):
        tune(history, path=tmp_path / "best.toml", storage=tmp_path / "study.db", observer=observer)
    text = (tmp_path / "best.toml").read_text()
    assert "search of 3 trials" in text
    assert "the test span was not looked at" in text
    assert "Verdict" not in text
    said = str(observer.heard[-1])
    assert "interrupted after 3 trials" in said
    assert "goes on from" in said
    assert tune(history, storage=tmp_path / "study.db").list_rows() == tune(history).list_rows()


def test_when_the_time_is_over_no_trial_begins(history):
    result = tune(history, trials=10_000, timeout=1.0, seeds=0)
    assert 1 <= len(result.trials) < 10_000


def test_many_tickers_are_searched_together_and_short_ones_are_left_out(make_history):
    observer = Listening()
    histories = [make_history(300, seed=seed, ticker=f"T{seed}") for seed in range(3)]
    histories.append(make_history(300, ticker="LATE").select(np.arange(200, 300)))
    result = tune(histories, space={**LEARNING, "window": [5, 40]}, observer=observer)
    assert result.tickers == ("T0", "T1", "T2")
    assert any("LATE is left out" in str(one) for one in observer.heard)
    (begun,) = [one for one in observer.heard if isinstance(one, events.SearchBegun)]
    assert "on 3 tickers" in str(begun)


def test_what_began_during_the_test_span_is_left_out_before_any_trial(make_history):
    observer = Listening()
    histories = [make_history(300), make_history(300, ticker="NEW").select(np.arange(280, 300))]
    result = tune(histories, trials=1, seeds=0, observer=observer)
    assert len(result.tickers) == 1
    left, begun = (
        next(place for place, one in enumerate(observer.heard) if text in str(one))
        for text in ("NEW is left out", "searching")
    )
    assert left < begun


def test_one_ticker_that_is_too_short_is_an_error(make_history, expect_refusal):
    with expect_refusal(TooShort, "before the first date to be forecast", hint="folds="):
        tune(make_history(60), space={"window": [40]})


@pytest.mark.slow
def test_a_pooled_recipe_is_searched_by_how_far(make_history):
    histories = [make_history(300, seed=seed, ticker=f"T{seed}") for seed in range(3)]
    overrides = {**TINY, "pooled": True, "epoch_windows": 300}
    result = tune(histories, trials=2, overrides=overrides, space=LEARNING, check_leakage=True)
    assert result.verdict.objective == "how-far"
    assert result.recipe.pooled
    assert "its own path" in result.verdict.sentence
    assert result.replayed > 0
    losses = result.best.losses
    assert np.count_nonzero(losses) == len(result.folds.dates) == len(losses)


def test_how_far_is_judged_beside_the_path(history):
    overrides = {**TINY, "loss": "qlike", "epochs": 4}
    result = tune(history, overrides=overrides, space=LEARNING)
    assert result.verdict.objective == "how-far"
    way = tune(history, overrides=overrides, space=LEARNING, objective="which-way")
    assert way.verdict.objective == "which-way"
    assert way.best.reference[0] != result.best.reference[0]


def test_how_far_is_refused_where_nothing_is_trained_for_it(history, expect_refusal):
    with expect_refusal(UsageError, "objective=", hint='loss="qlike"'):
        tune(history, objective="how-far")


def test_recipes_that_cannot_be_compared_are_refused(history, expect_refusal):
    models = {"one": sc.Recipe(horizon=1), "five": sc.Recipe(horizon=5)}
    with expect_refusal(UsageError, "cannot be compared", hint="horizon="):
        sc.tune(history, models, space=LEARNING)


@pytest.mark.parametrize("name", ["trials", "folds", "seeds"])
def test_counts_are_whole_numbers(name, history, expect_refusal):
    with expect_refusal(UsageError, f"{name}= is -1"):
        tune(history, **{name: -1})


def test_the_models_of_the_best_recipe_are_trained_too(history, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = tune(history, trials=1, seeds=0, train=True)
    model = sc.load_model(tmp_path / "models" / "made-up.safetensors")
    assert model.recipe == result.recipe
    assert model.skill is not None
