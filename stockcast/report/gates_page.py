"""The page of what the gates did: the picture, and how to read it."""

from __future__ import annotations

from pathlib import Path

from stockcast.forecast.inspection import Inspection
from stockcast.plurals import count_of
from stockcast.report import wording
from stockcast.report.page import Picture, Section, Table, write_page

_ANSWERS = {"forecast": "the forecast", "volatility": "what is added to the path's volatility"}
_PANEL_WIDTH = 16  # rem; narrower panels have letters too small to read


def write_gates_page(seen: Inspection, svg: str, *, drawn: int, path: Path) -> None:
    """Write the page of one picture of gates.

    Args:
        seen: what was looked at.
        svg: the picture.
        drawn: the layers that are on it.
        path: of the HTML file.
    """
    gates = tuple(seen.layers[0].gates)
    alt = (
        f"Heat maps of the {' and '.join(', '.join(gates).rsplit(', ', 1))} gate and of the memory "
        f"of {count_of(drawn, 'layer')}, under the price and above how far back each remembers"
    )
    picture = Picture(svg, alt, least_width=max(40, _PANEL_WIDTH * drawn))
    write_page(
        path,
        title=f"{wording.name_cells(seen)}: what the gates did",
        lead=f"How far back it remembers: {wording.describe_reach(seen)}.",
        sections=[
            Section(f"{wording.describe_span(seen)}", _explain(seen, drawn), (picture,)),
            Section("In numbers", (), (_tabulate(seen),)),
        ],
    )


def _explain(seen: Inspection, drawn: int) -> tuple[str, ...]:
    """Say how to read the picture."""
    step = wording.name_steps(seen).removesuffix("s")
    notes = [
        "Time runs from left to right; a column of panels is a layer. In a heat map each row is a "
        "unit, sorted within its panel so that units that behave alike lie together. Its colour "
        "says how far the unit's gate was open, or what its memory held. The black line is the "
        "mean of all units, on the scale from 0 to 1 at the left.",
        f"The last row counts {step}s back. The bars say how much a small change of that {step}'s "
        f"input would change {_ANSWERS[seen.answer]}: the gradient, by backpropagation through "
        "time, the same "
        "in every layer's panel. The line says which share of what was written then is still in "
        "the layer's memory: the product of all that its gates have kept since.",
    ]
    if seen.forecast_date is None:
        notes.append(
            f"Every {step} is seen as the newest of a window of its own, which starts with an "
            "empty memory; the last row is the mean over all these windows."
        )
    if seen.layers[0].memory is None:
        notes.append(
            "A GRU has no memory cell: its update gate keeps the hidden state itself, and that is "
            "what the memory's panel shows."
        )
    if drawn < len(seen.layers):
        notes.append(f"The picture has the first {drawn} of {len(seen.layers)} layers.")
    return tuple(notes)


def _tabulate(seen: Inspection) -> Table:
    return Table(
        caption="Mean openness of each gate, and how fast each layer's memory fades",
        head=("layer", *(f"{name} gate" for name in seen.layers[0].gates), "memory halves in"),
        rows=tuple(
            (
                str(number),
                *(f"{gate.mean():.2f}" for gate in layer.gates.values()),
                wording.count_steps(layer.half_life, seen),
            )
            for number, layer in enumerate(seen.layers, start=1)
        ),
    )
