"""What the gates and the memory of the model that comes along did with a crash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import stockcast as sc
from docs.figures.held import hold_forget_gates
from docs.figures.jacobians import differentiate_steps, follow_back
from docs.figures.sample import SAMPLE, TICKERS
from stockcast.evaluation.panel import panel_diebold_mariano
from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.forecast.outlook import count_used, forecast_at_cutoffs, scale_bars
from stockcast.networks.cells import CellWeights
from stockcast.networks.trace import LayerTrace, trace_network
from stockcast.prices.history import Numbers
from stockcast.windows.model_inputs import scale_windows
from stockcast.windows.moves import REACH, measure_moves
from stockcast.windows.per_window import count_context, cut_contexts

CRASH = np.datetime64("2008-09-29")
AFTER = 40  # bars of the window after the crash
GATES = ("i", "f", "g", "o")


@dataclass(frozen=True)
class Window:
    """The pretrained model over a window of sixty bars of AAPL that ends some days after the crash.

    Attributes:
        dates: (window,) of its bars.
        inputs: (window, inputs) of the first layer.
        layers: weights, in double precision.
        traces: a layer each, every array (window, 1, units).
        at: the step of the crash.
    """

    dates: Any
    inputs: Numbers
    layers: tuple[CellWeights, ...]
    traces: tuple[LayerTrace, ...]
    at: int


def read(ticker: str) -> tuple[sc.Model, sc.PriceHistory]:
    """Return the pretrained model, made that of a sample ticker, and its prices."""
    (history,) = sc.read_prices(SAMPLE / f"{ticker}.csv")
    return sc.load_model("pretrained").adapt(history), history


def run_window(*, after: int = AFTER) -> Window:
    """Run the network over the window that ends so many bars after the crash."""
    model, history = read("AAPL")
    row = int(np.searchsorted(history.dates, CRASH)) + after + 1
    window = model.recipe.window
    _, values = scale_bars(model, history, row - count_used(model), row)
    contexts = cut_contexts(values, rows=count_context(model.scalers, window), count=1)
    target = model.columns.target_index
    scaled = scale_windows(contexts, model.scalers, target, window=window).windows
    inputs, weights = scaled.astype(np.float64), model.weights.astype(np.float64)
    return Window(
        history.dates[row - window : row],
        inputs[0],
        weights.layers,
        trace_network(inputs, weights),
        window - 1 - after,
    )


def take_step(window: Window) -> dict[str, Any]:
    """Take apart the day of the crash in the unit of layer 1 whose memory it moved furthest.

    Returns:
        `unit` from 1; `x`, what is seen; of each gate its value, and in `parts` what adds up to it
        before σ or tanh: an x · w each, what h₋ brings, the bias; the memory `before` and `c`,
        and `h`; `usual`, each gate's median over the window.
    """
    trace, layer, at = window.traces[0], window.layers[0], window.at
    memory = trace.memory[:, 0]
    unit = int(np.argmax(np.abs(memory[at] - memory[at - 1])))
    parts: dict[str, list[float]] = {}
    for number, name in enumerate(GATES):
        column = number * layer.units + unit
        seen = window.inputs[at] * layer.kernel[:, column]
        shown = trace.hidden[at - 1, 0] @ layer.recurrent_kernel[:, column]
        parts[name] = [*map(float, seen), float(shown), float(layer.bias[column])]
    gates = dict(zip(GATES, (gate[:, 0, unit] for gate in trace.gates), strict=True))
    return {
        "unit": unit + 1,
        "x": [float(value) for value in window.inputs[at]],
        "parts": parts,
        "usual": {name: float(np.median(gate)) for name, gate in gates.items()},
        **{name: float(gate[at]) for name, gate in gates.items()},
        "before": float(memory[at - 1, unit]),
        "c": float(memory[at, unit]),
        "h": float(trace.hidden[at, 0, unit]),
    }


def follow_gradients(window: Window) -> dict[str, list[float]]:
    """Return what is left of a gradient 0 to 59 days back in layer 1, in its best direction.

    `path` is the product of forget gates of the unit that keeps most, `whole` the largest singular
    value of ∂(c, h) / ∂(c, h) before. `plain` is of a plain network with the candidate's weights.
    """
    trace, layer = window.traces[0], window.layers[0]
    kept = np.cumprod(trace.keeping[:0:-1, 0], axis=0)
    found = {
        "path": [1.0, *kept.max(axis=1)],
        "whole": follow_back(differentiate_steps(window.inputs, layer, trace.name)),
        "plain": follow_back(_run_plain(window.inputs, layer)),
    }
    return {name: [float(value) for value in values] for name, values in found.items()}


def _run_plain(inputs: Numbers, layer: CellWeights) -> list[Numbers]:
    """Return ∂h / ∂h₋ of each step of h = tanh(x W + h₋ R + b), the candidate's by itself."""
    candidate = slice(2 * layer.units, 3 * layer.units)
    recurrent = layer.recurrent_kernel[:, candidate]
    state = np.zeros(layer.units)
    slopes = []
    for projected in layer.project(inputs)[:, candidate]:
        state = np.tanh(projected + state @ recurrent)
        slopes.append((1 - state**2)[:, None] * recurrent.T)
    return slopes


def measure_gates(window: Window) -> list[dict[str, float]]:
    """Return of each layer where the forget gates of its units stand, each unit by its median."""
    found = []
    for trace in window.traces:
        usual = np.median(trace.keeping[:, 0], axis=0)
        found.append(
            {
                "median": float(np.median(usual)),
                "lowest": float(usual.min()),
                "highest": float(usual.max()),
                "half_life": float(np.log(0.5) / np.log(usual.max())),
            }
        )
    return found


def score_held() -> dict[str, dict[str, Any]]:
    """Score forecasts as trained, with forget gates held, and without a network, on four tickers.

    Returns:
        of each way `qlike`, the mean over the tickers, and `tickers`, one by one; but for
        `trained` also `p`: two-sided, of the test of Diebold & Mariano (1995) against it, the
        tickers of a date added up.
    """
    losses: dict[str, list[Numbers]] = {name: [] for name in ("trained", "open", "shut", "path")}
    dates = []
    for ticker in TICKERS:
        days, found = score_ticker(ticker)
        dates.append(days)
        for name, values in found.items():
            losses[name].append(values)
    scores: dict[str, dict[str, Any]] = {}
    for name, values in losses.items():
        means = [float(one.mean()) for one in values]
        scores[name] = {
            "qlike": float(np.mean(means)),
            "tickers": dict(zip(TICKERS, means, strict=True)),
        }
    trained = np.concatenate(losses["trained"])
    for name in ("open", "shut", "path"):
        gains = np.concatenate(losses[name]) - trained
        scores[name]["p"] = panel_diebold_mariano(np.concatenate(dates), gains)[1]
    return scores


def score_ticker(ticker: str) -> tuple[Any, dict[str, Numbers]]:
    """Return dates, and of each way the QLIKE of every bar that has a range."""
    model, history = read(ticker)
    moves = measure_moves(history, model.columns.target)
    cutoffs = np.arange(REACH + model.recipe.window + 1, len(history))
    true = moves.variances[cutoffs]
    known = np.isfinite(true) & (true > 0)
    ways = {}
    for name, kept in (("trained", None), ("open", 1.0), ("shut", 0.0)):
        one = sc.load_model("pretrained")
        if kept is not None:
            one = replace(one, weights=hold_forget_gates(one.weights, kept))
        outlook = forecast_at_cutoffs(one.adapt(history), history, cutoffs)
        ways[name] = outlook.volatility[:, 0]
    if model.path is not None:  # it has one
        ways["path"] = model.path.forecast(moves)[cutoffs - 1, 0]
    losses = {name: qlike_losses(true[known], one[known] ** 2) for name, one in ways.items()}
    return history.dates[cutoffs[known]], losses
