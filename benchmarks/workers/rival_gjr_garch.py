"""FOLDER FIRST OUT: GJR-GARCH(1,1) with Student's t by the arch package, fitted every 25 dates."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from arch import arch_model

from benchmarks.workers.rival_prices import list_rows, read_tickers, to_forecast

_LEVELS = [80, 95]
_REFIT = 25


def main(folder: Path, first: str, out: Path) -> None:
    """Forecast each date from those before it."""
    lines = []
    for table in read_tickers(folder):
        returns = table["y"].to_numpy()
        for count, row in enumerate(list_rows(table, first)):
            model = arch_model(returns[1:row], mean="Zero", o=1, dist="t")
            if count % _REFIT == 0:
                fitted = model.fit(disp="off").params
            ahead = model.fix(fitted).forecast(horizon=1).variance.to_numpy()[-1, 0]
            deviation = float(np.sqrt(ahead))
            # Quantiles of a Student's t whose variance is 1.
            ends = model.distribution.ppf([0.5 + p / 200 for p in _LEVELS], fitted[["nu"]])
            bounds = {
                p: (-end * deviation, end * deviation) for p, end in zip(_LEVELS, ends, strict=True)
            }
            lines.append(
                to_forecast(
                    table,
                    row,
                    model="arch GJR-GARCH-t",
                    center=0.0,
                    deviation=deviation,
                    bounds=bounds,
                )
            )
    pd.DataFrame(lines).to_csv(out, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
