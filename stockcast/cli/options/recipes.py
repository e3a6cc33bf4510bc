"""The options by which a user chooses a recipe and overrules its fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_origin

from stockcast.cli.options.common import option
from stockcast.cli.options.groups import Decorator, option_group
from stockcast.errors import UsageError
from stockcast.recipe import ABOUT, PRESETS, Recipe, Shapes

_PANEL = "Recipe (each wins over the recipe file)"

RecipeOption = Annotated[
    str | None,
    option(
        "--recipe",
        help=f"{', '.join(PRESETS)}, or a TOML file. A prepared folder brings its own.",
        metavar="NAME|FILE",
    ),
]


def _make_option(name: str) -> Any:
    about, kind = ABOUT[name], Recipe.model_fields[name].annotation
    taken: Any = kind if about.metavar is None else str
    return Annotated[
        taken | None,
        option(_flag(name), help=about.help, metavar=about.metavar, rich_help_panel=_PANEL),
    ]


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _collect_overrides(**flags: Any) -> dict[str, Any]:
    """Return the recipe fields that were given on the command line or in the environment."""
    return {name: _parse(name, value) for name, value in flags.items() if value is not None}


def _parse(name: str, value: Any) -> Any:
    """Return an option's value as its field has it.

    Raises:
        UsageError: text that is no number, for a field that takes a share or rows.
    """
    kind = Recipe.model_fields[name].annotation
    if ABOUT[name].metavar is None or get_origin(kind) is Literal:
        return value
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return _parse_span(name, value)


def _parse_span(name: str, text: str) -> float:
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
        f"{_flag(name)} is {text!r}, expected a share such as 0.1 or a number of rows such as 250"
    )


# What shapes the data stands first, as `prepare` has no other; what a backtest lacks, last.
_ORDERED = sorted(
    ABOUT, key=lambda name: (Shapes.DATA not in ABOUT[name].shapes, not ABOUT[name].in_backtest)
)
_FIELDS = {name: _make_option(name) for name in _ORDERED}

takes_recipe_fields: Decorator = option_group("overrides", _FIELDS, _collect_overrides)
takes_shaping_fields: Decorator = option_group(
    "overrides",
    {name: one for name, one in _FIELDS.items() if Shapes.DATA in ABOUT[name].shapes},
    _collect_overrides,
)
takes_untested_recipe_fields: Decorator = option_group(
    "overrides",
    {name: one for name, one in _FIELDS.items() if ABOUT[name].in_backtest},
    _collect_overrides,
)
