"""The options of `predict` for runs that nobody watches: old prices refused, forecasts recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from stockcast.cli.options.common import option
from stockcast.cli.options.groups import option_group
from stockcast.cli.output import console
from stockcast.durations import format_duration, parse_duration
from stockcast.errors import StalePrices, UsageError

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast
    from stockcast.prices.history import PriceHistory

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


@dataclass(frozen=True)
class LedgerPolicy:
    """What is asked of the prices, and where the forecast is recorded.

    Attributes:
        max_age: seconds that the newest bar may be old; None for any age.
        ledger: the ledger; None for none.
    """

    max_age: float | None
    ledger: Path | None

    def check_span(self, span: object) -> None:
        """Refuse to record forecasts of what has come true already.

        Raises:
            UsageError: a ledger and a span.
        """
        if self.ledger is not None and span is not None:
            raise UsageError(
                "--ledger with --from: a ledger has only what was forecast before it came true",
                hint="leave one of them out, or name a file for the span: -o FILE",
            )

    def check_age(self, history: PriceHistory) -> None:
        """Refuse prices that are too old.

        Raises:
            StalePrices: the newest bar is older than --max-age.
        """
        if self.max_age is None:
            return
        from stockcast.prices.age import measure_age
        from stockcast.prices.history import format_date

        age = measure_age(history.dates, datetime.now(UTC))
        if age > self.max_age:
            raise StalePrices(
                f"{history.name}: the newest bar, {format_date(history.dates[-1])}, is "
                f"{format_duration(age)} old, and --max-age is {format_duration(self.max_age)}",
                hint="see why no newer prices have come",
            )

    def append(self, *made: tuple[Forecast, str]) -> None:
        """Append forecasts of the same levels to the ledger, if there is one, and say so.

        Args:
            made: forecasts, each with the SHA-256 of its model's file.
        """
        if self.ledger is None or not made:
            return
        from stockcast.ledger.entry import list_levels, make_entries
        from stockcast.ledger.file import append_entries

        now = datetime.now(UTC)
        entries = [
            entry
            for forecast, digest in made
            for entry in make_entries(forecast, model=digest, made_at=now)
        ]
        levels = list_levels(made[0][0])
        done = append_entries(self.ledger, entries, levels=levels, on_wait=console.say)
        if done.torn:
            console.warn(f"{self.ledger} ended in a torn row, which is removed: {done.torn!r}")
        what = "this forecast" if len(made) == 1 else "these forecasts"
        console.say(
            f"recorded in {self.ledger}" if done.count else f"{self.ledger} has {what} already"
        )


def _build(*, max_age: str | None, ledger: Path | None) -> LedgerPolicy:
    age = None if max_age is None else parse_duration("--max-age", max_age)
    return LedgerPolicy(age, ledger)


takes_ledger_options = option_group("recording", _OPTIONS, _build)
