"""Names become recipes, trained models and baselines."""

import pytest

from stockcast.backtesting.candidates import (
    CELLS,
    REFERENCE,
    Candidate,
    name_candidates,
    resolve_horizon,
    resolve_target,
)
from stockcast.errors import InvalidRecipe, TooShort, UsageError
from stockcast.evaluation.baselines import Baseline
from stockcast.recipe import PRESETS, Recipe


def find(candidates, name):
    return next(one for one in candidates if one.name == name)


@pytest.mark.parametrize("name", PRESETS)
def test_a_recipes_name_is_that_recipe_with_nothing_kept_for_a_test(name):
    (candidate, reference) = name_candidates([name], {})
    assert candidate == Candidate(name, PRESETS[name].model_copy(update={"test": 0}))
    assert reference == Candidate("last-price", REFERENCE)


def test_a_mapping_names_recipes_and_whatever_has_a_name_already():
    named = name_candidates({"small": Recipe(units=9, test=0.2), "trend": "drift"}, {"window": 12})
    assert named == (
        Candidate("small", Recipe(units=9, window=12, test=0)),
        Candidate("trend", Baseline("drift")),
        Candidate("last-price", REFERENCE),
    )


@pytest.mark.parametrize("cell", CELLS)
def test_a_cells_name_is_the_default_recipe_with_that_cell(cell):
    source = name_candidates([cell], {"cell": "lstm", "units": 7})[0].source
    assert source == Recipe(cell=cell, units=7, test=0)


def test_the_cells_are_those_of_a_recipe():
    assert CELLS == ("lstm", "peephole", "cifg", "cifg-peephole", "gru")


def test_a_toml_file_is_a_recipe_under_its_path(write_csv):
    path = write_csv("units = 9\ntest = 0.2\n", "my.toml")
    candidate = name_candidates([str(path)], {})[0]
    assert candidate == Candidate(str(path), Recipe(units=9, test=0))


def test_overrides_win_over_every_recipe(write_csv):
    path = write_csv("units = 9\nwindow = 30\n", "my.toml")
    found = name_candidates(["default", "classic", "gru", str(path)], {"window": 12})
    assert [one.source.window for one in found[:-1]] == [12, 12, 12, 12]


@pytest.mark.parametrize("name", ["drift", "moving-average:20", "autoregression:2"])
def test_a_baselines_name_is_that_baseline(name):
    candidate = name_candidates([name], {})[0]
    assert candidate.source.name == name
    assert candidate.is_baseline
    assert not candidate.is_fitted
    assert candidate.recipe is None


def test_the_last_price_is_always_there_and_stands_where_it_is_named():
    assert [one.name for one in name_candidates([], {})] == ["last-price"]
    named = name_candidates(["last-price", "drift"], {})
    assert [one.name for one in named] == ["last-price", "drift"]


def test_a_name_that_stands_twice_counts_once():
    assert [one.name for one in name_candidates(["drift", "gru", "drift"], {})] == [
        "drift", "gru", "last-price",
    ]  # fmt: skip


def test_a_trained_model_is_not_fitted_and_keeps_its_recipe(make_history, make_model):
    model = make_model(make_history())
    candidate = find(name_candidates(["drift"], {}, {"my.safetensors": model}), "my.safetensors")
    assert candidate.source is model
    assert candidate.recipe == model.recipe
    assert not candidate.is_fitted
    assert not candidate.is_baseline


@pytest.mark.parametrize(
    ("name", "hint"),
    [("defualt", "'default'"), ("grru", "'gru'"), ("drfit", "'drift'"), ("xyz", "TOML files")],
)
def test_an_unknown_name_is_refused_with_a_guess_or_all_there_are(name, hint, expect_refusal):
    with expect_refusal(UsageError, f"no model {name!r}", hint=hint):
        name_candidates([name], {})


def test_a_trained_model_is_pointed_to_its_own_option(expect_refusal):
    with expect_refusal(UsageError, "a trained model", hint='models="some.safetensors"'):
        name_candidates(["some.safetensors"], {})


def test_a_baseline_without_its_number_is_refused_as_one(expect_refusal):
    with expect_refusal(UsageError, "moving-average", hint="moving-average:5"):
        name_candidates(["moving-average"], {})


def test_a_toml_file_that_is_not_there_is_refused(expect_refusal):
    with expect_refusal(InvalidRecipe, "no recipe 'none.toml'"):
        name_candidates(["none.toml"], {})


def test_all_must_look_as_far_ahead(write_csv, expect_refusal):
    path = write_csv("horizon = 5\n", "my.toml")
    candidates = name_candidates(["drift", "default", str(path)], {})
    with expect_refusal(UsageError, "default forecasts 1 step ahead", "my.toml 5", hint="horizon="):
        resolve_horizon(candidates, 1)
    assert resolve_horizon(name_candidates(["default", str(path)], {"horizon": 3}), 1) == 3
    assert resolve_horizon(name_candidates(["drift"], {}), 4) == 4


def test_all_must_forecast_the_same_column(make_history, make_model, expect_refusal):
    history = make_history()
    model = make_model(history, column="open")
    candidates = name_candidates(["default"], {}, {"of-open": model})
    with expect_refusal(UsageError, "default forecasts adj_close, of-open open", hint="column="):
        resolve_target(candidates, history, Recipe())
    assert resolve_target(name_candidates(["drift"], {}), history, Recipe(column="low")) == "low"


def test_a_baseline_needs_what_it_says_and_a_trained_model_all_it_has_seen(
    make_history, make_model
):
    history = make_history(120)
    model = make_model(history, test=0.25, validation=0.25)
    seen = Candidate("m", model).find_need(history)
    assert history.dates[seen.rows - 1].astype(str)[:10] == model.provenance.known_to
    assert seen.reason == f"m was trained on rows to {model.provenance.known_to}"
    assert Candidate("b", Baseline("moving-average", 20)).find_need(history).rows == 20


def test_a_model_that_has_seen_nothing_of_a_history_needs_a_window(make_history, make_model):
    model = make_model(make_history())
    later = make_history(dates=make_history().dates + 9_000 * 86_400_000_000)
    assert Candidate("m", model).find_need(later).rows == 9  # 8 log returns


@pytest.mark.parametrize("target", ["price", "log-return", "relative"])
def test_a_recipe_needs_what_one_window_and_the_validation_span_take(
    make_history, target, small_recipe
):
    from stockcast.windows.series import window_history

    history = make_history(120)
    recipe = small_recipe.model_copy(update={"target": target, "test": 0, "validation": 0.2})
    rows = Candidate("r", recipe).find_need(history).rows
    window_history(history.select(range(rows)), recipe)
    with pytest.raises(TooShort):
        window_history(history.select(range(rows - 1)), recipe)


def test_a_history_too_short_for_any_fit_is_refused_with_both_numbers(make_history):
    with pytest.raises(TooShort, match="50 rows, at least 68 are needed"):
        Candidate("default", Recipe(test=0)).find_need(make_history(50))
