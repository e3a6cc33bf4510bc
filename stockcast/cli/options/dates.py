"""Dates and spans of dates on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.errors import UsageError

if TYPE_CHECKING:
    import numpy as np


def parse_span(
    start: str | None, end: str | None
) -> tuple[np.datetime64, np.datetime64 | None] | None:
    """Return the first date and the last, if any, that --from and --to name.

    Raises:
        UsageError: not dates, or in the wrong order.
    """
    if start is None:
        if end is not None:
            raise UsageError("--to without --from", hint="give both, or --from alone")
        return None
    first, last = parse_date("--from", start), parse_date("--to", end) if end else None
    if last is not None and last < first:
        raise UsageError(f"--to {end} is before --from {start}")
    return first, last


def parse_date(flag: str, text: str) -> np.datetime64:
    """Return the date that an option names.

    Raises:
        UsageError: not a date.
    """
    from datetime import datetime

    import numpy as np

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{flag} is {text!r}, expected a date such as 2013-02-28") from None
    if moment.tzinfo is not None:
        raise UsageError(f"{flag} {text} has a time zone", hint="give it as the prices have it")
    return np.datetime64(moment, "us")
