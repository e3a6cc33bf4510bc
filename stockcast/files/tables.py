"""Rows of equal keys as text: CSV, JSON or JSON lines."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from stockcast.files.spreadsheet import format_rows, guard_text

Row = dict[str, Any]
TableFormat = Literal["csv", "json", "jsonl"]


def format_table(
    rows: Iterable[Row],
    form: TableFormat,
    *,
    columns: Sequence[str] | None = None,
    head: bool = True,
) -> str:
    r"""Return rows of equal keys as text.

    Numbers have round-trip precision; a NaN is empty in CSV and null in JSON, and what is true is
    `true` in both. In CSV, text that a spreadsheet would run has a ' before it.

    Args:
        rows: at least one, unless `columns` says what to write above none.
        form: how.
        columns: the keys, where there may be no row to take them from.
        head: whether CSV has a line of names.

    Example:
        >>> format_table([{"ticker": "=A", "skill": 0.5, "drift": None}], "csv")
        "ticker,skill,drift\n'=A,0.5,\n"
    """
    plain = map(_plain_row, rows)
    if form == "json":
        return json.dumps(list(plain), indent=2, ensure_ascii=False) + "\n"
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in plain)
    first = None if columns is not None else next(plain)
    names = list(columns if columns is not None else first or ())
    rest = plain if first is None else itertools.chain([first], plain)
    cells = ([_to_cell(row[name]) for name in names] for row in rest)
    return format_rows([names, *cells] if head else cells)


def format_document(tables: Mapping[str, Iterable[Row]]) -> str:
    r"""Return several tables as one JSON object.

    Example:
        >>> format_document({"models": []})
        '{\n  "models": []\n}\n'
    """
    document = {name: list(map(_plain_row, rows)) for name, rows in tables.items()}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _plain_row(row: Row) -> Row:
    return {key: _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _to_cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return guard_text(value) if isinstance(value, str) else value
