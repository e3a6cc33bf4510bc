"""The page of the gates: one file, well-formed, without script or request, readable by ear."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from stockcast.forecast.inspector import inspect_span, inspect_window
from stockcast.report.gates import draw_gates

pytestmark = pytest.mark.slow

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Page(HTMLParser):
    """All tags with their attributes, and the text; fails where tags are not balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), tag
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def find(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(60)


@pytest.fixture(scope="module")
def text(history, make_model, tmp_path_factory):
    """The page of a network of two layers."""
    path = tmp_path_factory.mktemp("page") / "gates.html"
    draw_gates(inspect_window(make_model(history), history), path)
    return path.read_text(encoding="utf-8")


@pytest.fixture
def write_page(history, make_model, tmp_path):
    def write(*, ticker="MADEUP", see=inspect_window, **fields):
        model = make_model(history, **{"layers": 1, **fields})
        seen = replace(see(model, history), ticker=ticker)
        draw_gates(seen, tmp_path / "gates.html")
        return (tmp_path / "gates.html").read_text(encoding="utf-8")

    return write


def test_the_page_is_well_formed_and_says_how_to_read_it(text):
    page = Page(text)
    assert page.find("html") == [{"lang": "en"}]
    assert len(page.find("h1")) == len(page.find("main")) == len(page.find("svg")) == 1
    for words in (
        "MADEUP, LSTM: what the gates did",
        "How far back it remembers: what counts most is",
        "8 trading days, 2012-",
        "The black line is the mean of all units",
        "backpropagation through time",
    ):
        assert words in page.text, words


def test_the_page_has_no_script_and_asks_nobody_for_anything(text):
    page = Page(text)
    assert not page.find("script")
    assert "default-src 'none'" in text
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href", "srcset", "data", "action"):
                assert value.startswith(("data:", "#")), (tag, value)
    outside = re.sub(r'xmlns(:\w+)?="[^"]*"', "", text)
    assert "http:" not in outside
    assert "https:" not in outside
    assert not re.search(r"url\((?!#)", outside)
    assert "@import" not in outside


def test_the_picture_has_words_for_those_who_do_not_see_it(text):
    (picture,) = [tag for _, tag in Page(text).tags if tag.get("role") == "img"]
    words = "Heat maps of the input, forget and output gate and of the memory of 2 layers"
    assert picture["aria-label"].startswith(words)


def test_the_table_has_a_caption_and_a_row_a_layer(text):
    page = Page(text)
    assert len(page.find("caption")) == len(page.find("table")) == 1
    scopes = [attributes.get("scope") for attributes in page.find("th")]
    assert scopes == ["col"] * 5 + ["row"] * 2
    for words in ("Mean openness", "forget gate", "memory halves in", "trading days"):
        assert words in page.text


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
def test_a_page_of_twelve_layers_draws_eight_and_lists_all(write_page):
    page = Page(write_page(layers=12, units=2))
    assert "The picture has the first 8 of 12 layers." in page.text
    assert [attributes.get("scope") for attributes in page.find("th")].count("row") == 12


@pytest.mark.usefixtures("unarranged")
def test_a_gru_s_page_says_that_it_has_no_memory_cell(write_page, text):
    page = Page(write_page(cell="gru"))
    assert "A GRU has no memory cell" in page.text
    assert "update gate" in page.text
    assert "forget gate" not in page.text
    assert "GRU" not in Page(text).text


@pytest.mark.usefixtures("unarranged")
def test_a_span_s_page_says_that_every_day_has_a_window_of_its_own(write_page, history):
    page = Page(write_page(see=lambda *both: inspect_span(*both, start=history.dates[40])))
    assert "Every trading day is seen as the newest of a window of its own" in page.text


@pytest.mark.usefixtures("unarranged")
def test_a_memory_that_never_fades_is_said_to_do_so(history, make_model, tmp_path):
    seen = inspect_window(make_model(history, layers=1), history)
    layers = tuple(replace(layer, half_life=np.inf) for layer in seen.layers)
    draw_gates(replace(seen, layers=layers), tmp_path / "gates.html")
    assert "never" in Page((tmp_path / "gates.html").read_text()).text


@pytest.mark.usefixtures("unarranged")
def test_a_ticker_is_text_and_never_markup(write_page):
    text = write_page(ticker='<script>alert("1")</script>&$x_1^2$')
    page = Page(text)
    assert not page.find("script")
    assert '<script>alert("1")</script>&$x_1^2$, LSTM' in page.text


def test_the_picture_takes_the_page_s_own_colour(text):
    assert "currentColor" in text
    assert "prefers-color-scheme: dark" in text
    assert "#0a0b0c" not in text
