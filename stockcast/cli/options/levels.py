"""The levels of intervals on the command line."""

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
    return tuple(sorted({_parse_level(text) for text in texts}))


def _parse_level(text: str) -> float:
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
            f"--level is {text!r}, expected a percentage above 0 and below 100, or none",
            hint="such as --level 80 --level 95",
        )
    if percent < 1:
        console.warn(f"level {text} is {percent:g} %")
    return percent / 100
