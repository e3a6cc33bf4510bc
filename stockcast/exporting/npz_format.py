"""Plain arrays, for any program that has NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.exporting.protocol import ExportFormat

if TYPE_CHECKING:
    from stockcast.model.model import Model


def _describe(model: Model, *, with_scaling: bool) -> str:  # noqa: ARG001 — any model, and as it is
    return "a kernel, recurrent_kernel and bias a layer, the scalers' numbers and the path's"


def _serialize(model: Model, *, with_scaling: bool) -> bytes:  # noqa: ARG001 — never scales
    from stockcast.exporting.npz_file import serialize_npz

    return serialize_npz(model)


FORMAT = ExportFormat("npz", 3, "plain arrays under Keras' names.", _describe, _serialize)
