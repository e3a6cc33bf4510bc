"""Plain values as HTML."""

from stockcast.markup import render_paragraph, render_table


def test_whatever_a_file_calls_a_ticker_is_text():
    assert render_paragraph("<script>") == "<p>&lt;script&gt;</p>"
    shown = render_table([{"<b>": "<script>alert(1)</script>"}])
    assert "<script>" not in shown
    assert "<b>" not in shown


def test_numbers_are_short_and_what_is_missing_is_empty():
    shown = render_table([{"a": 1 / 3, "b": None, "c": float("nan"), "d": 12}])
    assert "<td>0.333333</td><td></td><td></td><td>12</td>" in shown


def test_of_many_rows_the_first_are_shown_and_all_are_counted():
    shown = render_table([{"row": number} for number in range(1_200)])
    assert shown.count("<tr>") == 31
    assert "1,200 rows in all" in shown


def test_no_rows_are_nothing():
    assert render_table([]) == ""
