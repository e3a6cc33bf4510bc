"""Write the same made-up prices twice: plainly, and with semicolons, quotes and three decimals."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def main() -> None:
    folder, count, rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    dates = np.busday_offset("2015-01-02", np.arange(rows), roll="forward").astype(str)
    names = ("Date", "Open", "High", "Low", "Close", "Volume")
    for kind in ("plain", "odd"):
        (folder / kind).mkdir()
    for number in range(count):
        random = np.random.default_rng(number)
        close = 0.9 * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
        opened = close * np.exp(random.normal(0, 0.005, rows))
        columns = (
            opened,
            np.maximum(opened, close) * 1.01,
            np.minimum(opened, close) * 0.99,
            close,
        )
        volume = random.integers(100_000, 10_000_000, rows).astype(str)
        for kind, places, delimiter, quote in (("plain", 6, ",", ""), ("odd", 3, ";", '"')):
            prices = [[f"{value:.{places}f}" for value in column] for column in columns]
            lines = [names, *zip(dates, *prices, volume, strict=True)]
            between = quote + delimiter + quote
            text = "".join(f"{quote}{between.join(line)}{quote}\n" for line in lines)
            (folder / kind / f"T{number:05}.csv").write_text(text)


if __name__ == "__main__":
    main()
