"""Number cells of any locale: which marks a file writes them with, and what they are worth."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stockcast.prices.csv.numbers import Marks, NumberEvidence, parse_numbers
from tests.strategies import examples

POINT = Marks(".", "")
ENGLISH = Marks(".", ",")
GERMAN = Marks(",", ".")
FRENCH = Marks(",", " ")
SWISS = Marks(".", "'")


def parse(cells, marks):
    """Parse a list of cells: a number each, None where missing, 'bad' where bad."""
    values, bad = parse_numbers(pa.array(cells, pa.string()), marks)
    assert values.dtype == np.float64
    assert bad.dtype == np.bool_
    assert values.shape == bad.shape == (len(cells),)
    assert np.isnan(values[bad]).all()
    return [
        "bad" if wrong else None if math.isnan(value) else value
        for value, wrong in zip(values.tolist(), bad.tolist(), strict=True)
    ]


def parse_one(cell, marks=POINT):
    return parse([cell], marks)[0]


def gather(*columns, sizes=None):
    """Return the evidence of columns, each a list of cells, fed whole or in blocks of a size."""
    evidence = NumberEvidence()
    for number, cells in enumerate(columns):
        array = pa.array(cells, pa.string())
        step = sizes or max(len(cells), 1)
        for start in range(0, len(cells), step):
            evidence.add(array.slice(start, step), column=f"column {number}")
    return evidence


def judge(*columns, delimiter=",", **given_marks):
    return gather(*columns).judge(delimiter=delimiter, **given_marks)


# Parsing


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0.1", 0.1),
        ("18.171785354614258", 18.171785354614258),
        ("123456789012345678", 123456789012345678.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("5e-324", 5e-324),
        ("1e-5", 1e-5),
        ("1E5", 1e5),
        ("1.11401E+11", 111401000000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("007", 7.0),
        ("0", 0.0),
    ],
)
def test_a_plain_number_is_read_to_the_last_bit(cell, number):
    assert parse_one(cell) == number
    assert parse([cell, "", "x"], POINT) == [number, None, "bad"]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0,1", 0.1),
        ("18,171785354614258", 18.171785354614258),
        ("1,11401E+11", 111401000000.0),
        ("-8,73M", -8730000.0),
        (",5", 0.5),
        ("5,", 5.0),
        ("475", 475.0),
        ("0,475", 0.475),
        ("1.008,64", 1008.64),
        ("1.008", 1008.0),
        ("1.234.567,125", 1234567.125),
        ("12,5 %", 12.5),
        ("1.234,5 €", 1234.5),
    ],
)
def test_a_number_with_a_decimal_comma_is_read_to_the_last_bit(cell, number):
    assert parse_one(cell, GERMAN) == number
    assert parse([cell, "", "x"], GERMAN) == [number, None, "bad"]


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "null",
        "NULL",
        "nan",
        "NaN",
        "na",
        "NA",
        "n/a",
        "N/A",
        "#N/A",
        "None",
        ".",
        "-",
        "--",
        "–",
        "−",
    ],
)
@pytest.mark.parametrize("marks", [POINT, ENGLISH, GERMAN, SWISS])
def test_a_missing_cell_is_nan_and_not_bad(cell, marks):
    assert parse(["1", cell, "2"], marks) == [1.0, None, 2.0]
    assert parse_one(cell, marks) is None


@pytest.mark.parametrize(
    "cell",
    [
        "inf",
        "-inf",
        "+Inf",
        "Infinity",
        "∞",
        "-nan",
        "nan(1)",
        "1e400",
        "abc",
        "0x10",
        "1_000",
        "1.2.3",
        "1..2",
        "--1",
        "+-1",
        "1-",
        "- -1",
        "e5",
        "1e",
        "1e+",
        "1e5.5",
        "1 2",
        "12 34",
        "$",
        "%",
        "K",
        "-$",
        "()",
        "(1",
        "1)",
        "((1))",
        "(-1)",
        "-(1)",
        "5 apples",
        "٣",
        "２",
        "1KK",
        "5e3k",
        "1K2",
        "2013-02-28",
        "12:30",
        "1\n2",
        "1\x00",
        "-$-1",
        "missing",
        "1;2",
    ],
)
@pytest.mark.parametrize("marks", [POINT, ENGLISH])
def test_what_is_no_finite_number_is_bad(cell, marks):
    assert parse(["1", cell, "2"], marks) == [1.0, "bad", 2.0]
    assert parse_one(cell, marks) == "bad"


@pytest.mark.parametrize(
    ("cell", "marks", "number"),
    [
        ("1,008.64", ENGLISH, 1008.64),
        ("744,300", ENGLISH, 744300.0),
        ("1,234,567", ENGLISH, 1234567.0),
        ("-12,345,678.5", ENGLISH, -12345678.5),
        ("12,34,567", ENGLISH, 1234567.0),
        ("1,23,45,678.25", ENGLISH, 12345678.25),
        ("1 234,5", FRENCH, 1234.5),
        ("12 345 678", FRENCH, 12345678.0),
        ("1'234.5", SWISS, 1234.5),
        ("1’234’567.5", SWISS, 1234567.5),
    ],
)
def test_groups_of_digits_are_joined(cell, marks, number):
    assert parse_one(cell, marks) == number


@pytest.mark.parametrize("mark", [" ", "\u00a0", "\u202f", "\u2009", "'", "’"])
@pytest.mark.parametrize("marks", [POINT, ENGLISH, SWISS, Marks(".", " ")])
def test_spaces_and_apostrophes_group_digits_in_any_locale(mark, marks):
    assert parse_one(f"1{mark}234{mark}567.5", marks) == 1234567.5
    assert parse_one(f"1{mark}234", marks) == 1234.0
    assert parse_one(f"1{mark}23", marks) == "bad"


@pytest.mark.parametrize(
    "cell",
    [
        "1,23",
        "1,2345",
        "1234,567",
        "0,475",
        "012,345",
        ",123",
        "1,,234",
        "1,234,",
        "1,234,56",
        "1.234,567",
        "1,234 567",
        "1,23,4567",
        "123,45,678",
        "1,234E5",
        "1,2,345",
        "1.5,000",
    ],
)
def test_what_only_looks_like_groups_is_bad(cell):
    assert parse_one(cell, ENGLISH) == "bad"


def test_a_comma_decides_nothing_by_itself():
    assert parse_one("1,23", ENGLISH) == "bad"
    assert parse_one("1,23", GERMAN) == 1.23
    assert parse_one("1,234", ENGLISH) == 1234.0
    assert parse_one("1,234", GERMAN) == 1.234
    assert parse_one("1,234", POINT) == "bad"


def test_a_point_decides_nothing_by_itself():
    assert parse(["1.5", "1.234"], GERMAN) == ["bad", 1234.0]
    assert parse(["1.5", "1.234"], Marks(",", "")) == ["bad", "bad"]
    assert parse(["1.5", "1.234"], POINT) == [1.5, 1.234]


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("+1.5", 1.5),
        ("-1.5", -1.5),
        ("−1.5", -1.5),
        ("–1.5", -1.5),
        ("- 1.5", -1.5),
        ("(1.23)", -1.23),
        ("($1,234.50)", -1234.5),
        ("$(5)", -5.0),
        ("(5) USD", -5.0),
        ("(0.5%)", -0.5),
        ("(62.28K)", -62280.0),
    ],
)
def test_a_sign_or_parentheses_tell_which_side_of_zero(cell, number):
    assert parse_one(cell, ENGLISH) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("$5.25", 5.25),
        ("$ 5.25", 5.25),
        ("-$5.25", -5.25),
        ("$-5.25", -5.25),
        ("€5", 5.0),
        ("5 €", 5.0),
        ("5€", 5.0),
        ("£1,008.64", 1008.64),
        ("¥744,300", 744300.0),
        ("₹12,34,567.50", 1234567.5),
        ("R$ 12.5", 12.5),
        ("US$12.5", 12.5),
        ("HK$ 12.5", 12.5),
        ("A$12.5", 12.5),
        ("12.5 AU$", 12.5),
        ("12.5 zł", 12.5),
        ("12.5 kr", 12.5),
        ("12.5 kr.", 12.5),
        ("kr 12.5", 12.5),
        ("USD 12.5", 12.5),
        ("12.5 EUR", 12.5),
        ("12.5EUR", 12.5),
        ("12.5\u00a0€", 12.5),
        ("$.5", 0.5),
        ("$.5e3", 500.0),
        ("$.5K", 500.0),
        ("USD 1e3", 1000.0),
        ("1.5e3 USD", 1500.0),
        ("$1.2M", 1200000.0),
        ("1.2M USD", 1200000.0),
        ("5 M$", 5000000.0),
        ("5 MX$", 5.0),
        ("5 KRW", 5.0),
        ("5 k kr", 5000.0),
        ("5 TL", 5.0),
    ],
)
def test_a_currency_before_or_after_is_left_out(cell, number):
    assert parse_one(cell, ENGLISH) == number


def test_the_point_of_an_abbreviation_is_no_decimal_mark():
    assert parse_one("kr.500") == 500.0
    assert parse_one("Rs.500.25") == 500.25
    assert parse_one("kr.1.500,5", GERMAN) == 1500.5
    assert judge(["kr.500", "kr.250"], delimiter=";") == POINT


@pytest.mark.parametrize("cell", ["0.25%", "0.25 %", "%0.25", "+0.25%"])
def test_a_percent_sign_is_left_out(cell):
    assert parse_one(cell) == 0.25


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scale", "exponent"),
    [
        ("K", 3),
        ("k", 3),
        ("tys.", 3),
        ("M", 6),
        ("m", 6),
        ("Mio", 6),
        ("Mio.", 6),
        ("mln", 6),
        ("B", 9),
        ("bn", 9),
        ("Mrd", 9),
        ("mld", 9),
        ("T", 12),
        ("t", 12),
        ("万", 4),
        ("億", 8),
    ],
)
@pytest.mark.parametrize("digits", ["8.73", "62.28", "0.1", "-3.3", "7", "5."])
def test_a_scale_multiplies_exactly(scale, exponent, digits):
    for cell in (f"{digits}{scale}", f"{digits} {scale}"):
        assert parse_one(cell) == float(f"{digits}e{exponent}")


def test_scaled_volumes_are_whole():
    assert parse(["8.73M", "62.28K", "1.1B", "4.35T"], POINT) == [8730000, 62280, 1.1e9, 4.35e12]
    assert parse(["8,73M", "62,28K"], GERMAN) == [8730000, 62280]
    assert parse_one("1,234.5K", ENGLISH) == 1234500


def test_one_bad_cell_leaves_its_neighbours_as_they_are():
    cells = ["1.5", "oops", "", "$2.5", "1,000", "inf"]
    assert parse(cells, ENGLISH) == [1.5, "bad", None, 2.5, 1000.0, "bad"]


def test_no_cells_are_no_numbers():
    for marks in (POINT, ENGLISH, GERMAN):
        assert parse([], marks) == []


def test_cells_that_are_all_bad_or_missing_are_fine():
    assert parse(["x", "", "y"], GERMAN) == ["bad", None, "bad"]


def test_a_part_of_a_longer_block_is_read_by_itself():
    block = pa.array(["x", "1,5", "", "2.000,5", "y"]).slice(1, 3)
    values, bad = parse_numbers(block, GERMAN)
    assert not bad.any()
    np.testing.assert_array_equal(values, [1.5, np.nan, 2000.5])


def test_a_strange_cell_far_down_is_found():
    cells = ["1.5"] * 1000 + ["1,5"] + ["2.5"] * 1000
    values, bad = parse_numbers(pa.array(cells), POINT)
    assert np.flatnonzero(bad).tolist() == [1000]
    assert values[999] == 1.5
    assert values[1001] == 2.5


# Evidence


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("1,008.64", ENGLISH),
        ("1.008,64", GERMAN),
        ("1,234,567.125", ENGLISH),
        ("1.234.567,125", GERMAN),
        ("1,008.643", ENGLISH),
        ("1.008,643", GERMAN),
        ("12,34,567.5", ENGLISH),
        ("$1,008.64", ENGLISH),
        ("(1.008,64)", GERMAN),
    ],
)
def test_of_two_marks_the_last_is_decimal(cell, marks):
    for delimiter in ",;\t|":
        assert judge([cell], delimiter=delimiter) == marks


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("1,234,567", ENGLISH),
        ("1.234.567", GERMAN),
        ("12,34,567", ENGLISH),
        ("1.234.567 €", GERMAN),
    ],
)
def test_a_mark_that_comes_twice_is_thousands(cell, marks):
    for delimiter in ",;":
        assert judge([cell], delimiter=delimiter) == marks


@pytest.mark.parametrize(
    "cell",
    [
        "1.5",
        "12.25",
        "1.2345",
        "0.475",
        "00.475",
        ".475",
        "1234.567",
        "5.",
        "-1.84%",
        "62.28K",
        "8.73M",
        "$12.50",
        "1.11401E+11",
        "1.114E+11",
        "(1.5)",
        "1.5 kr.",
    ],
)
def test_digits_that_are_no_group_follow_a_decimal_mark(cell):
    for delimiter in ",;":
        assert judge([cell], delimiter=delimiter) == POINT
        comma = cell.replace("kr.", "kr").replace(".", ",")
        assert judge([comma], delimiter=delimiter) == Marks(",", "")


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("1 234,567", FRENCH),
        ("1\u00a0234,567", FRENCH),
        ("1\u202f234,5", FRENCH),
        ("1'234.567", SWISS),
        ("1’234.5", SWISS),
        ("1 234", Marks(".", " ")),
        ("1’234", SWISS),
    ],
)
def test_spaces_and_apostrophes_are_thousands(cell, marks):
    assert judge([cell], delimiter=";") == marks


def test_a_point_or_comma_goes_before_a_space_as_the_thousands_mark():
    assert judge(["1 234", "1,234.5"]) == ENGLISH
    assert judge(["1 234", "1.234,5"], delimiter=";") == GERMAN


def test_a_mark_seen_as_decimal_anywhere_makes_the_other_thousands():
    assert judge(["12.5", "13.5"], ["744,300", "1,008"]) == ENGLISH
    assert judge(["12,5", "13,5"], ["744.300", "1.008"], delimiter=";") == GERMAN
    assert judge(["1.234", "1.235"], ["0.5"], delimiter=";") == POINT
    assert judge(["1.234", "1.235"], ["-0,35%"], delimiter=";") == GERMAN


def test_integers_alone_need_no_mark():
    for delimiter in ",;\t|":
        assert judge(["1", "250", "1000"], delimiter=delimiter) == POINT
        assert judge([], delimiter=delimiter) == POINT
        assert judge(["", "null"], delimiter=delimiter) == POINT


@pytest.mark.parametrize("cell", ["1.2.3", "1,2,3.5,", "28.02.2013", "abc", "1.23,4.5", ".", "inf"])
def test_text_that_is_no_number_shows_nothing(cell):
    assert judge([cell, cell], delimiter=";") == POINT


def test_where_proofs_contradict_the_more_frequent_mark_is_decimal():
    assert judge(["1.5"] * 3 + ["1,5"]) == POINT
    assert judge(["1.5"] + ["1,5"] * 3) == Marks(",", "")
    assert judge(["1.5"] * 3 + ["1.234.567"], delimiter=";") == POINT
    assert parse(["1.5", "1,5", "1.234.567"], POINT) == [1.5, "bad", "bad"]


def test_proofs_that_are_as_many_for_either_mark_decide_nothing():
    assert judge(["1.5", "1,5"]) is None


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_what_can_be_read_in_two_ways_is_asked_about(delimiter):
    for cells in (["1.234", "1.235"], ["744,300", "1,008"], ["1.234", "1,235"]):
        evidence = gather(cells)
        assert evidence.judge(delimiter=delimiter) is None
        assert evidence.example() == cells[0]


def test_between_commas_a_point_is_the_english_decimal_and_a_quoted_comma_is_asked_about():
    assert judge(["1.234", "1.235"]) == POINT
    assert judge(["744,300", "1,008"]) is None
    assert judge(["1.234", "1.235"], ["744,300"]) is None


def test_the_example_is_a_cell_with_two_readings():
    assert gather(["12", "1.234", "5,678"]).example() == "1.234"
    assert gather(["12", "$5,678"]).example() == "$5,678"
    assert gather(["12", "1.5", "0.475"]).example() == ""
    assert gather([]).example() == ""


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_column_that_passes_a_thousand_shows_groups(delimiter):
    cells = ["995", "998", "1.002", "1.005", "999", "1.001"]
    assert judge(cells, delimiter=delimiter) == GERMAN
    commas = [cell.replace(".", ",") for cell in cells]
    assert judge(commas, delimiter=delimiter) == ENGLISH
    assert judge(["998", "1.002"], delimiter=delimiter) == GERMAN


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_column_whose_zeros_are_cut_off_shows_decimals(delimiter):
    cells = ["101.125", "101", "100.875", "102", "102.375"]
    assert judge(cells, delimiter=delimiter) == POINT
    commas = [cell.replace(".", ",") for cell in cells]
    assert judge(commas, delimiter=delimiter) == Marks(",", "")


def test_scales_count_in_a_column_s_steps():
    assert judge(["998K", "1.002M", "995K"], delimiter=";") == POINT
    assert judge(["998K", "1.002K", "995K"], delimiter=";") == GERMAN


def test_steps_that_are_smooth_in_neither_reading_decide_nothing():
    assert judge(["30", "1.002", "35", "1.100"], delimiter=";") is None
    assert judge(["0", "1.002", "0"], delimiter=";") is None
    assert judge(["998", "", "1.002"], delimiter=";") is None


def test_columns_are_no_neighbours():
    assert judge(["998"], ["1.002"], delimiter=";") is None


def test_columns_whose_steps_contradict_decide_nothing():
    assert judge(["998", "1.002"], ["998", "1,002"], delimiter=",") is None


def test_steps_that_contradict_proofs_count_for_nothing():
    assert judge(["998", "1.002"], ["0.5"], delimiter=";") == POINT


def test_a_column_goes_on_from_block_to_block():
    evidence = NumberEvidence()
    for low, high in [("998", "101.125"), ("1.002", "102.250")]:
        evidence.add(pa.array([low]), column="Low")
        evidence.add(pa.array([high]), column="High")
    assert evidence.judge(delimiter=";") == GERMAN


def test_a_block_without_cells_changes_nothing():
    evidence = NumberEvidence()
    for cells in (["998"], [], ["1.002"]):
        evidence.add(pa.array(cells, pa.string()), column="Low")
    assert evidence.judge(delimiter=";") == GERMAN


def test_blocks_without_a_column_are_no_neighbours():
    evidence = NumberEvidence()
    evidence.add(pa.array(["998"]))
    evidence.add(pa.array(["1.002"]))
    assert evidence.judge(delimiter=";") is None
    evidence.add(pa.array(["998", "1.002"]))
    assert evidence.judge(delimiter=";") == GERMAN


def test_what_the_user_says_wins():
    assert judge(["1.5"], decimal=",") == Marks(",", "")
    assert judge(["1.234"], delimiter=";", decimal=".") == POINT
    assert judge(["1.234"], delimiter=";", decimal=",") == GERMAN
    assert judge(["1.234"], delimiter=";", thousands=".") == GERMAN
    assert judge(["1.234"], delimiter=";", thousands=",") == ENGLISH
    assert judge(["12"], delimiter=";", decimal=",", thousands="'") == Marks(",", "'")
    assert judge(["1,234.5"], decimal=".", thousands="") == POINT


def test_where_the_user_says_what_groups_digits_the_other_marks_are_decimal():
    assert judge(["1.234"], delimiter=";", thousands="") == POINT
    assert judge(["1,234"], delimiter=",", thousands="") == Marks(",", "")
    assert judge(["1,234"], delimiter=";", thousands=" ") == FRENCH
    assert judge(["1,234", "1.234"], delimiter=";", thousands=" ") is None


@pytest.mark.parametrize(
    ("decimal", "thousands"), [(";", ""), ("", ""), (".", "."), (",", ","), (".", "_"), (".", ",.")]
)
def test_marks_that_cannot_be_are_refused(decimal, thousands):
    with pytest.raises(ValueError, match="Received: decimal="):
        Marks(decimal, thousands)


@pytest.mark.parametrize("marks", [ENGLISH, GERMAN, FRENCH, SWISS])
@pytest.mark.parametrize("mix", [["null"], ["5"], ["1e5", ".5"], []])
def test_a_file_is_judged_as_it_was_written(marks, mix):
    values = [5.25, 998.5, 1008.64, 1234567.125]
    cells = [write_number(value, marks, digits=3) for value in values]
    if marks.decimal == ",":
        mix = [cell.replace(".", ",") for cell in mix]
    assert judge(cells + mix, delimiter=";") == marks
    assert parse(cells, marks) == values


# Properties

few = examples(50)


def write_number(value, marks, *, digits):
    """Write a number with so many decimals, in groups, in a file's marks."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans({",": marks.thousands, ".": marks.decimal}))


MARKS = st.sampled_from([POINT, ENGLISH, GERMAN, FRENCH, SWISS, Marks(",", ""), Marks(",", "'")])
PIECES = st.sampled_from(
    [
        *"0123456789.,'’ \xa0-+−–()eE%$€kKmMbBtT\n",
        "123",
        ",234",
        ".567",
        "000",
        "kr.",
        "mrd.",
        "USD",
        "KRW",
        "R$",
        "nan",
        "inf",
        "null",
        "tys.",
        "ſ",
        "K",
    ]
)
CELLS = st.one_of(
    st.lists(PIECES, max_size=8).map("".join),
    st.sampled_from(["998", "1.002", "1,002", "12.5", "12,5", "1.234.567", "1 234", "", "null"]),
)


@pytest.mark.slow
@few
@given(st.floats(-1e15, 1e15), st.integers(0, 12), MARKS)
def test_a_number_in_any_marks_is_read_back_exactly(value, digits, marks):
    cell = write_number(value, marks, digits=digits)
    assert parse([cell, "x"], marks) == [float(f"{value:.{digits}f}"), "bad"]


@few
@given(st.floats(allow_nan=False, allow_infinity=False), MARKS)
def test_a_number_in_scientific_notation_is_read_back_exactly(value, marks):
    cell = f"{value:.17e}".replace(".", marks.decimal)
    assert parse([cell, "x"], marks) == [value, "bad"]


@pytest.mark.slow
@few
@given(
    st.floats(-1e6, 1e6),
    st.sampled_from(["$", "€ ", "R$ ", "USD ", "kr", ""]),
    st.sampled_from([("", 0), ("K", 3), (" Mio.", 6), ("B", 9), ("t", 12)]),
    st.sampled_from(["", " €", "EUR", " zł", "%"]),
    MARKS,
)
def test_a_dressed_number_is_read_back_exactly(value, before, scale, after, marks):
    word, exponent = scale
    digits = write_number(abs(value), marks, digits=4)
    sign = "-" if value < 0 else ""
    assert parse_one(f"{sign}{before}{digits}{word}{after}", marks) == float(
        f"{sign}{abs(value):.4f}e{exponent}"
    )


@pytest.mark.slow
@few
@given(st.lists(st.one_of(CELLS, st.text(max_size=12)), max_size=20), MARKS, st.sampled_from(",;"))
@example(["1e308" + "0" * 300, "1.234"], POINT, ";")
def test_no_text_raises(cells, marks, delimiter):
    parsed = parse(cells, marks)
    assert len(parsed) == len(cells)
    gather(cells).judge(delimiter=delimiter)


@few
@given(st.lists(CELLS, max_size=20), MARKS)
def test_a_cell_is_read_the_same_alone_and_in_company(cells, marks):
    assert parse(cells, marks) == [parse_one(cell, marks) for cell in cells]


@pytest.mark.slow
@few
@given(
    st.lists(st.lists(CELLS, max_size=12), min_size=1, max_size=3),
    st.integers(1, 5),
    st.sampled_from(",;"),
)
def test_evidence_is_the_same_in_one_block_and_in_many(columns, size, delimiter):
    whole = gather(*columns).judge(delimiter=delimiter)
    assert gather(*columns, sizes=size).judge(delimiter=delimiter) == whole


@few
@given(st.lists(st.floats(0.01, 1e7), min_size=1, max_size=30), st.integers(4, 8), MARKS)
def test_what_was_written_in_any_marks_is_judged_and_read_back(values, digits, marks):
    cells = [write_number(value, marks, digits=digits) for value in values]
    judged = judge(cells, delimiter=";")
    assert judged.decimal == marks.decimal
    assert parse(cells, judged) == [float(f"{value:.{digits}f}") for value in values]


# What is loaded

PROGRAM = """
import io, sys
import pyarrow as pa, pyarrow.csv as csv
from stockcast.prices.csv.numbers import Marks, NumberEvidence, parse_numbers
from tests.strategies import examples

table = csv.read_csv(
    io.BytesIO(sys.stdin.buffer.read()),
    parse_options=csv.ParseOptions(delimiter=";"),
    convert_options=csv.ConvertOptions(column_types=dict.fromkeys("abcdefgh", pa.string())),
)
evidence = NumberEvidence()
for name in table.column_names:
    cells = table[name].chunk(0)
    evidence.add(cells, column=name)
    for marks in (Marks(), Marks(".", ","), Marks(",", "."), Marks(",", " ")):
        parse_numbers(cells, marks)
print(evidence.judge(delimiter=";"), evidence.example())
print("pandas" in sys.modules)
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        ("1.5;2\n2.5;3", "Marks(decimal='.', thousands='') "),
        ("1,5;2\n2,5;3", "Marks(decimal=',', thousands='') "),
        ("1,008.64;null\n2.5;-", "Marks(decimal='.', thousands=',') "),
        ("1 008,64;$5\n2,5;(3)", "Marks(decimal=',', thousands=' ') "),
        ("1.234;8\n2.345;x", "None 1.234"),
        ("998;8.73M\n1.002;5,5K", "None 1.002"),
    ],
)
def test_pandas_is_not_loaded(rows, answer):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=f"a;b\n{rows}\n".encode(), capture_output=True
    )
    assert run.stderr == b""
    assert run.stdout.decode().splitlines() == [answer, "False"]
