"""A fitted estimator ◀─▶ one safetensors file; everything is checked before it is believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors.numpy import save

from stockcast.errors import InvalidRecipe, ModelNotFound, UntrustedModel
from stockcast.files import replace_file
from stockcast.model.tensors import open_tensors, read_tensors, refuse_duplicates
from stockcast.networks.network import Weights, list_shapes
from stockcast.recipe import build_recipe

_METADATA_KEY = "stockcast-regressor"
_FORMAT: Literal[1] = 1
_REFIT = "fit the estimator again and save it"
_SHAPING = ("cell", "layers", "units")
_NAMES = {
    *("layers", "units", "dropout", "cell", "epochs", "batch_size", "learning_rate"),
    *("early_stopping", "validation_fraction", "n_iter_no_change", "warm_start"),
    *("random_state", "engine", "verbose"),
}
Plain = bool | int | float | str | None
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]


class FittedRegressor(BaseModel):
    """All of a fitted estimator but its weights.

    Attributes:
        parameters: of the estimator, by name.
        window: timesteps.
        inputs: of each timestep.
        outputs: steps ahead.
        is_flat: whether y was (n,).
        seed: of its last fit.
        epochs: run in all.
        best_epoch: whose weights are kept.
        losses: of each epoch.
        validation_losses: likewise; empty where nothing was held out.
        feature_names: of the columns of X; None where it was no frame.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, strict=True
    )

    format: Literal[1] = _FORMAT
    parameters: dict[str, Plain]
    window: Count
    inputs: Count
    outputs: Count
    is_flat: bool
    seed: int = Field(ge=0, lt=2**31)
    epochs: Count
    best_epoch: int = Field(ge=0)
    losses: list[float]
    validation_losses: list[float]
    feature_names: list[str] | None = None

    @model_validator(mode="after")
    def _check_parts(self) -> FittedRegressor:
        if self.parameters.keys() != _NAMES:
            odd = sorted(self.parameters.keys() ^ _NAMES)
            raise ValueError(f"the parameters are not those of an LSTMRegressor: {odd[0]}")
        if self.is_flat and self.outputs != 1:
            raise ValueError("one answer a window has one output")
        return self

    def list_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of each array of the network.

        Raises:
            InvalidRecipe: the parameters are of no network.
        """
        values: dict[str, Any] = {name: self.parameters[name] for name in _SHAPING}
        values |= {"window": self.window, "horizon": self.outputs}
        recipe = build_recipe(values, where="parameters")
        return list_shapes(
            cell=recipe.cell,
            features=self.inputs,
            units=recipe.units,
            layers=recipe.layers,
            horizon=recipe.horizon,
        )


def write_regressor(fitted: FittedRegressor, weights: Weights, path: Path) -> None:
    """Write a fitted estimator, whole or not at all; the same one gives the same bytes.

    Raises:
        OutputError: the file cannot be written.
    """
    text = json.dumps(fitted.model_dump(mode="json"), sort_keys=True, allow_nan=False)
    arrays = {name: np.ascontiguousarray(array) for name, array in weights.to_arrays().items()}
    with replace_file(path) as temporary:
        temporary.write_bytes(save(arrays, metadata={_METADATA_KEY: text}))


def read_regressor(path: Path) -> tuple[FittedRegressor, Weights]:
    """Read what `write_regressor` wrote, and check all of it.

    Raises:
        ModelNotFound: no such file.
        UntrustedModel: not such a file, damaged, or not what its parameters imply.
    """
    if not path.is_file():
        raise ModelNotFound(f"no file {path}", hint="name what LSTMRegressor.save wrote")
    with open_tensors(path, key=_METADATA_KEY, kind="fitted LSTMRegressor", hint=_REFIT) as (
        text,
        file,
    ):
        fitted = _parse(text, where=str(path))
        try:
            expected = fitted.list_shapes()
        except InvalidRecipe as error:
            raise UntrustedModel(f"{path}: {error}", hint=_REFIT) from None
        arrays = read_tensors(file, expected, path, hint=_REFIT)
    cell: Any = fitted.parameters["cell"]  # which `list_shapes` knew
    return fitted, Weights.from_arrays(arrays, cell=cell)


def _parse(text: str, *, where: str) -> FittedRegressor:
    try:
        document = json.loads(text, object_pairs_hook=refuse_duplicates)
    except (ValueError, RecursionError) as error:
        raise UntrustedModel(f"{where}: its metadata are not JSON: {error}") from None
    found = document.get("format") if isinstance(document, dict) else None
    if found != _FORMAT:
        raise UntrustedModel(
            f"{where}: format {found!r}, this version of stockcast reads {_FORMAT}", hint=_REFIT
        )
    try:
        return FittedRegressor.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "metadata"
        raise UntrustedModel(f"{where}: {place}: {first['msg']}", hint=_REFIT) from None
