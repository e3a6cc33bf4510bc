"""Tables on stdout."""

from __future__ import annotations

import csv
import json

from stockcast.cli.output.tables import write_table


def write(tmp_path, rows, form, **more):
    write_table(rows, form, tmp_path / "out", **more)
    return (tmp_path / "out").read_text(encoding="utf-8")


def test_a_text_that_a_spreadsheet_would_run_is_marked_in_csv_alone(tmp_path):
    rows = [{"ticker": "=cmd|'/c calc'!A1", "price": -1.5}, {"ticker": "'X", "price": 2.0}]
    text = write(tmp_path, rows, "csv")
    assert list(csv.reader(text.splitlines())) == [
        ["ticker", "price"],
        ["'=cmd|'/c calc'!A1", "-1.5"],
        ["''X", "2.0"],
    ]
    assert json.loads(write(tmp_path, rows, "json")) == rows


def test_a_table_without_rows_has_its_header(tmp_path):
    assert write(tmp_path, [], "csv", columns=("ticker", "price")) == "ticker,price\n"
    assert write(tmp_path, [], "json", columns=("ticker", "price")) == "[]\n"
