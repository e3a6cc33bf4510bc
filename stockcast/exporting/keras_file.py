"""Model ─▶ .keras: standard layers only, so that Keras opens it without this package."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from stockcast.exporting.describe import list_layer_names, name_model, number_names
from stockcast.model.model import Model
from stockcast.networks.cells import CELLS
from stockcast.training.tensorflow.runtime import keras


def serialize_keras(model: Model) -> bytes:
    """Return the bytes of a .keras file; its cell is one that Keras has a layer for."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        build_sequential(model).save(path)
        return _without_chance(path)


def build_sequential(model: Model) -> Any:
    """Build the network: (batch, window, inputs) scaled in, (batch, outputs) scaled out."""
    recipe, weights = model.recipe, model.believed
    kind = getattr(keras.layers, CELLS[weights.cell].keras_layer or "")
    network = keras.Sequential(name=name_model(model))
    network.add(keras.Input((recipe.window, len(model.columns.inputs)), name="windows"))
    count = len(weights.layers)
    names = list_layer_names(weights.cell, count)
    dropout_names = number_names("dropout", count)
    for number, layer in enumerate(weights.layers):
        is_last = number == count - 1
        recurrent = kind(layer.units, return_sequences=not is_last, name=names[number])
        network.add(recurrent)
        recurrent.set_weights([layer.kernel, layer.recurrent_kernel, layer.bias])
        # Dropout changes no answer; it is there for training it further.
        network.add(
            keras.layers.Dropout(
                recipe.dropout, seed=1000 * recipe.seed + number, name=dropout_names[number]
            )
        )
    head = keras.layers.Dense(len(weights.head_bias), name=weights.head.layer_name)
    network.add(head)
    head.set_weights([weights.head_kernel, weights.head_bias])
    return network


def _without_chance(path: Path) -> bytes:
    """Pack the archive again without what differs from run to run and Keras does not need.

    That is the date of saving, and the addresses in memory that it numbers shared objects with.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata.json":
                metadata = json.loads(content)
                metadata.pop("date_saved", None)
                content = json.dumps(metadata).encode()
            elif name == "config.json":
                content = json.dumps(_number_shared_objects(content)).encode()
            new.writestr(zipfile.ZipInfo(name), content)  # dated 1980, as all without a date
    return packed.getvalue()


def _number_shared_objects(document: bytes) -> Any:
    numbers: dict[int, int] = {}

    def number(entry: dict[str, Any]) -> dict[str, Any]:
        if (address := entry.get("shared_object_id")) is not None:
            entry["shared_object_id"] = numbers.setdefault(address, len(numbers) + 1)
        return entry

    return json.loads(document, object_hook=number)
