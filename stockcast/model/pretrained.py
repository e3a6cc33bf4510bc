"""The model that comes with the program: `-m pretrained`; docs/pretrained.md is its card."""

from __future__ import annotations

from pathlib import Path

NAME = "pretrained"
"""What it is called where a model's file is expected."""

PRETRAINED = Path(__file__).parents[1] / "pretrained" / "pretrained.safetensors"
"""Its file."""


def find_model_file(path: str | Path) -> Path:
    """Return the file that a name means: the one that comes with the program, or the path itself.

    Example:
        >>> find_model_file("pretrained").name, find_model_file("models/GOOG.safetensors").name
        ('pretrained.safetensors', 'GOOG.safetensors')
    """
    path = Path(path)
    return PRETRAINED if str(path) == NAME and not path.exists() else path
