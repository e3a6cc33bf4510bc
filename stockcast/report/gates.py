"""The picture of what the gates and the memory cells did, and how far back they remember."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stockcast.forecast.inspection import Inspection, LayerStates
from stockcast.prices.history import format_date
from stockcast.recurrent.cells import Array
from stockcast.report.figures import (
    ACTUAL,
    FORECAST,
    check_name,
    make_figure,
    render_svg,
    save_figure,
)
from stockcast.report.gates_page import write_gates_page

FORMATS = (".png", ".svg", ".html")
_MOST_LAYERS = 8  # beside each other; more would be too narrow to read
_MEANINGS = {
    "input": "input gate: 1 writes, 0 leaves out",
    "forget": "forget gate: 1 keeps, 0 erases",
    "output": "output gate: 1 shows the memory, 0 hides it",
    "update": "update gate: 1 keeps, 0 replaces",
    "reset": "reset gate: 1 looks back, 0 starts anew",
}
_HALO = 2.5  # points around the line of means, so that it reads on any colour


def check_gates_name(path: Path) -> None:
    """Refuse a file name that is none of FORMATS.

    Raises:
        UsageError: it is not.
    """
    check_name(path, FORMATS)


def draw_gates(seen: Inspection, path: Path) -> None:
    """Draw the price, and under it each layer's gates and memory, aligned step by step."""
    on_page = path.suffix.lower() == ".html"
    layers = seen.layers[:_MOST_LAYERS]
    rows = 3 + len(layers[0].gates)
    size = (2.2 + 3.2 * len(layers), 1.2 + 1.75 * rows)
    with make_figure(on_page=on_page, figsize=size, dpi=100) as figure:
        grid = figure.subplots(rows, len(layers), squeeze=False, sharey="row")
        figure.get_layout_engine().set(hspace=0.02, wspace=0.02)
        if not on_page:
            figure.suptitle(_title_of(seen), x=0.01, ha="left", fontsize=14, parse_math=False)
        _draw_prices(grid[0], seen)
        for row, name in enumerate(layers[0].gates, start=1):
            gates = [layer.gates[name] for layer in layers]
            _draw_heats(grid[row], gates, colours="cividis", limits=_find_range(gates))
            for axes, gate in zip(grid[row], gates, strict=True):
                _draw_mean(axes, gate)
            _name_row(grid[row, 0], _MEANINGS[name], "mean openness")
        memories = [_get_memory(layer) for layer in layers]
        most = max(float(np.abs(memory).max()) for memory in memories) or 1.0
        _draw_heats(grid[-2], memories, colours="RdBu_r", limits=(-most, most))
        grid[-2, 0].set_yticks([])
        has_memory = layers[0].memory is not None
        what = "memory cell" if has_memory else "hidden state (a GRU has no memory cell)"
        _name_row(grid[-2, 0], what, "a row a unit")
        for axes in grid[:-1].flat:
            _label_steps(axes, seen)
        _draw_fades(grid[-1], layers, seen)
        if on_page:
            write_gates_page(seen, render_svg(figure), title=_title_of(seen), path=path)
        else:
            save_figure(figure, path)


def _title_of(seen: Inspection) -> str:
    first, last = format_date(seen.dates[0]), format_date(seen.dates[-1])
    if seen.forecast_date is None:
        return f"{seen.ticker}, {seen.cell}: {first} to {last}, each date after its own window"
    return (
        f"{seen.ticker}, {seen.cell}: {len(seen.dates)} bars {first} to {last}, "
        f"seen for the forecast of {format_date(seen.forecast_date)}"
    )


def _get_memory(layer: LayerStates) -> Array:
    return layer.hidden if layer.memory is None else layer.memory


def _order_units(values: Array) -> Array:
    """Sort (steps, units) by the units' loadings on the first principal component.

    Units that move together come to lie together, so that what moves them shows as a stripe.
    """
    loadings = np.linalg.svd(values - values.mean(), full_matrices=False)[2][0]
    order: Array = np.argsort(loadings * (np.sign(loadings.sum()) or 1.0))
    return order


def _find_range(gates: list[Array]) -> tuple[float, float]:
    """Return limits of the colours: the gates' own range, at least a tenth wide."""
    low = min(float(gate.min()) for gate in gates)
    high = max(float(gate.max()) for gate in gates)
    spare = max(0.0, 0.1 - (high - low)) / 2
    return low - spare, high + spare


def _draw_prices(row: Any, seen: Inspection) -> None:
    for number, axes in enumerate(row):
        axes.plot(np.arange(len(seen.dates)), seen.prices, color=ACTUAL)
        below = f"layer {number}" if number else "the prices"
        axes.set_title(f"layer {number + 1}, which sees {below}", fontsize=12, fontweight="bold")
    row[0].set_ylabel("price", fontsize=8)
    row[0].tick_params(axis="y", labelsize=8)


def _draw_heats(
    row: Any, values: list[Array], *, colours: str, limits: tuple[float, float]
) -> None:
    """Draw (steps, units) arrays: time from left to right, a unit a row, and one colour scale."""
    for axes, value in zip(row, values, strict=True):
        axes.grid(visible=False)
        image = axes.imshow(
            value[:, _order_units(value)].T,
            aspect="auto",
            origin="lower",
            cmap=colours,
            vmin=limits[0],
            vmax=limits[1],
            extent=(-0.5, len(value) - 0.5, 0, 1),
            interpolation="nearest",
        )
    bar = row[-1].figure.colorbar(image, ax=list(row), fraction=0.012, pad=0.005)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8)


def _draw_mean(axes: Any, gate: Array) -> None:
    from matplotlib.patheffects import withStroke

    axes.plot(
        np.arange(len(gate)),
        gate.mean(axis=1),
        color="black",
        linewidth=1.4,
        path_effects=[withStroke(linewidth=_HALO, foreground="white")],
    )
    axes.set_ylim(0, 1)


def _name_row(axes: Any, title: str, label: str) -> None:
    axes.set_title(title, fontsize=11, parse_math=False)
    axes.set_ylabel(label, fontsize=8)
    axes.tick_params(axis="y", labelsize=8)


def _label_steps(axes: Any, seen: Inspection) -> None:
    """Name a few steps by their date; the axis counts steps, so that panels align."""
    last = len(seen.dates) - 1
    axes.set_xlim(-0.5, last + 0.5)
    ticks = sorted({0, last // 2, last})
    axes.set_xticks(ticks, [format_date(seen.dates[tick]) for tick in ticks], fontsize=8)
    for text, side in zip(axes.get_xticklabels(), ("left", "center", "right"), strict=False):
        text.set_horizontalalignment(side)


def _draw_fades(row: Any, layers: tuple[LayerStates, ...], seen: Inspection) -> None:
    """Draw what a layer has kept of each day back, before how much that day counts."""
    share = seen.sensitivity / (seen.sensitivity.max() or 1.0)
    back = np.arange(len(share), 0, -1)
    for axes, layer in zip(row, layers, strict=True):
        axes.bar(back, share, width=1.0, color=FORECAST, alpha=0.45, label="counts in the answer")
        axes.plot(back, layer.fade, color=ACTUAL, label="kept in this layer's memory")
        axes.set_xlim(len(share) + 0.5, 0.5)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel("days back", fontsize=8)
        axes.tick_params(axis="x", labelsize=8)
    row[0].legend(fontsize=8, loc="upper left")
    half_life = seen.gradient_half_life
    speed = "does not fade" if half_life is None else f"halves in {half_life:.1f} days"
    _name_row(row[0], f"how far back it remembers: {speed}", "share of the most")
