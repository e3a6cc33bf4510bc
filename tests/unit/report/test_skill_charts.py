"""Pictures for pages: SVG in the page's own colours, whatever the arrays hold."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stockcast.report.coverage import measure_coverage
from stockcast.report.skill_charts import (
    chart_coverage,
    chart_gains,
    chart_losses,
    chart_prices,
    chart_residuals,
    chart_steps,
)

pytestmark = pytest.mark.slow

ROWS = 60
DATES = np.arange("2013-01-01", "2013-03-02", dtype="datetime64[D]").astype("datetime64[us]")
LAST = 50 + np.sin(np.arange(ROWS))
ACTUAL = np.append(LAST[1:], 51.0)
FORECAST = LAST + 0.1
INTERVALS = {0.8: (FORECAST - 1, FORECAST + 1), 0.95: (FORECAST - 2, FORECAST + 2)}

DRAWN = {
    "prices": lambda: chart_prices(DATES, ACTUAL, FORECAST, LAST, INTERVALS, step=1),
    "gain": lambda: chart_gains(DATES, {"one": np.linspace(0, 0.1, ROWS)}),
    "gains": lambda: chart_gains(DATES, {"one": LAST - 50, "two": 50 - LAST}),
    "residuals": lambda: chart_residuals(ACTUAL, FORECAST, LAST),
    "coverage": lambda: chart_coverage(measure_coverage(DATES, ACTUAL, INTERVALS)),
    "losses": lambda: chart_losses({"loss": [1.0, 0.9], "val": [0.8, 0.7]}, 2),
    "steps": lambda: chart_steps(np.arange(1, 4), {"one": np.array([0.1, 0.0, -0.1])}),
}


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_picture_is_svg_with_text_in_the_pages_colour_and_no_ground_of_its_own(draw):
    svg = draw()
    assert svg.startswith("<svg")
    assert "currentColor" in svg
    assert "<text" in svg
    assert not re.search(r"#0a0b0c|fill: ?#ffffff", svg)


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_the_same_picture_is_the_same_text(draw):
    assert draw() == draw()


def read_texts(svg):
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_losses_name_the_epoch_that_was_kept():
    texts = read_texts(chart_losses({"loss": [3.0, 2.0, 1.0], "val": [2.0, 1.0, 1.5]}, 2))
    assert {"kept: epoch 2", "validation", "training (with dropout)"} <= set(texts)


def test_a_single_epoch_without_validation_is_drawn():
    assert "kept: epoch 1" in read_texts(chart_losses({"loss": [0.5]}, 1))


def test_a_model_that_is_far_worse_leaves_the_picture_and_is_said_to():
    gains = {"good": np.linspace(0, 0.02, ROWS), "bad": np.linspace(0, -3, ROWS)}
    texts = read_texts(chart_gains(DATES, gains))
    assert "bad (leaves below, to −300 %)" in texts
    assert "good" in texts
    assert "−200" not in texts  # the axis keeps to what is near


def test_models_that_are_all_far_worse_are_all_shown():
    gains = {"bad": np.linspace(0, -3, ROWS), "worse": np.linspace(0, -5, ROWS)}
    texts = read_texts(chart_gains(DATES, gains))
    assert {"bad", "worse"} <= set(texts)


def test_more_models_than_colours_all_look_different():
    svg = chart_steps(np.arange(1, 3), {f"model {n}": np.array([n, n]) / 100 for n in range(12)})
    styles = re.findall(r'<path d="M [^"]*" clip-path[^>]*style="([^"]*)"', svg)
    drawn = [style for style in styles if "#808080" not in style and "#b0b0b0" not in style]
    assert len(drawn) == len(set(drawn)) == 12


@pytest.mark.parametrize("still", [ACTUAL, np.full(ROWS, 50.0)])
def test_residuals_are_drawn_even_if_nothing_ever_moves(still):
    assert "repeating the last price" in read_texts(chart_residuals(still, still, still))


def test_what_has_not_come_true_is_left_out_of_the_residuals():
    actual = np.where(np.arange(ROWS) < 30, ACTUAL, np.nan)
    assert chart_residuals(actual, FORECAST, LAST) == chart_residuals(
        ACTUAL[:30], FORECAST[:30], LAST[:30]
    )
