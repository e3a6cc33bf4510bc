"""Text that a spreadsheet would run, and that comes back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.files.spreadsheet import format_rows, guard_text, unguard_text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'"])
def test_a_text_that_begins_like_a_formula_gets_a_mark(start):
    assert guard_text(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "GOOG", "BRK-B", "^GSPC", "1+1", " =1", "2013-03-04"])
def test_any_other_text_stays_as_it_is(text):
    assert guard_text(text) == text


@given(st.text() | st.text("=+-@'\t\r", max_size=4))
def test_every_text_comes_back(text):
    assert unguard_text(guard_text(text)) == text


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=3))
)
def test_rows_come_back_whatever_ends_a_line_inside_a_cell(rows):
    text = format_rows(rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows


def test_a_row_ends_with_a_line_feed_and_numbers_are_written_in_full():
    assert format_rows([["a", 0.1 + 0.2, None], ["b\r", 1, ""]]) == (
        'a,0.30000000000000004,\n"b\r",1,\n'
    )
