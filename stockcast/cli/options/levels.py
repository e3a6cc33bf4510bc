"""The levels of intervals on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from stockcast.cli.options.common import option
from stockcast.cli.output import console
from stockcast.errors import TooFewResiduals, UsageError

if TYPE_CHECKING:
    from stockcast.model.model import Model

_DEFAULT = (0.8, 0.95)

LevelOption = Annotated[
    list[str] | None,
    option(
        "--level",
        help="Percent of prices that an interval is to hold; may be repeated. Default: 80 and 95. "
        "none: no intervals.",
        metavar="PERCENT|none",
    ),
]


@dataclass(frozen=True)
class Levels:
    """The levels of the intervals.

    Attributes:
        values: 0 to 1, ascending, each once.
        asked: whether the user named them.
    """

    values: tuple[float, ...]
    asked: bool

    def require(self, model: Model) -> None:
        """Refuse levels asked for that a model cannot give; say so of the default's.

        Raises:
            TooFewResiduals: the user named a level that the model has too few residuals for.
        """
        from stockcast.evaluation.conformal import count_scores_needed
        from stockcast.forecast.intervals import explain_levels, format_level

        reason = explain_levels(model.calibration, self.values)
        if not reason:
            return
        if not self.asked:
            console.warn(f"intervals are empty where they cannot be told: {reason}")
            return
        highest = max(self.values)
        if model.calibration is None:
            reason += f"; it takes {count_scores_needed(highest)} residuals"
        raise TooFewResiduals(
            f"no interval of level {format_level(highest)}: {reason}",
            hint="train it again with more --validation rows, or ask for a lower --level or none",
        )


def parse_levels(texts: list[str] | None) -> Levels:
    """Return the levels that --level names; 80 and 95 % if it names none.

    Raises:
        UsageError: not percentages above 0 and below 100, or `none` among others.
    """
    if not texts:
        return Levels(_DEFAULT, asked=False)
    if "none" in texts:
        if set(texts) != {"none"}:
            raise UsageError("--level none and others", hint="give levels, or none")
        return Levels((), asked=True)
    return Levels(tuple(sorted({_parse_level(text) for text in texts})), asked=True)


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
