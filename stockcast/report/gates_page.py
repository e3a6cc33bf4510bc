"""The page of what the gates did: the picture, and how to read it."""

from __future__ import annotations

import math
from pathlib import Path

from stockcast.forecast.inspection import Inspection
from stockcast.report.page import Picture, Section, Table, write_page

_READING = (
    "Time runs from left to right, the same in every panel; a column of panels is a layer. In a "
    "heat map each row is a unit, and its colour is how far that unit's gate was open, or what "
    "its memory held. The black line is the mean over units, on the scale from 0 to 1 at the left.",
    "The last row counts days back from the forecast. The bars say how much a small change of "
    "that day's input would change the answer: the gradient, by backpropagation through time. "
    "The line says how much of what was written on that day the layer's memory still holds.",
)


def write_gates_page(seen: Inspection, svg: str, *, title: str, path: Path) -> None:
    """Write the page of one picture of gates."""
    half_life = seen.gradient_half_life
    lead = (
        "The answer's sensitivity does not fade within the window."
        if half_life is None
        else f"How far back it remembers: each {half_life:.1f} bars further back count half as "
        f"much; the newest {seen.half_within} of {len(seen.sensitivity)} carry half of it all."
    )
    gates = tuple(seen.layers[0].gates)
    table = Table(
        caption="Mean openness of each gate, and how fast each layer's memory fades",
        head=("layer", *(f"{name} gate" for name in gates), "memory halves in"),
        rows=tuple(
            (
                str(number),
                *(f"{layer.gates[name].mean():.2f}" for name in gates),
                f"{layer.half_life:.1f} bars" if math.isfinite(layer.half_life) else "never",
            )
            for number, layer in enumerate(seen.layers, start=1)
        ),
    )
    notes = _READING
    if seen.layers[0].memory is None:
        notes += ("A GRU has no memory cell: its update gate keeps the hidden state itself.",)
    names = ", ".join(gates)
    alt = f"Heat maps of each layer's {names} gates and of its memory, under the price"
    write_page(
        path,
        title=title,
        lead=lead,
        sections=[Section("What the gates did", notes, (Picture(svg, alt), table))],
    )
