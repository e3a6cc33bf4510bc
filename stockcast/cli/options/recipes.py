"""The options by which a user chooses a recipe and overrules its fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from stockcast.cli.options.common import option
from stockcast.cli.options.groups import option_group
from stockcast.errors import UsageError
from stockcast.recipe import PRESETS

_PANEL = "Recipe (each wins over the recipe file)"

RecipeOption = Annotated[
    str | None,
    option(
        "--recipe",
        help=f"{', '.join(PRESETS)}, or a TOML file. A prepared folder brings its own.",
        metavar="NAME|FILE",
    ),
]


def _field(kind: Any, flag: str, help: str, metavar: str | None = None) -> Any:
    return Annotated[kind | None, option(flag, help=help, metavar=metavar, rich_help_panel=_PANEL)]


# What shapes the windows, and so a prepared folder.
_SHAPING = {
    "column": _field(
        str,
        "--column",
        "What to forecast: auto, open, high, low, close, adj_close, or the header of one column. "
        "auto is the adjusted close where there is one, else the close.",
        "NAME",
    ),
    "features": _field(
        str,
        "--features",
        "Columns the network sees, such as open,high,low,close,volume.",
        "NAMES",
    ),
    "target": _field(
        Literal["price", "log-return", "relative"], "--target", "What the network answers with."
    ),
    "horizon": _field(int, "--horizon", "Steps ahead, each with an output of its own."),
    "window": _field(int, "--window", "Timesteps the network looks back."),
    "validation": _field(
        str,
        "--validation",
        "Share or number of rows that early stopping watches; 0 for none.",
        "SHARE|ROWS",
    ),
    "test": _field(
        str,
        "--test",
        "Share or number of newest rows kept for the verdict; 0 for none.",
        "SHARE|ROWS",
    ),
}
_TRAINING = {
    "cell": _field(
        Literal["lstm", "peephole", "cifg", "cifg-peephole", "gru"],
        "--cell",
        "Kind of recurrent cell; docs/cells.md explains them.",
    ),
    "layers": _field(int, "--layers", "Recurrent layers."),
    "units": _field(int, "--units", "Units in each layer."),
    "dropout": _field(float, "--dropout", "Share of a layer's outputs set to zero while training."),
    "epochs": _field(int, "--epochs", "Epochs at most."),
    "batch_size": _field(int, "--batch-size", "Windows a step."),
    "learning_rate": _field(float, "--learning-rate", "Adam's step size."),
    "patience": _field(
        int,
        "--patience",
        "Epochs without a better validation loss before stopping; 0: never stop.",
    ),
    "seed": _field(int, "--seed", "Where randomness comes from."),
    "epoch_windows": _field(
        int, "--epoch-windows", "Windows an epoch sees at most; of more, so many drawn afresh."
    ),
}
_POOLED = {
    "pooled": _field(
        bool,
        "--pooled",
        "One model over all tickers, each scaled by its own newest 250 rows; forecasts others too.",
    )
}


def _collect_overrides(**flags: Any) -> dict[str, Any]:
    """Return the recipe fields that were given on the command line or in the environment."""
    overrides = {name: value for name, value in flags.items() if value is not None}
    for name in ("validation", "test"):
        if name in overrides:
            overrides[name] = _parse_span(name, overrides[name])
    if "features" in overrides:
        names = overrides["features"].split(",")
        overrides["features"] = tuple(name.strip() for name in names if name.strip())
    return overrides


def _parse_span(flag: str, text: str) -> float:
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


takes_shaping_fields = option_group("overrides", _SHAPING, _collect_overrides)
takes_recipe_fields = option_group(
    "overrides", {**_SHAPING, **_TRAINING, **_POOLED}, _collect_overrides
)
# A backtest's test is what comes after each cutoff.
_UNTESTED = {name: field for name, field in {**_SHAPING, **_TRAINING}.items() if name != "test"}
takes_untested_recipe_fields = option_group("overrides", _UNTESTED, _collect_overrides)
