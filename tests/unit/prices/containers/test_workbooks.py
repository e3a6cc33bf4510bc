"""Workbooks: the sheet that is meant, its cells as they are typed, its rows by their numbers."""

from __future__ import annotations

import datetime
import hashlib
import io
import sys
import zipfile

import pytest

import stockcast as sc
from stockcast.errors import AmbiguousPrices, MissingLibrary, UnreadablePrices
from tests.workbooks import pack, write_ods, write_xls, write_xlsx

pytestmark = pytest.mark.slow

pytest.importorskip("python_calamine")

DAYS = [datetime.date(2013, 1, day) for day in (2, 3, 4)]
ROWS = [["Date", "Close", "Volume"], *([day, 1.5 + at, 1e6] for at, day in enumerate(DAYS))]
NOTES = [["Prices of GOOG"], ["Source: an exchange"]]
KINDS = {"xlsx": write_xlsx, "ods": write_ods}
each_kind = pytest.mark.parametrize("kind", KINDS)


def is_right(history, lines=(2, 3, 4)):
    assert history.dates.astype("datetime64[D]").tolist() == DAYS
    assert history.columns["close"].tolist() == [1.5, 2.5, 3.5]
    assert history.lines.tolist() == list(lines)
    return True


@each_kind
def test_the_only_sheet_is_read_with_dates_as_they_are_typed(kind, read, read_stream):
    content = KINDS[kind]({"Sheet1": ROWS})
    history = read(content)
    assert is_right(history)
    assert history.sources[0].sha256 == hashlib.sha256(content).hexdigest()
    assert is_right(read_stream(content))


def test_an_old_workbook_is_read(read):
    rows = [[f"{day:%Y/%m/%d}", *numbers] for day, *numbers in ROWS[1:]]
    assert is_right(read(write_xls("Prices", [ROWS[0], *rows])))


@each_kind
def test_of_several_sheets_the_only_one_with_prices_is_read(kind, read):
    assert is_right(read(KINDS[kind]({"Notes": NOTES, "Prices": ROWS, "Empty": []})))


@each_kind
def test_several_sheets_with_prices_are_asked_about(kind, read, expect_refusal):
    content = KINDS[kind]({"FB": [ROWS[0], [DAYS[0], 7, 1]], "GOOG": ROWS})
    with expect_refusal(
        AmbiguousPrices, "2 sheets of this workbook", "'FB', 'GOOG'", hint='sheet="FB"'
    ):
        read(content)
    assert is_right(read(content, sheet="GOOG"))
    assert is_right(read(content, sheet="goog"))
    with expect_refusal(UnreadablePrices, "no sheet 'X'", "found 'FB', 'GOOG'", hint="sheet="):
        read(content, sheet="X")


@each_kind
def test_a_title_above_the_header_is_passed_over_and_rows_keep_their_numbers(kind, read):
    assert is_right(read(KINDS[kind]({"A": [*NOTES, [], *ROWS]})), lines=(5, 6, 7))


@each_kind
def test_numbers_that_are_text_are_judged(kind, read, expect_refusal):
    rows = [["Datum", "Schluss"], *([day, f"1.23{at},50"] for at, day in enumerate(DAYS))]
    assert read(KINDS[kind]({"A": rows})).columns["close"].tolist() == [1230.5, 1231.5, 1232.5]
    rows = [["Date", "Close"], [DAYS[0], "1"], [DAYS[1], "x"], [DAYS[2], "3"]]
    with expect_refusal(UnreadablePrices, "GOOG.bin:3", "'x'"):
        read(KINDS[kind]({"A": rows}))


def test_a_line_end_in_a_cell_moves_no_row(read):
    rows = [["Date", "Close", "Remark"], *([day, 1.5 + at, "a\nb"] for at, day in enumerate(DAYS))]
    assert is_right(read(write_xlsx({"A": rows})))


def test_a_hidden_sheet_is_not_looked_at_but_can_be_named(read):
    content = write_xlsx({"Old": [ROWS[0], [DAYS[0], 7, 1]], "Prices": ROWS})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        '<sheet name="Old"', '<sheet state="hidden" name="Old"'
    )
    assert is_right(read(pack(parts)))
    assert read(pack(parts), sheet="Old").columns["close"].tolist() == [7]


def test_a_time_of_day_is_kept(read):
    at = datetime.datetime(2013, 1, 2, 9, 30)
    history = read(write_xlsx({"A": [["Date", "Close"], [at, 1.5]]}))
    assert history.dates.tolist() == [at]


def test_check_tells_the_sheet(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(write_xlsx({"Notes": NOTES, "Prices": ROWS}))
    (found,) = sc.check(path)
    assert (found.verdict, found.description["container"]) == ("read", "workbook: Prices")
    path.write_bytes(write_xlsx({"A": ROWS, "B": ROWS}))
    (found,) = sc.check(path, style="command-line")
    assert (found.verdict, found.description["hint"]) == ("ask", "say which: --sheet 'A'")


def test_no_sheet_with_prices_and_no_sheet_with_cells_are_refused(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "no sheet", "'A', 'B'", hint="sheet="):
        read(write_xlsx({"A": NOTES, "B": NOTES}))
    with expect_refusal(UnreadablePrices, "GOOG.bin is empty"):
        read(write_xlsx({"A": []}))


def test_without_its_library_a_workbook_is_refused_by_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    path = tmp_path / "x.xlsx"
    path.write_bytes(write_xlsx({"A": ROWS}))
    with pytest.raises(
        MissingLibrary, match="needs python-calamine, which is not installed"
    ) as caught:
        sc.read_prices(path)
    assert "[excel]" in caught.value.hint
    (found,) = sc.check(path)
    assert found.verdict == "refuse"
    assert "[excel]" in found.description["hint"]


def test_a_workbook_that_grows_too_much_is_refused(read, expect_refusal):
    rows = "<row><c><v>1</v></c></row>" * 400_000
    sheet = f"<worksheet><sheetData>{rows}</sheetData></worksheet>"
    content = pack({"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": sheet})
    with expect_refusal(UnreadablePrices, "more than 200 times its size"):
        read(content)


def test_cells_that_lie_far_apart_are_refused(read, expect_refusal):
    sheet = '<c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c>'
    content = pack({"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": sheet})
    with expect_refusal(UnreadablePrices, "1,048,576 rows and 16,384 columns"):
        read(content)


@pytest.mark.parametrize(
    ("rows", "columns"), [(1_048_576, 16_384), (1, 2_000_000_000), (2_000_000_000, 1)], ids=str
)
def test_a_cell_that_stands_for_millions_is_refused(rows, columns, read, expect_refusal):
    sheet = (
        f'<table:table><table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}" office:value-type="float" office:value="1"/>'
        "</table:table-row></table:table>"
    )
    with expect_refusal(UnreadablePrices, f"{rows:,} rows and {columns:,} columns"):
        read(pack({"content.xml": sheet}))


def test_empty_cells_that_stand_for_millions_are_usual(read):
    content = write_ods({"A": ROWS})
    end = (
        '<table:table-row table:number-rows-repeated="1048572"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["content.xml"] = parts["content.xml"].replace("</table:table>", end)
    assert is_right(read(pack(parts)))


@each_kind
@pytest.mark.parametrize("cut", [50, -40], ids=str)
def test_a_workbook_that_breaks_off_is_refused(kind, cut, read, expect_refusal):
    with expect_refusal(UnreadablePrices, "GOOG.bin", "cannot be read", hint="get it again"):
        read(KINDS[kind]({"A": ROWS})[:cut])


def test_an_old_workbook_that_breaks_off_is_refused(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "GOOG.bin: this workbook cannot be read"):
        read(write_xls("A", ROWS[:1])[:1100])
