"""The pictures of docs/what-is-an-lstm.md."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from docs.figures.drawing import Axes, arrow, junction, line, page, power, text, valve
from docs.figures.market import Window, follow_gradients, take_step
from docs.figures.recall import WINDOW
from docs.figures.sample import ROOT
from stockcast.files import replace_file

FOLDER = ROOT / "docs" / "images" / "lstm"


def draw_all(window: Window, recall: dict[str, Any], folder: Path = FOLDER) -> None:
    """Draw all pictures into a folder."""
    step = take_step(window)
    pictures: dict[str, Callable[[], str]] = {
        "cell": draw_cell,
        "day": partial(draw_day, step),
        "unit": partial(draw_unit, window, step),
        "gradient": partial(draw_gradient, follow_gradients(window)),
        "recall": partial(draw_recall, recall),
        "loop": partial(draw_loop, recall),
        "relatives": draw_relatives,
    }
    folder.mkdir(exist_ok=True)
    for name, draw in pictures.items():
        with replace_file(folder / f"{name}.svg") as temporary:
            temporary.write_text(draw(), encoding="utf-8")


def draw_cell() -> str:
    """Draw the memory's path through one step, with the gates as valves."""
    body = [
        *_draw_path(),
        text("at", 14, 40, "memory before, c₋"),
        text("at", 466, 40, "memory, c", anchor="end"),
        text("text", 50, 98, "f", anchor="middle"),
        text("quiet", 64, 98, "forget gate:"),
        text("quiet", 64, 116, "how much is kept"),
        text("text", 186, 147, "i", anchor="end"),
        text("quiet", 172, 147, "input gate:", anchor="end"),
        text("quiet", 172, 165, "how much is written", anchor="end"),
        text("text", 386, 147, "o", anchor="end"),
        text("quiet", 372, 147, "output gate:", anchor="end"),
        text("quiet", 372, 165, "how much is shown", anchor="end"),
        text("quiet", 412, 97, "tanh"),
        text("bt", 208, 236, "candidate g, what could be written", anchor="middle"),
        text("ct", 466, 236, "shown, h", anchor="end"),
        text("quiet", 14, 270, "A valve is a number from 0, shut, to 1, open, set anew each"),
        text("quiet", 14, 289, "day from what is seen, x, and what was shown before, h₋."),
    ]
    title = (
        "A memory cell: a straight path with a valve on it, an inlet and an outlet with one each"
    )
    return page(title, 302, body)


def _draw_path() -> list[str]:
    return [
        line("a", (14, 62), (466, 62), width=5),
        valve(50, 62),
        arrow("b", (208, 214), (208, 77), width=2.5),
        junction(208, 62),
        valve(208, 142),
        arrow("c", (408, 62), (408, 214), width=2.5),
        valve(408, 142),
    ]


def draw_day(step: dict[str, Any]) -> str:
    """Draw the same path with one day's numbers on it."""
    body = [
        *_draw_path(),
        text("at", 14, 40, f"c₋ = {_say(step['before'])}"),
        text("at", 466, 40, f"c = {_say(step['c'])}", anchor="end"),
        text("text", 50, 98, f"f = {_say(step['f'])}", anchor="middle"),
        text("at", 118, 40, f"f c₋ = {_say(step['f'] * step['before'])}"),
        text("bt", 200, 108, f"i g = {_say(step['i'] * step['g'])}", anchor="end"),
        text("text", 188, 147, f"i = {_say(step['i'])}", anchor="end"),
        text("text", 388, 147, f"o = {_say(step['o'])}", anchor="end"),
        text("ct", 400, 110, f"tanh c = {_say(float(np.tanh(step['c'])))}", anchor="end"),
        text("bt", 208, 236, f"g = {_say(step['g'])}", anchor="middle"),
        text("ct", 408, 236, f"h = {_say(step['h'])}", anchor="middle"),
    ]
    title = f"The cell on 29 September 2008: the memory falls to {_say(step['c'])}"
    return page(title, 250, body)


def _say(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


def draw_unit(window: Window, step: dict[str, Any]) -> str:
    """Draw the gates and the memory of one unit from a month before the crash on."""
    unit, trace = step["unit"] - 1, window.traces[0]
    last = len(window.dates) - 1
    memory = trace.memory[:, 0, unit]
    reach = float(np.ceil(10 * np.abs(memory).max()) / 10)
    body: list[str] = []
    for name, gate, top, kind in (
        ("input gate", 0, 34, "b"),
        ("forget gate", 1, 104, "a"),
        ("output gate", 3, 174, "c"),
    ):
        axes = Axes(110, top, 356, 54, (0, last), (0, 1))
        body += axes.draw_rules([(1.0, "1"), (0.0, "0")])
        body.append(axes.draw(kind, trace.gates[gate][:, 0, unit]))
        body.append(text(f"{kind}t", 10, top + 32, name))
    axes = Axes(110, 250, 356, 90, (0, last), (-reach, reach))
    body += axes.draw_rules([(reach, f"{reach:g}"), (0.0, "0"), (-reach, f"−{reach:g}")])
    body += [axes.draw("a", memory, width=2.5), text("at", 10, 276, "memory")]
    x, _ = axes.place(window.at, 0)
    body.append(line("ink", (x, 28), (x, 340), width=1, dashes="4 4"))
    body.append(text("text", x, 20, "29 September", anchor="middle"))
    for at, anchor in ((0, "start"), (last, "end")):
        day = f"{window.dates[at].astype('datetime64[D]').item():%-d %B %Y}"
        body.append(text("quiet", axes.place(at, 0)[0], 362, day, anchor=anchor))
    title = f"Gates and memory of unit {unit + 1} of layer 1 over sixty days around the crash"
    return page(title, 372, body)


def draw_gradient(found: dict[str, list[float]]) -> str:
    """Draw what is left of a gradient in the trained network, on a logarithmic scale."""
    axes = Axes(50, 40, 300, 250, (0, 40), (-12.5, 0.5), is_log=True)
    body = [
        text("text", 14, 20, "left of a gradient of length 1"),
        *axes.draw_rules([power(exponent) for exponent in range(0, -13, -3)]),
        *axes.name_across((0, 10, 20, 30, 40), "days back"),
    ]
    for name, kind, labels, at in (
        ("whole", "c", ("the whole cell",), 40),
        ("path", "a", ("its forget gates", "alone, best unit"), 40),
        ("plain", "b", ("plain network",), 30),
    ):
        body.append(axes.draw(kind, found[name][:41], width=2.5))
        _, y = axes.place(at, found[name][at])
        body += [text(f"{kind}t", 358, y + 5 + 17 * row, words) for row, words in enumerate(labels)]
    title = "A gradient going back in time: gone in a plain network, less so in an LSTM"
    return page(title, 336, body)


_RECALLED = (
    ("lstm", "c", "LSTM", ""),
    ("gru", "a", "GRU", "6 3"),
    ("plain, rate 0.001", "b", "plain", ""),
)


def draw_recall(recall: dict[str, Any]) -> str:
    """Draw how soon networks learn to remember one day of sixty, a line a seed."""
    epochs = len(recall["lstm"][0]["curve"])
    axes = Axes(50, 40, 340, 200, (0, epochs), (0, 1))
    body = [
        text("text", 14, 20, "share of the answers that is explained, on a stock not trained on"),
        *axes.draw_rules([(1.0, "1"), (0.5, "0.5"), (0.0, "0")]),
        *axes.name_across(range(0, epochs + 1, 5), "epochs of training"),
    ]
    for way, kind, _, dashes in _RECALLED:
        for one in recall[way]:
            curve = [max(share, 0.0) for share in (0.0, *one["curve"])]
            body.append(axes.draw(kind, curve, width=2, dashes=dashes))
    ends = {way: np.mean([one["curve"][-1] for one in recall[way]]) for way, *_ in _RECALLED}
    for way, kind, name, _ in _RECALLED:
        _, y = axes.place(0, float(ends[way]))
        shift = {"lstm": -3, "gru": 14}.get(way, 5)
        body.append(text(f"{kind}t", 398, y + shift, name))
    title = (
        "Gated cells learn to remember one day of sixty within a few epochs, plain networks hardly"
    )
    return page(title, 286, body)


def draw_loop(recall: dict[str, Any]) -> str:
    """Draw how far a gradient reaches in an LSTM before and after it learnt to remember."""
    axes = Axes(50, 40, 300, 220, (0, WINDOW - 1), (-8, 1), is_log=True)
    one = recall["lstm"][0]
    body = [
        text("text", 14, 20, "left of a gradient of length 1"),
        *axes.draw_rules([power(exponent) for exponent in (0, -2, -4, -6, -8)]),
        *axes.name_across((0, 15, 30, 45, 59), "days back"),
    ]
    for name, kind, labels in (
        ("after", "c", ("the whole cell,", "trained")),
        ("before", "b", ("the whole cell,", "before training")),
        ("path", "a", ("its forget gates", "alone, trained")),
    ):
        body.append(axes.draw(kind, one[name], width=2.5))
        _, y = axes.place(0, one[name][-1])
        body += [text(f"{kind}t", 358, y - 3 + 17 * row, words) for row, words in enumerate(labels)]
    title = (
        "An LSTM that learnt to remember passes a gradient on undiminished, its forget gates do not"
    )
    return page(title, 306, body)


def draw_relatives() -> str:
    """Draw what peephole, coupled gates and GRU change on the path."""
    body = [*_draw_peephole(0), *_draw_coupled(150), *_draw_gru(300)]
    title = "Three relatives: gates that see the memory, gates that are coupled, one state for both"
    return page(title, 462, body)


def _draw_peephole(top: float) -> list[str]:
    return [
        text("text", 14, top + 24, "Peephole: the gates see the memory"),
        line("a", (14, top + 60), (466, top + 60), width=5),
        arrow("ink", (40, top + 60), (40, top + 100), (188, top + 100), dashes="4 3", width=1.5),
        arrow("ink", (100, top + 100), (100, top + 76), dashes="4 3", width=1.5),
        valve(100, top + 60),
        arrow("b", (200, top + 138), (200, top + 75), width=2.5),
        junction(200, top + 60),
        valve(200, top + 100),
        arrow("c", (400, top + 60), (400, top + 138), width=2.5),
        arrow("ink", (320, top + 60), (320, top + 100), (386, top + 100), dashes="4 3", width=1.5),
        valve(400, top + 100),
        text("text", 100, top + 44, "f", anchor="middle"),
        text("text", 218, top + 105, "i"),
        text("text", 418, top + 105, "o"),
    ]


def _draw_coupled(top: float) -> list[str]:
    return [
        text("text", 14, top + 24, "Coupled gates (CIFG): one valve opens as the other shuts"),
        line("a", (14, top + 60), (466, top + 60), width=5),
        line("ink", (100, top + 60), (100, top + 100), (200, top + 100), dashes="4 3", width=1.5),
        valve(100, top + 60),
        arrow("b", (200, top + 138), (200, top + 75), width=2.5),
        junction(200, top + 60),
        valve(200, top + 100),
        arrow("c", (400, top + 60), (400, top + 138), width=2.5),
        valve(400, top + 100),
        text("text", 100, top + 44, "1 − i", anchor="middle"),
        text("text", 218, top + 105, "i"),
        text("text", 418, top + 105, "o"),
    ]


def _draw_gru(top: float) -> list[str]:
    return [
        text("text", 14, top + 24, "GRU: the memory is what is shown"),
        line("a", (14, top + 60), (466, top + 60), width=5),
        line("ink", (100, top + 60), (100, top + 100), (200, top + 100), dashes="4 3", width=1.5),
        valve(100, top + 60),
        arrow("b", (200, top + 138), (200, top + 75), width=2.5),
        junction(200, top + 60),
        valve(200, top + 100),
        arrow("c", (40, top + 60), (40, top + 138), (185, top + 138), width=2.5),
        valve(110, top + 138),
        text("text", 100, top + 44, "z", anchor="middle"),
        text("text", 218, top + 105, "1 − z"),
        text("text", 110, top + 121, "r", anchor="middle"),
        text("bt", 208, top + 150, "g"),
        text("at", 466, top + 44, "h, memory and shown", anchor="end"),
    ]
