"""The page on the LSTM says what its figures' scripts measure, and its sums come out."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from docs.figures import market, pictures, recall, tables
from docs.figures.__main__ import read_numbers
from docs.figures.held import hold_forget_gates
from docs.figures.jacobians import differentiate_steps, follow_back
from docs.figures.plain import PlainNetwork
from stockcast.networks.cells import CELLS
from stockcast.recipe import Recipe
from stockcast.training.first_weights import draw_weights
from tests.support import ROOT

TEXT = (ROOT / "docs" / "what-is-an-lstm.md").read_text(encoding="utf-8")
PAGE = " ".join(TEXT.split())
NUMBERS = read_numbers()

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def window():
    return market.run_window()


@pytest.fixture(scope="module")
def untrained():
    recipe = Recipe(cell="lstm", layers=1, units=5, target="price", seed=3)
    return draw_weights(recipe, features=2).astype(np.float64)


def flatten(found):
    if isinstance(found, dict):
        return {f"{a}.{b}": c for a, one in found.items() for b, c in flatten(one).items()}
    if isinstance(found, list):
        return {f"{a}.{b}": c for a, one in enumerate(found) for b, c in flatten(one).items()}
    return {"": found}


def test_the_day_by_hand_adds_up_with_the_digits_on_the_page():
    day = TEXT[TEXT.index("## One day, by hand") : TEXT.index("## How long it remembers")]
    rows = [
        [float(number.replace("−", "-")) for number in re.findall(r"−?\d+\.\d+", line)]
        for line in day.splitlines()
        if line.startswith("| ") and re.search(r"\d\.\d", line)
    ]
    parts = [numbers[-4:] for numbers in rows[:7]]
    totals, through = rows[7], rows[8]
    assert np.sum(parts, axis=0) == pytest.approx(totals, abs=0.004)  # seven numbers rounded
    i, f, g, o = through
    for total, gate in zip(totals, (i, f, None, o), strict=True):
        if gate is not None:
            assert 1 / (1 + math.exp(-total)) == pytest.approx(gate, abs=0.001)
    assert math.tanh(totals[2]) == pytest.approx(g, abs=0.001)
    before, memory, shown = (
        float(number.replace("−", "-"))
        for number in re.search(
            r"\((−0\.\d+)\) \+ .* = (−0\.\d+)\nh .*\n.* = (−0\.\d+)\n", day
        ).groups()
    )
    assert f * before + i * g == pytest.approx(memory, abs=0.001)
    assert o * math.tanh(memory) == pytest.approx(shown, abs=0.001)


def test_what_is_measured_on_the_model_that_comes_along_is_what_is_written_down(window):
    measured = flatten(
        {
            "day": market.take_step(window),
            "gradients": market.follow_gradients(window),
            "gates": market.measure_gates(window),
        }
    )
    written = flatten({name: NUMBERS[name] for name in ("day", "gradients", "gates")})
    assert measured == pytest.approx(written, rel=1e-3, abs=1e-9)


def test_what_holding_the_forget_gates_costs_is_what_is_written_down():
    _, losses = market.score_ticker("GOOG")
    for name, values in losses.items():
        assert values.mean() == pytest.approx(NUMBERS["qlike"][name]["tickers"]["GOOG"], rel=1e-3)


@pytest.mark.parametrize("way", ["lstm", "plain"])
def test_a_network_asked_to_remember_learns_as_it_is_written_down(way):
    found = recall.train_way(way, 0, epochs=1)
    assert found["curve"] == pytest.approx(NUMBERS["recall"][way][0]["curve"][:1], abs=0.05)
    assert found["before"] == pytest.approx(NUMBERS["recall"][way][0]["before"], rel=1e-3)


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (tables.write_day, "day"),
        (tables.write_recall, "recall"),
        (tables.write_held, "qlike"),
        (tables.write_cells, "cells"),
    ],
)
def test_the_tables_of_the_page_are_of_the_numbers(write, name):
    assert "\n".join(write(NUMBERS[name])) in TEXT


def span(values, digits=2):
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def write_sentences():
    """Yield what the page says in its sentences, from the numbers."""
    day, gradients, gates = (NUMBERS[name] for name in ("day", "gradients", "gates"))
    trained = NUMBERS["recall"]
    yield f"unit {day['unit']} of the first layer"
    plain, path, whole = (gradients[name] for name in ("plain", "path", "whole"))
    yield f"at most {plain[1]:.2f} is left after one day, {plain[5]:.2f} after 5,"
    yield f"{plain[10]:.3f} after 10 and {plain[22]:.7f} after 22"
    yield f"{path[5]:.2f} of it is left after 5 days, {path[10]:.2f} after 10 and {path[22]:.4f}"
    yield f"and {whole[5]:.2f} is left after 5 days, {whole[10]:.2f} after 10 and {whole[22]:.2f}"
    yield f"after 22: {whole[22] / path[22]:.0f} times what the forget gates let through"
    (middle,) = {f"{one['median']:.2f}" for one in gates}
    lowest, highest = (f(one[n] for one in gates) for f, n in ((min, "lowest"), (max, "highest")))
    yield f"one is at {middle} in both layers, the units from {lowest:.2f} to {highest:.2f}"
    yield f"forgotten half in {max(one['half_life'] for one in gates):.0f} days"
    usual, longest = trained["plain, gradient as it is"][0]["lengths"]
    yield f"had a length of {usual:.1f} in the middle of all steps, and of {longest:,.0f} in one"
    yield f"LSTM's longest was {max(one['lengths'][1] for one in trained['lstm']):.0f}"
    starts = [trained[way][0]["before"][-1] for way in ("plain", "lstm", "gru")]
    yield f"LSTM, {starts[0]:.4f} against {starts[1]:.5f}"
    yield f"in the GRU it is {tables.write_power(starts[2])}"
    yield f"{span([one['carried'] for one in trained['lstm']])} came along the path"
    held = [one["held"][name] for one in trained["lstm"] for name in ("shut", "no loop")]
    yield f"at most {max(held):.2f} of the answers is explained"
    low, high = (trained[f"lstm, forget bias {bias}"] for bias in (0, 3))
    epochs = [span([one["learnt"] for one in some], 0) for some in (low, trained["lstm"])]
    yield f"takes {epochs[0]} epochs where from 1 it takes {epochs[1]}"
    yield f"{span([one['path'][-1] for one in high])} of a gradient survives on the path"
    yield f"{span([one['carried'] for one in high])} comes along it"
    qlike = {name: one["qlike"] for name, one in NUMBERS["qlike"].items()}
    cells = NUMBERS["cells"]
    least = min(one["p"] for one in cells.values() if one.get("p"))
    yield f"GRU's lead is within chance, p = {cells['gru']['p']:.2f}"
    yield f"the coupled gates' p of {least:.2f} is the least of four: by four it is {4 * least:.2f}"
    yield f"sensitivity is in the newest {np.mean(cells['gru']['half_within']):.0f} days"
    yield f"ruins it: {100 * (qlike['open'] / qlike['trained'] - 1):.0f} % worse"


@pytest.mark.parametrize("sentence", list(write_sentences()))
def test_the_sentences_of_the_page_are_of_the_numbers(sentence):
    assert sentence in PAGE


def test_without_the_cut_no_plain_network_learnt_and_with_it_one_nearly_did():
    ends = {way: [one["curve"][-1] for one in NUMBERS["recall"][way]] for way in recall.WAYS}
    assert max(ends["plain, gradient as it is"]) < 0.05
    assert sorted(round(end, 1) for end in ends["plain"]) == [0.0, 0.0, 0.9]


def test_smaller_cells_had_a_lower_validation_loss_with_every_seed():
    of = {cell: one["validation"] for cell, one in NUMBERS["cells"].items() if cell != "path"}
    for cell in ("gru", "cifg", "cifg-peephole"):
        assert max(of[cell]) < min(of["lstm"])


def test_a_forget_gate_that_is_held_keeps_or_clears_whatever_is_seen(untrained):
    seen = np.random.default_rng(0).normal(size=(4, 6, 2))
    for kept in (0.0, 1.0):
        (trace,) = recall.trace_network(seen, hold_forget_gates(untrained, kept))
        assert trace.keeping == pytest.approx(kept)


def test_a_plain_networks_gradient_is_that_of_small_differences():
    generator = np.random.default_rng(0)
    network = PlainNetwork(inputs=2, units=4, rate=0.1, longest=None, seed=0)
    network.weights = [array.astype(np.float64) for array in network.weights]
    windows, targets = generator.normal(size=(3, 5, 2)), generator.normal(size=3)
    for weight, slope in zip(network.weights, network.differentiate(windows, targets), strict=True):
        for place in np.ndindex(weight.shape):
            losses, at = [], weight[place]
            for step in (1e-6, -1e-6):
                weight[place] = at + step
                losses.append(np.mean((network.answer(windows) - targets) ** 2))
            weight[place] = at
            assert (losses[0] - losses[1]) / 2e-6 == pytest.approx(slope[place], abs=1e-7)


@pytest.mark.parametrize("cell", list(CELLS))
def test_what_is_left_of_a_gradient_is_that_of_small_differences(cell):
    recipe = Recipe(cell=cell, layers=1, units=3, target="price", seed=1)
    (layer,) = draw_weights(recipe, features=2).astype(np.float64).layers
    window = np.random.default_rng(2).normal(size=(4, 2))
    projected, step = layer.project(window), CELLS[cell].step

    def run(state):
        parts = state[None, :3], state[None, -3:]  # of a GRU both are what is shown
        for one in projected[1:]:
            last = step(one[None], parts[1], parts[0], layer)
            parts = last.cell, last.hidden
        return np.concatenate(parts if CELLS[cell].has_memory_cell else parts[1:], axis=1)[0]

    first = step(projected[:1], np.zeros((1, 3)), np.zeros((1, 3)), layer)
    both = (first.cell, first.hidden) if CELLS[cell].has_memory_cell else (first.hidden,)
    state = np.concatenate(both, axis=1)[0]
    columns = [
        (run(state + 1e-6 * way) - run(state - 1e-6 * way)) / 2e-6 for way in np.eye(len(state))
    ]
    left = follow_back(differentiate_steps(window, layer, cell))
    assert left[-1] == pytest.approx(np.linalg.norm(np.stack(columns, axis=1), 2), rel=1e-6)


def test_pictures_are_those_that_the_scripts_draw_and_all_are_on_the_page(window, tmp_path):
    pictures.draw_all(window, NUMBERS["recall"], tmp_path)
    drawn = {path.name for path in tmp_path.iterdir()}
    assert drawn == {path.name for path in pictures.FOLDER.iterdir()}
    assert drawn == set(re.findall(r"!\[[^\]]{40,}\]\(images/lstm/(\w+\.svg)\)", TEXT))
    for name in drawn:
        new, kept = ((folder / name).read_text() for folder in (tmp_path, pictures.FOLDER))
        assert re.sub(r"-?\d+\.\d+", "#", new) == re.sub(r"-?\d+\.\d+", "#", kept)
        numbers = [[float(one) for one in re.findall(r"-?\d+\.\d+", text)] for text in (new, kept)]
        assert numbers[0] == pytest.approx(numbers[1], abs=0.2)
