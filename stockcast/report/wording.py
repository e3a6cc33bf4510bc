"""What the terminal, the chart and the page say alike: of errors, steps ahead, and the gates."""

from __future__ import annotations

import math

from stockcast.evaluation.skill import format_percent
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


def compare_error(skill: float | None) -> str:
    """Write an error beside the last price's.

    >>> compare_error(0.005), compare_error(-0.2), compare_error(0.0), compare_error(None)
    ('0.5 % less', '20 % more', 'the same', '–')
    """
    if skill is None:
        return "–"
    percent = format_percent(abs(skill))
    return "the same" if percent == "0.0 %" else f"{percent} {'less' if skill > 0 else 'more'}"


def show_share(share: float) -> str:
    """Write a share in whole per cent, and NaN as a dash.

    >>> show_share(0.81), show_share(math.nan)
    ('81 %', '–')
    """
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"


def format_beside(number: float, reference: float) -> str:
    """Write a number with as many decimals as another needs for four digits.

    >>> format_beside(0.123456, 0.5), format_beside(0.123456, 12.0), format_beside(2.0, 0.0)
    ('0.1235', '0.12', '2.000')
    """
    digits = max(0, 3 - math.floor(math.log10(reference or 1.0)))
    return f"{number:.{digits}f}"


def name_cells(seen: Inspection) -> str:
    """Return the ticker and the network's kind, such as `GOOG, LSTM with coupled gates`."""
    return f"{seen.ticker}, {CELLS[seen.cell].title}"


def name_gate(name: str) -> str:
    """Return a gate's name and what it does, such as `forget gate: 1 keeps, 0 erases`."""
    return f"{name} gate: {_MEANINGS[name]}"


def name_inputs(seen: Inspection) -> str:
    """Return what the lowest layer sees."""
    if len(seen.features) > 1:
        shown = f"{len(seen.features)} columns"
    else:
        shown = {
            "price": "scaled prices",
            "log-return": "log returns",
            "relative": "prices beside the last one",
        }[seen.target]
    shown += f", {len(seen.signals)} signals" if seen.signals else ""
    shown += "".join(f", {name}" for name in seen.calendar)
    return f"{shown}, beside {', '.join(seen.covariates)}" if seen.covariates else shown


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
        return f"the {seen.answer} does not depend on what it sees"
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


def list_layer_titles(seen: Inspection) -> list[str]:
    """Return the titles of `list_layer_rows`."""
    return ["layer", *(f"{name} gate" for name in seen.layers[0].gates), "memory halves in"]


def list_layer_rows(seen: Inspection) -> list[tuple[str, ...]]:
    """Return a row a layer: the means of its gates, and how long its memory lasts."""
    return [
        (
            str(number),
            *(f"{gate.mean():.2f}" for gate in layer.gates.values()),
            count_steps(layer.half_life, seen),
        )
        for number, layer in enumerate(seen.layers, start=1)
    ]
