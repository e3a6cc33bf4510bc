"""`python -m benchmarks.crash`: the gates and the memory of the pretrained model through a crash.

Draws docs/images/gates-crash.png from the sample data and prints the figures that docs/cells.md
reads off it: of the largest fall that has a year of bars before it, and of large moves in general.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.forecast.inspection import Inspection
from stockcast.forecast.inspector import inspect_span
from stockcast.forecast.outlook import count_used, forecast_at_cutoffs, scale_bars
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.networks.trace import trace_network
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import Numbers, PriceHistory, format_date
from stockcast.report.figures import ACTUAL, FORECAST, make_figure, save_figure
from stockcast.windows.model_inputs import scale_windows
from stockcast.windows.moves import REACH, Moves, measure_moves
from stockcast.windows.per_window import count_context, cut_contexts

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "images" / "gates-crash.png"
TICKERS = ("AAPL", "GOOG", "IBM", "MSFT")
BEFORE, AFTER = 85, 165  # bars of the picture, before the shock and after it
LARGE = 30  # moves of each ticker, the largest
FOLLOWED = 40  # bars after a shock
LAGS = (1, 5, 10, 22, 44)
FAR = (0, 5, 10, 22, 44, 66, 88)  # bars after the shock
GATES = ("input", "forget", "output")


@dataclass(frozen=True)
class Shock:
    """A bar that moved far: its ticker's history, and its row."""

    history: PriceHistory
    row: int


@dataclass(frozen=True)
class Ticker:
    """A ticker as the model sees it, from the first bar with a year and a window before it."""

    model: Model
    history: PriceHistory
    moves: Moves
    first: int
    seen: Inspection
    path: Numbers
    volatility: Numbers

    @property
    def log_scales(self) -> Numbers:
        """How far each bar moved, beside its year, in logs."""
        logs = (self.moves.log_scales - np.log(self.moves.year))[self.first :]
        return np.where(np.isfinite(logs), logs, 0.0)


def look_at(name: str) -> Ticker:
    """Run the model along a whole ticker."""
    (history,) = read_prices([ROOT / "sample_data" / f"{name}.csv"])
    model = load_model("pretrained").adapt(history)
    first = REACH + model.recipe.window
    moves = measure_moves(history, model.columns.target)
    outlook = forecast_at_cutoffs(model, history, np.arange(first + 1, len(history) + 1))
    assert model.path is not None
    return Ticker(
        model=model,
        history=history,
        moves=moves,
        first=first,
        seen=inspect_span(model, history, start=history.dates[first]),
        path=model.path.forecast(moves)[first:, 0],
        volatility=outlook.volatility[:, 0],
    )


def find_largest_fall(tickers: list[Ticker]) -> tuple[Ticker, int]:
    """Return the ticker and the row of the largest fall that is followed by FOLLOWED bars."""
    falls = [np.nanmin(one.moves.returns[one.first : -FOLLOWED]) for one in tickers]
    ticker = tickers[int(np.argmin(falls))]
    return ticker, ticker.first + int(np.nanargmin(ticker.moves.returns[ticker.first : -FOLLOWED]))


def follow_shock(ticker: Ticker, row: int) -> tuple[list[Numbers], Numbers]:
    """Return what a bar leaves in each layer's memory, and in the answer, over FOLLOWED bars.

    The same window is run twice: as it was, and with the bar as an ordinary one, whose inputs are
    all 0. What differs is what the memory carries of it; its part in the inputs of later bars
    (the path, the mean volume) stays as it was.

    Returns:
        (FOLLOWED,) a layer, the distance between the two memories; and (FOLLOWED,) between the
        logs of the volatility.
    """
    model, weights = ticker.model, ticker.model.believed.astype(np.float64)
    window, end = model.recipe.window, row + FOLLOWED
    _, values = scale_bars(model, ticker.history, end - count_used(model), end)
    contexts = cut_contexts(values, rows=count_context(model.scalers, window), count=1)
    target = model.columns.target_index
    scaled = scale_windows(contexts, model.scalers, target, window=window).windows
    plain = scaled.copy()
    plain[:, -FOLLOWED] = 0.0
    pair = np.concatenate([scaled, plain]).astype(np.float64)
    traces = trace_network(pair, weights)
    left = [
        np.linalg.norm(trace.memory[-FOLLOWED:, 0] - trace.memory[-FOLLOWED:, 1], axis=-1)
        for trace in traces
    ]
    answers = weights.head.widen(traces[-1].hidden[-FOLLOWED:] @ weights.head_kernel)
    return left, answers[:, 0, 0] - answers[:, 1, 0]


def follow_large_moves(tickers: list[Ticker]) -> tuple[list[Numbers], Numbers]:
    """Return the shares of each layer's most, (shocks, FOLLOWED), and likewise what is added."""
    layers: list[list[Numbers]] = [[] for _ in tickers[0].seen.layers]
    added = []
    for ticker in tickers:
        whole = ticker.log_scales[:-FOLLOWED]
        for place in np.argsort(-whole)[:LARGE]:
            left, answer = follow_shock(ticker, ticker.first + int(place))
            for found, one in zip(layers, left, strict=True):
                found.append(one / one.max())
            added.append(answer)
    return [np.array(one) for one in layers], np.array(added)


def find_half(shares: Numbers) -> int:
    """Return the bars after its greatest at which a curve is first below half of it."""
    peak = int(np.argmax(shares))
    return int(np.argmax(shares[peak:] < shares[peak] / 2))


def correlate(values: Numbers) -> list[float]:
    """Return the autocorrelations at LAGS."""
    centred = values - values.mean()
    total = float(centred @ centred)
    return [float(centred[lag:] @ centred[:-lag]) / total for lag in LAGS]


def take_main(memory: Any) -> tuple[Numbers, float]:
    """Return the first principal component of (steps, units), and its share of the variance."""
    left, sizes, _ = np.linalg.svd(memory - memory.mean(axis=0), full_matrices=False)
    return left[:, 0], float(sizes[0] ** 2 / (sizes**2).sum())


def print_figures(tickers: list[Ticker], ticker: Ticker, row: int) -> None:
    """Print what docs/cells.md says of the crash."""
    date = format_date(ticker.history.dates[row])
    fall = 100 * np.expm1(ticker.moves.returns[row])
    print(f"{ticker.history.ticker} {date}: {fall:.1f} %")
    print_gates(ticker, row)
    print_memory(ticker, row)
    for one in tickers:
        print(f"{one.history.ticker}: autocorrelation at {LAGS}")
        print("  how far bars moved:", *(f"{value:.2f}" for value in correlate(one.log_scales)))
        usual = np.log(one.path / one.moves.year[one.first :])
        print("  the path, which it sees:", *(f"{value:.2f}" for value in correlate(usual)))
        for number, layer in enumerate(one.seen.layers, start=1):
            assert layer.memory is not None
            main, share = take_main(layer.memory)
            values = " ".join(f"{value:.2f}" for value in correlate(main))
            print(f"  memory of layer {number}: {values} ({share:.0%} of its variance)")
        added = np.log(one.volatility / one.path)
        values = " ".join(f"{value:.2f}" for value in correlate(added))
        low, high = np.expm1([added.min(), added.max()])
        print(f"  added to the path: {values}, {low:+.1%} to {high:+.1%}")


def print_gates(ticker: Ticker, row: int) -> None:
    """Print each gate's mean on the calmest and the wildest tenth of days, and on the shock."""
    logs, place = ticker.log_scales, row - ticker.first
    month = np.convolve(logs, np.ones(22) / 22)[: len(logs)]
    order = np.argsort(month)
    calm, wild = order[: len(order) // 10], order[-(len(order) // 10) :]
    for number, layer in enumerate(ticker.seen.layers, start=1):
        for name in GATES:
            gate = layer.gates[name]
            day = gate.mean(axis=1)
            moved = gate[place] - gate[place - 1]
            print(
                f"  layer {number} {name}: calm {day[calm].mean():.3f}, wild {day[wild].mean():.3f}"
                f", the day before {day[place - 1]:.3f}, on it {day[place]:.3f}; "
                f"{(moved > 0.05).sum()} units open by 0.05, {(moved < -0.05).sum()} close; "
                f"correlation with how far bars moved {np.corrcoef(day, logs)[0, 1]:.2f}"
            )


def draw(ticker: Ticker, row: int, layers: list[Numbers]) -> None:
    """Draw the crash: price, moves, gates and memory day by day, and what large moves leave."""
    span = slice(row - BEFORE - ticker.first, row + AFTER - ticker.first)
    options = {"height_ratios": [1.0, 1.0, 1.1, 1.15, 1.15, 1.1]}
    with make_figure(figsize=(9, 11.5), dpi=110) as figure:
        panels = figure.subplots(6, 1, gridspec_kw=options)
        draw_price(panels[0], ticker, row, span)
        draw_moves(panels[1], ticker, row, span)
        draw_gates(panels[2], ticker, span)
        for number, axes in enumerate(panels[3:5], start=1):
            draw_memory(axes, ticker, span, number)
        for axes in panels[:5]:
            mark_dates(axes, ticker, span)
        for axes in panels[:4]:
            axes.set_xticklabels([])
        draw_left(panels[5], layers)
        save_figure(figure, PICTURE)


def draw_price(axes: Any, ticker: Ticker, row: int, span: slice) -> None:
    """Draw the price, with a word at the shock."""
    prices = ticker.seen.prices[span]
    axes.plot(prices, color=ACTUAL, linewidth=1.6)
    fall = 100 * np.expm1(ticker.moves.returns[row])
    day = f"{ticker.history.dates[row].astype('datetime64[D]').item():%-d %B %Y}"
    axes.annotate(
        f"{day}: {fall:.1f} %".replace("-", "−"),
        (BEFORE, prices[BEFORE]),
        (BEFORE + 14, prices.max()),
        va="top",
        arrowprops={"arrowstyle": "-", "color": "0.4"},
    )
    axes.set_title(f"{ticker.history.ticker}, which the model has never seen: the price")
    axes.set_ylabel("price")


def draw_moves(axes: Any, ticker: Ticker, row: int, span: slice) -> None:
    """Draw how far each bar moved, and the volatility that was forecast the day before."""
    rows = np.arange(row - BEFORE, row + AFTER)
    moved = 100 * np.sqrt(ticker.moves.variances[rows])
    axes.bar(np.arange(len(rows)), moved, width=1.0, color=ACTUAL, alpha=0.35)
    forecast = 100 * ticker.volatility[span.start - 1 : span.stop - 1]
    axes.plot(forecast, color=FORECAST, linewidth=1.8)
    axes.set_title("how far it moved each day, and the volatility forecast the day before (line)")
    axes.set_ylabel("percent")


def draw_gates(axes: Any, ticker: Ticker, span: slice) -> None:
    """Draw the mean openness of the gates of layer 1."""
    colours = {"input": "#009e73", "forget": "#0072b2", "output": "#cc79a7"}
    for name, colour in colours.items():
        mean = ticker.seen.layers[0].gates[name].mean(axis=1)
        raised = {"input": 0.03, "output": -0.03}.get(name, 0.0)  # two names, one above the other
        axes.plot(mean[span], color=colour, linewidth=1.6)
        axes.axhline(np.median(mean), color=colour, linewidth=1, linestyle=":")
        place = (AFTER + BEFORE + 1, np.median(mean) + raised)
        axes.text(*place, name, color=colour, va="center")
    axes.set_title("gates of layer 1, mean of 32 units: 0 closed, 1 open; dotted: their median")
    axes.set_ylabel("openness")


def draw_memory(axes: Any, ticker: Ticker, span: slice, number: int) -> None:
    """Draw the memory of a layer, a row a unit, beside what each holds on a usual day."""
    memory = ticker.seen.layers[number - 1].memory
    assert memory is not None
    shown = set_apart(memory)[span]
    axes.grid(visible=False)
    loadings = np.linalg.svd(shown, full_matrices=False)[2][0]
    image = axes.imshow(
        shown[:, np.argsort(loadings)].T,
        aspect="auto",
        cmap="RdBu_r",
        vmin=-3,
        vmax=3,
        extent=(-0.5, len(shown) - 0.5, 0, 1),
        interpolation="nearest",
    )
    axes.set_yticks([])
    axes.set_ylabel("a row a unit")
    axes.set_title(f"memory cells of layer {number}, in deviations from what each usually holds")
    axes.figure.colorbar(image, ax=axes, fraction=0.02, pad=0.01)


def set_apart(memory: Any) -> Any:
    """(steps, units) ─▶ the same beside each unit's median, in its deviations."""
    return (memory - np.median(memory, axis=0)) / memory.std(axis=0)


def draw_left(axes: Any, layers: list[Numbers]) -> None:
    """Draw what large moves leave in the memory, the mean and the middle half."""
    days = np.arange(FOLLOWED)
    for shares, colour, number in zip(layers, ("#009e73", "#0072b2"), (1, 2), strict=True):
        low, high = np.percentile(shares, [25, 75], axis=0)
        axes.fill_between(days, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(days, shares.mean(axis=0), color=colour, linewidth=1.8, label=f"layer {number}")
    axes.set_xlim(0, FOLLOWED - 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("trading days after it")
    axes.set_ylabel("share of the most")
    axes.set_title(
        f"what memory holds of one day: mean and middle half of {len(layers[0])} large moves"
    )
    axes.legend(loc="upper right")


def mark_dates(axes: Any, ticker: Ticker, span: slice) -> None:
    """Name the first trading day of each second month, and mark the shock."""
    dates = ticker.seen.dates[span]
    months = dates.astype("datetime64[M]")
    firsts = np.flatnonzero(np.diff(months.astype(int), prepend=months[0].astype(int)) > 0)[::2]
    names = [f"{dates[place].astype('datetime64[D]').item():%b %Y}" for place in firsts]
    axes.set_xticks(firsts, names)
    axes.set_xlim(-0.5, len(dates) - 0.5)
    axes.axvline(BEFORE, color="0.3", linewidth=0.9, linestyle="--")


def print_memory(ticker: Ticker, row: int) -> None:
    """Print how far the memory is from what it usually holds, some days before and after."""
    for number, layer in enumerate(ticker.seen.layers, start=1):
        assert layer.memory is not None
        apart = np.sqrt((set_apart(layer.memory) ** 2).mean(axis=1))
        high = np.quantile(apart, 0.9)
        place = row - ticker.first
        after = apart[place : place + 150] > high
        values = " ".join(f"{day:+d}: {apart[place + day]:.2f}" for day in (-44, -22, -1, *FAR))
        print(f"  memory of layer {number} apart: {values}; median {np.median(apart):.2f}")
        last = place + int(np.flatnonzero(after)[-1])
        print(
            f"    above its 90 % on {after.sum()} of 150 days, the last "
            f"{format_date(ticker.seen.dates[last])}, from "
            f"{format_date(ticker.seen.dates[np.flatnonzero(apart[:place] <= high)[-1] + 1])} on"
        )


def main() -> None:
    """Print the figures and draw the picture."""
    tickers = [look_at(name) for name in TICKERS]
    ticker, row = find_largest_fall(tickers)
    print_figures(tickers, ticker, row)
    layers, added = follow_large_moves(tickers)
    for number, shares in enumerate(layers, start=1):
        halves = [find_half(one) for one in shares]
        mean = shares.mean(axis=0)
        print(
            f"{len(shares)} large moves, layer {number}: the mean is most after "
            f"{int(np.argmax(mean))} days, half of that {find_half(mean)} later; "
            f"quartiles {np.percentile(halves, [25, 50, 75])}; "
            f"after 22 days {mean[22]:.2f}"
        )
    print("added, mean:", np.round(np.expm1(added.mean(axis=0))[[0, 1, 5, 10, 15, 22, 39]], 4))
    own, answer = follow_shock(ticker, row)
    for number, one in enumerate(own, start=1):
        print(f"the crash, layer {number}: most after {np.argmax(one)}, half {find_half(one)} on")
    print("the crash, added:", np.round(np.expm1(answer)[[0, 1, 5, 10, 15, 22, 39]], 4))
    draw(ticker, row, layers)


if __name__ == "__main__":
    main()
