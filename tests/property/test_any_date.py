"""What a date's pattern matches is looked at, however quickly a cell is passed over as no date."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stockcast.prices.csv.date_format import (
    PATTERNS,
    compile_pattern,
    find_kind,
    find_kind_of,
    is_likely,
)
from tests.strategies import examples

MATCHING = st.sampled_from(sorted(PATTERNS)).flatmap(
    lambda kind: st.from_regex(compile_pattern(kind))
)


@examples(300)
@given(MATCHING)
def test_whatever_a_pattern_matches_is_likely_a_date(cell):
    assert is_likely(cell)


@examples(300)
@given(st.text(max_size=12))
def test_a_cell_that_is_not_likely_a_date_matches_no_pattern(cell):
    if not is_likely(cell):
        assert not any(compile_pattern(kind).match(cell) for kind in PATTERNS)


def test_a_price_and_a_header_are_not_likely_dates():
    assert not any(map(is_likely, ("28.05", "Close", "1.5", "")))
    assert find_kind(["28.05"]) is None


@examples(300)
@given(MATCHING | st.text(max_size=12))
def test_a_cell_alone_is_of_the_kind_that_a_column_of_it_is(cell):
    assert find_kind_of(cell) == find_kind([cell])
