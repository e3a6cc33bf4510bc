"""Other prices beside a ticker's, as ONNX nodes: what `windows.covariates` computes of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from onnx import TensorProto

from stockcast.exporting.describe import (
    DATE,
    DATES,
    CovariateLayout,
    lay_out_covariates,
)
from stockcast.exporting.onnx_graph import DOUBLE, GraphBuilder, Value
from stockcast.exporting.onnx_moves import Bars, measure_bars
from stockcast.model.model import Model
from stockcast.windows.moves import YEAR
from stockcast.windows.signals import FARTHEST


def add_covariates(graph: GraphBuilder, model: Model) -> list[Value]:
    """Add nodes from dates and covariates' bars to what the network sees of them.

    Returns:
        (batch, window) each, two a covariate; NaN where one is not known.
    """
    layouts = lay_out_covariates(model)
    if not layouts:
        return []
    dates = graph.wrap(graph.take(DATES, DOUBLE, ["batch", model.recipe.window + 1]))
    return [one for layout in layouts for one in _add_one(graph, layout, dates)]


def _add_one(graph: GraphBuilder, layout: CovariateLayout, dates: Value) -> list[Value]:
    """Add nodes for the return and the range of one covariate, (batch, window) each."""
    shape: list[str | int] = ["batch", layout.rows, len(layout.columns)]
    table = graph.wrap(graph.take(layout.input, DOUBLE, shape))
    columns = {
        name: table.cut(place, place + 1, axis=2).narrow(2)
        for place, name in enumerate(layout.columns)
    }
    prices = (columns[layout.price] > 0.0).choose(columns[layout.price], math.nan)
    bars = Bars(graph, columns, target=columns[layout.price], rows=layout.rows)
    moves = measure_bars(bars, layout.price, None)
    places = _Places.find(dates, columns[DATE], layout.rows)
    now, then = prices.pick(places.now), prices.pick(places.then)
    year = moves.year.pick(places.now)
    # Before its first bar a covariate has not moved; one that is cut off before is not known.
    begun = columns[DATE].pick(places.then).is_known()
    returns = begun.choose((now / then).log() / year, 0.0)
    scales = moves.log_scales.pick(places.now) - year.log()
    has_range = moves.has_range.cast(DOUBLE).pick(places.now) > 0.5
    ranges = has_range.choose(scales.fill(0.0), 0.0)
    known = places.is_whole & now.is_known() & returns.is_known()
    return [
        known.choose(one.at_least(-FARTHEST).at_most(FARTHEST), math.nan)
        for one in (returns, ranges)
    ]


@dataclass(frozen=True)
class _Places:
    """Which rows of a covariate's bars stand beside the timesteps of a window.

    Attributes:
        now: (batch, window) the newest row at or before each timestep's date.
        then: (batch, window) the one of the bar before it.
        is_whole: (batch, window) whether a year before it is there, or all that the covariate has.
    """

    now: Value
    then: Value
    is_whole: Value

    @classmethod
    def find(cls, dates: Value, known: Value, rows: int) -> _Places:
        """Find them.

        Args:
            dates: (batch, window + 1) of the timesteps and of the bar before; NaN: there is none.
            known: (batch, rows) dates of the covariate's bars; NaN before the first.
            rows: how many.
        """
        later = known.widen(1) > dates.widen(2)
        count = later.cast(DOUBLE).add_up(axis=2).narrow(2)
        newest = count * -1.0 + (rows - 1.0)
        steps = 2**31  # up to the end
        now = newest.cut(1, steps)
        # The first bar of a ticker has none before: the covariate's own one stands for it.
        then = dates.cut(0, -1).is_known().choose(newest.cut(0, -1), now - 1.0)
        has_begun = known.cut(0, 1).is_known()
        is_there = (now > YEAR + 0.5) & (then > -0.5)
        is_whole = has_begun.choose(is_there.cast(DOUBLE), 1.0) > 0.5
        first, second = (one.at_least(0.0).cast(TensorProto.INT64) for one in (now, then))
        return cls(first, second, is_whole)
