"""Which model a forecast came from: the SHA-256 of its file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.model.pretrained import find_model_file


def load_hashed(path: str | Path) -> tuple[Model, str]:
    """Read a model file, and the SHA-256 of its bytes, as hex digits.

    A model that another run replaces meanwhile is read again, so that both are of one file.

    Raises:
        ModelNotFound: no such file.
        UntrustedModel: not a stockcast model, damaged, or not what its recipe implies.
    """
    path = find_model_file(path)
    while True:
        before = _identify(path)
        digest = _hash_file(path)
        model = load_model(path)
        if digest is not None and before == _identify(path):
            return model, digest


def _identify(path: Path) -> tuple[int, ...] | None:
    """Return what tells a file from one that replaced it, or was written over it."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _hash_file(path: Path) -> str | None:
    """Return a file's SHA-256; None where there is none, which `load_model` explains."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
