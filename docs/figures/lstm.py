"""`python -m docs.figures.lstm`: the pictures and the numbers of docs/what-is-an-lstm.md.

Numbers are of the model that comes with the program, on sample data; they go to stdout as JSON, and
a test holds the page to them. Pictures are SVG without scripts or fonts of their own, and take
their colours from the reader's scheme, light or dark.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.evaluation.volatility_metrics import qlike_losses
from stockcast.files import replace_file
from stockcast.forecast.outlook import count_used, forecast_at_cutoffs, scale_bars
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.networks.network import Weights
from stockcast.networks.trace import LayerTrace, trace_network
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import Numbers, PriceHistory
from stockcast.windows.model_inputs import scale_windows
from stockcast.windows.moves import REACH, measure_moves
from stockcast.windows.per_window import count_context, cut_contexts

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "images" / "lstm"
CRASH = np.datetime64("2008-09-29")
BACK = (1, 5, 10, 22)  # steps
SHOWN = 40  # days of the picture of one unit
_PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
 font-family="system-ui, sans-serif" font-size="14">
<title>{title}</title>
<style>
.ground {{ fill: #fff }}
.ink {{ stroke: #1f2328; fill: none }} .open {{ stroke: #1f2328; fill: #fff }}
.text {{ fill: #1f2328 }} .quiet {{ fill: #59636e }}
.rule {{ stroke: #d1d9e0; fill: none }}
.a {{ stroke: #0072b2; fill: none }} .at {{ fill: #0072b2 }}
.b {{ stroke: #b34700; fill: none }} .bt {{ fill: #b34700 }}
.c {{ stroke: #00775a; fill: none }} .ct {{ fill: #00775a }}
@media (prefers-color-scheme: dark) {{
.ground, .open {{ fill: #0d1117 }} .ink, .open {{ stroke: #e6edf3 }}
.text {{ fill: #e6edf3 }} .quiet {{ fill: #9198a1 }}
.rule {{ stroke: #3d444d }} .a {{ stroke: #58a6ff }} .at {{ fill: #58a6ff }}
.b {{ stroke: #f0883e }} .bt {{ fill: #f0883e }} .c {{ stroke: #3fb950 }} .ct {{ fill: #3fb950 }}
}}
</style>
<rect width="{width}" height="{height}" rx="6" class="ground"/>
{body}
</svg>
"""


@dataclass(frozen=True)
class Window:
    """The pretrained model over one window of sixty bars that ends some days after the crash.

    Attributes:
        dates: (window,) of its bars.
        traces: a layer each, every array (window, 1, units).
        at: the step of the crash.
    """

    dates: Any
    traces: tuple[LayerTrace, ...]
    at: int


def read(name: str) -> tuple[Model, PriceHistory]:
    """Return the pretrained model, made that of a sample ticker, and its prices."""
    (history,) = read_prices([ROOT / "sample_data" / f"{name}.csv"])
    return load_model("pretrained").adapt(history), history


def run_window(model: Model, history: PriceHistory, *, after: int) -> Window:
    """Run the network over the window that ends so many bars after the crash."""
    row = int(np.searchsorted(history.dates, CRASH)) + after + 1
    window = model.recipe.window
    _, values = scale_bars(model, history, row - count_used(model), row)
    contexts = cut_contexts(values, rows=count_context(model.scalers, window), count=1)
    target = model.columns.target_index
    scaled = scale_windows(contexts, model.scalers, target, window=window).windows
    traces = trace_network(scaled.astype(np.float64), model.weights.astype(np.float64))
    return Window(history.dates[row - window : row], tuple(traces), window - 1 - after)


def take_step(window: Window) -> dict[str, float]:
    """Return one step of the unit of layer 1 whose memory the crash moved furthest."""
    trace, at = window.traces[0], window.at
    memory = trace.memory[:, 0]
    unit = int(np.argmax(np.abs(memory[at] - memory[at - 1])))
    gates = dict(zip(("i", "f", "g", "o"), (one[at, 0, unit] for one in trace.gates), strict=True))
    return {
        "unit": unit + 1,
        **{name: float(value) for name, value in gates.items()},
        "before": float(memory[at - 1, unit]),
        "c": float(memory[at, unit]),
        "h": float(trace.hidden[at, 0, unit]),
    }


def follow_back(window: Window, weights: Weights) -> dict[str, list[float]]:
    """Return what is left of a gradient some steps back: on the path of the memory, and without.

    On the path: the product of the forget gates, the mean of a layer's units and its largest.
    Without: the same layer's candidate fed back to itself as the state, as a plain network has it,
    the largest singular value of the product of its Jacobians, diag(1 − h²) Rᵀ.
    """
    found: dict[str, list[float]] = {"mean": [], "largest": [], "plain": []}
    trace = window.traces[0]
    units = trace.memory.shape[-1]
    recurrent = weights.layers[0].recurrent_kernel[:, 2 * units : 3 * units].astype(np.float64)
    candidate = trace.gates[2][:, 0]
    for steps in BACK:
        kept = np.prod(trace.keeping[-steps:, 0], axis=0)
        product = np.eye(units)
        for step in range(len(candidate) - steps, len(candidate)):
            product = (1 - candidate[step] ** 2)[:, None] * recurrent.T @ product
        found["mean"].append(float(kept.mean()))
        found["largest"].append(float(kept.max()))
        found["plain"].append(float(np.linalg.norm(product, 2)))
    return found


def measure_gates(window: Window) -> list[dict[str, float]]:
    """Return of each layer the middle forget gate, and how many units keep more than 0.9."""
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


def clamp(weights: Weights, bias: float) -> Weights:
    """Return weights whose forget gates a bias holds open or closed, whatever is seen."""
    layers = []
    for layer in weights.layers:
        units = len(layer.recurrent_kernel)
        kernel, recurrent = layer.kernel.copy(), layer.recurrent_kernel.copy()
        biases = layer.bias.copy()
        forget = slice(units, 2 * units)
        kernel[:, forget], recurrent[:, forget], biases[forget] = 0.0, 0.0, bias
        layers.append(replace(layer, kernel=kernel, recurrent_kernel=recurrent, bias=biases))
    return replace(weights, layers=tuple(layers))


def score_ways() -> dict[str, float]:
    """Return the mean QLIKE on four tickers: as trained, and with forget gates held."""
    ways = {"trained": None, "open": 30.0, "closed": -30.0}
    sums: dict[str, list[float]] = {name: [] for name in (*ways, "path")}
    for ticker in ("AAPL", "GOOG", "IBM", "MSFT"):
        model, history = read(ticker)
        moves = measure_moves(history, model.columns.target)
        cutoffs = np.arange(REACH + model.recipe.window + 1, len(history))
        true = moves.variances[cutoffs]
        known = np.isfinite(true) & (true > 0)
        for name, bias in ways.items():
            weights = model.weights if bias is None else clamp(model.weights, bias)
            one = load_model("pretrained")
            changed = replace(one, weights=weights).adapt(history)
            outlook = forecast_at_cutoffs(changed, history, cutoffs)
            sums[name].append(_score(true[known], outlook.volatility[known, 0]))
        if model.path is not None:  # it has one
            path = model.path.forecast(moves)[cutoffs - 1, 0]
            sums["path"].append(_score(true[known], path[known]))
    return {name: float(np.mean(values)) for name, values in sums.items()}


def _score(true: Numbers, deviations: Numbers) -> float:
    return float(qlike_losses(true, deviations**2).mean())


def measure() -> dict[str, Any]:
    """Return every number of the page."""
    model, history = read("AAPL")
    window = run_window(model, history, after=SHOWN)
    return {
        "step": take_step(window),
        "back": follow_back(window, model.weights),
        "gates": measure_gates(window),
        "qlike": score_ways(),
    }


def main() -> None:
    """Print the numbers and draw the pictures."""
    model, history = read("AAPL")
    draw(run_window(model, history, after=SHOWN), model.weights)
    json.dump(measure(), sys.stdout, indent=1)
    print()


def draw(window: Window, weights: Weights) -> None:
    """Draw all pictures."""
    PICTURES.mkdir(exist_ok=True)
    for name, content in (
        ("cell.svg", draw_cell()),
        ("unit.svg", draw_unit(window)),
        ("gradient.svg", draw_gradient(window, weights)),
    ):
        with replace_file(PICTURES / name) as temporary:
            temporary.write_text(content, encoding="utf-8")


def draw_cell() -> str:
    """Draw the memory's path through one step, with the gates as valves."""
    body = [
        _line("a", (20, 70), (700, 70), width=5),
        _text("at", 20, 48, "c₋, the memory before"),
        _text("at", 700, 48, "c, after", anchor="end"),
        _valve(120, 70),
        _text("text", 120, 106, "f"),
        _text("quiet", 132, 106, "forget: how much is kept"),
        _line("b", (370, 215), (370, 86), width=2.5, arrow=True),
        _circle(370, 70, "+"),
        _valve(370, 150),
        _text("quiet", 338, 155, "input: how much is written", anchor="end"),
        _text("text", 350, 155, "i", anchor="end"),
        _text("bt", 370, 238, "g = tanh(…), what could be written", anchor="middle"),
        _line("c", (600, 70), (600, 215), width=2.5, arrow=True),
        _valve(600, 150),
        _text("text", 580, 155, "o", anchor="end"),
        *(
            _text("quiet", 622, 138 + 17 * row, text)
            for row, text in enumerate(("output:", "how much", "is shown"))
        ),
        _text("ct", 600, 238, "h, what the next layer sees", anchor="middle"),
        _text("quiet", 612, 110, "tanh"),
        _text(
            "quiet",
            20,
            285,
            "Each valve is σ(W x + R h₋ + b), a number between 0 (shut) and 1 (open) a unit:",
        ),
        _text("quiet", 20, 306, "of what is seen now, and of what was shown a day before."),
    ]
    title = "The memory cell: a straight path from left to right with a valve on it, and two beside"
    return _PAGE.format(width=720, height=325, title=title, body="\n".join(body))


def _valve(x: float, y: float) -> str:
    triangles = f"M{x - 13} {y - 13} L{x + 13} {y + 13} L{x + 13} {y - 13} L{x - 13} {y + 13} Z"
    return f'<path d="{triangles}" class="open" stroke-width="2"/>'


def _circle(x: float, y: float, sign: str) -> str:
    circle = f'<circle cx="{x}" cy="{y}" r="13" class="open" stroke-width="2"/>'
    return circle + _text("text", x, y + 5, sign, anchor="middle")


def _line(kind: str, start: Any, end: Any, *, width: float, arrow: bool = False) -> str:
    (x, y), (to_x, to_y) = start, end
    line = f'<path d="M{x} {y} L{to_x} {to_y}" class="{kind}" stroke-width="{width}"/>'
    if arrow:
        sign = 1 if to_y > y else -1
        tip = f"M{to_x - 6} {to_y - 8 * sign} L{to_x} {to_y} L{to_x + 6} {to_y - 8 * sign}"
        line += f'<path d="{tip}" class="{kind}" stroke-width="{width}"/>'
    return line


def _text(kind: str, x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{text}</text>'


def draw_unit(window: Window) -> str:
    """Draw the gates and the memory of one unit from a month before the crash on."""
    step = take_step(window)
    unit = int(step["unit"]) - 1
    trace = window.traces[0]
    curves = {name: one[:, 0, unit] for name, one in zip("ifgo", trace.gates, strict=True)}
    body: list[str] = []
    top = {"i": 30, "f": 110, "o": 190}
    labels = {"i": "input gate i", "f": "forget gate f", "o": "output gate o"}
    for name, y in top.items():
        body += _panel(curves[name], y, 60, (0.0, 1.0), labels[name], "c" if name != "f" else "a")
    memory = trace.memory[:, 0, unit]
    reach = float(np.abs(memory).max()) * 1.05
    body += _panel(memory, 285, 90, (-reach, reach), "memory c", "b")
    x = _place(window.at, len(memory))
    body.append(f'<path d="M{x:.1f} 25 V375" class="ink" stroke-dasharray="4 4"/>')
    body.append(_text("text", x + 6, 20, "29 September 2008, −17.9 %"))
    dates = [(0, "start"), (len(memory) - 1, "end")]
    for at, anchor in dates:
        day = f"{window.dates[at].astype('datetime64[D]').item():%-d %B %Y}"
        body.append(_text("quiet", _place(at, len(memory)), 395, day, anchor=anchor))
    title = f"Gates and memory of unit {unit + 1} of layer 1 over sixty days around the crash"
    return _PAGE.format(width=720, height=405, title=title, body="\n".join(body))


def _place(at: int, count: int) -> float:
    return 130 + 570 * at / (count - 1)


def _panel(
    values: Numbers, top: float, height: float, span: tuple[float, float], label: str, kind: str
) -> list[str]:
    low, high = span
    heights = top + height * (1 - (values - low) / (high - low))
    points = " ".join(f"{_place(at, len(values)):.1f},{y:.1f}" for at, y in enumerate(heights))
    return [
        *(f'<path d="M130 {y} H700" class="rule"/>' for y in (top, top + height)),
        f'<polyline points="{points}" class="{kind}" stroke-width="2"/>',
        _text(f"{kind}t", 10, top + height / 2 + 5, label),
        _text("quiet", 124, top + 5, f"{high:.2g}", anchor="end"),
        _text("quiet", 124, top + height + 5, f"{low:.2g}".replace("-", "−"), anchor="end"),
    ]


def draw_gradient(window: Window, weights: Weights) -> str:
    """Draw what is left of a gradient after 1 to 22 steps back, on a logarithmic scale."""
    found = follow_back(window, weights)
    low = -8.0
    places = {steps: 90 + 370 * steps / BACK[-1] for steps in (0, *BACK)}
    body = []
    for power in range(0, int(low) - 1, -2):
        y = _height(10.0**power, low)
        body.append(f'<path d="M90 {y:.1f} H460" class="rule"/>')
        name = "1" if power == 0 else f"10<tspan dy='-6' font-size='10'>−{-power}</tspan>"
        body.append(_text("quiet", 82, y + 5, name, anchor="end"))
    for name, kind, label in (
        ("largest", "a", "memory, unit that keeps most"),
        ("mean", "c", "memory, mean of 32 units"),
        ("plain", "b", "the candidate as a plain network"),
    ):
        steps = [(0, 1.0), *zip(BACK, found[name], strict=True)]
        points = " ".join(f"{places[at]:.1f},{_height(value, low):.1f}" for at, value in steps)
        body.append(f'<polyline points="{points}" class="{kind}" stroke-width="2.5"/>')
        body.append(_text(f"{kind}t", 468, _height(found[name][-1], low) + 5, label))
    body += [_text("quiet", places[at], 318, str(at), anchor="middle") for at in (0, *BACK)]
    body.append(_text("quiet", 275, 340, "days back", anchor="middle"))
    body.append(_text("text", 20, 20, "what is left of a gradient"))
    title = "On the memory's path a tenth is left after days; in a plain network almost nothing"
    return _PAGE.format(width=720, height=350, title=title, body="\n".join(body))


def _height(value: float, low: float) -> float:
    return 40 + 255 * float(np.clip(np.log10(max(value, 1e-30)), low, 0.0)) / low


if __name__ == "__main__":
    main()
