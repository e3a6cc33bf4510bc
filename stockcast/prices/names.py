"""Names of price files: what they are called without their endings, and which a folder holds."""

from __future__ import annotations

from pathlib import Path

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
"""Endings of a compressed file, behind that of what is in it."""

TEXT = (".csv", ".tsv", ".txt", ".prn")
TABLES = (".parquet", ".feather", ".arrow", ".ipc")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
ENDINGS = (*TEXT, *TABLES, *WORKBOOKS)
"""Endings of a file that can hold prices."""

# What is meant by a folder: the files of the first of these kinds that it has any of. Beside CSV
# files there are archives of the same and workbooks with notes, which nobody means.
_KINDS = ((".csv",), TABLES, (*WORKBOOKS, ".zip"))


def find_stem(name: str) -> str:
    """Return a file's name without folders and endings: what a ticker is called that no one names.

    Example:
        >>> [find_stem(name) for name in ("a/GOOG.csv", "GOOG.csv.gz", "BRK.B.csv.zst", "BRK.B.gz")]
        ['GOOG', 'GOOG', 'BRK.B', 'BRK.B']
    """
    path = Path(name)
    if path.suffix.lower() in COMPRESSED:
        inner = Path(path.stem)
        return inner.stem if inner.suffix.lower() in ENDINGS else inner.name
    return path.stem


def list_price_files(folder: Path) -> list[str]:
    """Return the price files in a folder, in alphabetical order, hidden ones left out.

    CSV files, compressed ones among them; only where there are none, Parquet, Feather and Arrow
    files; and only where there are none of these either, workbooks and ZIP files.
    """
    names = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for endings in _KINDS:
        found = sorted(str(path) for path in names if _find_ending(path) in endings)
        if found:
            return found
    return []


def _find_ending(path: Path) -> str:
    """Return a file's ending, without that of its compression."""
    suffix = path.suffix.lower()
    return Path(path.stem).suffix.lower() if suffix in COMPRESSED else suffix
