"""Write price files of made-up tickers, and a model of each, its weights drawn at random."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from stockcast.model.file import save_model
from stockcast.prices.csv.reader import read_prices
from stockcast.recipe import load_recipe
from stockcast.windows.series import window_history
from tests.support import draw_model


def main() -> None:
    folder, count, bars = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    dates = np.busday_offset("2015-01-02", np.arange(bars), roll="forward").astype(str)
    recipe = load_recipe("default")
    for number in range(count):
        random = np.random.default_rng(number)
        close = 100 * np.exp(np.cumsum(random.normal(0, 0.02, bars)))
        opened = close * np.exp(random.normal(0, 0.005, bars))
        high, low = np.maximum(opened, close) * 1.01, np.minimum(opened, close) * 0.99
        volume = random.integers(100_000, 10_000_000, bars)
        path = folder / "prices" / f"T{number:05}.csv"
        rows = zip(dates, opened, high, low, close, close, volume, strict=True)
        path.write_text(
            "Date,Open,High,Low,Close,Adj Close,Volume\n"
            + "".join(
                f"{day},{o:.6f},{h:.6f},{low_:.6f},{c:.6f},{a:.6f},{v}\n"
                for day, o, h, low_, c, a, v in rows
            )
        )
        series = window_history(read_prices([path])[0], recipe)
        save_model(draw_model(series), folder / "models" / f"T{number:05}.safetensors")


if __name__ == "__main__":
    main()
