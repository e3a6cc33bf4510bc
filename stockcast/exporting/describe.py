"""What an exported model and its parts are called."""

from __future__ import annotations

import re

from stockcast.model.model import Model
from stockcast.networks.cells import CELLS, CellName
from stockcast.windows.features import count_warmup

# Names of what goes into an ONNX graph and what comes out.
WINDOWS, ANSWERS = "windows", "answers"
FORECAST = "forecast"


def list_layer_names(cell: CellName, layers: int) -> list[str]:
    """Return the recurrent layers' names, bottom to top: `lstm`, `lstm_1`, `lstm_2`."""
    return number_names("lstm" if CELLS[cell].has_memory_cell else "gru", layers)


def number_names(kind: str, count: int) -> list[str]:
    """Name layers of a kind as Keras does."""
    return [kind if number == 0 else f"{kind}_{number}" for number in range(count)]


def name_model(model: Model) -> str:
    """Return a name that says what scales: `stockcast_GOOG_log-return_close_deviation_0.0213`.

    Keras takes it as the name of a model: letters, digits, `_`, `-` and `.` alone. The numbers
    have round-trip precision.
    """
    parts = ["stockcast", model.ticker or "pool", model.recipe.target]
    for feature, scaler in zip(model.columns.features, model.scalers, strict=True):
        parts.append(feature)
        for name, value in scaler.numbers.items():
            parts += [name, repr(float(value)).replace("e+", "e")]
    return re.sub(r"[^A-Za-z0-9_.-]", "_", "_".join(parts))


def count_rows(model: Model) -> int:
    """Return how many bars one forecast needs, with those before the first window row."""
    return model.recipe.window + count_warmup(model.columns.features, model.recipe.target)


def name_unscaled_input(model: Model) -> str:
    """Return the name of an ONNX graph's unscaled input."""
    return "prices" if len(model.columns.features) == 1 else "bars"
