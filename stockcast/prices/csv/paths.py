"""Paths, patterns and folders ─▶ the files that are meant."""

from __future__ import annotations

from glob import glob
from pathlib import Path

from stockcast.errors import PricesNotFound
from stockcast.prices.containers.folders import is_parquet_folder
from stockcast.prices.names import list_price_files

_WILDCARDS = frozenset("*?[")


def means_many(text: str) -> bool:
    """Whether it means any number of files: a pattern, or a folder with price files."""
    path = Path(text)
    if path.is_dir():
        return not is_parquet_folder(path) and bool(list_price_files(path))
    return not path.exists() and bool(set(text) & _WILDCARDS)


def expand_path(text: str) -> list[str]:
    """Return the files and folders that a path, pattern or folder means.

    A pattern is expanded here too, since a shell gives up where it matches very many files. A
    folder with price files means these, in alphabetical order; see `list_price_files`. Any other
    means itself, as does a folder whose Parquet files are one table.

    Raises:
        PricesNotFound: a pattern matches nothing.
    """
    path = Path(text)
    if path.is_dir():
        return [text] if is_parquet_folder(path) else list_price_files(path) or [text]
    if path.exists() or not set(text) & _WILDCARDS:
        return [text]
    matches = sorted(glob(text, recursive=True))  # noqa: PTH207 — Path.glob knows no absolute ones
    found = [path for match in matches for path in expand_path(match)]
    if not found:
        raise PricesNotFound(f"no file matches {text}", hint="check the path")
    return found
