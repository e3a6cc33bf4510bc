"""Cells taken apart: a few by Python, many by Arrow, the same either way."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.prices.csv.arrow import extract
from stockcast.prices.csv.date_format import OTHER_COMPACT, PATTERNS, SHORT_PATTERNS
from tests.strategies import examples

CELLS = [
    "2013-02-28", "Thu 2013-02-28 17:00", "2013-02-28T17:00:00.123456+01:00", "2013/2/8 170000",
    "20130228", "20130228_0930", "20130228093000", "2013年2月28日", "28.02.2013", "Do, 28.02.13",
    "28 February 2013", "28-févr.-2013", "Feb 28, 2013 5:00 PM", "2013 Февраль 28", "41333",
    "1362009600000", "1010216", "", "-", "28.02.2013;10", "Thu", "2013-02-28\n", "２０１３-02-28",
]  # fmt: skip


def take_apart(cells, pattern):
    """The same with Arrow, which compiles the pattern anew."""
    return pc.extract_regex(pa.array(cells, pa.string()), pattern)


@pytest.mark.parametrize("kind", PATTERNS)
@pytest.mark.parametrize("patterns", [PATTERNS, SHORT_PATTERNS], ids=["long", "short"])
def test_few_cells_are_taken_apart_as_many_are(kind, patterns):
    cells = pa.array(CELLS, pa.string())
    found, expected = extract(cells, patterns[kind]), take_apart(CELLS, patterns[kind])
    assert found.type == expected.type
    assert found.to_pylist() == expected.to_pylist()
    for name in (field.name for field in expected.type):
        assert found.field(name).to_pylist() == expected.field(name).to_pylist()
    many = extract(pa.array(CELLS * 200, pa.string()), patterns[kind])
    assert many.to_pylist() == found.to_pylist() * 200


PIECES = ["2013", "13", "2", "28", "02", "-", "/", ".", " ", ",", "T", ":", "Feb", "févr", "Thu"]
PIECES += ["年", "月", "日", "Z", "+01:00", "PM", "p.m.", "17", "00", "\u2028", "\n", "_", "st"]


# Many cells an example: what takes time is that Arrow compiles the patterns for each.
@pytest.mark.slow
@examples(20)
@given(
    st.lists(st.lists(st.sampled_from(PIECES), max_size=9).map("".join), min_size=20, max_size=60)
)
def test_cells_of_any_pieces_of_dates_are_taken_apart_as_arrow_does(cells):
    for pattern in (*PATTERNS.values(), *SHORT_PATTERNS.values(), OTHER_COMPACT):
        found = extract(pa.array(cells, pa.string()), pattern)
        assert found.to_pylist() == take_apart(cells, pattern).to_pylist()
