"""`stockcast demo`: train and predict on sample prices, and the commands that do it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stockcast.cli.options.common import takes_common_options
from stockcast.cli.output.demo import show_what_next
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.predictions import write_prediction
from stockcast.workflows.policies import ForecastRequest


@takes_common_options
def demo(
    folder: Annotated[
        Path, typer.Argument(help="Folder to make for it.", metavar="DIR", show_default=True)
    ] = Path("stockcast-demo"),
) -> None:
    """Train and forecast on sample prices that come along, and say how.

    Runs train and predict as they are shown on stderr, and writes into one
    folder alone, which it makes. The forecast goes to stdout as CSV.
    """
    from stockcast.workflows.demo import demo

    made = demo(folder, observer=StderrObserver())
    write_prediction(made, ForecastRequest(), "csv", None)
    show_what_next(folder)
