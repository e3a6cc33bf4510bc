"""How a price file is read, and what is found in it, on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stockcast.cli.output import console
from stockcast.cli.output.figures import show_lines
from stockcast.errors import PriceError

if TYPE_CHECKING:
    from rich.table import Table

_MOST_TICKERS = 12  # shown in the table; JSON has them all


def show_reading(entry: dict[str, Any]) -> None:
    """Print one file's reading and findings on stderr; as JSON a line a finding and a verdict.

    Args:
        entry: as `CheckedFile.description` has it.
    """
    from rich.text import Text

    from stockcast.report import reading_wording as wording

    if console.is_json():
        _tell_reading(entry)
        return
    if console.is_quiet():
        if entry["verdict"] != "read":
            console.show_error(entry["why"], entry["hint"])
        return
    out = console.get_console()
    if entry["verdict"] != "read":
        what = "a question" if entry["verdict"] == "ask" else "refused"
        why = wording.strip_name(entry["why"], entry["file"])
        out.print(Text(entry["file"], style="bold"))
        out.print(Text(f"  {what}: {why}"), Text(f"  {entry['hint']}"), sep="\n")
        return
    show_lines(entry["file"], wording.list_lines(entry))
    out.print(_tabulate_tickers(entry))
    for finding in wording.list_findings(entry):
        out.print(Text(f"  {finding}", style="yellow"))
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


def _tabulate_tickers(entry: dict[str, Any]) -> Table:
    from rich import box
    from rich.table import Table

    from stockcast.report.reading_wording import TICKER_TITLES, list_tickers

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for title in TICKER_TITLES:
        if title == "ticker":
            table.add_column(title)
        else:
            table.add_column(title, justify="right", overflow="fold")
    for row in list_tickers(entry, most=_MOST_TICKERS):
        table.add_row(*row)
    return table
