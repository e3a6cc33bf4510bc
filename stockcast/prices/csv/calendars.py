"""Years of other calendars than the Gregorian one, told by their size, and the days they mean.

Prices are not older than 1602, when the first shares were traded, and not from the future. So a
year such as 2555, 1391 or 101 is never one of the Gregorian calendar: it is 2012 as Thailand, Iran
and Taiwan count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from stockcast.prices.csv.options import Calendar
from stockcast.prices.history import Dates

Integers = NDArray[np.int64]

CALENDARS: tuple[Calendar, ...] = ("gregorian", "buddhist", "jalali", "roc")
NO_CALENDAR = -1

_BUDDHIST = 543  # years before the Gregorian ones
_ROC = 1911
_JALALI = 621  # of the year's first day
_WINDOWS: dict[Calendar, tuple[int, int]] = {
    # The first year of each, and the first that is none of its own any more.
    "gregorian": (1500, 2400),
    "buddhist": (2400, 2700),  # or what is next year now
    "jalali": (1300, 1500),
    "roc": (1, 200),
}
_PLAIN = np.array(["1500-01-01", "2400-01-01"], "datetime64[us]").astype(np.int64)
_ABOUT = {
    "gregorian": "the Gregorian calendar",
    "buddhist": "the Buddhist calendar",
    "jalali": "the Iranian calendar (Jalali)",
    "roc": "the calendar of the Republic of China",
    "japanese": "the Japanese eras",
    "islamic": "the Islamic calendar",
}
_FIRST_ROC = 51  # 1962, when the exchange of Taiwan opened
# Letters of a language: of Chinese, those that are written so neither in China nor in Japan.
_LETTERS: tuple[tuple[Calendar, str], ...] = (
    ("roc", "[價證數漲盤總]|民[國国]"),
    ("buddhist", "[\u0e00-\u0e7f]"),
    ("jalali", "[پچژگی]"),
)


@dataclass(frozen=True)
class OtherCalendar:
    """A column's calendar, where it is another than the Gregorian one, or can be.

    Attributes:
        name: `buddhist`, `jalali`, `roc`, `japanese` or `islamic`.
        row: the first row that shows it.
        day: what that row's date is by this calendar, as `YYYY-MM-DD`; empty if not known.
        certain: False: it is asked about.
        otherwise: what the date is by the Gregorian calendar; empty where it cannot be one.
    """

    name: str
    row: int
    day: str
    certain: bool
    otherwise: str = ""

    @property
    def about(self) -> str:
        """The calendar's name in words."""
        return _ABOUT[self.name]


def judge_calendar(
    name: Calendar,
    row: int,
    date: np.datetime64,
    *,
    words: str,
    given: Calendar | None,
) -> OtherCalendar:
    """Say whether a column is for certain by the calendar that its years look like.

    Args:
        name: that calendar.
        row: the first row that shows it.
        date: its date by that calendar.
        words: the file's own, by which its language is known.
        given: what the user says.
    """
    day = str(date)[:10]
    if given is not None:
        return OtherCalendar(name, row, day, certain=True)
    if name == "jalali":  # the Islamic years of today are as large as Iranian ones to come
        later = date > _tomorrow()
        return OtherCalendar("islamic" if later else name, row, "" if later else day, certain=False)
    certain = name == "buddhist" or re.search("[\u4e00-\u9fff]", words) is not None
    return OtherCalendar(name, row, day, certain)


def read_short_years(dates: Dates, local: Calendar) -> OtherCalendar | None:
    """Say what years of two digits would be by the calendar of the header's language.

    Args:
        dates: (rows,) as the Gregorian calendar has them.
        local: that calendar.

    Returns:
        it, not certain; None where prices cannot be of such days.
    """
    known = np.flatnonzero(~np.isnat(dates))
    days = dates[known].astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    years = (days.astype("datetime64[Y]").astype(np.int64) + 1970) % 100
    if local == "roc" and years.max(initial=0) < _FIRST_ROC:
        return None
    there = to_days(
        expand_years(years, local),
        months.astype(np.int64) % 12 + 1,
        (days - months).astype(np.int64) + 1,
        local,
    )
    if not len(there) or np.isnat(there).any() or there.max() > _tomorrow():
        return None
    return OtherCalendar(local, int(known[0]), str(there[0]), certain=False, otherwise=str(days[0]))


def find_local(words: str) -> Calendar | None:
    """Return the calendar that a file's language suggests beside the Gregorian one, or None.

    Example:
        >>> find_local("日期 收盤價"), find_local("Date Close")
        ('roc', None)
    """
    return next((name for name, letters in _LETTERS if re.search(letters, words)), None)


def _tomorrow() -> np.datetime64:
    return np.datetime64("now", "us") + np.timedelta64(1, "D")


def are_plain_days(micros: Integers) -> bool:
    """Whether all days have years that are counted by no other calendar than the Gregorian one.

    Args:
        micros: (rows,) since 1970.
    """
    return not len(micros) or bool(micros.min() >= _PLAIN[0] and micros.max() < _PLAIN[1])


def find_calendars(years: Integers, given: Calendar | None = None) -> NDArray[np.int8]:
    """Return (rows,) which of `CALENDARS` each year is counted by; −1 where it can be none.

    Args:
        years: (rows,) as written, two digits expanded.
        given: what the user says; then it is that one.
    """
    found = np.full(len(years), NO_CALENDAR, dtype=np.int8)
    if given is not None:
        found[years >= 0] = CALENDARS.index(given)
        return found
    for code, name in enumerate(CALENDARS):
        first, end = _WINDOWS[name]
        if name == "buddhist":
            end = datetime.now(UTC).year + _BUDDHIST + 2
        found[(years >= first) & (years < end)] = code
    return found


def expand_years(years: Integers, calendar: Calendar | None = None) -> Integers:
    """Make full years of two digits: up to 20 years from now, else a century before.

    Those of the Republic of China have never had more digits.
    """
    if calendar == "roc":
        return years
    before = {"buddhist": _BUDDHIST, "jalali": -_JALALI}.get(calendar or "", 0)
    newest = datetime.now(UTC).year + 20 + before
    century = newest // 100 * 100
    expanded: Integers = np.where(century + years <= newest, century + years, century - 100 + years)
    return expanded


def to_days(
    years: Integers, months: Integers, days: Integers, given: Calendar | None = None
) -> NDArray[np.datetime64]:
    """Return (rows,) datetime64[D]; NaT where there is no such day.

    Args:
        years: (rows,) as written; −1 where unknown.
        months: likewise.
        days: likewise.
        given: the calendar, if the user says it; else each year tells its own.
    """
    calendars = find_calendars(years, given)
    other = bool((calendars > 0).any())
    if other:
        years = years + np.select(
            [calendars == CALENDARS.index("buddhist"), calendars == CALENDARS.index("roc")],
            [-_BUDDHIST, _ROC],
            0,
        )
    valid = (calendars != NO_CALENDAR) & (years >= 1000) & (years < 3000)
    valid &= (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    first = ((years - 1970) * 12 + months - 1).astype("datetime64[M]")
    dates = first.astype("datetime64[D]") + (days - 1).astype("timedelta64[D]")
    real = dates.astype("datetime64[M]") == first  # no 31st of April
    if other and (jalali := calendars == CALENDARS.index("jalali")).any():
        dates[jalali], real[jalali] = _count_jalali(years[jalali], months[jalali], days[jalali])
    return np.where(valid & real, dates, np.datetime64("NaT", "D"))


def _count_jalali(
    years: Integers, months: Integers, days: Integers
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Return days of the Iranian calendar as datetime64[D], and whether there are such days.

    Years of 366 days come after four years, and eight times in 33 years after five; so they have
    in this and the last century.
    """
    starts = _start_jalali(years)
    lengths = np.where(months <= 6, 31, 30)
    leap = _start_jalali(years + 1) - starts == 366
    lengths = np.where((months == 12) & ~leap, 29, lengths)
    before = np.where(months <= 7, (months - 1) * 31, 186 + (months - 7) * 30)
    dates = (starts + before + days - 1).astype("datetime64[D]")
    return dates, days <= lengths


def _start_jalali(years: Integers) -> Integers:
    """Return the first day of each year, in days since 1970."""
    shifted = years + 1595
    days: Integers = 365 * shifted + shifted // 33 * 8 + (shifted % 33 + 3) // 4 - 1_075_195
    return days
