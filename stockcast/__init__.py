"""stockcast: a price CSV in, a forecast CSV out, and the truth about its skill.

The public API, loaded on first use, so that `import stockcast` costs nothing:

    history, = stockcast.read_prices(["data.csv"])
    result = stockcast.train(history, "default", path="models/data.safetensors")
    forecast = stockcast.predict(result.model, history, horizon=5)
    walked = stockcast.backtest(history, ["default", "drift"], check_leakage=True)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stockcast.backtesting.cutoffs import CutoffOptions
    from stockcast.errors import StockcastError
    from stockcast.evaluation.skill import Skill
    from stockcast.fleet.executor import Executor
    from stockcast.forecast.forecaster import Forecast, forecast_next, forecast_span
    from stockcast.forecast.inspection import Inspection
    from stockcast.ledger.file import read_ledger
    from stockcast.model.file import load_model, save_model
    from stockcast.model.listing import StoredModel, list_models
    from stockcast.model.model import Model
    from stockcast.model.store import publish_model
    from stockcast.prices.csv.options import ReadOptions
    from stockcast.prices.csv.reader import read_prices
    from stockcast.prices.frames import read_frame, read_frames
    from stockcast.prices.history import PriceHistory
    from stockcast.progress import Event, Observer
    from stockcast.recipe import Recipe, list_presets, load_recipe
    from stockcast.windows.series import WindowedSeries, window_history
    from stockcast.workflows.backtesting import BacktestResult, backtest
    from stockcast.workflows.checking import CheckedFile, check
    from stockcast.workflows.demo import demo
    from stockcast.workflows.diagnosis import Diagnosis, doctor
    from stockcast.workflows.exporting import ExportedModel, export
    from stockcast.workflows.forecasting import Prediction, PredictionOutcome, predict, predict_many
    from stockcast.workflows.inspection import inspect
    from stockcast.workflows.models import ModelDescription, describe_model, rollback
    from stockcast.workflows.nixtla import LSTMForecaster
    from stockcast.workflows.policies import ForecastRequest, PublishPolicy
    from stockcast.workflows.preparing import PreparedSeries, prepare
    from stockcast.workflows.scoring import LedgerScores, score
    from stockcast.workflows.training import (
        PooledResult,
        TickerOutcome,
        TrainingResult,
        train,
        train_many,
        train_pooled,
    )
    from stockcast.workflows.tuning import TuneResult, tune

__version__ = "0.2.0"

__all__ = [
    "BacktestResult",
    "CheckedFile",
    "CutoffOptions",
    "Diagnosis",
    "Event",
    "Executor",
    "ExportedModel",
    "Forecast",
    "ForecastRequest",
    "Inspection",
    "LSTMForecaster",
    "LedgerScores",
    "Model",
    "ModelDescription",
    "Observer",
    "PooledResult",
    "Prediction",
    "PredictionOutcome",
    "PreparedSeries",
    "PriceHistory",
    "PublishPolicy",
    "ReadOptions",
    "Recipe",
    "Skill",
    "StockcastError",
    "StoredModel",
    "TickerOutcome",
    "TrainingResult",
    "TuneResult",
    "WindowedSeries",
    "backtest",
    "check",
    "demo",
    "describe_model",
    "doctor",
    "export",
    "forecast_next",
    "forecast_span",
    "inspect",
    "list_models",
    "list_presets",
    "load_model",
    "load_recipe",
    "predict",
    "predict_many",
    "prepare",
    "publish_model",
    "read_frame",
    "read_frames",
    "read_ledger",
    "read_prices",
    "rollback",
    "save_model",
    "score",
    "train",
    "train_many",
    "train_pooled",
    "tune",
    "window_history",
]

_HOMES = {
    "BacktestResult": "workflows.backtesting",
    "CheckedFile": "workflows.checking",
    "CutoffOptions": "backtesting.cutoffs",
    "Diagnosis": "workflows.diagnosis",
    "Event": "progress",
    "Executor": "fleet.executor",
    "ExportedModel": "workflows.exporting",
    "Forecast": "forecast.forecaster",
    "ForecastRequest": "workflows.policies",
    "Inspection": "forecast.inspection",
    "LSTMForecaster": "workflows.nixtla",
    "LedgerScores": "workflows.scoring",
    "Model": "model.model",
    "ModelDescription": "workflows.models",
    "Observer": "progress",
    "PooledResult": "workflows.training",
    "Prediction": "workflows.forecasting",
    "PredictionOutcome": "workflows.forecasting",
    "PreparedSeries": "workflows.preparing",
    "PriceHistory": "prices.history",
    "PublishPolicy": "workflows.policies",
    "ReadOptions": "prices.csv.options",
    "Recipe": "recipe",
    "Skill": "evaluation.skill",
    "StockcastError": "errors",
    "StoredModel": "model.listing",
    "TickerOutcome": "workflows.training",
    "TrainingResult": "workflows.training",
    "TuneResult": "workflows.tuning",
    "WindowedSeries": "windows.series",
    "backtest": "workflows.backtesting",
    "check": "workflows.checking",
    "demo": "workflows.demo",
    "describe_model": "workflows.models",
    "doctor": "workflows.diagnosis",
    "export": "workflows.exporting",
    "forecast_next": "forecast.forecaster",
    "forecast_span": "forecast.forecaster",
    "inspect": "workflows.inspection",
    "list_models": "model.listing",
    "list_presets": "recipe",
    "load_model": "model.file",
    "load_recipe": "recipe",
    "predict": "workflows.forecasting",
    "predict_many": "workflows.forecasting",
    "prepare": "workflows.preparing",
    "publish_model": "model.store",
    "read_frame": "prices.frames",
    "read_frames": "prices.frames",
    "read_ledger": "ledger.file",
    "read_prices": "prices.csv.reader",
    "rollback": "workflows.models",
    "save_model": "model.file",
    "score": "workflows.scoring",
    "train": "workflows.training",
    "train_many": "workflows.training",
    "train_pooled": "workflows.training",
    "tune": "workflows.tuning",
    "window_history": "windows.series",
}


def __getattr__(name: str) -> Any:
    """Load a public name on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'stockcast' has no attribute {name!r}")
    try:
        value = getattr(import_module(f"stockcast.{_HOMES[name]}"), name)
    except (ImportError, AttributeError):
        from stockcast.imports import find_clash

        clash = find_clash()
        if clash is None:
            raise
        raise clash from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
