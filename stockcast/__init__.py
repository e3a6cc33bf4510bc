"""stockcast: a price CSV in, a forecast CSV out, and the truth about its skill.

The public API, loaded on first use, so that `import stockcast` costs nothing:

    history, = stockcast.read_prices(["data.csv"])
    result = stockcast.train(history, "default", path="models/data.safetensors")
    forecast = stockcast.forecast_next(result.model, history, levels=(0.8, 0.95))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stockcast.errors import StockcastError
    from stockcast.evaluation.skill import Skill
    from stockcast.fleet.executor import Executor
    from stockcast.forecast.forecaster import Forecast, forecast_next, forecast_span
    from stockcast.ledger.file import read_ledger
    from stockcast.model.file import load_model, save_model
    from stockcast.model.listing import list_models
    from stockcast.model.model import Model
    from stockcast.model.store import publish_model, roll_back
    from stockcast.prices.csv.options import ReadOptions
    from stockcast.prices.csv.reader import read_prices
    from stockcast.prices.history import PriceHistory
    from stockcast.progress import Event, Observer
    from stockcast.recipe import Recipe, list_presets, load_recipe
    from stockcast.windows.series import WindowedSeries, window_history
    from stockcast.workflows.policies import PublishPolicy
    from stockcast.workflows.training import (
        PooledResult,
        TickerOutcome,
        TrainingResult,
        train,
        train_many,
        train_pooled,
    )

__version__ = "0.1.0"

__all__ = [
    "Event",
    "Executor",
    "Forecast",
    "Model",
    "Observer",
    "PooledResult",
    "PriceHistory",
    "PublishPolicy",
    "ReadOptions",
    "Recipe",
    "Skill",
    "StockcastError",
    "TickerOutcome",
    "TrainingResult",
    "WindowedSeries",
    "forecast_next",
    "forecast_span",
    "list_models",
    "list_presets",
    "load_model",
    "load_recipe",
    "publish_model",
    "read_ledger",
    "read_prices",
    "roll_back",
    "save_model",
    "train",
    "train_many",
    "train_pooled",
    "window_history",
]

_HOMES = {
    "Event": "progress",
    "Executor": "fleet.executor",
    "Forecast": "forecast.forecaster",
    "Model": "model.model",
    "Observer": "progress",
    "PooledResult": "workflows.training",
    "PriceHistory": "prices.history",
    "PublishPolicy": "workflows.policies",
    "ReadOptions": "prices.csv.options",
    "Recipe": "recipe",
    "Skill": "evaluation.skill",
    "StockcastError": "errors",
    "TickerOutcome": "workflows.training",
    "TrainingResult": "workflows.training",
    "WindowedSeries": "windows.series",
    "forecast_next": "forecast.forecaster",
    "forecast_span": "forecast.forecaster",
    "list_models": "model.listing",
    "list_presets": "recipe",
    "load_model": "model.file",
    "load_recipe": "recipe",
    "publish_model": "model.store",
    "read_ledger": "ledger.file",
    "read_prices": "prices.csv.reader",
    "roll_back": "model.store",
    "save_model": "model.file",
    "train": "workflows.training",
    "train_many": "workflows.training",
    "train_pooled": "workflows.training",
    "window_history": "windows.series",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'stockcast' has no attribute {name!r}")
    value = getattr(import_module(f"stockcast.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
