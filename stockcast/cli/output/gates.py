"""What the gates did, for people: a table and a sentence on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console

if TYPE_CHECKING:
    from stockcast.forecast.inspection import Inspection


def report_gates(seen: Inspection) -> None:
    """Show the layers' mean gates and half-lives on stderr, and say how far back it remembers."""
    if console.is_quiet():
        return
    from rich import box
    from rich.table import Table

    from stockcast.report import wording

    console.say(f"{wording.name_cells(seen)}: {wording.describe_span(seen)}")
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("layer", justify="right")
    for name in seen.layers[0].gates:
        table.add_column(f"{name} gate", justify="right")
    table.add_column("memory halves in", justify="right")
    for number, layer in enumerate(seen.layers, start=1):
        means = [f"{gate.mean():.2f}" for gate in layer.gates.values()]
        table.add_row(str(number), *means, wording.count_steps(layer.half_life, seen))
    console.show(table)
    if seen.layers[0].memory is None:
        console.say("a GRU has no memory cell: the update gate keeps the hidden state itself")
    console.say(f"how far back it remembers: {wording.describe_reach(seen)}")
