"""Rows that come in parts are written as they would be all at once."""

from __future__ import annotations

import itertools

import pytest

from stockcast.cli.output.buffered_rows import BufferedRows
from stockcast.cli.output.tables import write_table

ROWS = [{"ticker": f"Ä{number}\n,", "price": number / 3, "note": None} for number in range(5)]


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
@pytest.mark.parametrize("parts", [(5,), (1, 4), (2, 0, 1, 2)])
def test_a_file_is_what_one_table_would_be(form, parts, tmp_path):
    rows = iter(ROWS)
    with BufferedRows(form, tmp_path / "parts", keep=False) as spool:
        for count in parts:
            spool.write(list(itertools.islice(rows, count)))
        assert not (tmp_path / "parts").exists()
        spool.finish()
    write_table(ROWS, form, tmp_path / "whole")
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
@pytest.mark.parametrize("keep", [True, False])
def test_stdout_has_what_one_table_would_be(form, keep, capfdbinary):
    with BufferedRows(form, None, keep=keep) as spool:
        spool.write(ROWS[:2])
        spool.write(ROWS[2:])
        spool.finish()
    parts = capfdbinary.readouterr().out
    write_table(ROWS, form)
    assert parts == capfdbinary.readouterr().out


def test_rows_go_to_stdout_as_they_come_unless_they_are_to_be_kept(capfdbinary):
    with BufferedRows("jsonl", None, keep=False) as spool:
        spool.write(ROWS[:1])
        assert capfdbinary.readouterr().out.count(b"\n") == 1
    with BufferedRows("jsonl", None, keep=True) as spool:
        spool.write(ROWS[:1])
        assert capfdbinary.readouterr().out == b""


def test_without_a_row_an_older_file_stays(tmp_path):
    (tmp_path / "out").write_text("older\n")
    with BufferedRows("json", tmp_path / "out", keep=False) as spool:
        spool.finish()
    assert (tmp_path / "out").read_text() == "older\n"


def test_what_is_not_finished_is_not_written(tmp_path):
    with BufferedRows("csv", tmp_path / "out", keep=False) as spool:
        spool.write(ROWS)
    assert not (tmp_path / "out").exists()
