"""A model file and the prices that it is to see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.output.console import warn
from stockcast.cli.output.observer import StderrObserver
from stockcast.errors import ModelMismatch
from stockcast.prices.csv.columns import fold, name_price
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.model.model import Model
    from stockcast.prices.history import PriceHistory


def load_both(path: Path, prices: str, reading: ReadOptions) -> tuple[Model, str, PriceHistory]:
    """Read a model, the SHA-256 of its file, and the history that it is to see.

    Raises:
        ModelError: the model cannot be trusted or does not fit the prices.
        PriceError: the prices cannot be used.
    """
    from stockcast.model.digest import load_hashed
    from stockcast.prices.csv.reader import STDIN_NAME, check_readable, choose_one, read_prices
    from stockcast.workflows.sources import report_history

    check_readable(prices)
    trained, digest = load_hashed(path)
    reading = read_like(trained, path, reading)
    histories = read_prices([prices], reading, stdin_name=trained.ticker or STDIN_NAME)
    history = choose_one(histories, prefer=trained.ticker or None)
    report_history(history, StderrObserver())
    if trained.ticker and history.ticker != trained.ticker:
        warn(f"{path} was trained on {trained.ticker}, and sees {history.ticker} here")
    return trained.adapt(history), digest, history


def read_like(trained: Model, path: Path, reading: ReadOptions) -> ReadOptions:
    """Read the column that the model was trained on.

    Raises:
        ModelMismatch: the user names another one.
    """
    header = trained.columns.header
    if reading.column is None:
        return replace(reading, column=header)
    if header is not None and fold(header) == fold(reading.column):
        return reading
    if header is None and name_price(reading.column) == trained.columns.target:
        return replace(reading, column=None)
    raise ModelMismatch(
        f"{path} forecasts {header or trained.columns.target}, not {reading.column}",
        hint="leave --column out, or train a model on that column",
    )
