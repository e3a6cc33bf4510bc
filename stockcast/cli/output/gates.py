"""What the gates did, for people: a table and a sentence on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.figures import tabulate

if TYPE_CHECKING:
    from stockcast.forecast.inspection import Inspection


def report_gates(seen: Inspection) -> None:
    """Show the layers' mean gates and half-lives on stderr, and say how far back it remembers."""
    if console.is_quiet():
        return
    from stockcast.report import wording

    console.say(f"{wording.name_cells(seen)}: {wording.describe_span(seen)}")
    titles, rows = wording.list_layer_titles(seen), wording.list_layer_rows(seen)
    console.show(tabulate(titles, rows, names=0, wraps=True, padding=(0, 1)))
    if seen.layers[0].memory is None:
        console.say("a GRU has no memory cell: the update gate keeps the hidden state itself")
    console.say(f"how far back it remembers: {wording.describe_reach(seen)}")
