"""Warm start: a training that begins with the weights of a model that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.model.pretrained import find_model_file
from stockcast.networks.network import Weights
from stockcast.plurals import count_of
from stockcast.progress import Observer
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns
from stockcast.workflows.events.general import Note

# What weights are of, and what they were trained to answer.
_NETWORK = ("target", "horizon", "window", "cell", "layers", "units", "dropout", "loss")


def adopt_network(
    fields: Mapping[str, Any],
    recipe: Recipe | str | None,
    warm_start: Path | None,
    observer: Observer,
) -> dict[str, Any]:
    """Add the network of the model that training starts from to the recipe's fields.

    Args:
        fields: recipe fields that were given; they win.
        recipe: the recipe that was named; where it is another than the default, it stands as it is.
        warm_start: the model's file; None: nothing is added.
        observer: is told what was taken.

    Raises:
        ModelError: the model cannot be trusted.
    """
    given = dict(fields)
    if warm_start is None or recipe not in (None, "default"):
        return given
    if not find_model_file(warm_start).is_file():
        return given  # what is wrong is told where the weights are loaded
    of_model = load_model(warm_start).recipe
    default = Recipe()
    adopted = {
        name: getattr(of_model, name)
        for name in _NETWORK
        if name not in given and getattr(of_model, name) != getattr(default, name)
    }
    if "loss" not in given and of_model.scored_by != default.scored_by:
        adopted["loss"] = of_model.scored_by  # `auto` is another one for a pool
    if adopted:
        layers = count_of(of_model.layers, "layer")
        observer.notify(
            Note(
                f"the network is that of {warm_start}: {layers} of {of_model.units:,} "
                f"{of_model.cell} units, loss {of_model.scored_by}"
            )
        )
    return given | adopted


def choose_weights(model: Model, columns: Columns) -> Weights:
    """Return a model's weights, for a network that sees some of its inputs.

    A pooled model sees the market beside each ticker, as 0 where it is not known; one ticker's
    does without those inputs. Where it sees others the weights are returned as they are, and do
    not fit.
    """
    names = model.columns.inputs
    wanted = columns.inputs
    if names == wanted or len(model.columns.features) != len(columns.features):
        return model.weights
    # Features go by their place, since one file's forecast column is another's adjusted close.
    features = len(columns.features)
    known = {name: place for place, name in enumerate(names) if place >= features}
    others = wanted[features:]
    if not known.keys() >= set(others):
        return model.weights
    return model.weights.select_inputs([*range(features), *(known[name] for name in others)])
