"""Model ─▶ .npz: plain arrays, opened with `numpy.load` and nothing else."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.exporting.describe import list_layer_names
from stockcast.model.model import Model


def serialize_npz(model: Model) -> bytes:
    """Return the bytes of an .npz file, which has no clock inside and needs no pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, **list_arrays(model))
    return buffer.getvalue()


def list_arrays(model: Model) -> dict[str, Any]:
    """Return the weights under Keras' names and in its layouts, scalers, path, and what is what.

    `lstm/kernel`, `lstm_1/recurrent_kernel`, … `dense/kernel`, `dense/bias`, float32, gates in
    the order of `networks.cells`, answers as far as they are believed; the scalers' numbers one
    a feature, and the path's coefficients, a row a step ahead, float64; the rest text.
    """
    weights, recipe = model.believed, model.recipe
    arrays: dict[str, NDArray[Any]] = {}
    for name, layer in zip(
        list_layer_names(weights.cell, len(weights.layers)), weights.layers, strict=True
    ):
        for part, array in vars(layer).items():
            if array is not None:
                arrays[f"{name}/{part}"] = array
    head = weights.head.layer_name
    arrays |= {f"{head}/kernel": weights.head_kernel, f"{head}/bias": weights.head_bias}
    for field in model.scalers[0].numbers:
        numbers = [scaler.numbers[field] for scaler in model.scalers]
        arrays[f"scaler/{field}"] = np.array(numbers, dtype=np.float64)
    for kind, numbered in (("path", model.path), ("shrinkage", model.provenance.shrinkage)):
        for field, rows in vars(numbered).items() if numbered is not None else ():
            if rows is not None:
                arrays[f"{kind}/{field}"] = np.array(rows, dtype=np.float64)
    if ahead := model.columns.calendar_inputs:
        arrays["calendar"] = np.array(ahead)
    if beside := model.columns.covariates:
        arrays["covariates"] = np.array([one.name for one in beside])
    return arrays | {
        "ticker": np.array(model.ticker),
        "features": np.array(model.columns.features),
        "signals": np.array(model.columns.signals, dtype=str),
        "column": np.array(model.columns.target),
        "target": np.array(recipe.target),
        "window": np.array(recipe.window),
        "horizon": np.array(recipe.horizon),
        "loss": np.array(recipe.scored_by),
        "cell": np.array(recipe.cell),
    }
