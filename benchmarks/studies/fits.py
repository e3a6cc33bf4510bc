"""One fit of a study: train on what lies before the test span, forecast it, judge the forecasts."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.forecast.outlook import forecast_at_cutoffs
from stockcast.prices.history import PriceHistory
from stockcast.recipe import Recipe

Figures = dict[str, Any]


def measure_fit(history: PriceHistory, recipe: Recipe, *, test: int) -> Figures:
    """Train on all but the newest `test` bars, and compare with the last price on those.

    Returns:
        ratio: RMSE over the last price's; statistic and p_value of the Diebold-Mariano test,
        above 0 where the model is better; epochs run, and seconds.
    """
    from stockcast.evaluation.significance import diebold_mariano
    from stockcast.training.fit import train

    began = time.monotonic()
    known = len(history) - test
    model = train(
        history.select(np.arange(known)), Recipe.model_validate({**recipe.to_dict(), "test": 0})
    )
    outlook = forecast_at_cutoffs(model, history, np.arange(known, len(history)))
    actual, forecast = outlook.actual[:, 0], outlook.forecast[:, 0]
    ours, last = (
        float(np.sqrt(np.mean((actual - other) ** 2))) for other in (forecast, outlook.last_prices)
    )
    statistic, p_value = diebold_mariano(actual, forecast, outlook.last_prices)
    return {
        "ratio": ours / last,
        "statistic": statistic,
        "p_value": p_value,
        "epochs": model.provenance.epochs,
        "seconds": round(time.monotonic() - began, 1),
    }


class Ledger:
    """The figures of a study's fits, a JSON line each; what is there is not run again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows: list[Figures] = list(_read(path))

    def has(self, **case: Any) -> bool:
        """Whether a case was run before."""
        return any(case.items() <= row.items() for row in self.rows)

    def add(self, row: Figures) -> None:
        """Keep the figures of a case."""
        self.rows.append(row)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def _read(path: Path) -> Iterator[Figures]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
