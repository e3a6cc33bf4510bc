"""The levels of intervals, and one-sided quantiles, on the command line."""

from __future__ import annotations

from typing import Annotated

from stockcast.cli.options.common import option
from stockcast.cli.output import console
from stockcast.errors import UsageError

LevelOption = Annotated[
    list[str] | None,
    option(
        "--level",
        help="Percent of prices that an interval is to hold; may be repeated. Default: 80 and 95. "
        "none: no intervals.",
        metavar="PERCENT|none",
    ),
]

QuantileOption = Annotated[
    list[str] | None,
    option(
        "--quantile",
        help="Percent of prices that are to lie below a bound, such as 1,5: value at risk, and "
        "the mean price beyond it, the expected shortfall. Default: none.",
        metavar="PERCENT[,…]",
    ),
]


def parse_quantiles(texts: list[str] | None) -> tuple[float, ...]:
    """Return the quantiles that --quantile names, ascending.

    Raises:
        UsageError: not percentages above 0 and below 100.
    """
    parts = [part.strip() for text in texts or () for part in text.split(",")]
    return tuple(sorted({_parse_percent("--quantile", part, "--quantile 1,5") for part in parts}))


def parse_levels(texts: list[str] | None) -> tuple[float, ...] | None:
    """Return the levels that --level names, ascending; None if it names none.

    Raises:
        UsageError: not percentages above 0 and below 100, or `none` among others.
    """
    if not texts:
        return None
    if "none" in texts:
        if set(texts) != {"none"}:
            raise UsageError("--level none and others", hint="give levels, or none")
        return ()
    levels = {
        _parse_percent("--level", text, "--level 80 --level 95", or_none=True) for text in texts
    }
    return tuple(sorted(levels))


def _parse_percent(name: str, text: str, example: str, *, or_none: bool = False) -> float:
    """`80` ─▶ 0.8.

    Raises:
        UsageError: not a percentage above 0 and below 100.
    """
    try:
        percent = float(f"{float(text):.10g}")  # as many digits as a column's name has
    except ValueError:
        percent = 0.0
    if not 0 < percent < 100:
        raise UsageError(
            f"{name} is {text!r}, expected a percentage above 0 and below 100"
            + ", or none" * or_none,
            hint=f"such as {example}",
        )
    if percent < 1:
        console.warn(f"{name.removeprefix('--')} {text} is {percent:g} %")
    return percent / 100
