"""FOLDER FIRST OUT: statsforecast's GARCH(1,1), fitted every 25 dates as arch's is.

Twice: as it comes, and by its variance alone, around the last price, whose intervals `backtest`
makes by how far off it was before; so it begins a year earlier.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from statsforecast.garch import garch_sigma2
from statsforecast.models import GARCH

from benchmarks.workers.rival_prices import list_rows, read_tickers, to_forecast

_LEVELS = [80, 95]
_REFIT = 25
_CALIBRATION = 250  # dates before the first one


def main(folder: Path, first: str, out: Path) -> None:
    """Forecast each date from those before it."""
    lines = []
    for table in read_tickers(folder):
        returns = table["y"].to_numpy()
        rows = list_rows(table, first)
        for count, row in enumerate(range(rows[0] - _CALIBRATION, rows[-1] + 1)):
            known = returns[1:row]
            if count % _REFIT == 0:
                model = GARCH(1, 1).fit(known)
            variances = garch_sigma2(model.model_["coeff"], known, 1, 1)
            model.model_ |= {"y_vals": known[-1:], "sigma2_vals": variances[-1:]}
            found = model.predict(h=1, level=_LEVELS)
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
