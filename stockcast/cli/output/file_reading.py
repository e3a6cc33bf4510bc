"""How a price file is read, and what is found in it, on stderr."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from stockcast.cli.output import console
from stockcast.errors import PriceError

if TYPE_CHECKING:
    from rich.table import Table

_MOST_TICKERS = 12  # shown in the table; JSON has them all
_RULES = {
    "iso": "year first, so nothing to settle",
    "unique": "the only order that reads every row",
    "monotonic": "the only order in which the dates make sense",
    "given": "as you said",
}
_COLUMNS = (
    "close_column",
    "adjusted_column",
    "open_column",
    "high_column",
    "low_column",
    "volume_column",
    "ticker_column",
    "time_column",
)


def show_reading(entry: dict[str, Any]) -> None:
    """Print one file's reading and findings on stderr; as JSON a line a finding and a verdict.

    Args:
        entry: as `CheckedFile.description` has it.
    """
    from rich.table import Table
    from rich.text import Text

    if console.is_json():
        _tell_reading(entry)
        return
    if console.is_quiet():
        if entry["verdict"] != "read":
            console.show_error(entry["why"], entry["hint"])
        return
    out = console.get_console()
    out.print(Text(entry["file"], style="bold"))
    if entry["verdict"] != "read":
        what = "a question" if entry["verdict"] == "ask" else "refused"
        why = _strip_name(entry["why"], entry["file"])
        out.print(Text(f"  {what}: {why}"), Text(f"  {entry['hint']}"), sep="\n")
        return
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for label, value in _describe_reading(entry):
        table.add_row(Text(label, style="dim"), Text(value))
    out.print(table)
    out.print(_tabulate_tickers(entry["tickers"]))
    for finding in _merge(entry["findings"]):
        out.print(Text(f"  {_strip_name(finding, entry['file'])}", style="yellow"))
    if not entry["findings"]:
        out.print(Text("  nothing odd was found"))


def _tell_reading(entry: dict[str, Any]) -> None:
    file, verdict = entry["file"], entry["verdict"]
    if verdict != "read":
        console.show_error(
            entry["why"], entry["hint"], code=PriceError.exit_code, file=file, verdict=verdict
        )
        return
    if console.is_quiet():
        return
    for finding in entry["findings"]:
        more = {key: value for key, value in finding.items() if key != "message"}
        console.warn(finding["message"], file=file, **more)
    reading = {key: value for key, value in entry.items() if key not in ("file", "verdict")}
    del reading["findings"]
    console.say(f"{file} can be read", file=file, verdict=verdict, reading=reading)


def _tabulate_tickers(entries: list[dict[str, Any]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    tickers = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    tickers.add_column("ticker")
    for label in ("rows", "dropped", "from", "to", "first close", "last close"):
        tickers.add_column(label, justify="right", overflow="fold")
    for one in entries[:_MOST_TICKERS]:
        keys = ("rows", "dropped", "first_date", "last_date", "first_close", "last_close")
        cells = [
            "–" if one[key] is None else f"{one[key]:,}" if key in keys[:2] else str(one[key])
            for key in keys
        ]
        tickers.add_row(Text(one["ticker"] or "–"), *cells)
    if (more := len(entries) - _MOST_TICKERS) > 0:
        tickers.add_row(f"… and {more} more")
    return tickers


def _describe_reading(entry: dict[str, Any]) -> list[tuple[str, str]]:
    columns = ", ".join(
        f"{key.removesuffix('_column')} {entry[key]!r}"
        for key in _COLUMNS
        if entry[key] is not None
    )
    marks = f"decimal {entry['decimal']!r}"
    if entry["thousands"]:
        marks += f", thousands {entry['thousands']!r}"
    delimiter = "tab" if entry["delimiter"] == "\t" else repr(entry["delimiter"])
    return [
        (
            "text",
            f"{entry['encoding']}, delimiter {delimiter}, "
            + ("a header" if entry["header"] else "no header"),
        ),
        (
            "dates",
            f"{entry['date_column']!r} as {entry['date_format']}: {_RULES[entry['date_rule']]}"
            + (f", {entry['timezone']}" if entry["timezone"] else ""),
        ),
        ("numbers", marks),
        ("columns", columns),
        (
            "rows",
            f"{entry['rows_total']:,}, {entry['interval'] or 'one bar'}, "
            f"{entry['order_in_file']}"
            + (f", {entry['undated_rows']} without a date" if entry["undated_rows"] else ""),
        ),
    ]


def _strip_name(message: str, name: str) -> str:
    """Leave out the file's name, which stands above; `line 5` for `name:5`."""
    message = re.sub(rf"{re.escape(name)}:(\d+)", r"line \1", message)
    return message.removeprefix(f"{name}: ").removeprefix(f"{name} ")


def _merge(findings: list[dict[str, Any]]) -> list[str]:
    """One line a kind: of many tickers, the first and how many more."""
    kinds: dict[str, list[str]] = {}
    for finding in findings:
        kinds.setdefault(finding["kind"], []).append(finding["message"])
    return [
        messages[0] + (f" (and {len(messages) - 1} more)" if len(messages) > 1 else "")
        for messages in kinds.values()
    ]
