"""Warm starts: whose network it is, and which inputs of it are seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import ModelMismatch
from stockcast.model.pretrained import PRETRAINED
from stockcast.networks.network import run_network
from stockcast.windows.signals import MARKET_SIGNALS, SIGNALS
from stockcast.workflows.warm_start import adopt_network, choose_weights
from tests.support import SAMPLES

IBM = SAMPLES / "IBM.csv"


@pytest.fixture(scope="module")
def pretrained():
    return sc.load_model(PRETRAINED)


def test_the_default_recipe_takes_the_network_of_the_model(pretrained):
    heard = sc.Observer()
    fields = adopt_network({"units": 8, "epochs": 3}, "default", PRETRAINED, heard)
    recipe = sc.load_recipe("default", fields)
    assert (recipe.layers, recipe.units, recipe.loss, recipe.epochs) == (2, 8, "qlike", 3)
    assert not recipe.pooled
    assert recipe.scored_by == pretrained.recipe.scored_by


@pytest.mark.parametrize("recipe", ["fast", Path("own.toml"), sc.Recipe(units=7)])
def test_a_recipe_that_was_named_stands(recipe):
    assert adopt_network({"epochs": 3}, recipe, PRETRAINED, sc.Observer()) == {"epochs": 3}


def test_without_a_model_nothing_is_adopted():
    assert adopt_network({"epochs": 3}, None, None, sc.Observer()) == {"epochs": 3}


def test_one_ticker_starts_as_the_pooled_model_does_without_a_market(pretrained):
    own = replace(pretrained.columns, signals=SIGNALS)
    weights = choose_weights(pretrained, own)
    windows = np.random.default_rng(0).normal(size=(3, 60, len(own.inputs))).astype(np.float32)
    blind = np.zeros((3, 60, len(pretrained.columns.inputs)), np.float32)
    seen = [one not in MARKET_SIGNALS for one in pretrained.columns.inputs]
    blind[:, :, seen] = windows
    np.testing.assert_allclose(
        run_network(windows, weights), run_network(blind, pretrained.weights), rtol=1e-5, atol=1e-6
    )


def test_weights_of_other_inputs_stay_as_they_are(pretrained):
    assert choose_weights(pretrained, pretrained.columns) is pretrained.weights
    two = replace(pretrained.columns, features=("adj_close", "volume"))
    assert choose_weights(pretrained, two) is pretrained.weights


@pytest.mark.slow
def test_a_training_begins_with_the_model_that_comes_with_the_program(pretrained):
    policy = sc.PublishPolicy(warm_start=Path("pretrained"), yardsticks=False)
    result = sc.train(IBM, policy=policy, epochs=1, learning_rate=1e-30)
    ours, theirs = (one.weights.to_arrays() for one in (result.model, pretrained))
    assert result.model.columns.signals == SIGNALS
    for name, array in ours.items():
        if name == "layers.0.kernel":
            seen = [one not in MARKET_SIGNALS for one in pretrained.columns.inputs]
            np.testing.assert_array_equal(array, theirs[name][seen])
        else:
            np.testing.assert_array_equal(array, theirs[name])


@pytest.mark.slow
def test_a_network_that_was_asked_for_otherwise_does_not_fit():
    with pytest.raises(ModelMismatch, match="the weights to start from have"):
        sc.train(IBM, policy=sc.PublishPolicy(warm_start=Path("pretrained")), units=8, epochs=1)
