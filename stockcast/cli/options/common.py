"""Options that several commands share; each can also be set as STOCKCAST_… ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from stockcast.cli.options.groups import Decorator, option_group
from stockcast.cli.output.tables import ReportFormat
from stockcast.cli.output.terminal import get_terminal
from stockcast.prices.names import find_stem


def option(flag: str, *short: str, help: str, **more: Any) -> Any:
    """Make a Typer option that the environment variable STOCKCAST_FLAG sets too."""
    variable = "STOCKCAST_" + flag.removeprefix("--").replace("-", "_").upper()
    return typer.Option(flag, *short, help=help, envvar=variable, show_envvar=False, **more)


def switch(flag: str, *short: str, help: str, **more: Any) -> Any:
    """Make an option that is on or off, and takes no value."""
    return option(flag, *short, help=help, metavar=" ", **more)


def _set_quiet(*, value: bool) -> None:
    get_terminal().quiet = value


def _set_verbose(*, value: bool) -> None:
    get_terminal().verbose = value


def _set_debug(*, value: bool) -> None:
    get_terminal().debug = value


def _set_log_format(*, value: str) -> None:
    get_terminal().as_json = value == "json"


_COMMON: dict[str, Any] = {
    "quiet": Annotated[
        bool,
        switch("--quiet", "-q", help="Only warnings and errors on stderr.", callback=_set_quiet),
    ],
    "verbose": Annotated[
        bool, switch("--verbose", "-v", help="Say more on stderr.", callback=_set_verbose)
    ],
    # Eager, as the next: an error in another option is written as they say.
    "log_format": Annotated[
        Literal["text", "json"],
        option(
            "--log-format",
            help="stderr as lines of text, or a JSON object a line.",
            callback=_set_log_format,
            is_eager=True,
        ),
    ],
    "debug": Annotated[
        bool,
        switch(
            "--debug", help="Show a traceback with an error.", callback=_set_debug, is_eager=True
        ),
    ],
}
takes_common_options: Decorator = option_group(None, _COMMON, defaults={"log_format": "text"})

OutputOption = Annotated[
    Path | None, option("--output", "-o", help="File to write instead of stdout.", metavar="FILE")
]
ChartOption = Annotated[
    Path | None, option("--chart", help="Draw it: .png, .svg or .pdf", metavar="FILE")
]
ReportFormatOption = Annotated[
    ReportFormat | None,
    option(
        "--format",
        help="Default: a table on stderr if stdout is a terminal, else csv.",
        show_default=False,
    ),
]
TableOrJson = Annotated[
    Literal["table", "json"],
    option("--format", help="A table on stderr, or one JSON document on stdout."),
]


CalendarOption = Annotated[
    str | None,
    option(
        "--calendar",
        help="Exchange whose holidays to leave out, such as XNYS. Default, auto: go on by the "
        "rhythm of the bars.",
        metavar="CODE|auto",
    ),
]


def model_path_for(prices: Path | str) -> Path:
    """Return where the model of a price file lies by default."""
    stem = "stdin" if str(prices) == "-" else find_stem(str(prices))
    return Path("models") / f"{stem}.safetensors"
