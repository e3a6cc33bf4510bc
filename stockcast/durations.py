"""Lengths of time: `90s`, `5m`, `12h`, `3d`, `2w`."""

from __future__ import annotations

import re

from stockcast.errors import UsageError

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST = 1_000_000_000  # seconds, 30 years: above it the operating system's waits overflow


def parse_duration(flag: str, text: str) -> float:
    """Return a length of time in seconds.

    Raises:
        UsageError: not a number and one of s, m, h, d, w.
    """
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,6})?)([smhdw])", text.strip())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else None
    if seconds is None or seconds > _LONGEST:
        raise UsageError(
            f"{flag} is {text!r}, expected a length of time such as 90s, 5m, 12h, 3d or 2w"
        )
    return seconds


def format_duration(seconds: float) -> str:
    """Write a length of time for people, in the largest unit of which it has two: `36 hours`."""
    for unit, name in (("w", "weeks"), ("d", "days"), ("h", "hours"), ("m", "minutes")):
        count = int(seconds // _SECONDS[unit])
        if count >= 2:
            return f"{count:,} {name}"
    return "1 second" if int(seconds) == 1 else f"{int(seconds)} seconds"
