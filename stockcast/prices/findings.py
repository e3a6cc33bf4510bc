"""What was found in the data on the way in: reported, never repaired."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One kind of thing found in a file, counted once however often it occurs.

    Attributes:
        kind: a short fixed name, such as `duplicate-dates`.
        count: rows concerned.
        message: one sentence for the user, with the file.
        ticker: whose rows they are; None where that is not known.
        lines: line numbers of the first rows concerned, at most 10.
    """

    kind: str
    count: int
    message: str
    ticker: str | None = None
    lines: tuple[int, ...] = ()
