"""Plain values as HTML, for notebooks; every text in it is escaped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any


def render_paragraph(text: str) -> str:
    """Return a text as a paragraph."""
    return f"<p>{escape(text)}</p>"


def render_table(rows: Sequence[Mapping[str, Any]], *, most: int = 30) -> str:
    """Return rows of equal keys as a table.

    Args:
        rows: what it shows; numbers with six digits, nothing for None and NaN.
        most: rows shown; of more, the first ones and how many there are.
    """
    if not rows:
        return ""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_write(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows[:most]
    )
    more = render_paragraph(f"… {len(rows):,} rows in all") if len(rows) > most else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _write(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
