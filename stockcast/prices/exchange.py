"""The sessions of an exchange, its holidays known, by the package exchange_calendars."""

from __future__ import annotations

import difflib
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from stockcast.errors import UsageError, option
from stockcast.plurals import count_of
from stockcast.prices.calendar import find_rhythm
from stockcast.prices.history import Dates, format_date

_LONGEST_PAUSE = 60  # days; exchanges have rarely been closed for longer


@dataclass(frozen=True)
class Exchange:
    """One exchange's sessions; calling it returns the next ones, as `next_sessions` does.

    Attributes:
        code: its canonical code, such as XNYS.
    """

    code: str

    def __call__(self, dates: Dates, count: int) -> Dates:
        """Return the `count` sessions after the newest date, (count,) datetime64[us].

        Args:
            dates: (rows,) datetime64, ascending: daily bars.
            count: sessions.

        Raises:
            UsageError: the bars are not daily, or the calendar does not reach so far.
        """
        rhythm = find_rhythm(dates)
        if not rhythm.is_daily:
            raise UsageError(
                f"calendar {self.code} knows whole days, and these bars come {rhythm.describe()}",
                hint=f"leave {option('calendar')} out: such bars go on by their own rhythm",
            )
        last = dates[-1].astype("datetime64[D]")
        sessions = self._list_sessions(last, last + 2 * count + _LONGEST_PAUSE)
        following: Dates = sessions[sessions > last][:count].astype("datetime64[us]")
        if len(following) < count:
            raise UsageError(
                f"calendar {self.code} does not know the {count_of(count, 'session')} after "
                f"{format_date(last)}" + self._describe_bounds(),
                hint=f"give a smaller {option('horizon')}, or leave {option('calendar')} out",
            )
        return following

    def is_session(self, date: np.datetime64) -> bool:
        """Whether the exchange was open on a date; also true where the calendar cannot say."""
        day = date.astype("datetime64[D]")
        sessions = self._list_sessions(day, day + _LONGEST_PAUSE)
        return not len(sessions) or bool(day in sessions)

    def _list_sessions(self, first: np.datetime64, last: np.datetime64) -> Dates:
        """Return the sessions that the calendar knows of between two dates, datetime64[D]."""
        from exchange_calendars.errors import NoSessionsError

        try:
            found = _make_calendar(self.code, start=str(first), end=str(last)).sessions
        except NoSessionsError:
            return np.empty(0, "datetime64[D]")
        except ValueError:
            # Out of its bounds, which only a calendar that has been made can tell.
            begin, end = self._find_bounds()
            if (begin is not None and first < begin) or end is None or not first < end < last:
                return np.empty(0, "datetime64[D]")
            return self._list_sessions(first, end)
        sessions: Dates = found.to_numpy().astype("datetime64[D]")
        return sessions

    def _find_bounds(self) -> tuple[np.datetime64 | None, np.datetime64 | None]:
        """Return the first and the last date that the calendar can be made for, if any."""
        try:
            made = _make_calendar(self.code)
        except ValueError:
            raise _cannot_make(self.code) from None
        first, last = (
            None if bound is None else np.datetime64(bound.date(), "D")
            for bound in (made.bound_min(), made.bound_max())
        )
        return first, last

    def _describe_bounds(self) -> str:
        words = zip(("from", "to"), self._find_bounds(), strict=True)
        bounds = " ".join(f"{word} {bound}" for word, bound in words if bound is not None)
        return f": its holidays are known {bounds}" if bounds else ""


def find_exchange(code: str) -> Exchange:
    """Find an exchange by its code or another name that exchange_calendars has for it.

    Raises:
        UsageError: no such code; the hint has the nearest.
    """
    import exchange_calendars
    from exchange_calendars.calendar_utils import global_calendar_dispatcher as dispatcher

    names = {name.upper(): name for name in exchange_calendars.get_calendar_names()}
    name = names.get(code.strip().upper())
    if name is None:
        near = difflib.get_close_matches(code.strip().upper(), names, n=3, cutoff=0.5)
        raise UsageError(
            f"no calendar {code!r}",
            hint=f"did you mean {' or '.join(names[one] for one in near)}?"
            if near
            else "give an exchange's code such as XNYS, XLON, XETR, XTKS or 24/7, or auto",
        )
    resolved: Any = dispatcher.resolve_alias(name)
    return Exchange(str(resolved))


def _make_calendar(code: str, **span: str) -> Any:
    """Make a calendar, and keep to itself what it does that pandas has deprecated.

    Raises:
        UsageError: exchange_calendars cannot make it at all.
        ValueError: not for this span.
    """
    import exchange_calendars

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        try:
            return exchange_calendars.get_calendar(code, **span)
        except NotImplementedError:
            raise _cannot_make(code) from None


def _cannot_make(code: str) -> UsageError:
    versions = " and ".join(f"{name} {version(name)}" for name in ("exchange_calendars", "pandas"))
    return UsageError(
        f"calendar {code} cannot be made with {versions}",
        hint=f"leave {option('calendar')} out, or give another that keeps the same days",
    )
