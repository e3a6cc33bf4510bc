"""Rows that are no bars: left out and told with their lines, or refused as damaged."""

from __future__ import annotations

import io

import numpy as np
import pytest

from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.reader import read_prices, read_tables

HEADER = "Date,Open,High,Low,Close,Volume"
ROWS = [f"2013-02-{day:02},1.5,2,1.25,1.75,{100 + day}" for day in range(1, 9)]
SHORT = [row.rpartition(",")[0] for row in ROWS]


def read(*lines, **options):
    content = "".join(f"{line}\n" for line in lines).encode()
    (table,) = read_tables(RawFile("data.csv", spool=io.BytesIO(content)), ReadOptions(**options))
    return table


def list_findings(table):
    return [(found.kind, found.count, found.lines) for found in table.reading.findings]


# Dividends and splits -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "2013-02-04,0.52 Dividend,,,,",
        "2013-02-04,,,,0.52 Dividend,",
        '2013-02-04,"0.52 Dividend"',
        '2013-02-04,"Dividend, 0.52",,,,',
        "2013-02-04,Dividend,0.52,,,",
        "2013-02-04,2:1 Stock Split,,,,",
        "2013-02-04,2:1 Stock Split",
        "2013-02-04,1.25 Capital Gain,,,,-",
        "2013-02-04,Dividende 0.52,,,,",
        "2013-02-04,派息 0.52,,,,",
    ],
)
def test_a_dividend_or_a_split_between_the_bars_is_left_out_and_told(row):
    table = read(HEADER, *ROWS[:3], row, *ROWS[4:])
    assert list(table.lines) == [2, 3, 4, 6, 7, 8, 9]
    assert list_findings(table) == [("corporate-actions", 1, (5,))]
    assert table.reading.undated_lines == ()


def test_many_dividends_are_all_left_out():
    actions = [f"2010-01-01,{n}.5 Dividend,,,," for n in range(500)]
    table = read(HEADER, *ROWS[:4], *actions, *ROWS[4:])
    assert len(table.dates) == 8
    assert list_findings(table) == [("corporate-actions", 500, tuple(range(6, 16)))]


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ("2013-02-04,1.5,2,1.25,0.52 Dividend,7", "Close is '0.52 Dividend'"),
        ("2013-02-04,0.52 Dividend,,,1.75,", "Open is '0.52 Dividend'"),
        ("2013-02-04,0.52 Dividend,,,abc,", "Open is '0.52 Dividend'"),
        ("2013-02-04,abc,,,,", "Open is 'abc'"),
        ("2013-02-04,suspended,,,,", "Open is 'suspended'"),
    ],
)
def test_other_text_in_place_of_a_price_is_refused_and_so_is_a_dividend_among_prices(
    row, cell, expect_refusal
):
    with expect_refusal(UnreadablePrices, f"data.csv:5: {cell}", "expected a number"):
        read(HEADER, *ROWS[:3], row, *ROWS[4:])


def test_a_bad_price_is_found_however_much_text_stands_in_other_rows(expect_refusal):
    days = np.busday_offset("2000-01-03", np.arange(300), roll="forward")
    rows = [f"{day},1.5,2,1.25,1.75,7" for day in days]
    notices = ["a note,see below,,,," for _ in days]
    with expect_refusal(UnreadablePrices, "data.csv:602: Open is 'abc'"):
        read(HEADER, *rows, *notices, "2013-03-01,abc,2,1,1.5,7")


# Units, totals, notices, padding --------------------------------------------------------------


@pytest.mark.parametrize(
    "units",
    [
        ",USD,USD,USD,USD,shares",
        "YYYY-MM-DD,USD,USD,USD,USD,shares",
        "(date),($),($),($),($),(1)",
        "-,$,$,$,$,-",
    ],
)
def test_a_line_of_units_under_the_header_is_left_out_and_told(units):
    table = read(HEADER, units, *ROWS)
    assert list(table.lines) == list(range(3, 11))
    assert table.reading.undated_lines == (2,)
    assert table.reading.dialect.header[1] == "Open"


def test_the_three_header_lines_of_yfinance_are_no_notices():
    table = read("Price,Close,Volume", "Ticker,X,X", "Date,,", "2013-02-01,1.5,7", "2013-02-04,2,8")
    assert table.reading.undated_lines == ()


@pytest.mark.parametrize("word", ["Total", "Average:", "Summe", "TOTAL (8 days)", "合计"])
def test_a_row_that_sums_others_up_is_left_out_and_told(word):
    table = read(HEADER, *ROWS, f"{word},1.5,2,1.25,1.75,816")
    assert list_findings(table) == [("summary-rows", 1, (10,))]
    assert len(table.dates) == 8


@pytest.mark.parametrize("word", ["today", "Mean 2013-02-09", "Tota1", "2013-02-31"])
def test_a_row_of_prices_under_another_word_is_refused(word, expect_refusal):
    with expect_refusal(UnreadablePrices, f"data.csv:10: Date is {word!r}"):
        read(HEADER, *ROWS, f"{word},1.5,2,1.25,1.75,816")


@pytest.mark.parametrize(
    "rows",
    [
        ["Source: made up"],
        ["(c) 2013 by us, all rights reserved"],
        ['"Downloaded 2013-03-01, all rights reserved"'],
        ["Source,made up,,,,"],
        [",,,,,0"],
        ["Total,,,,,816"],
    ],
)
def test_what_has_neither_date_nor_price_is_left_out_and_told(rows):
    table = read(HEADER, *ROWS, *rows)
    assert len(table.dates) == 8
    assert table.reading.undated_lines == (10,)


def test_padding_that_holds_a_ticker_is_left_out_and_told_and_empty_padding_only_left_out():
    table = read("Date,Close,Ticker", "2013-02-01,1.5,X", ",,X", ",,", "2013-02-04,2.5,X")
    assert list(table.columns["close"]) == [1.5, 2.5]
    assert table.reading.undated_lines == (3,)


@pytest.mark.parametrize(("row", "cell"), [("abc,1.5,2,1,1,0", "abc"), (",1.5,2,1,1,0", "")])
def test_a_row_with_prices_and_no_date_is_refused(row, cell, expect_refusal):
    with expect_refusal(UnreadablePrices, f"data.csv:10: Date is {cell!r}"):
        read(HEADER, *ROWS, row)


# A last line that is cut ----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["2013-02-09,1.5,2", "2013-02-09,1.5,2,1.2", '2013-02-09,1.5,"2'])
def test_a_last_line_that_is_cut_in_the_middle_is_left_out_and_told(end):
    content = "\n".join([HEADER, *ROWS, end]).encode()
    (table,) = read_tables(RawFile("data.csv", spool=io.BytesIO(content)), ReadOptions())
    assert len(table.dates) == 8
    assert list_findings(table) == [("cut-last-line", 1, (10,))]


def test_a_last_line_that_ends_in_its_date_has_nothing_to_tell_apart():
    table = read(HEADER, *ROWS, "2013-0")
    assert table.reading.undated_lines == (10,)


def test_a_short_row_with_others_or_a_notice_after_it_is_refused(expect_refusal):
    for after in (ROWS[7], "Source: made up"):
        with expect_refusal(UnreadablePrices, "data.csv:9: 3 cells in this row, expected 6"):
            read(HEADER, *ROWS[:7], "2013-02-08,1.5,2", after)


def test_a_last_line_with_too_many_cells_is_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv:10: 7 cells in this row, expected 6"):
        read(HEADER, *ROWS, "2013-02-09,1.5,2,1.25,1.75,7,8")


# A column that began later --------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 4, 5, 6])
def test_rows_from_before_a_column_began_are_read_and_told(count):
    table = read(HEADER, *SHORT[:count], *ROWS[count:])
    assert len(table.dates) == 8
    assert list(np.isnan(table.columns["volume"])) == [True] * count + [False] * (8 - count)
    assert list(table.columns["close"]) == [1.75] * 8
    assert list(table.lines) == list(range(2, 10))
    assert list_findings(table) == [("short-rows", count, tuple(range(2, 2 + count)))]
    assert "'Volume' empty there" in table.reading.findings[0].message


def test_newest_first_the_rows_from_before_a_column_began_come_last():
    table = read(HEADER, *ROWS[:3:-1], *SHORT[3::-1])
    assert list(np.isnan(table.columns["volume"])) == [False] * 4 + [True] * 4


def test_columns_may_begin_one_after_the_other():
    header = HEADER + ",Ticker"
    table = read(header, *SHORT[:2], *ROWS[2:4], *(f"{row},X" for row in ROWS[4:]))
    assert list(np.isnan(table.columns["volume"])) == [True] * 2 + [False] * 6
    assert table.tickers == ["", "X"]


@pytest.mark.slow
def test_a_column_may_begin_far_into_a_file_with_a_cell_of_several_lines():
    days = np.busday_offset("2000-01-03", np.arange(3000), roll="forward")
    rows = [f'{day},1.5,"a\nb"' for day in days[:2900]] + [
        f'{day},1.5,"c",7' for day in days[2900:]
    ]
    table = read("Date,Close,Remark,Volume", *rows)
    assert np.isnan(table.columns["volume"]).sum() == 2900
    assert table.lines[2899] == 2 + 2 * 2899
    assert table.lines[-1] == 2 + 2 * 2900 + 99


@pytest.mark.parametrize(
    "rows",
    [
        [*SHORT[:1], *ROWS[1:]],  # one may be damaged
        [*SHORT[:7], *ROWS[7:]],
        [*ROWS[:2], *SHORT[2:4], *ROWS[4:]],
        [*SHORT[:2], *ROWS[2:4], *SHORT[4:]],
        [*ROWS[:4], *SHORT[4:]],  # a column does not end like that
    ],
    ids=["one row", "all but one", "in the middle", "before and after", "the newest"],
)
def test_short_rows_anywhere_else_are_refused(rows, expect_refusal):
    with expect_refusal(UnreadablePrices, "5 cells in this row, expected 6 as in the header"):
        read(HEADER, *rows)


def test_short_rows_that_lack_another_column_than_the_last_are_refused(expect_refusal):
    header = "Date,Open,High,Low,Close,Adj Close,Volume"
    full = [f"2013-03-{day:02},1.5,2,1.25,1.75,1.7,{100 + day}" for day in range(1, 9)]
    with expect_refusal(UnreadablePrices, "data.csv:2: 6 cells in this row, expected 7"):
        read(header, *ROWS, *full)  # where the adjusted close is, the volume stood before


def test_short_rows_without_a_close_are_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv:2: 4 cells in this row, expected 6"):
        read(HEADER, *(row.rpartition(",")[0] for row in SHORT[:4]), *ROWS[4:])


def test_names_that_no_row_has_a_cell_for_are_told():
    table = read(HEADER, *SHORT)
    assert list_findings(table) == [("spare-names", 1, (1,))]
    assert "volume" not in table.columns
    assert list_findings(read(f"{HEADER},", *ROWS)) == []


# Lines ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_line_break_in_quotes_does_not_shift_the_lines_of_what_follows(expect_refusal):
    rows = ['2013-02-01,1.5,"a\nb\n\nc"', "2013-02-04,2.5,d", '2013-02-05,3.5,"e\nf"']
    assert list(read("Date,Close,Note", *rows).lines) == [2, 6, 7]
    with expect_refusal(UnreadablePrices, "data.csv:9: Close is 'abc'"):
        read("Date,Close,Note", *rows, "2013-02-06,abc,g")
    with expect_refusal(UnreadablePrices, "data.csv:9: Date is 'soon'"):
        read("Date,Close,Note", *rows, "soon,1.5,g")
    with expect_refusal(UnreadablePrices, "data.csv:9: 2 cells in this row"):
        read("Date,Close,Note", *rows, "2013-02-06,1.5", "2013-02-07,1.5,h")


def test_a_line_break_in_the_header_is_a_blank_and_counts_as_a_line(expect_refusal):
    lines = ['Date,"Close\n(USD)",Volume', "2013-02-01,1.5,7", "2013-02-04,2.5,8"]
    table = read(*lines)
    assert table.reading.dialect.header == ("Date", "Close (USD)", "Volume")
    assert list(table.lines) == [3, 4]
    with expect_refusal(UnreadablePrices, "data.csv:5: Close (USD) is 'abc'"):
        read(*lines, "2013-02-05,abc,9")


def test_a_quote_that_nothing_closes_is_a_sign_like_others():
    table = read("Date,Close,Note", '2013-02-01,1.5,5" disk', "2013-02-04,2.5,d")
    assert list(table.lines) == [2, 3]


@pytest.mark.slow
def test_a_cell_of_several_lines_is_not_cut_where_a_block_of_the_file_ends():
    note = "\n".join(["x" * 99] * 30)
    days = np.busday_offset("2000-01-03", np.arange(1200), roll="forward")
    table = read("Date,Close,Note", *(f'{day},1.5,"{note}"' for day in days))
    assert len(table.dates) == 1200
    assert list(table.lines) == [2 + 30 * number for number in range(1200)]


# Dates of several cells -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ["Date,Close", "March 01, 2013,1.5", "March 04, 2013,2.5"],
        ["Date,Close", "Friday, March 01, 2013,1.5", "Monday, March 04, 2013,2.5"],
        ["日期,收盘", "2013-03-01,五,1.5", "2013-03-04,一,2.5"],
        ["March 01, 2013,1.5", "March 04, 2013,2.5"],
    ],
    ids=lambda lines: lines[-1],
)
def test_a_date_with_commas_that_are_not_quoted_is_one_cell(lines):
    table = read(*lines)
    assert [str(day)[:10] for day in table.dates] == ["2013-03-01", "2013-03-04"]
    assert list(table.columns["close"]) == [1.5, 2.5]


def test_a_cell_too_few_is_counted_as_the_header_counts(expect_refusal):
    rows = ["March 01, 2013,1.5,7", "March 04, 2013,2.5", "March 05, 2013,2.5,8"]
    with expect_refusal(UnreadablePrices, "data.csv:3: 2 cells in this row, expected 3"):
        read("Date,Close,Volume", *rows, "March 06, 2013,2.5,8")


def test_a_weekday_with_a_name_of_its_own_is_a_column_of_its_own():
    table = read("Date,Day,Close", "2013-03-01,Fri,1.5", "2013-03-04,Mon,2.5")
    assert list(table.columns["close"]) == [1.5, 2.5]
    assert table.reading.dialect.header == ("Date", "Day", "Close")


# What is told of dates ------------------------------------------------------------------------


def test_the_calendar_is_told_with_a_cell_and_its_day(write_csv):
    path = write_csv(["日期,收盤價", "101/02/16,1.5", "101/02/17,2.5"])
    (history,) = read_prices([path])
    (finding,) = history.findings
    assert (finding.kind, finding.count, finding.lines) == ("other-calendar", 2, (2,))
    assert finding.message == (
        f"{path}: dates by the calendar of the Republic of China: '101/02/16' is read as 2012-02-16"
    )
    assert finding.ticker == "data"


def test_an_iranian_date_is_asked_about_with_the_day_that_it_would_be(expect_refusal):
    lines = ["Date,Close", "1391/12/11,1.5", "1391/12/12,2.5"]
    with expect_refusal(
        AmbiguousPrices,
        "data.csv:2: Date '1391/12/11' would be 2013-03-01 by the Iranian calendar (Jalali)",
        hint='date_format="jalali"',
    ):
        read(*lines)
    assert str(read(*lines, date_format="jalali").dates[0])[:10] == "2013-03-01"
    assert str(read(*lines, date_format="gregorian").dates[0])[:10] == "1391-12-11"


def test_the_way_out_of_one_question_does_not_undo_the_answer_to_another(expect_refusal):
    lines = ["Date,Close", "03/04/1391,1.5", "05/06/1391,2.5"]
    with expect_refusal(AmbiguousPrices, hint="date_format="):
        read(*lines)
    with expect_refusal(AmbiguousPrices, hint='date_format="jalali %d/%m/%Y"'):
        read(*lines, date_format="%d/%m/%Y")
    table = read(*lines, date_format="jalali %d/%m/%Y")
    assert str(table.dates[0])[:10] == "2012-06-23"


def test_a_weekday_that_is_not_that_of_its_date_is_told():
    table = read("Date;Close", "2013-03-01,五;1.5", "2013-03-04,五;2.5")
    assert list_findings(table) == [("contrary-weekdays", 1, (3,))]
