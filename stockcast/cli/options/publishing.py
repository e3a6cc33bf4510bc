"""The options of `train` for runs that nobody watches: what is published, kept and waited for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from stockcast.cli.options.common import option, switch
from stockcast.cli.options.groups import Decorator, option_group
from stockcast.durations import parse_duration
from stockcast.errors import UsageError
from stockcast.workflows.policies import PublishPolicy

_PANEL = "Unattended runs"

LockWait = Annotated[
    str | None,
    option(
        "--lock-wait",
        help="How long to wait for another run that writes there: 90s, 5m. Default: not at all.",
        metavar="DURATION",
        rich_help_panel=_PANEL,
    ),
]
_OPTIONS: dict[str, Any] = {
    "keep": Annotated[
        int | None,
        option(
            "--keep",
            help="Earlier models to keep, for rollback. Default: 3",
            min=0,
            metavar="N",
            rich_help_panel=_PANEL,
        ),
    ],
    "min_skill": Annotated[
        list[str] | None,
        option(
            "--min-skill",
            help="Leave the old model there, and exit 6, if 1 − RMSE / last price's RMSE is below; "
            "how-far:SKILL is of how much tighter its intervals are than the best yardstick's.",
            metavar="[how-far:]SKILL",
            rich_help_panel=_PANEL,
        ),
    ],
    "no_yardsticks": Annotated[
        bool,
        switch(
            "--no-yardsticks",
            help="Do not hold the model's volatility against GARCH's, which takes seconds.",
            rich_help_panel=_PANEL,
        ),
    ],
    "if_changed": Annotated[
        bool,
        switch(
            "--if-changed",
            help="Do nothing if the model there is of the same data and recipe.",
            rich_help_panel=_PANEL,
        ),
    ],
    "lock_wait": LockWait,
    "checkpoint_every": Annotated[
        int | None,
        option(
            "--checkpoint-every",
            help="Epochs between two snapshots; 0: only when told to end. Default: 5",
            min=0,
            metavar="N",
            rich_help_panel=_PANEL,
        ),
    ],
    "resume": Annotated[
        bool,
        switch(
            "--resume",
            help="Go on from the snapshot of a run that was broken off, or fail if there is none; "
            "of many tickers, train those without one from the start.",
            rich_help_panel=_PANEL,
        ),
    ],
    "warm_start": Annotated[
        Path | None,
        option(
            "--warm-start",
            help="Start from this model's weights instead of the seed's.",
            metavar="MODEL",
            rich_help_panel=_PANEL,
        ),
    ],
}


def _build(
    *,
    lock_wait: str | None,
    min_skill: list[str] | None,
    no_yardsticks: bool,
    **given: Any,
) -> PublishPolicy:
    given |= _parse_least(min_skill or [])
    return PublishPolicy(
        lock_wait=parse_lock_wait(lock_wait), yardsticks=not no_yardsticks, **given
    )


def _parse_least(texts: list[str]) -> dict[str, Any]:
    """Read --min-skill, of which way unless it says of what."""
    least: dict[str, float] = {}
    for text in texts:
        what, _, number = text.rpartition(":")
        name = {"": "min_skill", "which-way": "min_skill", "how-far": "min_how_far"}.get(what)
        try:
            value = float(number)
        except ValueError:
            name = None
        if name is None:
            raise UsageError(
                f"--min-skill is {text!r}, expected a number such as 0.01, or how-far:0.01"
            )
        least[name] = value
    return least


def parse_lock_wait(text: str | None) -> float:
    """Return --lock-wait in seconds; 0 if it is not given."""
    return 0.0 if text is None else parse_duration("--lock-wait", text)


takes_publishing_options: Decorator = option_group("policy", _OPTIONS, _build)
