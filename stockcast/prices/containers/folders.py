"""Which folders are one table of Parquet files."""

from __future__ import annotations

from pathlib import Path

from stockcast.prices.csv.columns import rank_name
from stockcast.prices.names import list_price_files


def is_parquet_folder(folder: Path) -> bool:
    """Whether a folder's Parquet files are one table.

    They are where they lie in folders such as `ticker=AAPL`, and where the first of them has a
    column of tickers. Files without one are a ticker each, and no table.
    """
    if any("=" in path.name and path.is_dir() for path in folder.iterdir()):
        return bool(list_parquet_files(folder))
    files = list_price_files(folder)
    if not files or not all(path.lower().endswith(".parquet") for path in files):
        return False
    return _has_tickers(files[0])


def list_parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files below a folder, in alphabetical order, hidden ones left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() == ".parquet"
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def _has_tickers(path: str) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except (pa.ArrowException, OSError):
        return False  # whoever reads it says what is wrong with it
    return any(rank_name(name, "ticker") is not None for name in names)
