"""Figures side by side: written so that they can be compared."""

from __future__ import annotations

import math

import pytest

from stockcast.report.figures import round_alike


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
