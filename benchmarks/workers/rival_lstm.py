"""FOLDER FIRST OUT: neuralforecast's LSTM with Student's t, one for all tickers, trained once.

As its documentation has it: settings by default, but for the window, which by default is three
times the horizon, so three days.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import DistributionLoss
from neuralforecast.models import LSTM

from benchmarks.workers.rival_prices import list_rows, read_tickers, to_forecast

_LEVELS = [80, 95]


def main(folder: Path, first: str, out: Path) -> None:
    """Train before the first date, then forecast each from those before it."""
    tables = {table["ticker"].iloc[0]: table for table in read_tickers(folder)}
    found = _forecast(tables, count=len(list_rows(next(iter(tables.values())), first)))
    lines = []
    for _, one in found.iterrows():
        freedom, scale = one["LSTM-df"], one["LSTM-scale"]
        lines.append(
            to_forecast(
                tables[one["unique_id"]],
                int(one["ds"]),
                model="neuralforecast LSTM, Student t",
                center=one["LSTM"],
                deviation=scale * np.sqrt(freedom / (freedom - 2)),
                bounds={p: (one[f"LSTM-lo-{p}"], one[f"LSTM-hi-{p}"]) for p in _LEVELS},
            )
        )
    pd.DataFrame(lines).to_csv(out, index=False)


def _forecast(tables: dict[str, pd.DataFrame], *, count: int) -> pd.DataFrame:
    rows = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": np.arange(len(table)), "y": table["y"]})[1:]
        for name, table in tables.items()
    )
    network = LSTM(
        h=1,
        input_size=60,
        loss=DistributionLoss("StudentT", level=_LEVELS, return_params=True),
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
    )
    forecaster = NeuralForecast([network], freq=1)
    found: pd.DataFrame = forecaster.cross_validation(
        rows, n_windows=None, test_size=count, step_size=1
    )
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
