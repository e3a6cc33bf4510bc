"""What the terminal, the chart and the page say alike: of steps ahead, and what the gates did."""

from __future__ import annotations

import math

from stockcast.forecast.inspection import Inspection
from stockcast.networks.cells import CELLS
from stockcast.prices.history import format_date

_MEANINGS = {
    "input": "1 writes, 0 leaves out",
    "forget": "1 keeps, 0 erases",
    "output": "1 shows the memory, 0 hides it",
    "update": "1 keeps, 0 replaces",
    "reset": "1 looks back, 0 starts anew",
}


def describe_ahead(horizon: int) -> str:
    """Say how far ahead is forecast.

    >>> describe_ahead(1), describe_ahead(5)
    ('one step ahead', '5 steps ahead')
    """
    return "one step ahead" if horizon == 1 else f"{horizon} steps ahead"


def name_cells(seen: Inspection) -> str:
    """Return the ticker and the network's kind, such as `GOOG, LSTM with coupled gates`."""
    return f"{seen.ticker}, {CELLS[seen.cell].title}"


def name_gate(name: str) -> str:
    """Return a gate's name and what it does, such as `forget gate: 1 keeps, 0 erases`."""
    return f"{name} gate: {_MEANINGS[name]}"


def name_inputs(seen: Inspection) -> str:
    """Return what the lowest layer sees."""
    if len(seen.features) > 1:
        return f"{len(seen.features)} columns"
    return {
        "price": "scaled prices",
        "log-return": "log returns",
        "relative": "prices beside the last one",
    }[seen.target]


def name_steps(seen: Inspection) -> str:
    """Return `trading days` where bars are daily, else `bars`."""
    return "trading days" if seen.is_daily else "bars"


def count_steps(steps: float, seen: Inspection) -> str:
    """Return a number of steps, such as `6.0 trading days`, or `never`."""
    if not math.isfinite(steps):
        return "never"
    number = f"{steps:.1f}" if steps < 1000 else f"{steps:,.0f}"
    return f"{number} {name_steps(seen)}"


def describe_span(seen: Inspection) -> str:
    """Say which steps were looked at."""
    count, steps = len(seen.dates), name_steps(seen)
    first, last = format_date(seen.dates[0]), format_date(seen.dates[-1])
    what = f"{count:,} {steps}, {first} to {last}" if count > 1 else first
    if seen.forecast_date is None:
        each = "each " if count > 1 else ""
        return f"{what}, {each}at the end of its own window of {len(seen.sensitivity)}"
    return f"{what}, seen for the forecast of {format_date(seen.forecast_date)}"


def describe_reach(seen: Inspection) -> str:
    """Say how far back the network remembers."""
    window, half_life, within = len(seen.sensitivity), seen.gradient_half_life, seen.half_within
    steps = name_steps(seen)
    if not seen.sensitivity.any():
        return "the forecast does not depend on what it sees"
    if window == 1:
        return f"its window is one {steps.removesuffix('s')}"
    carry = f"the newest {within} of {window} {'carries' if within == 1 else 'carry'} half of all"
    if half_life is None:
        return f"what it sees does not fade within the window; {carry}"
    peak = f"the newest {steps.removesuffix('s')}"
    if seen.peak > 1:
        peak = f"{seen.peak} {steps} back"
    fading = f"further back it halves about every {count_steps(half_life, seen)}"
    return f"what counts most is {peak}; {carry}; {fading}"
