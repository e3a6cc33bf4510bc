"""What models a folder holds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stockcast.errors import ModelError, ModelNotFound, Style, render_options
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.model.store import SUFFIX, list_earlier

COLUMNS = (
    "model", "ticker", "trained_to", "skill", "verdict", "bytes", "written_at", "age_days",
    "earlier", "problem",
)  # fmt: skip
"""Of the table of models."""


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

    @property
    def age(self) -> float:
        """Seconds since it was written."""
        return time.time() - self.written

    def to_dict(self, style: Style = "python") -> dict[str, Any]:
        """Return its row in the table of models; what is not known is None.

        Args:
            style: how sentences name options.
        """
        model = self.model
        return {
            "model": str(self.path),
            "ticker": model and (model.ticker or None),
            "trained_to": model and model.provenance.last_date,
            "skill": model and model.skill and model.skill.skill,
            "verdict": model and render_options(model.verdict, style),
            "bytes": self.size,
            "written_at": datetime.fromtimestamp(self.written, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "age_days": round(self.age / 86_400, 3),
            "earlier": self.earlier,
            "problem": self.problem or None,
        }


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
