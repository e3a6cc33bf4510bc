"""Networks side by side answer as each does alone."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.networks.batched import find_shape, run_networks
from stockcast.networks.cells import CELLS
from stockcast.networks.network import Weights, list_shapes, run_network


def draw_network(cell, *, seed, features=1, units=5, layers=2, horizon=1, dtype=np.float32):
    random = np.random.default_rng(seed)
    shapes = list_shapes(cell=cell, features=features, units=units, layers=layers, horizon=horizon)
    arrays = {name: random.normal(0, 0.4, shape) for name, shape in shapes.items()}
    return Weights.from_arrays(arrays, cell=cell).astype(dtype)


def draw_windows(count, *, features=1, window=7, dtype=np.float32):
    return np.random.default_rng(1).normal(0, 1, (count, window, features)).astype(dtype)


def run_alone(windows, networks):
    return np.concatenate(
        [run_network(one[None], network) for one, network in zip(windows, networks, strict=True)]
    )


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (1, {}),
        (3, {"features": 3, "units": 4, "horizon": 2}),
        (70, {"layers": 1}),  # more than run together
        (33, {"units": 50, "layers": 4}),
    ],
)
def test_each_of_many_networks_answers_to_the_bit_as_it_does_alone(cell, count, sizes):
    networks = [draw_network(cell, seed=seed, **sizes) for seed in range(count)]
    windows = draw_windows(count, features=sizes.get("features", 1))
    assert np.array_equal(run_networks(windows, networks), run_alone(windows, networks))


@pytest.mark.parametrize("cell", CELLS)
def test_one_network_for_many_windows_answers_to_the_bit_as_it_does_alone(cell):
    networks = [draw_network(cell, seed=0)] * 40
    windows = draw_windows(40)
    assert np.array_equal(run_networks(windows, networks), run_alone(windows, networks))


def test_some_windows_may_share_a_network():
    first, second = (draw_network("lstm", seed=seed) for seed in range(2))
    networks = [first, second, first]
    windows = draw_windows(3)
    assert np.array_equal(run_networks(windows, networks), run_alone(windows, networks))


def test_networks_of_double_precision_answer_in_it():
    networks = [draw_network("gru", seed=seed, dtype=np.float64) for seed in range(2)]
    windows = draw_windows(2, dtype=np.float64)
    assert np.array_equal(run_networks(windows, networks), run_alone(windows, networks))


@pytest.mark.parametrize(
    "other",
    [{"units": 6}, {"layers": 3}, {"features": 2}, {"horizon": 2}, {"dtype": np.float64}],
)
def test_networks_of_another_shape_are_told_apart(other):
    shape = find_shape(draw_network("lstm", seed=0))
    assert shape == find_shape(draw_network("lstm", seed=1))
    assert shape != find_shape(draw_network("lstm", seed=0, **other))
    assert shape != find_shape(draw_network("cifg", seed=0))
    # Four gates with peepholes differ from four without.
    assert shape != find_shape(draw_network("peephole", seed=0))


def test_networks_that_answer_0_stand_among_others():
    networks = [draw_network("lstm", seed=seed) for seed in range(5)]
    for silent in (1, 4):
        networks[silent] = networks[silent].shrink(np.zeros(1), np.zeros(1))
    windows = draw_windows(5)
    answers = run_networks(windows, networks)
    assert np.array_equal(answers, run_alone(windows, networks))
    assert (answers == 0)[:, 0].tolist() == [False, True, False, False, True]
