"""The options of `predict` for runs that nobody watches: old prices refused, forecasts recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from stockcast.cli.options.common import option
from stockcast.cli.options.groups import Decorator, option_group
from stockcast.durations import parse_duration

_PANEL = "Unattended runs"
_OPTIONS: dict[str, Any] = {
    "max_age": Annotated[
        str | None,
        option(
            "--max-age",
            help="Forecast nothing, and exit 7, if the newest bar is older: 12h, 3d, 2w.",
            metavar="DURATION",
            rich_help_panel=_PANEL,
        ),
    ],
    "ledger": Annotated[
        Path | None,
        option(
            "--ledger",
            help="Also append the forecast to this CSV, for stockcast score.",
            metavar="FILE",
            rich_help_panel=_PANEL,
        ),
    ],
}


def _build(*, max_age: str | None, ledger: Path | None) -> dict[str, Any]:
    age = None if max_age is None else parse_duration("--max-age", max_age)
    return {"max_age": age, "ledger": ledger}


takes_ledger_options: Decorator = option_group("recording", _OPTIONS, _build)
