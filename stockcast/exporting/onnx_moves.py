"""How far bars moved, as ONNX nodes: the formulas of `windows.moves`, on a batch of histories.

A history shorter than the graph's rows begins inside them: rows before it are NaN and do not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from stockcast.exporting.describe import BarsLayout
from stockcast.exporting.onnx_graph import DOUBLE, GraphBuilder, Value
from stockcast.windows.moves import BARS, LEAST_DEVIATION, MOST_RANGED, STILL, YEAR


class Bars:
    """Columns of bars in a graph, (batch, rows) each, and means over their newest rows.

    Args:
        graph: where the nodes go.
        columns: every column by its name.
        target: the prices forecast.
        rows: of each.

    Attributes:
        target: likewise.
        rows: likewise.
    """

    def __init__(
        self, graph: GraphBuilder, columns: dict[str, Value], *, target: Value, rows: int
    ) -> None:
        self._graph = graph
        self._columns = columns
        self._bands: dict[int, Value] = {}
        self.target: Value = target
        self.rows: int = rows
        steps = np.arange(rows, dtype=np.float64)
        lags = graph.add_constant(steps), graph.add_constant(steps[:, None])
        self._lags = graph.wrap(graph.add("Sub", *lags))
        known = self.add_newest(target.is_known().cast(DOUBLE), rows)
        self.exists: Value = known > 0.5

    def __getitem__(self, name: str) -> Value:
        return self._columns[name]

    def add_newest(self, values: Value, span: int) -> Value:
        """Return the sums over the newest `span` rows up to each, of values that are all known."""
        if span not in self._bands:
            # A product with a band of ones: unlike differences of running sums, those of zeros
            # are zero, and a crash leaves no trace once it is out of the span.
            band = (self._lags > -0.5) & (self._lags < span - 0.5)
            self._bands[span] = band.cast(DOUBLE)
        return values.apply("MatMul", self._bands[span])

    def average(self, values: Value, span: int) -> Value:
        """Return the means of the newest `span` known values up to each; NaN if there is none."""
        known = values.is_known()
        sums = self.add_newest(known.choose(values, 0.0), span)
        return sums / self.add_newest(known.cast(DOUBLE), span)

    def measure_share(self, condition: Value, span: int) -> Value:
        """Return the share of the newest `span` bars up to each of which a condition holds."""
        there = self.exists.cast(DOUBLE)
        return self.add_newest(condition.cast(DOUBLE) * there, span) / self.add_newest(there, span)

    def shift(self, values: Value) -> Value:
        """Return the value of the bar before; NaN for the first."""
        bounds = self._graph.add_constant([0, 1, 0, 0])
        unknown = self._graph.add_constant(np.array(np.nan))
        before = values.cut(0, self.rows - 1)
        return self._graph.wrap(self._graph.add("Pad", before.name, bounds, unknown))

    def take_returns(self, prices: Value) -> Value:
        """Return the log return of each bar; NaN where it is unknown."""
        above = _keep_above_zero(prices)
        return (above / self.shift(above)).log()


def _keep_above_zero(prices: Value) -> Value:
    return (prices > 0.0).choose(prices, math.nan)


@dataclass(frozen=True)
class BarMoves:
    """How far each bar moved, (batch, rows) each; names are those of `windows.moves.Moves`."""

    bars: Bars
    returns: Value
    over_night: Value
    of_range: Value
    ranged: Value
    market_scales: Value
    market_returns: Value

    @cached_property
    def variances(self) -> Value:
        """Variance of each bar; NaN where it is unknown."""
        return self.of_range.fill(self.returns * self.returns)

    @cached_property
    def has_range(self) -> Value:
        """Whether the bars up to here have ranges to believe."""
        return self.bars.measure_share(self.ranged, YEAR) > MOST_RANGED

    @cached_property
    def year(self) -> Value:
        """Standard deviation over the newest YEAR bars."""
        mean = self.bars.average(self.variances, YEAR)
        return mean.fill(0.0).sqrt().at_least(LEAST_DEVIATION)

    @cached_property
    def volume(self) -> Value:
        """Logarithm of 1 + volume; NaN where it is unknown."""
        shares = self.bars["volume"]
        return ((shares > 0.0).choose(shares, math.nan) + 1.0).log()

    @cached_property
    def log_scales(self) -> Value:
        """Half the logarithm of each bar's variance; NaN where nothing was traded."""
        traded = self.variances > 0.0
        return traded.choose((self.variances + STILL).log() * 0.5, math.nan)

    @cached_property
    def has_market(self) -> Value:
        """Whether what all tickers did is known: on the bar, and most of the year."""
        known = self.market_scales.is_known() & self.market_returns.is_known()
        return known & (self.bars.measure_share(known, YEAR) > MOST_RANGED)

    @cached_property
    def falls(self) -> Value:
        """Falls in the year's deviations, 0 where the price rose."""
        return self._keep_falls(self.returns / self.year)

    @cached_property
    def compared_market(self) -> Value:
        """The market's return in the deviations of its year; NaN where it is not known."""
        year = self.bars.average(self.market_returns * self.market_returns, YEAR).sqrt()
        return self.market_returns / year.fill(1.0).at_least(LEAST_DEVIATION)

    @cached_property
    def market_falls(self) -> Value:
        """The market's falls, likewise."""
        return self._keep_falls(self.compared_market)

    def _keep_falls(self, returns: Value) -> Value:
        falls = (returns < 0.0).choose(returns, 0.0)
        return self.bars.exists.choose(falls, math.nan)


def take_bars(graph: GraphBuilder, name: str, layout: BarsLayout, column: str) -> Bars:
    """Add nodes that take (batch, rows, columns) apart, for a forecast of a column."""
    table = graph.wrap(name)
    columns = {
        one: table.cut(place, place + 1, axis=2).narrow(2)
        for place, one in enumerate(layout.columns)
    }
    target = columns["adj_close" if layout.falls_back else column]
    if layout.falls_back:
        newest = target.cut(layout.rows - 1, layout.rows)
        target = newest.is_known().choose(target, columns["close"])
    return Bars(graph, columns, target=target, rows=layout.rows)


def measure_bars(bars: Bars, column: str, market: tuple[Value, Value] | None) -> BarMoves:
    """Add nodes that measure how far bars moved, from ranges and returns; see `measure_moves`.

    Args:
        bars: the bars.
        column: the forecast column.
        market: (batch, rows) mean log scales and returns of all tickers; None: not known.
    """
    returns = bars.take_returns(bars.target)
    # An open's own return is not that of its day; its night is between the closes.
    is_close = column in ("adj_close", "close")
    whole = returns if is_close else bars.take_returns(bars["close"])
    # The log of a ratio and not a difference of logs: a price that stands still moves by 0 then,
    # whichever way a runtime rounds logarithms.
    begin, high, low, end = (_keep_above_zero(bars[name]) for name in BARS)
    over_night = whole - (end / begin).log()
    reach = (high / low).log()
    of_range = over_night * over_night + reach * reach / (4 * math.log(2))
    unknown = returns * math.nan
    scales, market_returns = market or (unknown, unknown)
    return BarMoves(
        bars=bars,
        returns=returns,
        over_night=over_night,
        of_range=of_range,
        ranged=of_range.is_known() & (high > low),
        market_scales=scales,
        market_returns=market_returns,
    )
