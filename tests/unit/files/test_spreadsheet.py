"""Text that a spreadsheet would run, and that comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.files.spreadsheet import guard_text, unguard_text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'"])
def test_a_text_that_begins_like_a_formula_gets_a_mark(start):
    assert guard_text(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "GOOG", "BRK-B", "^GSPC", "1+1", " =1", "2013-03-04"])
def test_any_other_text_stays_as_it_is(text):
    assert guard_text(text) == text


@given(st.text() | st.text("=+-@'\t\r", max_size=4))
def test_every_text_comes_back(text):
    assert unguard_text(guard_text(text)) == text
