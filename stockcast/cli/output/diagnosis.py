"""A diagnosis as lines on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.workflows.diagnosis import Diagnosis

_STYLES = {"ok": "green", "note": "yellow", "wrong": "bold red"}


def show_diagnosis(diagnosis: Diagnosis) -> None:
    """Show a line a check, and below it what to do; as JSON a line each."""
    from rich.table import Table
    from rich.text import Text

    rows = diagnosis.list_rows("command-line")
    if console.is_json():
        for row in rows:
            console.say(f"{row['name']}: {row['found']}", **row)
        return
    if console.is_quiet():
        rows = [row for row in rows if row["state"] != "ok"]
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        advice = f"\n{row['advice']}" if row["advice"] else ""
        state = Text(row["state"], style=_STYLES[row["state"]])
        table.add_row(state, row["name"], Text(row["found"] + advice))
    if rows:
        console.get_console().print(table)
