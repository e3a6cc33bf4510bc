"""Price files as the user names them: files, patterns, folders."""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob
from pathlib import Path

from stockcast.errors import PricesNotFound


def expand_paths(named: Sequence[str]) -> list[str]:
    """Return the files and prepared folders that are meant, each once.

    A pattern is expanded here too, since a shell gives up where it matches very many files; of a
    folder that is not a prepared one all CSV files are meant, in alphabetical order.

    Raises:
        PricesNotFound: a pattern matches nothing.
    """
    return list(dict.fromkeys(path for text in named for path in _expand(text)))


def _expand(text: str) -> list[str]:
    path = Path(text)
    if path.is_dir():
        return _list_files(path) or [text]
    if path.exists() or not set(text) & set("*?["):
        return [text]
    matches = sorted(glob(text, recursive=True))  # noqa: PTH207 — Path.glob knows no absolute ones
    found = [path for match in matches for path in _expand(match)]
    if not found:
        raise PricesNotFound(f"no file matches {text}", hint="check the path")
    return found


def _list_files(folder: Path) -> list[str]:
    """Return a folder's CSV files; none if it is a prepared one."""
    from stockcast.windows.prepared import list_prepared

    if list_prepared(folder):
        return []
    return sorted(
        str(path)
        for path in folder.iterdir()
        if path.suffix.lower() == ".csv" and not path.name.startswith(".")
    )
