"""A safetensors file with a document in its header: all of it is checked before it is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors

from stockcast.errors import ModelNotFound, UntrustedModel
from stockcast.networks.cells import Array

_LARGEST_HEADER = 16 << 20  # bytes; a pooled model's names all its tickers


@contextmanager
def open_tensors(path: Path, *, key: str, kind: str, hint: str) -> Iterator[tuple[str, Any]]:
    """Open a file and yield its document, and the open file for `read_tensors`.

    Args:
        path: an existing file.
        key: that the document stands under in the header.
        kind: what the file should be, for a message, such as `stockcast model`.
        hint: what to do where it is none.

    Raises:
        ModelNotFound: it cannot be read.
        UntrustedModel: it is damaged, or something else.
    """
    try:
        _check_header(path, kind=kind, hint=hint)
        with safetensors.safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(key)
            if text is None:
                raise UntrustedModel(f"{path} is not a {kind}", hint=hint)
            yield text, file
    except OSError as error:
        raise ModelNotFound(f"cannot read {path}: {error.strerror or error}") from None
    except safetensors.SafetensorError as error:
        raise UntrustedModel(
            f"{path} is not a whole safetensors file: {error}", hint=hint
        ) from None


def read_tensors(
    file: Any, expected: Mapping[str, tuple[int, ...]], path: Path, *, hint: str
) -> dict[str, Array]:
    """Read the tensors of an open file, which are those expected and no others.

    Args:
        file: from `open_tensors`.
        expected: name to shape; all are 32-bit floats.
        path: of the file, for messages.
        hint: what to do where they are not.

    Raises:
        UntrustedModel: one is missing, unknown, of another shape or type, or holds no number.
    """
    if odd := sorted(set(file.keys()) ^ set(expected)):
        state = "missing" if odd[0] in expected else "not of this network"
        raise UntrustedModel(f"{path}: tensor {odd[0]!r} is {state}", hint=hint)
    for name, shape in expected.items():
        tensor = file.get_slice(name)
        found = (tensor.get_dtype(), tuple(tensor.get_shape()))
        if found != ("F32", shape):
            raise UntrustedModel(
                f"{path}: tensor {name!r} is {found[0]} {found[1]}, expected F32 {shape}",
                hint=hint,
            )
    arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise UntrustedModel(f"{path}: tensor {name!r} has a value that is no number")
    return arrays


def refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON's pairs, as `object_pairs_hook`.

    Raises:
        ValueError: a key stands twice, which two readers would read in two ways.
    """
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made


def _check_header(path: Path, *, kind: str, hint: str) -> None:
    """Refuse a header that is larger than the file or than any real one, or names a key twice."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise UntrustedModel(
                f"{path} is cut short or not a safetensors file ({size} bytes)", hint=hint
            )
        if length > _LARGEST_HEADER:
            raise UntrustedModel(f"{path}: a header of {length} bytes is no {kind}'s")
        header = file.read(length)
    try:
        json.loads(header, object_pairs_hook=refuse_duplicates)
    except (ValueError, RecursionError) as error:
        raise UntrustedModel(f"{path}: its header is not JSON: {error}", hint=hint) from None
