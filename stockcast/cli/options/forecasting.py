"""The options of `predict` for what is forecast, and with which model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from stockcast.cli.options.common import option
from stockcast.workflows.policies import FARTHEST

ForecastModelOption = Annotated[
    Path | None,
    option(
        "--model",
        "-m",
        help="Model file, or of many tickers the folder or a pooled model. "
        "Default: models/<file's stem>.safetensors",
        metavar="MODEL",
    ),
]
FromOption = Annotated[
    str | None,
    option(
        "--from",
        help="Forecast every date from here on, beside what came true.",
        metavar="DATE",
    ),
]
ToOption = Annotated[str | None, option("--to", help="Last date forecast.", metavar="DATE")]
HorizonOption = Annotated[
    int | None,
    option(
        "--horizon",
        help="Steps ahead. Default: the model's own; beyond those, forecasts are fed back.",
        min=1,
        max=FARTHEST,
    ),
]
MarketOption = Annotated[
    Path | None,
    option(
        "--market",
        help="Prices that stand for all tickers, such as an index's, for a pooled model. "
        "Default: the tickers given, if they are 20 or more.",
        metavar="FILE",
    ),
]
