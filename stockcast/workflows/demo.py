"""Demo: sample prices that come with the program ─▶ model file ─▶ forecast."""

from __future__ import annotations

from pathlib import Path

from stockcast.errors import Option, UsageError, command
from stockcast.files import replace_file
from stockcast.progress import SILENT, Observer
from stockcast.workflows.events.models import DemoStep
from stockcast.workflows.forecasting import Prediction, predict_ticker
from stockcast.workflows.policies import ForecastRequest
from stockcast.workflows.training import train

SAMPLE = Path(__file__).parents[1] / "sample" / "GOOG.csv"
"""Daily prices of 2004 to 2013; sample_data/README.md says where they come from."""


def demo(folder: str | Path = "stockcast-demo", *, observer: Observer = SILENT) -> Prediction:
    """Train a model on sample prices, and forecast their next session with it.

    Prices and model go into a folder of their own; a second time the model before is kept, as
    `train` keeps it.

    Args:
        folder: where to put them; made if it is not there.
        observer: receives events, among them a `DemoStep` before each step.

    Returns:
        the forecast, with the model and the prices that it was made from.

    Raises:
        UsageError: there are other files in the folder.
        OutputError: it cannot be written.

    Example:
        >>> demo("models")
        Traceback (most recent call last):
            ...
        stockcast.errors.UsageError: models has other files in it
        name another: stockcast.demo(dir)
    """
    prices = _put_sample(Path(folder))
    model = prices.with_suffix(".safetensors")
    observer.notify(
        DemoStep(
            command("train", str(prices), Option("path", str(model))),
            "Train on GOOG's prices of 2004 to 2013, and judge on the newest tenth.",
        )
    )
    train(prices, path=model, observer=observer)
    observer.notify(
        DemoStep(
            command("predict", str(prices), Option("model", str(model))),
            "Forecast the next session, and how far the price may be from there.",
        )
    )
    return predict_ticker(model, prices, ForecastRequest(), observer=observer)


def _put_sample(folder: Path) -> Path:
    """Copy the sample into a folder that has nothing else, or that an earlier demo made."""
    prices, content = folder / SAMPLE.name, SAMPLE.read_bytes()
    if prices.is_file() and prices.read_bytes() == content:
        return prices
    if folder.is_dir() and any(not one.name.startswith(".") for one in folder.iterdir()):
        raise UsageError(
            f"{folder} has other files in it", hint=f"name another: {command('demo', 'DIR')}"
        )
    with replace_file(prices) as temporary:
        temporary.write_bytes(content)
    return prices
