"""What the user says about a file where the file cannot say it itself."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any, Literal

from stockcast.errors import UsageError, option

Order = Literal["dmy", "mdy", "ymd"]
Keep = Literal["first", "last"]
Calendar = Literal["gregorian", "buddhist", "jalali", "roc"]

_CALENDAR = re.compile("gregorian|buddhist|jalali|roc", re.IGNORECASE)


@dataclass(frozen=True)
class ReadOptions:
    """Answers to what a price file leaves open; None leaves it to the file.

    Attributes:
        ticker: with a ticker column, the only ticker to return; without one, what to call it.
        on_duplicate: which row to keep of two with one date and different prices.
        wide: every column, or group of columns with one suffix, is a ticker of its own.
        column: header of the one column to read as the close, for a file with several.
        date_column: header of the date column.
        date_format: order of day, month and year in dates made of numbers: `%d/%m/%Y`,
            `dd.mm.yyyy` and `dmy` say the same; or, alone or before it, whose years they are:
            `gregorian`, `buddhist`, `jalali` or `roc`.
        decimal: decimal mark, `.` or `,`.
        thousands: mark between groups of digits.
        delimiter: between cells.
        encoding: a Python codec name.
        header: False: the first line is data.
        sheet: name of the sheet of a workbook that has several with prices.
        member: name of the file in a ZIP archive that holds several.

    Raises:
        UsageError: an order of dates that is none, an encoding that Python does not know, a
            delimiter of several characters, or one mark for two things.

    Example:
        >>> ReadOptions(date_format="%d/%m/%Y").date_order
        'dmy'
    """

    ticker: str | None = None
    on_duplicate: Keep | None = None
    wide: bool = False
    column: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: bool = True
    sheet: str | None = None
    member: str | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise UsageError(
                f"{option('delimiter')} is {self.delimiter!r}, expected one character, or tab"
            )
        if self.encoding is not None:
            _check_encoding(self.encoding)
        if self.decimal is not None and self.decimal == self.thousands:
            raise UsageError(
                f"{option('decimal')} and {option('thousands')} are both {self.decimal!r}"
            )
        _ = self.date_order

    @property
    def date_order(self) -> Order | None:
        """What `date_format` comes to; None if that is not given.

        Raises:
            UsageError: it is no order of day, month and year.
        """
        text = _CALENDAR.sub("", self.date_format or "")
        if self.date_format is None or (not text.strip() and self.date_calendar):
            return None
        letters = re.findall(r"%([dmyYbB])", text) or re.findall(r"([dmyDMY])\1*", text)
        order: Any = "".join("m" if letter in "bB" else letter.lower() for letter in letters)
        if order not in ("dmy", "mdy", "ymd"):
            raise UsageError(
                f"{option('date_format')} is {self.date_format!r}, expected an order of day, month "
                "and year",
                hint="such as %d/%m/%Y, %m/%d/%Y or %Y-%m-%d",
            )
        found: Order = order
        return found

    @property
    def date_calendar(self) -> Calendar | None:
        """Whose years `date_format` says the dates are; None if it does not say it.

        Example:
            >>> ReadOptions(date_format="jalali %d/%m/%Y").date_calendar
            'jalali'
        """
        match = _CALENDAR.search(self.date_format or "")
        found: Any = match[0].lower() if match else None
        named: Calendar | None = found
        return named


def _check_encoding(name: str) -> None:
    """Refuse an encoding that Python does not know.

    Raises:
        UsageError: it does not.
    """
    try:
        codecs.lookup(name)
    except LookupError:
        raise UsageError(
            f"{option('encoding')} is {name!r}, which is none that Python knows",
            hint="such as utf-8, cp1252, cp932, gb18030",
        ) from None


NO_ANSWERS = ReadOptions()
"""Leaves everything to the file."""
