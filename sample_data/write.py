"""Write the sample files again from `bokeh_sampledata` (its `stocks.csv.gz`), in Yahoo's layout.

The package's table holds one row a ticker and day; nothing is changed but the order of the
columns, and the ticker becomes the file's name.
"""

from __future__ import annotations

import csv
import gzip
from importlib.resources import files
from pathlib import Path

TICKERS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
LAYOUT = ("Date", "Open", "High", "Low", "Close", "Adj Close", "Volume")


def write_samples(folder: Path) -> None:
    """Write one CSV a ticker into `folder`."""
    source = files("bokeh_sampledata").joinpath("_data/stocks.csv.gz").read_bytes()
    rows = list(csv.DictReader(gzip.decompress(source).decode("ascii").splitlines()))
    for ticker in TICKERS:
        with (folder / f"{ticker}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, LAYOUT, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row["Ticker"] == ticker)


if __name__ == "__main__":
    write_samples(Path(__file__).parent)
