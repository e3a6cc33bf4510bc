"""What a caller asks for beside the data: plain values, which cost nothing to import."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from stockcast.errors import UsageError, option


@dataclass(frozen=True)
class PublishPolicy:
    """How a trained model takes its place.

    Attributes:
        keep: earlier models to keep, for `roll_back`; None: three.
        min_skill: a model of less skill than this is not published; None: any is.
        if_changed: leave a model of the same data and recipe as it is.
        lock_wait: seconds to wait for another run that writes there.
        checkpoint_every: epochs between two snapshots; 0: only when interrupted; None: five.
        resume: fail unless there is a snapshot to continue from.
        warm_start: model file whose weights training starts from; None: the seed's.

    Raises:
        UsageError: `min_skill` is not a finite number.

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

    def __post_init__(self) -> None:
        if self.min_skill is not None and not math.isfinite(self.min_skill):
            raise UsageError(
                f"{option('min_skill')} is {self.min_skill}, expected a number such as 0.01"
            )

    def require_plain(self) -> None:
        """Refuse what works for one ticker only.

        Raises:
            UsageError: it was asked for.
        """
        for name, is_asked in (
            ("resume", self.resume),
            ("checkpoint_every", self.checkpoint_every is not None),
            ("warm_start", self.warm_start is not None),
        ):
            if is_asked:
                again = option("if_changed", value=True)
                raise UsageError(
                    f"{option(name)} is for one ticker, and there are several",
                    hint=f"a run that was broken off goes on with {again}",
                )
