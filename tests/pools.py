"""What `windows.pool` must come to, by plain loops; and pooled models without TensorFlow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from stockcast.evaluation.conformal import Calibration
from stockcast.model.model import Model, Provenance
from stockcast.networks.network import Weights, list_shapes
from stockcast.recipe import Recipe
from stockcast.windows.exogenous import compute_exogenous
from stockcast.windows.features import compute_features, count_warmup
from stockcast.windows.per_window import make_per_window
from stockcast.windows.training_data import SPAN_NAMES


@dataclass(frozen=True)
class ByHand:
    """One window: its ticker, the row it starts on, what is seen and what is to be answered."""

    ticker: str
    start: int
    seen: list[list[float]]
    answers: list[float]


def list_by_hand(pool, histories):
    """Return the training, validation and test windows of a pool, each a list of `ByHand`."""
    recipe, spans = pool.recipe, pool.spans
    found = ([], [], [])
    for history in histories:
        table = compute_features(history, pool.columns, recipe.target)
        assert len(history) - len(table.dates) == count_warmup(pool.columns.features, recipe.target)
        values = table.values.astype(np.float32).astype(float).tolist()
        first = len(history) - len(values)
        others = compute_exogenous(
            history, pool.columns, first, len(history), horizon=recipe.horizon
        ).tolist()
        for start in range(len(values) - recipe.window - recipe.horizon + 1):
            after = start + recipe.window
            dates = table.dates[after : after + recipe.horizon]
            if all(date < spans.train_end for date in dates):
                part = found[0]
            elif all(spans.train_end <= date < spans.validation_end for date in dates):
                part = found[1]
            elif all(date >= spans.validation_end for date in dates):
                part = found[2]
            else:
                continue
            seen, answers = _pose(values, start, pool)
            seen = [[*row, *other] for row, other in zip(seen, others[start:after], strict=True)]
            part.append(ByHand(history.ticker, start, seen, answers))
    return found


def list_cut(pool):
    """Return all that can be drawn from a pool, as lists."""
    return [
        [array.tolist() for array in pool.draw(span, np.arange(count))]
        for span, count in zip(SPAN_NAMES, pool.count_windows(), strict=True)
    ]


def _pose(values, start, pool):
    """Return what is seen of a window and what is to be answered, scaled by its newest rows."""
    window, horizon, target = pool.recipe.window, pool.recipe.horizon, pool.columns.target_index
    context = values[max(0, start + window - max(window, 250)) : start + window]
    last = context[-1][target]
    scales = [
        _measure([row[position] for row in context], pool.scalers[position].by)
        for position in range(len(pool.columns.features))
    ]
    seen = [
        [
            ((value / last - 1 if scaler.by == "relative" else value) - low) / spread
            for value, scaler, (low, spread) in zip(row, pool.scalers, scales, strict=True)
        ]
        for row in context[-window:]
    ]
    following = [row[target] for row in values[start + window : start + window + horizon]]
    kind = pool.scalers[target].by
    if kind == "deviation":
        following = [sum(following[: step + 1]) for step in range(horizon)]
    elif kind == "relative":
        following = [value / last - 1 for value in following]
    low, spread = scales[target]
    farthest = math.sqrt(max(window, 250))
    answers = [max(-farthest, min(farthest, (value - low) / spread)) for value in following]
    return seen, answers


def _measure(column, kind):
    """Return (low, spread) of a feature's known rows."""
    if kind == "min-max":
        low, high = min(column), max(column)
        return low, max(high - low, 1e-4 * abs(high), 1e-304)
    if kind == "relative":
        column = [column[row] / column[row - 1] - 1 for row in range(1, len(column))]
    if not column:
        return 0.0, 1e-4
    mean = sum(column) / len(column)
    return 0.0, max(math.sqrt(sum((one - mean) ** 2 for one in column) / len(column)), 1e-4)


def draw_pooled_model(columns, *, seed=1, residuals=100, tickers=("SEEN",), path=None, **fields):
    """Make a pooled model whose weights are drawn at random: no TensorFlow needed."""
    plain = {"pooled": True, "window": 8, "layers": 2, "units": 4, "column": "close"}
    recipe = Recipe(**{**plain, "loss": "squared-error", **fields})
    random = np.random.default_rng(seed)
    shapes = list_shapes(
        cell=recipe.cell,
        features=len(columns.inputs),
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
        ticker="",
        recipe=recipe,
        columns=columns,
        scalers=make_per_window(columns, recipe.target),
        weights=Weights.from_arrays(arrays, cell=recipe.cell, loss=recipe.scored_by),
        path=path,
        provenance=Provenance(
            rows=1000,
            first_date="2012-01-02",
            last_date="2012-06-01",
            known_to="2012-06-20",
            data_sha256="0" * 64,
            epochs=3,
            best_epoch=2,
            versions={"stockcast": "0.0.0"},
            tickers=tickers,
        ),
        skill=None,
        calibration=Calibration(scores),
    )
