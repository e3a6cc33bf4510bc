"""The picture of what the gates and the memory cells did, and how far back they remember."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stockcast.forecast.inspection import Inspection, LayerStates
from stockcast.networks.cells import Array
from stockcast.prices.history import format_date
from stockcast.report import wording
from stockcast.report.figures import (
    ACTUAL,
    FORECAST,
    SMALL,
    check_name,
    make_figure,
    render_svg,
    save_figure,
)
from stockcast.report.gates_page import write_gates_page
from stockcast.report.heatmaps import draw_heatmaps, find_most, find_range

FORMATS = (".png", ".svg", ".html")
_MOST_LAYERS = 8  # beside each other; more would be too narrow to read
_HALO = 2.5  # points around the line of means, so that it reads on any colour
_FEW = 4  # steps


def check_gates_name(path: Path) -> None:
    """Refuse a file name that is none of FORMATS.

    Raises:
        UsageError: it is not.
    """
    check_name(path, FORMATS)


def draw_gates(seen: Inspection, path: Path) -> None:
    """Draw the price, and under it each layer's gates and memory, aligned step by step.

    Raises:
        OutputError: the file cannot be written.
    """
    on_page = path.suffix.lower() == ".html"
    layers = seen.layers[:_MOST_LAYERS]
    rows = 3 + len(layers[0].gates)
    size = (max(8.0, 1.8 + 2.75 * len(layers)), 1.4 + 1.5 * rows)
    with make_figure(on_page=on_page, figsize=size, dpi=100) as figure:
        grid = figure.subplots(rows, len(layers), squeeze=False, sharey="row")
        figure.get_layout_engine().set(hspace=0.02, wspace=0.02)
        _draw_prices(grid[0], seen)
        for row, name in zip(grid[1:-2], layers[0].gates, strict=True):
            _draw_gate(row, [layer.gates[name] for layer in layers], wording.name_gate(name))
        _draw_memories(grid[-2], layers)
        for number, row in enumerate(grid[:-1]):
            for axes in row:
                _label_steps(axes, seen, named=number in (0, rows - 2))
        _draw_fades(grid[-1], layers, seen)
        if on_page:
            write_gates_page(seen, render_svg(figure), drawn=len(layers), path=path)
            return
        shown = wording.describe_span(seen)
        if len(layers) < len(seen.layers):
            shown += f"; the first {len(layers)} of {len(seen.layers)} layers"
        _write_title(figure, wording.name_cells(seen), shown)
        save_figure(figure, path)


def _write_title(figure: Any, title: str, shown: str) -> None:
    """Write two lines above the panels, which the layout makes room for."""
    figure.suptitle(
        f"{title}\n{shown}", x=0.01, ha="left", fontsize=11, linespacing=1.4, parse_math=False
    )


def _draw_prices(row: Any, seen: Inspection) -> None:
    for number, axes in enumerate(row):
        steps = np.arange(len(seen.dates))
        axes.plot(steps, seen.prices, _choose_line(len(steps)), color=ACTUAL)
        below = f"layer {number}" if number else wording.name_inputs(seen)
        axes.set_title(f"layer {number + 1} sees {below}", fontsize=11, fontweight="bold")
    _name_row(row[0], "", "price")


def _draw_gate(row: Any, gates: list[Array], title: str) -> None:
    """Draw one gate of each layer: a colour a unit and step, a line for the mean of all units."""
    from matplotlib.patheffects import withStroke

    draw_heatmaps(row, gates, colours="cividis", limits=find_range(gates))
    for axes, gate in zip(row, gates, strict=True):
        axes.plot(
            np.arange(len(gate)),
            gate.mean(axis=1),
            _choose_line(len(gate)),
            color="black",
            linewidth=1.4,
            path_effects=[withStroke(linewidth=_HALO, foreground="white")],
        )
        axes.set_ylim(0, 1)
    _name_row(row[0], title, "line: the mean")


def _draw_memories(row: Any, layers: tuple[LayerStates, ...]) -> None:
    memories = [layer.hidden if layer.memory is None else layer.memory for layer in layers]
    most = find_most(memories)
    draw_heatmaps(row, memories, colours="RdBu_r", limits=(-most, most))
    row[0].set_yticks([])
    has_memory = layers[0].memory is not None
    what = "memory cell" if has_memory else "hidden state (a GRU has no memory cell)"
    _name_row(row[0], what, "a row a unit")


def _label_steps(axes: Any, seen: Inspection, *, named: bool) -> None:
    """Mark a few steps, named by their date; the axis counts steps, so that panels align."""
    last = len(seen.dates) - 1
    axes.set_xlim(-0.5, last + 0.5)
    ticks = sorted({0, last // 2, last})
    names = [format_date(seen.dates[tick]).replace("T", "\n") for tick in ticks]
    axes.set_xticks(ticks, names if named else [], fontsize=SMALL)
    if last > _FEW:  # else there is room on both sides
        axes.get_xticklabels()[0].set_horizontalalignment("left")
        axes.get_xticklabels()[-1].set_horizontalalignment("right")


def _draw_fades(row: Any, layers: tuple[LayerStates, ...], seen: Inspection) -> None:
    """Draw what a layer has kept of each step back, before how much that step counts."""
    from matplotlib.ticker import MaxNLocator

    share = seen.sensitivity[::-1] / (seen.sensitivity.max() or 1.0)
    edges = np.arange(len(share) + 1) + 0.5
    for axes, layer in zip(row, layers, strict=True):
        counts = "how much each counts (the most is 1)"
        axes.stairs(share, edges, fill=True, color=FORECAST, alpha=0.45, label=counts)
        kept = "share that this layer's memory keeps"
        back = np.arange(len(share), 0, -1)
        axes.plot(back, layer.fade, _choose_line(len(back)), color=ACTUAL, label=kept)
        axes.xaxis.set_major_locator(
            MaxNLocator(6, integer=True, steps=[1, 2, 5, 10], min_n_ticks=1)
        )
        axes.set_xlim(len(share) + 0.5, 0.5)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel(f"{wording.name_steps(seen)} back", fontsize=SMALL)
        axes.tick_params(axis="x", labelsize=SMALL)
    handles, labels = row[0].get_legend_handles_labels()
    row[0].figure.legend(handles, labels, fontsize=SMALL, loc="outside lower left", ncols=2)
    _name_row(row[0], "how far back it remembers", "share")


def _choose_line(steps: int) -> str:
    """Return a line's format: a single step is a point."""
    return "o" if steps == 1 else "-"


def _name_row(axes: Any, title: str, label: str) -> None:
    if title:
        axes.set_title(title, fontsize=11, parse_math=False)
    axes.set_ylabel(label, fontsize=SMALL)
    axes.tick_params(axis="y", labelsize=SMALL)
