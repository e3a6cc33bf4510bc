"""Paths, patterns and folders ─▶ the files that are meant."""

from __future__ import annotations

from glob import glob
from pathlib import Path

from stockcast.errors import PricesNotFound


def expand_path(text: str) -> list[str]:
    """Return the files and folders that a path, pattern or folder means.

    A pattern is expanded here too, since a shell gives up where it matches very many files. A
    folder with CSV files means these, in alphabetical order; any other means itself.

    Raises:
        PricesNotFound: a pattern matches nothing.
    """
    path = Path(text)
    if path.is_dir():
        return list_csv_files(path) or [text]
    if path.exists() or not set(text) & set("*?["):
        return [text]
    matches = sorted(glob(text, recursive=True))  # noqa: PTH207 — Path.glob knows no absolute ones
    found = [path for match in matches for path in expand_path(match)]
    if not found:
        raise PricesNotFound(f"no file matches {text}", hint="check the path")
    return found


def list_csv_files(folder: Path) -> list[str]:
    """Return the CSV files in a folder, hidden ones left out."""
    return sorted(
        str(path)
        for path in folder.iterdir()
        if path.suffix.lower() == ".csv" and not path.name.startswith(".")
    )
