"""What `predict` is asked to forecast, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.options.levels import Levels
from stockcast.cli.output.tables import Row
from stockcast.errors import StockcastError

if TYPE_CHECKING:
    import numpy as np

    from stockcast.forecast.forecaster import Forecast, Sessions
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory


@dataclass(frozen=True)
class Plan:
    """What is to be forecast, of any ticker.

    Attributes:
        span: first date and last, if any; None for the next sessions.
        horizon: steps ahead; None for each model's own.
        levels: of the intervals.
        sessions: what finds the next sessions.
    """

    span: tuple[np.datetime64, np.datetime64 | None] | None
    horizon: int | None
    levels: Levels
    sessions: Sessions

    def forecast(self, model: Model, history: PriceHistory) -> Forecast:
        """Forecast one ticker.

        Raises:
            StockcastError: the model cannot forecast that from this history.
        """
        from stockcast.forecast.forecaster import forecast_next, forecast_span

        horizon = self.horizon or model.recipe.horizon
        levels, sessions = self.levels.values, self.sessions
        if self.span is None:
            return forecast_next(model, history, horizon=horizon, levels=levels, sessions=sessions)
        start, end = self.span
        return forecast_span(
            model, history, start=start, end=end, horizon=horizon, levels=levels, sessions=sessions
        )

    def forecast_many(
        self, cases: Sequence[tuple[Model, PriceHistory]]
    ) -> list[Forecast | StockcastError]:
        """Forecast tickers as `forecast` does each, or say why one cannot be."""
        from stockcast.forecast.many import forecast_many

        if self.span is None:
            return forecast_many(
                cases, horizon=self.horizon, levels=self.levels.values, sessions=self.sessions
            )
        return [self._forecast_or_refuse(model, history) for model, history in cases]

    def _forecast_or_refuse(self, model: Model, history: PriceHistory) -> Forecast | StockcastError:
        try:
            return self.forecast(model, history)
        except StockcastError as error:
            return error

    def list_rows(self, forecast: Forecast, path: Path) -> Iterator[Row]:
        """Yield a row a forecast; of a span with what came true, empty where it has not yet.

        Args:
            forecast: what was forecast.
            path: the model's file.
        """
        from stockcast.prices.history import format_date

        columns = forecast.to_columns()
        ticker = columns.pop("ticker")
        if self.span is None:
            del columns["actual"]
        for name in ("date", "last_date"):
            columns[name] = [format_date(date) for date in columns[name]]
        lists = [
            values if isinstance(values, list) else values.tolist() for values in columns.values()
        ]
        for cells in zip(*lists, strict=True):
            yield {"ticker": ticker, **dict(zip(columns, cells, strict=True)), "model": str(path)}
