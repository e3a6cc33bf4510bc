"""Training from Python: results, statuses, events; the network itself is tested elsewhere."""

from dataclasses import replace

import pytest

import stockcast as sc
from stockcast.errors import BelowStandard, InvalidRecipe, SeveralTickers, UsageError
from stockcast.model.file import save_model
from stockcast.prices.history import Source
from stockcast.workflows import events
from tests.support import SAMPLES

pytestmark = pytest.mark.slow

TINY = sc.Recipe(layers=1, units=4, window=10, epochs=2)
FB = SAMPLES / "FB.csv"


@pytest.fixture(scope="module")
def history():
    (history,) = sc.read_prices([FB])
    return history


def test_training_without_a_path_writes_nothing(history, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = sc.train(history, TINY)
    assert result.status == "trained"
    assert result.path is None
    assert list(result.losses) == ["loss", "val"]
    assert len(result.losses["loss"]) == 2
    assert not list(tmp_path.iterdir())


def test_a_published_model_is_the_one_returned(history, tmp_path):
    path = tmp_path / "m.safetensors"
    result = sc.train(history, TINY, path=path)
    loaded = sc.load_model(path)
    assert loaded.provenance == result.model.provenance
    assert loaded.skill == result.model.skill


def test_a_path_and_a_history_give_the_same_model(history, tmp_path):
    one, other = tmp_path / "one.safetensors", tmp_path / "other.safetensors"
    sc.train(history, TINY, path=one)
    sc.train(FB, TINY, path=other)
    assert one.read_bytes() == other.read_bytes()


def test_an_observer_hears_of_each_step_in_order(history, tmp_path, heard):
    sc.train(history, TINY, path=tmp_path / "m.safetensors", observer=heard)
    steps = [kind for kind in heard.kinds if kind is not events.FindingMade]
    assert steps == [
        events.HistoryRead,
        events.SeriesWindowed,
        events.ModelJudged,
        events.TrainingEnded,
    ]
    assert str(heard.events[0]).startswith("read ")


def test_a_model_of_the_same_data_and_recipe_is_left_as_it_is(history, tmp_path):
    path, policy = tmp_path / "m.safetensors", sc.PublishPolicy(if_changed=True)
    assert sc.train(history, TINY, path=path, policy=policy).status == "trained"
    written = path.stat().st_mtime_ns
    assert sc.train(history, TINY, path=path, policy=policy).status == "unchanged"
    assert path.stat().st_mtime_ns == written


def test_a_model_that_does_not_know_its_rows_is_the_same_if_the_file_is(history, tmp_path):
    path, policy = tmp_path / "m.safetensors", sc.PublishPolicy(if_changed=True)
    model = sc.train(history, TINY, path=path).model
    moved = replace(history, sources=(Source("FB.csv", "0" * 64),))
    assert sc.train(moved, TINY, path=path, policy=policy).status == "unchanged"
    old = replace(model, provenance=replace(model.provenance, rows_sha256=""))
    save_model(old, path)
    assert sc.train(history, TINY, path=path, policy=policy).status == "unchanged"
    assert sc.train(moved, TINY, path=path, policy=policy).status == "trained"


def test_a_model_below_the_asked_skill_is_rejected_and_returned(history, tmp_path):
    path = tmp_path / "m.safetensors"
    result = sc.train(history, TINY, path=path, policy=sc.PublishPolicy(min_skill=0.9))
    assert result.status == "rejected"
    assert not path.exists()
    with pytest.raises(BelowStandard, match=r"min_skill= is 0\.9"):
        result.require_published()


def test_a_minimum_skill_needs_rows_to_judge_it_on(history, tmp_path, expect_refusal):
    recipe = TINY.model_copy(update={"test": 0})
    with expect_refusal(UsageError, "min_skill", hint="test"):
        sc.train(
            history, recipe, path=tmp_path / "m.safetensors", policy=sc.PublishPolicy(min_skill=0)
        )


def test_one_training_refuses_several_tickers():
    with pytest.raises(SeveralTickers, match="2 tickers"):
        sc.train([FB, SAMPLES / "GOOG.csv"], TINY)


def test_a_pooled_recipe_is_not_for_one_ticker(history):
    with pytest.raises(InvalidRecipe, match="pooled"):
        sc.train(history, "pooled")


def test_of_many_tickers_each_comes_back_with_its_status(tmp_path, write_csv, heard):
    bad = write_csv("Date,Close\n2020-01-01,1\n", name="bad.csv")
    outcomes = {
        one.ticker: one
        for one in sc.train_many(
            [FB, bad], TINY, tmp_path / "models", executor=sc.Executor(jobs=1), observer=heard
        )
    }
    assert outcomes["FB"].status == "trained"
    assert outcomes["FB"].path == tmp_path / "models" / "FB.safetensors"
    assert outcomes["bad"].status == "failed"
    assert "1 row, at least" in str(outcomes["bad"].error)
    assert events.TickerFailed in heard.kinds
    assert str(heard.events[-1]).startswith("2 tickers in")


def test_a_ticker_that_comes_twice_fails_the_second_time(tmp_path, write_csv):
    again = write_csv(FB.read_bytes(), name="again/FB.csv")
    outcomes = list(
        sc.train_many([FB, again], TINY, tmp_path / "models", executor=sc.Executor(jobs=1))
    )
    assert [one.status for one in outcomes] == ["trained", "failed"]
    assert "FB is in" in str(outcomes[1].error)


def test_many_refuses_what_is_for_one_before_it_begins(tmp_path):
    with pytest.raises(UsageError, match="warm_start"):
        sc.train_many([FB], TINY, tmp_path, policy=sc.PublishPolicy(warm_start=tmp_path / "m"))


def test_a_pool_tells_of_each_ticker(tmp_path, write_csv):
    bad = write_csv("Date,Close\n2020-01-01,1\n", name="bad.csv")
    recipe = TINY.model_copy(update={"pooled": True})
    result = sc.train_pooled([FB, SAMPLES / "GOOG.csv", bad], recipe, tmp_path / "pool.safetensors")
    assert result.status == "trained"
    assert [one.status for one in result.tickers] == ["trained", "trained", "failed"]
    assert result.failed == 1
    assert sc.load_model(result.path).recipe.pooled


def test_recipe_fields_are_keywords_that_win_over_the_recipe(history):
    result = sc.train(history, TINY, epochs=1, seed=7)
    assert result.model.provenance.epochs == 1
    assert (result.model.recipe.seed, result.model.recipe.units) == (7, TINY.units)


def test_a_keyword_that_is_no_field_is_refused(history):
    with pytest.raises(InvalidRecipe, match="epoch"):
        sc.train(history, TINY, epoch=1)
