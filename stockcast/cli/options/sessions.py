"""Which days forecasts are for: those that the bars' rhythm says, or an exchange's sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from stockcast.cli.options.common import option
from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Sessions
    from stockcast.prices.history import Dates

CalendarOption = Annotated[
    str | None,
    option(
        "--calendar",
        help="Exchange whose holidays to leave out, such as XNYS. Default, auto: go on by the "
        "rhythm of the bars.",
        metavar="CODE|auto",
    ),
]


def choose_sessions(calendar: str | None) -> Sessions:
    """Return what finds the next sessions.

    Raises:
        UsageError: no such calendar.
    """
    if calendar in (None, "", "auto"):
        from stockcast.prices.calendar import next_sessions

        return next_sessions
    from stockcast.prices.exchange import find_exchange

    return find_exchange(str(calendar))


def report_sessions(sessions: Sessions, dates: Dates) -> None:
    """Say which days are forecast, and if the newest bar is none of the exchange's."""
    from stockcast.prices.calendar import find_rhythm, next_sessions
    from stockcast.prices.history import format_date

    if sessions is next_sessions:
        rhythm = find_rhythm(dates)
        known = "; holidays are not left out (--calendar)" if rhythm.kind == "weekdays" else ""
        console.say(f"dates: {rhythm.describe()}, as the bars come{known}")
        return
    from stockcast.prices.exchange import Exchange

    assert isinstance(sessions, Exchange)  # noqa: S101 — see choose_sessions
    console.say(f"dates: sessions of {sessions.code}")
    if not sessions.is_session(dates[-1]):
        console.warn(f"{format_date(dates[-1])}, the newest bar, is no session of {sessions.code}")
