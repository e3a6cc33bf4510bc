"""FOLDER MODEL: the pooled model of `benchmarks.studies.volatility`, trained before 2012."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.studies.volatility import train_on_others
from stockcast.model.file import save_model
from stockcast.prices.csv.reader import read_prices


def main(folder: Path, out: Path) -> None:
    """Train on every other ticker; those between have not been seen."""
    histories = [read_prices([file])[0] for file in sorted(folder.glob("*.csv"))]
    with tempfile.TemporaryDirectory() as files:
        save_model(train_on_others(histories[::2], 1, Path(files)), out)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
