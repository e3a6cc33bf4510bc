"""What the user says about a file where the file cannot say it itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]
Keep = Literal["first", "last"]


@dataclass(frozen=True)
class ReadOptions:
    """Answers to what a price file leaves open; None leaves it to the file.

    Attributes:
        ticker: with a ticker column, the only ticker to return; without one, what to call it.
        on_duplicate: which row to keep of two with one date and different prices.
        wide: every column, or group of columns with one suffix, is a ticker of its own.
        column: header of the one column to read as the close, for a file with several.
        date_column: header of the date column.
        date_order: order of day, month and year in dates made of numbers.
        decimal: decimal mark, `.` or `,`.
        thousands: mark between groups of digits.
        delimiter: between cells.
        encoding: a Python codec name.
        header: False: the first line is data.
    """

    ticker: str | None = None
    on_duplicate: Keep | None = None
    wide: bool = False
    column: str | None = None
    date_column: str | None = None
    date_order: Order | None = None
    decimal: str | None = None
    thousands: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: bool = True
