"""FOLDER FIRST OUT: statsforecast's GARCH(1,1), fitted anew on each date, which is its only way.

Twice: as it comes, and by its variance alone, around the last price.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from statsforecast.models import GARCH

from benchmarks.workers.rival_prices import list_rows, read_tickers, to_forecast

_LEVELS = [80, 95]


def main(folder: Path, first: str, out: Path) -> None:
    """Forecast each date from those before it."""
    lines = []
    for table in read_tickers(folder):
        returns = table["y"].to_numpy()
        for row in list_rows(table, first):
            found = GARCH(1, 1).forecast(returns[1:row], h=1, level=_LEVELS)
            deviation = float(np.sqrt(found["sigma2"][0]))
            bounds = {p: (found[f"lo-{p}"][0], found[f"hi-{p}"][0]) for p in _LEVELS}
            for name, center, own in (
                ("statsforecast GARCH, as it comes", found["mean"][0], bounds),
                ("statsforecast GARCH, its variance", 0.0, {}),
            ):
                lines.append(
                    to_forecast(
                        table, row, model=name, center=center, deviation=deviation, bounds=own
                    )
                )
    pd.DataFrame(lines).to_csv(out, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
