"""PriceHistory, and how its parts are written."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from stockcast.errors import UnreadablePrices
from stockcast.prices.findings import Finding
from stockcast.prices.history import Source, combine_sha256, format_date


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2013-02-28", "2013-02-28"),
        ("2013-02-28T00:00", "2013-02-28"),
        ("2013-02-28T09:30", "2013-02-28T09:30:00"),
        ("2013-02-28T09:30:00.25", "2013-02-28T09:30:00.250000"),
    ],
)
def test_a_date_is_written_with_its_time_only_where_it_has_one(stamp, text):
    assert format_date(np.datetime64(stamp)) == text


def test_a_bar_is_located_by_its_file_and_line(make_history):
    history = replace(
        make_history(3),
        sources=(Source("a.csv", ""), Source("b.csv", "")),
        files=np.array([0, 1, 1], dtype=np.int16),
        lines=np.array([7, 2, 9], dtype=np.int32),
    )
    assert [history.locate(row) for row in range(3)] == ["a.csv:7", "b.csv:2", "b.csv:9"]


@pytest.mark.parametrize(
    ("files", "ticker", "name"),
    [
        (["GOOG.csv"], "GOOG", "GOOG.csv"),
        (["all.csv"], "GOOG", "all.csv (GOOG)"),
        (["GOOG.csv", "b.csv", "c.csv"], "GOOG", "GOOG.csv and 2 more"),
        (["a.csv", "b.csv"], "GOOG", "a.csv and 1 more (GOOG)"),
    ],
)
def test_a_history_is_named_by_its_files_and_by_its_ticker_where_they_do_not_say(
    files, ticker, name, make_history
):
    sources = tuple(Source(file, "") for file in files)
    assert replace(make_history(3, ticker=ticker), sources=sources).name == name


def test_selected_bars_keep_everything_of_theirs_in_the_order_asked(make_history):
    history = make_history(10)
    some = history.select(np.array([7, 2]), Finding("kind", 1, "message"))
    assert len(some) == 2
    assert list(some.dates) == [history.dates[7], history.dates[2]]
    assert list(some.lines) == [9, 4]
    for name, values in history.columns.items():
        assert list(some.columns[name]) == [values[7], values[2]]
    assert [finding.kind for finding in some.findings] == ["kind"]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(make_history, expect_refusal):
    history = make_history(3, columns=("open", "close"))
    history.require_columns(("close", "open"))
    with expect_refusal(
        UnreadablePrices, "made-up.csv", "no volume column", "open, close", hint="column="
    ):
        history.require_columns(("close", "volume"))


def test_a_data_frame_has_the_columns_by_date(make_history):
    history = make_history(4, columns=("close", "volume"))
    frame = history.to_frame()
    assert list(frame.columns) == ["close", "volume"]
    assert list(frame.index.to_numpy()) == list(history.dates)
    assert list(frame["close"]) == list(history.columns["close"])


def test_one_file_s_digest_is_its_own():
    assert combine_sha256([Source("a.csv", "12ab")]) == "12ab"


def test_several_files_digest_depends_on_each_and_on_their_order():
    expected = hashlib.sha256(b"12ab34cd").hexdigest()
    assert combine_sha256([Source("a", "12ab"), Source("b", "34cd")]) == expected
    assert combine_sha256([Source("b", "34cd"), Source("a", "12ab")]) != expected


def test_the_digest_of_rows_is_of_bars_and_header_and_not_of_the_file(make_history):
    history = make_history(20)
    digest = history.hash_rows()
    other_file = replace(history, ticker="X", sources=(Source("x.csv", "0" * 64),))
    reordered = replace(history, columns=dict(reversed(history.columns.items())))
    assert digest == other_file.hash_rows() == reordered.hash_rows()
    later = replace(history, dates=history.dates + np.timedelta64(1, "D"))
    columns = {name: values.copy() for name, values in history.columns.items()}
    columns["close"][3] += 0.01
    changed = [later, replace(history, columns=columns), replace(history, header="Settle")]
    changed.append(history.select(np.arange(19)))
    assert len({digest, *(one.hash_rows() for one in changed)}) == 5
