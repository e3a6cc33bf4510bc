"""What tests of several kinds share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_data"
CONFIGS = ROOT / "configs"


def run_stockcast(
    *arguments: object,
    stdin: bytes | None = None,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, with real streams."""
    return subprocess.run(
        [sys.executable, "-m", "stockcast", *map(str, arguments)],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=300,
    )


def write_untrained_model(path: Path, prices: Path, **fields: object) -> Path:
    """Write a model file for a price file, its weights drawn at random: no TensorFlow needed."""
    import numpy as np

    from stockcast.model.file import save_model
    from stockcast.model.model import Model, Provenance
    from stockcast.prices.history import combine_sha256
    from stockcast.prices.reader import read_prices
    from stockcast.recipe import Recipe
    from stockcast.recurrent.network import Weights, list_shapes
    from stockcast.windows.series import window_history

    recipe = Recipe(**{"window": 20, "layers": 2, "units": 8, **fields})
    series = window_history(read_prices([prices])[0], recipe)
    random = np.random.default_rng(1)
    shapes = list_shapes(
        cell=recipe.cell,
        features=len(series.columns.features),
        units=recipe.units,
        layers=recipe.layers,
    )
    arrays = {
        name: random.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()
    }
    save_model(
        Model(
            ticker=series.ticker,
            recipe=recipe,
            columns=series.columns,
            scalers=series.scalers,
            weights=Weights.from_arrays(arrays, cell=recipe.cell),
            provenance=Provenance(
                rows=series.spans.train_end,
                first_date="2012-05-18",
                last_date="2012-12-31",
                data_sha256=combine_sha256(series.sources),
                epochs=0,
                best_epoch=0,
                versions={},
            ),
            skill=None,
        ),
        path,
    )
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
