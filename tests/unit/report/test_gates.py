"""The picture of the gates: written whole, as PNG, SVG or a page, for every kind of network."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from stockcast.errors import OutputError, UsageError
from stockcast.forecast.inspector import inspect_span, inspect_window
from stockcast.networks.cells import CELLS
from stockcast.report.gates import check_gates_name, draw_gates

pytestmark = pytest.mark.slow

STARTS = {".png": b"\x89PNG\r\n\x1a\n", ".svg": b"<?xml", ".html": b"<!doctype html>"}


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(60)


@pytest.fixture(scope="module")
def seen(history, make_model):
    return inspect_window(make_model(history, layers=1), history)


@pytest.fixture(scope="module")
def drawn(seen, tmp_path_factory):
    """The picture in each format; a folder with that file alone."""
    paths = {suffix: tmp_path_factory.mktemp("drawn") / f"gates{suffix}" for suffix in STARTS}
    for path in paths.values():
        draw_gates(seen, path)
    return paths


def list_texts(path):
    """Return the texts of an SVG whose letters are text."""
    return [text for text in ElementTree.parse(path).getroot().itertext() if text.strip()]


@pytest.mark.parametrize("suffix", STARTS)
def test_the_picture_is_written_in_the_format_of_its_name(suffix, drawn):
    assert drawn[suffix].read_bytes().startswith(STARTS[suffix])
    assert [path.name for path in drawn[suffix].parent.iterdir()] == [f"gates{suffix}"]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", STARTS)
def test_the_same_picture_is_the_same_bytes_whatever_the_case_of_its_name(
    suffix, seen, drawn, tmp_path
):
    again = tmp_path / f"again{suffix.upper()}"
    draw_gates(seen, again)
    assert again.read_bytes() == drawn[suffix].read_bytes()


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_is_drawn_as_a_window_and_as_a_span(cell, history, make_model, tmp_path):
    model = make_model(history, cell=cell, layers=1)
    draw_gates(inspect_window(model, history), tmp_path / "window.png")
    draw_gates(inspect_span(model, history, start=history.dates[30]), tmp_path / "span.png")
    assert (tmp_path / "window.png").read_bytes() != (tmp_path / "span.png").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    "fields",
    [
        {"window": 1},
        {"window": 2},
        {"window": 3},
        {"units": 1},
        {"target": "price"},
        {"column": "close", "features": ("open", "high", "low", "close", "volume")},
    ],
    ids=lambda fields: ", ".join(f"{name} {value}" for name, value in fields.items()),
)
def test_every_shape_of_network_can_be_drawn(fields, history, make_model, tmp_path):
    model = make_model(history, **{"layers": 1, **fields})
    draw_gates(inspect_window(model, history), tmp_path / "gates.png")
    assert (tmp_path / "gates.png").stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
def test_prices_that_stand_still_can_be_drawn(make_history, make_model, tmp_path):
    rows = np.arange(60)
    history = make_history(60, columns=("close",), close=np.where(rows < 40, 50.0 + rows % 7, 50.0))
    for target in ("price", "log-return"):
        path = tmp_path / f"{target}.png"
        draw_gates(inspect_window(make_model(history, target=target, layers=1), history), path)
        assert path.stat().st_size > 10_000


@pytest.mark.usefixtures("unarranged")
def test_a_network_that_says_nothing_can_be_drawn(seen, tmp_path):
    silent = [replace(layer, memory=np.zeros_like(layer.memory)) for layer in seen.layers]
    deaf = np.zeros_like(seen.sensitivity)
    path = tmp_path / "gates.png"
    draw_gates(replace(seen, layers=tuple(silent), sensitivity=deaf), path)
    assert path.stat().st_size > 10_000


def test_a_span_longer_than_the_panel_is_wide_can_be_drawn(make_history, make_model, tmp_path):
    history = make_history(400)
    seen = inspect_span(make_model(history, layers=1), history, start=history.dates[20])
    assert len(seen.dates) == 380
    draw_gates(seen, tmp_path / "gates.png")
    assert (tmp_path / "gates.png").stat().st_size > 10_000


def test_a_picture_that_cannot_be_written_is_an_output_error(seen, tmp_path, expect_refusal):
    (tmp_path / "file").write_text("")
    with expect_refusal(OutputError, "file"):
        draw_gates(seen, tmp_path / "file" / "gates.png")


def test_another_suffix_is_refused_before_any_work(tmp_path, expect_refusal):
    with expect_refusal(UsageError, "gates.pdf", ".png, .svg, .html"):
        check_gates_name(tmp_path / "gates.pdf")
    check_gates_name(tmp_path / "gates.SVG")


@pytest.mark.usefixtures("unarranged")
def test_the_picture_says_what_it_shows(history, make_model, tmp_path, monkeypatch):
    from stockcast.report import figures

    monkeypatch.setitem(figures._STYLE, "svg.fonttype", "none")
    draw_gates(inspect_window(make_model(history), history), tmp_path / "gates.svg")
    texts = list_texts(tmp_path / "gates.svg")
    for words in (
        "MADEUP, LSTM",
        "layer 1 sees log returns",
        "layer 2 sees layer 1",
        "input gate: 1 writes, 0 leaves out",
        "forget gate: 1 keeps, 0 erases",
        "output gate: 1 shows the memory, 0 hides it",
        "memory cell",
        "how far back it remembers",
        "trading days back",
    ):
        assert any(words in text for text in texts), words
    assert any("8 trading days, 2012-" in text for text in texts)


@pytest.mark.usefixtures("unarranged")
def test_a_gru_and_hourly_bars_are_called_what_they_are(
    make_history, make_model, tmp_path, monkeypatch
):
    from stockcast.report import figures

    monkeypatch.setitem(figures._STYLE, "svg.fonttype", "none")
    hours = np.datetime64("2024-01-02T09:00", "us") + np.arange(60) * np.timedelta64(1, "h")
    history = make_history(60, dates=hours)
    draw_gates(inspect_window(make_model(history, cell="gru"), history), tmp_path / "gates.svg")
    texts = " ".join(list_texts(tmp_path / "gates.svg"))
    assert "bars back" in texts
    assert "trading day" not in texts
    assert "hidden state (a GRU has no memory cell)" in texts
    assert "update gate: 1 keeps, 0 replaces" in texts
    assert "forget" not in texts


@pytest.mark.usefixtures("unarranged")
def test_the_first_layers_are_drawn_and_it_is_said(history, make_model, tmp_path, monkeypatch):
    from stockcast.report import figures, gates

    monkeypatch.setitem(figures._STYLE, "svg.fonttype", "none")
    monkeypatch.setattr(gates, "_MOST_LAYERS", 2)
    model = make_model(history, layers=4, units=2)
    draw_gates(inspect_window(model, history), tmp_path / "gates.svg")
    texts = list_texts(tmp_path / "gates.svg")
    assert any("the first 2 of 4 layers" in text for text in texts)
    assert any("layer 2 sees" in text for text in texts)
    assert not any("layer 3 sees" in text for text in texts)
