"""Numbers side by side that can be compared, and pictures laid out before they are drawn."""

from __future__ import annotations

import io
import math

import pytest

from stockcast.report.figures import make_figure, round_alike
from stockcast.report.one_pass import OnePassFigure

pytestmark = pytest.mark.slow

UNDATED = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        ((4.646, 4.67), ("4.646", "4.670")),
        ((1234.5, 3.1), ("1,234.500", "3.100")),
        ((0.0, 0.25), ("0.0000", "0.2500")),
        ((0.0, 0.0), ("0.000", "0.000")),
        ((math.nan, 4.67), ("nan", "4.670")),
        ((math.nan, math.nan), ("nan", "nan")),
        ((math.inf, 2.0), ("inf", "2.000")),
        ((), ()),
    ],
)
def test_numbers_side_by_side_have_as_many_decimals(numbers, written):
    assert round_alike(*numbers) == written


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_picture_drawn_once_is_the_same_bytes_as_drawn_twice(kind, monkeypatch):
    def draw():
        with make_figure(figsize=(4, 3)) as figure:
            for number, axes in enumerate(figure.subplots(1, 2, sharey=True)):
                axes.plot([number, 1_000])
                axes.set_title(f"panel {number}")
            figure.legend(["a line"], loc="outside lower left")
            figure.suptitle("two panels")
            file = io.BytesIO()
            figure.savefig(file, format=kind, metadata=UNDATED[kind])
            return file.getvalue()

    once = draw()
    monkeypatch.delattr(OnePassFigure, "draw")  # matplotlib's own
    assert draw() == once
    assert len(once) > 5_000
