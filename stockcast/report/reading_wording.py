"""How a price file is read, and what is found in it, in lines and rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

TICKER_TITLES = ("ticker", "rows", "dropped", "from", "to", "first close", "last close")
"""What `list_tickers` says of each ticker."""

_RULES = {
    "iso": "year first, so nothing to settle",
    "unique": "the only order that reads every row",
    "monotonic": "the only order in which the dates make sense",
    "given": "as you said",
}
_COLUMNS = (
    "close_column", "adjusted_column", "open_column", "high_column", "low_column", "volume_column",
    "ticker_column", "time_column",
)  # fmt: skip
_VALUES = ("rows", "dropped", "first_date", "last_date", "first_close", "last_close")


def list_lines(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say how a file is read: each line's label and text.

    Args:
        entry: the file's description, as `prices.csv.describe` makes it.
    """
    columns = ", ".join(
        f"{key.removesuffix('_column')} {entry[key]!r}"
        for key in _COLUMNS
        if entry[key] is not None
    )
    marks = f"decimal {entry['decimal']!r}"
    if entry["thousands"]:
        marks += f", thousands {entry['thousands']!r}"
    header = "a header" if entry["header"] else "no header"
    text = ("cells", f"dates and numbers as they are typed, {header}")
    if entry["delimiter"] is not None:
        delimiter = "tab" if entry["delimiter"] == "\t" else repr(entry["delimiter"])
        text = ("text", f"{entry['encoding']}, delimiter {delimiter}, {header}")
    packed = [("file", entry["container"])] if entry["container"] else []
    dates = f"{entry['date_column']!r} as {entry['date_format']}: {_RULES[entry['date_rule']]}"
    rows = f"{entry['rows_total']:,}, {entry['interval'] or 'one bar'}, {entry['order_in_file']}"
    return [
        *packed,
        text,
        ("dates", dates + (f", {entry['timezone']}" if entry["timezone"] else "")),
        ("numbers", marks),
        ("columns", columns),
        (
            "rows",
            rows + (f", {entry['undated_rows']} without a date" if entry["undated_rows"] else ""),
        ),
    ]


def list_tickers(entry: Mapping[str, Any], *, most: int) -> list[tuple[str, ...]]:
    """Return a row a ticker of what `TICKER_TITLES` names; of more than `most`, how many more."""
    tickers = entry["tickers"]
    rows: list[tuple[str, ...]] = [
        (one["ticker"] or "–", *(_write(one[key]) for key in _VALUES)) for one in tickers[:most]
    ]
    return [*rows, (f"… and {len(tickers) - most} more",)] if len(tickers) > most else rows


def list_findings(entry: Mapping[str, Any]) -> list[str]:
    """Return a sentence a kind of finding: of many tickers, the first and how many more."""
    kinds: dict[str, list[str]] = {}
    for finding in entry["findings"]:
        kinds.setdefault(finding["kind"], []).append(finding["message"])
    return [strip_name(_count_more(messages), entry["file"]) for messages in kinds.values()]


def strip_name(message: str, name: str) -> str:
    """Leave out a file's name, which stands above; `line 5` for `name:5`.

    Example:
        >>> strip_name("a.csv:5: Close is 'x'", "a.csv"), strip_name("a.csv has gaps", "a.csv")
        ("line 5: Close is 'x'", 'has gaps')
    """
    message = re.sub(rf"{re.escape(name)}:(\d+)", r"line \1", message)
    return message.removeprefix(f"{name}: ").removeprefix(f"{name} ")


def _count_more(messages: Sequence[str]) -> str:
    return messages[0] + (f" (and {len(messages) - 1} more)" if len(messages) > 1 else "")


def _write(value: float | str | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)
