"""The estimator and `train` are one training: the same windows give the same weights."""

from __future__ import annotations

import re

import numpy as np
import pytest

import stockcast
from stockcast.sklearn import LSTMRegressor
from tests.doctests import furnish
from tests.support import ROOT, SAMPLES

pytestmark = pytest.mark.slow

TINY = {"layers": 2, "units": 5, "epochs": 3, "batch_size": 16, "dropout": 0.2}


def prepare(folder, **fields):
    """Write GOOG's windows and return those of the training span, and the answers."""
    recipe = stockcast.load_recipe("classic", fields)
    stockcast.prepare(SAMPLES / "FB.csv", folder, recipe, materialize=True)
    return [np.load(folder / f"{part}_train.npy") for part in "Xy"], recipe


def assert_same_weights(weights, expected):
    found, wanted = weights.to_arrays(), expected.to_arrays()
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"horizon": 3},
        {"cell": "gru", "features": ("open", "close", "volume"), "column": "close"},
    ],
    ids=["one", "steps", "features"],
)
def test_weights_are_those_of_train(fields, tmp_path):
    (X, y), recipe = prepare(tmp_path / "prepared", window=20, seed=7, **TINY, **fields)
    result = stockcast.train(SAMPLES / "FB.csv", recipe)
    regressor = LSTMRegressor(**TINY, cell=recipe.cell, random_state=7).fit(X, y)
    assert_same_weights(regressor.weights_, result.model.weights)
    assert regressor.loss_curve_ == result.losses["loss"]


def test_early_stopping_is_that_of_train(tmp_path):
    fields = {"window": 20, "validation": 0.2, "patience": 3, "learning_rate": 0.05}
    (X, y), recipe = prepare(tmp_path / "prepared", **{**TINY, **fields, "epochs": 40})
    held = [np.load(tmp_path / "prepared" / f"{part}_validation.npy") for part in "Xy"]
    result = stockcast.train(SAMPLES / "FB.csv", recipe)
    regressor = LSTMRegressor(
        **{**TINY, "epochs": 40},
        learning_rate=0.05,
        early_stopping=True,
        n_iter_no_change=3,
        validation_fraction=len(held[0]) / (len(held[0]) + len(X)),
        random_state=0,
    ).fit(np.concatenate([X, held[0]]), np.concatenate([y, held[1]]))
    assert regressor.n_iter_ == result.model.provenance.epochs
    assert regressor.best_epoch_ == result.model.provenance.best_epoch
    assert regressor.validation_loss_curve_ == result.losses["val"]
    assert_same_weights(regressor.weights_, result.model.weights)


@pytest.mark.slow
def test_tensorflow_trains_it_where_it_is_asked_to(tmp_path):
    (X, y), recipe = prepare(tmp_path / "prepared", window=20, engine="tensorflow", **TINY)
    result = stockcast.train(SAMPLES / "FB.csv", recipe)
    regressor = LSTMRegressor(**TINY, engine="tensorflow", random_state=0).fit(X, y)
    assert_same_weights(regressor.weights_, result.model.weights)


@pytest.mark.slow
def test_the_tutorial_s_page_runs_and_gives_what_train_gives(tmp_path, monkeypatch):
    text = (ROOT / "docs" / "from-the-tutorial.md").read_text(encoding="utf-8")
    program = "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    assert program.count("epochs=100") == 2
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(program.replace("epochs=100", "epochs=2"), names)
    result = stockcast.train("sample_data/GOOG.csv", "classic", column="open", epochs=2)
    assert "stockcast train sample_data/GOOG.csv --recipe classic --column open" in text
    assert_same_weights(names["regressor"].weights_, result.model.weights)
    # What it forecasts on the test span is what the verdict was reached on.
    skill = result.model.skill
    assert names["error"] == pytest.approx(skill.rmse, rel=1e-4)
    assert names["error_of_last_price"] == pytest.approx(skill.last_price_rmse, rel=1e-6)
    assert names["search"].best_params_["regressor__lstmregressor__units"] in (4, 16)


def test_the_tutorial_s_page_maps_each_line_to_a_parameter_that_there_is():
    text = (ROOT / "docs" / "from-the-tutorial.md").read_text(encoding="utf-8")
    table = text.partition("## Line by line")[2].partition("\n## ")[0]
    named = set(re.findall(r"(\w+)=", " ".join(row.split(" | ")[-1] for row in table.splitlines())))
    known = set(LSTMRegressor().get_params()) | {"column", "materialize"}
    assert {"layers", "units", "dropout", "epochs", "batch_size"} <= named <= known
