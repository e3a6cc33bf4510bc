"""The page on the LSTM says what its figures' script measures, and its sum comes out."""

from __future__ import annotations

import math
import re

import pytest

from docs.figures import lstm
from tests.support import ROOT

PAGE = (ROOT / "docs" / "what-is-an-lstm.md").read_text(encoding="utf-8")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def window():
    return lstm.run_window(*lstm.read("AAPL"), after=lstm.SHOWN)


@pytest.fixture(scope="module")
def weights():
    return lstm.read("AAPL")[0].weights


def to_text(value, digits):
    return f"{value:.{digits}f}".replace("-", "−")


def test_the_day_by_hand_is_the_networks_and_its_sum_comes_out(window):
    step = lstm.take_step(window)
    assert f"unit {step['unit']:.0f} of the first layer" in PAGE
    rows = re.findall(
        r"^\| \**(?:memory|forget|input|what|output|shown)[^|]*\| \**(−?[0-9.]+)", PAGE, re.M
    )
    names = ("before", "f", "i", "g", "c", "o", "h")
    assert rows == [to_text(step[name], 3) for name in names]
    assert step["c"] == pytest.approx(step["f"] * step["before"] + step["i"] * step["g"])
    assert step["h"] == pytest.approx(step["o"] * math.tanh(step["c"]))


def test_what_is_left_of_a_gradient_is_what_the_page_says(window, weights):
    back = lstm.follow_back(window, weights)
    for name, digits in (
        ("plain", (2, 2, 4, 7)),
        ("mean", (None, 2, 3, 4)),
        ("largest", (None, 2, 2, 4)),
    ):
        for value, places in zip(back[name], digits, strict=True):
            if places is not None:
                assert f"{value:.{places}f}" in PAGE, (name, value)


def test_forget_gates_have_settled_where_the_page_says(window):
    gates = lstm.measure_gates(window)
    assert {f"{one['median']:.2f}" for one in gates} == {"0.74"}
    lowest, highest = min(one["lowest"] for one in gates), max(one["highest"] for one in gates)
    assert f"from {lowest:.2f} to {highest:.2f}" in PAGE
    assert round(max(one["half_life"] for one in gates)) == 3


def test_a_forget_gate_that_is_held_keeps_or_clears_whatever_is_seen(weights):
    for bias, kept in ((30.0, 1.0), (-30.0, 0.0)):
        held = lstm.clamp(weights, bias).layers[0]
        units = len(held.recurrent_kernel)
        assert not held.kernel[:, units : 2 * units].any()
        assert 1 / (1 + math.exp(-held.bias[units])) == pytest.approx(kept)


def test_pictures_are_those_that_the_script_draws(window, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(lstm, "PICTURES", tmp_path)
    lstm.draw(window, weights)
    for path in tmp_path.iterdir():
        kept = ROOT / "docs" / "images" / "lstm" / path.name
        numbers = [re.findall(r"-?\d+\.\d+", one.read_text()) for one in (path, kept)]
        shapes = [re.sub(r"-?\d+\.\d+", "#", one.read_text()) for one in (path, kept)]
        assert shapes[0] == shapes[1]
        for new, old in zip(*numbers, strict=True):
            assert float(new) == pytest.approx(float(old), abs=0.2)
