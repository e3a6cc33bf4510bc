"""What is said of a model file, and of a folder of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from stockcast.model.listing import StoredModel
from stockcast.recipe import PRESETS
from stockcast.report.model_wording import LISTED, describe_recipe, list_lines, list_stored


def test_a_model_is_described_line_by_line(make_history, make_model):
    model = make_model(make_history())
    lines = dict(list_lines(model, size=1234, sha256="ab12"))
    assert lines["ticker"] == model.ticker
    assert lines["file"] == "1,234 bytes, SHA-256\nab12"
    assert "tickers" not in lines


@pytest.mark.parametrize(("style", "names"), [("python", "test="), ("command-line", "--test")])
def test_a_verdict_names_options_for_its_reader(style, names, make_history, make_model):
    model = make_model(make_history(), skill=None)
    assert names in dict(list_lines(model, size=1, sha256="", style=style))["verdict"]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_named_alone(name):
    assert PRESETS[describe_recipe(PRESETS[name])] == PRESETS[name]


def test_what_differs_from_the_nearest_preset_is_named():
    recipe = PRESETS["classic"].model_copy(update={"window": 7, "epochs": 3})
    assert describe_recipe(recipe) == "classic with window 7, epochs 3"


def test_a_file_that_is_no_model_has_dashes_in_the_list():
    stored = StoredModel(Path("models/x.safetensors"), 12_345, time.time(), 2, None, "damaged")
    (row,) = list_stored([stored])
    assert dict(zip(LISTED, row, strict=True)) == {
        "model": "x.safetensors",
        "ticker": "–",
        "trained to": "–",
        "skill": "–",
        "size": "12 kB",
        "age": "0 seconds",
        "earlier": "2",
    }
