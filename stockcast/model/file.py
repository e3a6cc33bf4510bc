"""Model ◀─▶ one .safetensors file; everything is checked before it is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from safetensors.numpy import save

from stockcast.errors import ModelNotFound, UntrustedModel, command, option
from stockcast.evaluation.conformal import Calibration
from stockcast.files import replace_file
from stockcast.model.metadata import Metadata, parse_metadata, refuse_duplicates
from stockcast.model.model import Model
from stockcast.model.pretrained import find_model_file
from stockcast.networks.cells import Array
from stockcast.networks.network import Weights, list_shapes

_METADATA_KEY = "stockcast"
_RESIDUALS = "calibration.residuals"
_SCORES = "calibration.scores"  # their sizes alone, as earlier versions kept them
_LARGEST_HEADER = 16 << 20  # bytes; a pooled model's names all its tickers
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
            hint=f"train one with: {command('train', 'PRICES')}, or name another with "
            + option("model"),
        )
    try:
        _check_header(path)
        with safetensors.safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(_METADATA_KEY)
            if text is None:
                raise UntrustedModel(f"{path} is not a stockcast model", hint=_RETRAIN)
            metadata = parse_metadata(text, where=str(path))
            _check_tensors(file, metadata, path)
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise ModelNotFound(f"cannot read {path}: {error.strerror or error}") from None
    except safetensors.SafetensorError as error:
        raise UntrustedModel(
            f"{path} is not a whole safetensors file: {error}", hint=_RETRAIN
        ) from None
    _check_finite(arrays, path)
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


def _check_header(path: Path) -> None:
    """Refuse a header that is larger than the file or than any real one, or names a key twice."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise UntrustedModel(
                f"{path} is cut short or not a safetensors file ({size} bytes)", hint=_RETRAIN
            )
        if length > _LARGEST_HEADER:
            raise UntrustedModel(f"{path}: a header of {length} bytes is no stockcast model's")
        header = file.read(length)
    try:
        json.loads(header, object_pairs_hook=refuse_duplicates)
    except (ValueError, RecursionError) as error:
        raise UntrustedModel(f"{path}: its header is not JSON: {error}", hint=_RETRAIN) from None


def _check_tensors(file: Any, metadata: Metadata, path: Path) -> None:
    """Accept only the tensors, shapes and types that the recipe implies."""
    expected = list_shapes(
        cell=metadata.recipe.cell,
        features=len(metadata.columns.inputs),
        units=metadata.recipe.units,
        layers=metadata.recipe.layers,
        horizon=metadata.recipe.horizon,
        loss=metadata.recipe.scored_by,
    )
    names = set(file.keys())
    if metadata.calibration_count is not None:
        name = _SCORES if _SCORES in names else _RESIDUALS
        expected[name] = (metadata.recipe.horizon, metadata.calibration_count)
    if odd := sorted(names ^ set(expected)):
        state = "missing" if odd[0] in expected else "not of this network"
        raise UntrustedModel(f"{path}: tensor {odd[0]!r} is {state}", hint=_RETRAIN)
    for name, shape in expected.items():
        tensor = file.get_slice(name)
        found = (tensor.get_dtype(), tuple(tensor.get_shape()))
        if found != ("F32", shape):
            raise UntrustedModel(
                f"{path}: tensor {name!r} is {found[0]} {found[1]}, expected F32 {shape}",
                hint=_RETRAIN,
            )


def _check_finite(arrays: dict[str, Array], path: Path) -> None:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise UntrustedModel(f"{path}: tensor {name!r} has a value that is no number")
