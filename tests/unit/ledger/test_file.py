"""The ledger's file: it grows, and nothing else happens to it."""

from __future__ import annotations

import pytest

from stockcast.errors import LedgerError, OutputError
from stockcast.ledger.entry import COLUMNS, LedgerColumns
from stockcast.ledger.file import Appended, append_entries, read_ledger

HEADER = ",".join(COLUMNS).encode() + b"\n"


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "deep" / "ledger.csv"


def list_entries(ledger):
    """What a ledger has, as text: what it does not say is NaN, which equals nothing."""
    return [repr(entry) for entry in read_ledger(ledger).entries]


def test_a_ledger_begins_with_its_header_and_grows_by_rows(ledger, make_entry):
    entries = [make_entry(cutoff=f"2013-03-0{day}") for day in (1, 4, 5)]
    assert append_entries(ledger, entries[:1]) == Appended(1, 0, "")
    first = ledger.read_bytes()
    assert first.startswith(HEADER)
    append_entries(ledger, entries[1:])
    assert ledger.read_bytes().startswith(first)
    assert list_entries(ledger) == [*map(repr, entries)]


def test_a_forecast_that_is_there_already_is_left_out(ledger, make_entry):
    append_entries(ledger, [make_entry()])
    before = ledger.read_bytes()
    again = make_entry(made_at="2014-01-01T00:00:00Z", forecast=1.0, date="2013-03-05")
    assert append_entries(ledger, [again, again]) == Appended(0, 2, "")
    assert ledger.read_bytes() == before


@pytest.mark.parametrize(
    "change", [{"ticker": "IBM"}, {"cutoff": "2013-03-02"}, {"step": 2}, {"model": "ee"}], ids=str
)
def test_a_forecast_that_differs_in_its_key_is_another_one(change, ledger, make_entry):
    append_entries(ledger, [make_entry()])
    assert append_entries(ledger, [make_entry(**change)]) == Appended(1, 0, "")


@pytest.mark.parametrize(
    "ticker", ["=1+1", "+A", "-A", "@A", "'A", "''", "A,B", 'A"B', "\tA", "A\rB"]
)
def test_a_ticker_is_safe_in_a_spreadsheet_and_comes_back(ticker, ledger, make_entry):
    entry = make_entry(ticker=ticker)
    append_entries(ledger, [entry])
    assert append_entries(ledger, [entry]).known == 1
    assert list_entries(ledger) == [repr(entry)]
    cell = ledger.read_text().split("0f,")[1].lstrip('"')
    assert cell[0] not in "=+-@\t\r"


@pytest.mark.parametrize(
    "change",
    [{"ticker": "A\nB"}, {"forecast": float("nan")}, {"step": 0}, {"date": "soon"}],
    ids=str,
)
def test_what_could_not_be_read_again_is_not_written(change, ledger, make_entry, expect_refusal):
    with expect_refusal(LedgerError, "cannot stand in", ledger):
        append_entries(ledger, [make_entry(**change)])
    assert not ledger.exists()


def test_a_ledger_has_the_levels_that_it_was_begun_with(ledger, make_entry, expect_refusal):
    entry = make_entry(bounds=((1.0, 2.0), (0.5, 2.5)))
    append_entries(ledger, [entry], columns=LedgerColumns((80.0, 95.0)))
    before = ledger.read_bytes()
    assert read_ledger(ledger).levels == (80.0, 95.0)
    for levels, bounds, said in (
        ((), (), "without intervals"),
        ((90.0,), ((1.0, 2.0),), "with intervals of 90 %"),
    ):
        with expect_refusal(
            LedgerError, ledger, "begun with intervals of 80, 95 %", said, hint="ledger="
        ):
            append_entries(
                ledger, [make_entry(step=2, bounds=bounds)], columns=LedgerColumns(levels)
            )
    assert ledger.read_bytes() == before


def test_bounds_that_are_not_of_the_levels_are_refused(ledger, make_entry, expect_refusal):
    with expect_refusal(LedgerError, "8 cells, expected 10"):
        append_entries(ledger, [make_entry()], columns=LedgerColumns((80.0,)))


@pytest.mark.parametrize("torn", [b"2013-03-04T22:1", b"\0" * 400, b"2013\0\0\0", b'2013,"A'])
def test_a_torn_last_row_is_removed_by_the_next_append_and_told(torn, ledger, make_entry):
    append_entries(ledger, [make_entry()])
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + torn)
    assert read_ledger(ledger).torn
    assert list_entries(ledger) == [repr(make_entry())]
    done = append_entries(ledger, [make_entry(step=2)])
    assert (done.count, done.torn) == (1, torn.decode().rstrip("\0"))
    assert ledger.read_bytes().startswith(whole + b"2013-03-01T22:15:00Z,")
    assert not read_ledger(ledger).torn


@pytest.mark.parametrize(
    "content", [b"Date,Close\n2013-03-01,1\n", b"Date", b"\xff\xfe\x00", b"\n", HEADER[1:], b"{}"]
)
def test_a_file_that_is_no_ledger_is_refused_and_stays(content, ledger, make_entry, expect_refusal):
    ledger.parent.mkdir()
    ledger.write_bytes(content)
    with expect_refusal(LedgerError, ledger, "is not a ledger", hint="made_at,model"):
        append_entries(ledger, [make_entry()])
    assert ledger.read_bytes() == content
    with expect_refusal(LedgerError, ledger, "is not a ledger"):
        read_ledger(ledger)


def test_an_empty_file_becomes_a_ledger(ledger, make_entry):
    ledger.parent.mkdir()
    ledger.touch()
    append_entries(ledger, [make_entry()])
    assert list_entries(ledger) == [repr(make_entry())]


def test_a_ledger_that_excel_has_saved_is_read(ledger, make_entry):
    append_entries(ledger, [make_entry()])
    ledger.write_bytes(b"\xef\xbb\xbf" + ledger.read_bytes().replace(b"\n", b"\r\n"))
    assert list_entries(ledger) == [repr(make_entry())]
    assert append_entries(ledger, [make_entry()]).known == 1


def test_a_row_that_someone_spoilt_is_named_and_stops_no_append(ledger, make_entry, expect_refusal):
    append_entries(ledger, [make_entry(step=step) for step in (1, 2, 3)])
    lines = ledger.read_text().splitlines(keepends=True)
    lines[2] = lines[2].replace("GOOG", '"GOOG')
    ledger.write_text("".join(lines))
    with expect_refusal(LedgerError, f"{ledger}:3:", hint="that row"):
        read_ledger(ledger)
    done = append_entries(ledger, [make_entry(step=step) for step in (1, 3, 4)])
    assert (done.count, done.known, done.torn) == (1, 2, "")
    assert ledger.read_text().startswith("".join(lines))


def test_a_ledger_that_is_missing_is_said_with_how_to_get_one(ledger, expect_refusal):
    with expect_refusal(LedgerError, f"cannot read {ledger}", hint="predict ledger="):
        read_ledger(ledger)


def test_a_folder_in_the_place_of_a_ledger_is_an_output_error(ledger, make_entry, expect_refusal):
    ledger.mkdir(parents=True)
    with expect_refusal(OutputError, f"cannot write {ledger}"):
        append_entries(ledger, [make_entry()])
