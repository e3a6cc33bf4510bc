"""What models a folder holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stockcast.errors import ModelError, ModelNotFound
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.model.store import SUFFIX, list_earlier


@dataclass(frozen=True)
class StoredModel:
    """A model file in a folder.

    Attributes:
        path: the file.
        size: in bytes.
        written: when it was written, in seconds since 1970.
        earlier: how many models before it are kept.
        model: what it holds; None if it cannot be trusted.
        problem: why not; empty if it can.
    """

    path: Path
    size: int
    written: float
    earlier: int
    model: Model | None
    problem: str


def list_models(folder: str | Path) -> list[StoredModel]:
    """Return a folder's models by name; one that cannot be trusted is there with its problem.

    Raises:
        ModelNotFound: no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ModelNotFound(
            f"no folder {folder}", hint="train writes its models into models/, or name another"
        )
    return [
        _describe(path)
        for path in sorted(folder.glob(f"*{SUFFIX}"))
        if not path.name.startswith(".") and path.is_file()
    ]


def _describe(path: Path) -> StoredModel:
    state = path.stat()
    model, problem = None, ""
    try:
        model = load_model(path)
    except ModelError as error:
        problem = str(error)
    return StoredModel(path, state.st_size, state.st_mtime, len(list_earlier(path)), model, problem)
