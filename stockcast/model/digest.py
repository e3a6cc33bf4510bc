"""Which model a forecast came from: the SHA-256 of its file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from stockcast.model.file import load_model
from stockcast.model.model import Model


def load_hashed(path: str | Path) -> tuple[Model, str]:
    """Read a model file, and the SHA-256 of its bytes, as hex digits.

    A model that another run replaces meanwhile is read again, so that both are of one file.

    Raises:
        ModelNotFound: no such file.
        UntrustedModel: not a stockcast model, damaged, or not what its recipe implies.
    """
    path = Path(path)
    while True:
        before = _hash_file(path)
        model = load_model(path)
        if before is not None and before == _hash_file(path):
            return model, before


def _hash_file(path: Path) -> str | None:
    """Return a file's SHA-256; None where there is none, which `load_model` explains."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return None
