"""Model ◀─▶ one .safetensors file; everything is checked before it is believed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from stockcast.errors import ModelNotFound, UntrustedModel, command
from stockcast.evaluation.conformal import Calibration
from stockcast.files import replace_file
from stockcast.model.metadata import Metadata, parse_metadata
from stockcast.model.model import Model
from stockcast.model.pretrained import find_model_file
from stockcast.model.tensors import open_tensors, read_tensors
from stockcast.networks.cells import Array
from stockcast.networks.network import Weights, list_shapes

_METADATA_KEY = "stockcast"
_RESIDUALS = "calibration.residuals"
_SCORES = "calibration.scores"  # their sizes alone, as earlier versions kept them
_RETRAIN = f"train it again with: {command('train', 'PRICES')}"


def save_model(model: Model, path: str | Path) -> None:
    """Write a model as one file, whole or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    with replace_file(Path(path)) as temporary:
        temporary.write_bytes(serialize_model(model))


def serialize_model(model: Model) -> bytes:
    """Return the bytes of a model file: the same for the same model, with no clock inside."""
    document = Metadata.from_model(model).model_dump(mode="json")
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, allow_nan=False)
    arrays = model.weights.to_arrays()
    if model.calibration is not None:
        name = _RESIDUALS if model.calibration.has_signs else _SCORES
        arrays = {**arrays, name: model.calibration.residuals}
    arrays = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in arrays.items()}
    return bytes(save(arrays, metadata={_METADATA_KEY: text}))


def load_model(path: str | Path) -> Model:
    """Read a model file and check all of it; `pretrained` is the one that comes with the program.

    Raises:
        ModelNotFound: no such file.
        UntrustedModel: not a stockcast model, damaged, or not what its recipe implies.
    """
    path = find_model_file(path)
    if path.is_dir():
        raise ModelNotFound(f"{path} is a folder, expected a model file", hint="name its file")
    if not path.is_file():
        raise ModelNotFound(
            f"no model file {path}",
            hint=f"train one with: {command('train', 'PRICES')}, or name one that is there",
        )
    with open_tensors(path, key=_METADATA_KEY, kind="stockcast model", hint=_RETRAIN) as found:
        text, file = found
        metadata = parse_metadata(text, where=str(path))
        expected = _list_expected(metadata, set(file.keys()))
        arrays = read_tensors(file, expected, path, hint=_RETRAIN)
    calibration = _take_calibration(arrays, path)
    return metadata.to_model(
        Weights.from_arrays(arrays, cell=metadata.recipe.cell, loss=metadata.recipe.scored_by),
        calibration,
    )


def _take_calibration(arrays: dict[str, Array], path: Path) -> Calibration | None:
    if _RESIDUALS in arrays:
        return Calibration(arrays.pop(_RESIDUALS))
    if _SCORES not in arrays:
        return None
    scores = arrays.pop(_SCORES)
    if (scores < 0).any():
        raise UntrustedModel(f"{path}: tensor {_SCORES!r} has a value below zero", hint=_RETRAIN)
    return Calibration(scores, has_signs=False)


def _list_expected(metadata: Metadata, names: set[str]) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of each tensor that the recipe implies; `names` are the file's."""
    expected = list_shapes(
        cell=metadata.recipe.cell,
        features=len(metadata.columns.inputs),
        units=metadata.recipe.units,
        layers=metadata.recipe.layers,
        horizon=metadata.recipe.horizon,
        loss=metadata.recipe.scored_by,
    )
    if metadata.calibration_count is not None:
        name = _SCORES if _SCORES in names else _RESIDUALS
        expected[name] = (metadata.recipe.horizon, metadata.calibration_count)
    return expected
