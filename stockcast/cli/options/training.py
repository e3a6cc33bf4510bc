"""The options of `train` for what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from stockcast.cli.options.common import option
from stockcast.cli.output.rows import RowFormat

# As text: a path forgets the slash that says it is a folder.
ModelPathOption = Annotated[
    str | None,
    option(
        "--output",
        "-o",
        help="Model file to write, or the folder for models of many tickers. "
        "Default: models/<file's stem>.safetensors",
        metavar="MODEL",
    ),
]
TrainingFormatOption = Annotated[
    RowFormat | None,
    option(
        "--format",
        help="Print the model's path, or all figures as JSON; of many tickers a row each.",
    ),
]
TrainingReportOption = Annotated[
    Path | None,
    option(
        "--report",
        help="Also write a page with the verdict, charts of it, and the recipe: .html",
        metavar="FILE",
    ),
]
