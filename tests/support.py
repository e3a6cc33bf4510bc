"""What tests of several kinds share."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.windows.series import WindowedSeries

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_data"
CONFIGS = ROOT / "stockcast" / "presets"


def run_stockcast(
    *arguments: object,
    stdin: bytes | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in this process, with real streams, and leave all else as it was.

    What a process sets up for itself (signals, closed streams) and what it reads of the
    environment while it starts are not seen here: `run_process` is for those.
    """
    from tests.inside import run_inside

    return run_inside([str(one) for one in arguments], stdin=stdin, cwd=cwd, env=env or {})


def run_process(
    *arguments: object,
    stdin: bytes | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own; arguments and result are those of the other."""
    return subprocess.run(
        [sys.executable, "-m", "stockcast", *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=300,
    )


def draw_model(
    series: WindowedSeries, *, seed: int = 1, skill: Skill | None = None, residuals: int = 100
) -> Model:
    """Make a model for a series, its weights drawn at random: no TensorFlow needed.

    Its calibration has as many made-up scores as `residuals` says; 0 is none.
    """
    import numpy as np

    from stockcast.evaluation.conformal import Calibration
    from stockcast.model.model import Model, Provenance
    from stockcast.networks.network import Weights, list_shapes
    from stockcast.prices.history import combine_sha256, format_date

    recipe, spans = series.recipe, series.spans
    random = np.random.default_rng(seed)
    shapes = list_shapes(
        cell=recipe.cell,
        features=len(series.columns.inputs),
        units=recipe.units,
        layers=recipe.layers,
        horizon=recipe.horizon,
        loss=recipe.scored_by,
    )
    arrays = {
        name: random.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()
    }
    scores = np.abs(random.normal(0, 1, (recipe.horizon, residuals))).astype(np.float32)
    return Model(
        ticker=series.ticker,
        recipe=recipe,
        columns=series.columns,
        scalers=series.scalers,
        weights=Weights.from_arrays(arrays, cell=recipe.cell, loss=recipe.scored_by),
        path=series.path,
        provenance=Provenance(
            rows=spans.train_end,
            first_date=format_date(series.dates[0]),
            last_date=format_date(series.dates[spans.train_end - 1]),
            known_to=format_date(series.dates[spans.validation_end - 1]),
            data_sha256=combine_sha256(series.sources),
            epochs=3,
            best_epoch=2,
            versions={"stockcast": "0.0.0"},
        ),
        skill=skill,
        calibration=Calibration(scores) if residuals else None,
    )


def write_untrained_model(
    path: Path, prices: Path, *, residuals: int = 100, **fields: object
) -> Path:
    """Write a model file for a price file, its weights drawn at random."""
    from stockcast.model.file import save_model
    from stockcast.prices.csv.reader import read_prices
    from stockcast.recipe import Recipe
    from stockcast.windows.series import window_history

    recipe = Recipe(**{"window": 20, "layers": 2, "units": 8, **fields})
    series = window_history(read_prices([prices])[0], recipe)
    save_model(draw_model(series, residuals=residuals), path)
    return path


def make_inspection(*newest_first: float, **fields: object):
    """Make an inspection without layers, whose sensitivity is given from the newest step back."""
    import numpy as np

    from stockcast.forecast.inspection import Inspection

    steps = len(newest_first)
    made_up = {
        "ticker": "MADEUP",
        "cell": "lstm",
        "target": "price",
        "features": ("close",),
        "kind": "window",
        "is_daily": True,
        "dates": np.arange(steps).astype("datetime64[D]").astype("datetime64[us]"),
        "timesteps": np.arange(1, steps + 1),
        "prices": np.ones(steps),
        "forecast_date": None,
        "layers": (),
        "sensitivity": np.array(newest_first[::-1], dtype=np.float64),
    }
    return Inspection(**{**made_up, **fields})


def list_events():
    """Yield the name and class of every event that workflows tell."""
    from stockcast.progress import Event
    from stockcast.workflows import events

    for module in pkgutil.iter_modules(events.__path__, f"{events.__name__}."):
        for name, one in vars(importlib.import_module(module.name)).items():
            if isinstance(one, type) and issubclass(one, Event) and one is not Event:
                yield name, one
