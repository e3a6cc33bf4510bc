"""What a caller asks for beside the data: plain values, which cost nothing to import."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.errors import UsageError, option

if TYPE_CHECKING:
    import numpy as np

    from stockcast.workflows.sources import Prices

LEVELS = (0.8, 0.95)
"""Of intervals, by default."""

FARTHEST = 1_000
"""Steps ahead at most, as a recipe's horizon."""


def require_whole(name: str, value: object, *, least: int, most: int | None = None) -> None:
    """Raise unless an option is a whole number within its bounds.

    Raises:
        UsageError: it is not.
    """
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    highest = math.inf if most is None else most
    if not (isinstance(value, int) and is_whole and least <= value <= highest):
        bounds = f"from {least} to {most:,}" if most is not None else f"of at least {least}"
        raise UsageError(f"{option(name)} is {value!r}, expected a whole number {bounds}")


@dataclass(frozen=True)
class PublishPolicy:
    """How a trained model takes its place.

    Attributes:
        keep: earlier models to keep, for `rollback`; None: three.
        min_skill: a model of less skill than this is not published; None: any is.
        if_changed: leave a model of the same data and recipe as it is.
        lock_wait: seconds to wait for another run that writes there.
        checkpoint_every: epochs between two snapshots; 0: only when interrupted; None: five.
        resume: fail unless there is a snapshot to continue from; of many tickers those that have
            none begin at the first epoch.
        warm_start: model file whose weights training starts from; None: the seed's.
        yardsticks: whether its volatility is held against GARCH's, which takes seconds.
        min_how_far: a model whose intervals are not tighter by this share than the best
            yardstick's is not published; None: any is.

    Raises:
        UsageError: `min_skill` is not a finite number, or `keep` or `checkpoint_every` no count.

    Example:
        >>> PublishPolicy(keep=3, min_skill=0.0).keep
        3
    """

    keep: int | None = None
    min_skill: float | None = None
    if_changed: bool = False
    lock_wait: float = 0.0
    checkpoint_every: int | None = None
    resume: bool = False
    warm_start: Path | None = None
    yardsticks: bool = True
    min_how_far: float | None = None

    def __post_init__(self) -> None:
        for name in ("keep", "checkpoint_every"):
            if getattr(self, name) is not None:
                require_whole(name, getattr(self, name), least=0)
        for name in ("min_skill", "min_how_far"):
            least = getattr(self, name)
            if least is not None and not math.isfinite(least):
                flag = option(name, flag="min-skill")
                raise UsageError(f"{flag} is {least}, expected a number such as 0.01")
        if self.min_how_far is not None and not self.yardsticks:
            raise UsageError(
                f"{option('min_how_far', shown='how-far', flag='min-skill')} needs yardsticks",
                hint=f"leave {option('yardsticks', value=False, flag='no-yardsticks')} out",
            )

    def require_plain(self) -> None:
        """Refuse what works for one ticker only.

        Raises:
            UsageError: it was asked for.
        """
        if self.warm_start is not None:
            raise UsageError(
                f"{option('warm_start')} is for one ticker, and there are several",
                hint=f"leave it out, or train them one by one, each into its own {option('path')}",
            )


@dataclass(frozen=True)
class ForecastRequest:
    """What is to be forecast, of any ticker.

    Attributes:
        start: first date of a span to forecast; None: the sessions after the newest bar.
        end: last date of the span; None: the newest.
        horizon: steps ahead; None: each model's own.
        levels: of the intervals, 0 to 1; None: 80 and 95 %, empty where a model cannot tell them.
        quantiles: one-sided ones, 0 to 1, such as 0.05 for the value at risk at 5 %.
        calendar: exchange whose holidays are left out, such as XNYS; None: the bars' own rhythm.
        max_age: seconds that the newest bar may be old; None: any age.
        ledger: CSV to which forecasts are appended; None: none.
        market: price file that stands for all tickers, for a pooled model; None: the tickers given,
            if they are enough.
        covariates: price files, histories or frames that models were trained beside.
        covariate_age: bars that the newest one of a covariate may be old.

    Raises:
        UsageError: a horizon, levels or quantiles that are none, or a ledger for a span.

    Example:
        >>> ForecastRequest(horizon=5, levels=(0.9,)).horizon
        5
    """

    start: np.datetime64 | None = None
    end: np.datetime64 | None = None
    horizon: int | None = None
    levels: tuple[float, ...] | None = None
    calendar: str | None = None
    max_age: float | None = None
    ledger: Path | None = None
    market: Path | None = None
    quantiles: tuple[float, ...] = ()
    covariates: Prices = ()
    covariate_age: int = 5

    def __post_init__(self) -> None:
        require_whole("covariate_age", self.covariate_age, least=0)
        if self.horizon is not None:
            require_whole("horizon", self.horizon, least=1, most=FARTHEST)
        resolve_levels(self.levels)
        resolve_quantiles(self.quantiles)
        if self.ledger is not None and self.start is not None:
            raise UsageError(
                f"{option('ledger')} with {option('start', flag='from')}: a ledger has only what "
                "was forecast before it came true",
                hint="leave one of them out, or name a file for the span: "
                f"{option('path', shown='FILE')}",
            )

    @property
    def wanted_levels(self) -> tuple[float, ...]:
        """The levels, ascending, each once."""
        return resolve_levels(self.levels)

    @property
    def wanted_quantiles(self) -> tuple[float, ...]:
        """The quantiles, ascending, each once."""
        return resolve_quantiles(self.quantiles)


def resolve_levels(levels: Sequence[float] | None) -> tuple[float, ...]:
    """Return levels of intervals, ascending, each once; those of the default for None.

    Raises:
        UsageError: one is not between 0 and 1.

    Example:
        >>> resolve_levels((0.9, 0.5, 0.9)), resolve_levels(())
        ((0.5, 0.9), ())
    """
    return LEVELS if levels is None else _sort_shares("levels", levels)


def resolve_quantiles(quantiles: Sequence[float]) -> tuple[float, ...]:
    """Return one-sided quantiles, ascending, each once.

    Raises:
        UsageError: one is not between 0 and 1.

    Example:
        >>> resolve_quantiles((0.05, 0.01, 0.05))
        (0.01, 0.05)
    """
    return _sort_shares("quantiles", quantiles)


def _sort_shares(name: str, shares: Sequence[float]) -> tuple[float, ...]:
    for share in shares:
        if not 0 < share < 1:
            raise UsageError(f"{option(name)} has {share:g}, expected numbers above 0 and below 1")
    return tuple(sorted(set(shares)))
