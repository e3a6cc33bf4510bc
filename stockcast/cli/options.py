"""Options that several commands share; each can also be set as STOCKCAST_… ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from stockcast.cli import console
from stockcast.errors import UsageError

RECIPE_PANEL = "Recipe (each wins over the recipe file)"


def option(flag: str, *short: str, help: str, **more: Any) -> Any:
    """Make a Typer option that the environment variable STOCKCAST_FLAG sets too."""
    variable = "STOCKCAST_" + flag.removeprefix("--").replace("-", "_").upper()
    return typer.Option(flag, *short, help=help, envvar=variable, show_envvar=False, **more)


def switch(flag: str, *short: str, help: str, **more: Any) -> Any:
    """Make an option that is on or off, and takes no value."""
    return option(flag, *short, help=help, metavar=" ", **more)


def parse_span(flag: str, text: str) -> float:
    """`0.1` is a share, `250` a number of rows.

    Raises:
        UsageError: neither.
    """
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise UsageError(
        f"--{flag} is {text!r}, expected a share such as 0.1 or a number of rows such as 250"
    )


def _set_quiet(*, value: bool) -> None:
    console.quiet = console.quiet or value


def _set_verbose(*, value: bool) -> None:
    console.verbose = console.verbose or value


def _set_debug(*, value: bool) -> None:
    console.debug = console.debug or value


Quiet = Annotated[
    bool,
    switch("--quiet", "-q", help="Only warnings and errors on stderr.", callback=_set_quiet),
]
Verbose = Annotated[
    bool, switch("--verbose", "-v", help="Say more on stderr.", callback=_set_verbose)
]
Debug = Annotated[
    bool,
    switch("--debug", help="Show a traceback with an error.", callback=_set_debug, is_eager=True),
]
HeaderOption = Annotated[
    str | None,
    option("--column", help="Header of the one column to read as the close.", metavar="NAME"),
]
RecipeOption = Annotated[
    str | None,
    option(
        "--recipe",
        help="default, classic, or a TOML file. A prepared folder brings its own.",
        metavar="NAME|FILE",
    ),
]
ColumnOption = Annotated[
    str | None,
    option(
        "--column",
        help="What to forecast: auto, open, high, low, close, adj_close, or the header of one "
        "column. auto is the adjusted close where there is one, else the close.",
        metavar="NAME",
        rich_help_panel=RECIPE_PANEL,
    ),
]
FeaturesOption = Annotated[
    str | None,
    option(
        "--features",
        help="Columns the network sees, such as open,high,low,close,volume.",
        metavar="NAMES",
        rich_help_panel=RECIPE_PANEL,
    ),
]
TargetOption = Annotated[
    Literal["price", "log-return"] | None,
    option("--target", help="What the network answers with.", rich_help_panel=RECIPE_PANEL),
]
WindowOption = Annotated[
    int | None,
    option("--window", help="Timesteps the network looks back.", rich_help_panel=RECIPE_PANEL),
]
ValidationOption = Annotated[
    str | None,
    option(
        "--validation",
        help="Share or number of rows that early stopping watches; 0 for none.",
        metavar="SHARE|ROWS",
        rich_help_panel=RECIPE_PANEL,
    ),
]
TestOption = Annotated[
    str | None,
    option(
        "--test",
        help="Share or number of newest rows kept for the verdict; 0 for none.",
        metavar="SHARE|ROWS",
        rich_help_panel=RECIPE_PANEL,
    ),
]


def collect_overrides(**flags: Any) -> dict[str, Any]:
    """Return the recipe fields that were given on the command line or in the environment."""
    overrides = {name: value for name, value in flags.items() if value is not None}
    for name in ("validation", "test"):
        if name in overrides:
            overrides[name] = parse_span(name, overrides[name])
    if "features" in overrides:
        names = overrides["features"].split(",")
        overrides["features"] = tuple(name.strip() for name in names if name.strip())
    return overrides


def model_path_for(prices: Path | str) -> Path:
    """Return where the model of a price file lies unless told otherwise."""
    stem = "stdin" if str(prices) == "-" else Path(prices).stem
    return Path("models") / f"{stem}.safetensors"
