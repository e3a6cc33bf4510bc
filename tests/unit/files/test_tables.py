"""Rows as text."""

from __future__ import annotations

import csv
import json
import math

from stockcast.files.tables import format_document, format_table


def test_a_text_that_a_spreadsheet_would_run_is_marked_in_csv_alone():
    rows = [{"ticker": "=cmd|'/c calc'!A1", "price": -1.5}, {"ticker": "'X", "price": 2.0}]
    assert list(csv.reader(format_table(rows, "csv").splitlines())) == [
        ["ticker", "price"],
        ["'=cmd|'/c calc'!A1", "-1.5"],
        ["''X", "2.0"],
    ]
    assert json.loads(format_table(rows, "json")) == rows


def test_a_table_without_rows_has_its_header():
    assert format_table([], "csv", columns=("ticker", "price")) == "ticker,price\n"
    assert format_table([], "json", columns=("ticker", "price")) == "[]\n"


def test_what_is_no_number_is_empty_in_csv_and_null_in_json():
    rows = [{"rmse": math.nan, "is_late": True}]
    assert format_table(rows, "csv") == "rmse,is_late\n,true\n"
    assert format_table(rows, "jsonl") == '{"rmse": null, "is_late": true}\n'
    assert json.loads(format_document({"scores": rows, "none": []})) == {
        "scores": [{"rmse": None, "is_late": True}],
        "none": [],
    }
