"""Real files of many providers, read as `truth.json` beside them says.

The files are not the project's own: name the folder that holds them with STOCKCAST_CORPUS.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stockcast.prices.csv.describe import describe_file
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import open_raw, read_prices
from tests.support import run_stockcast

FOLDER = os.environ.get("STOCKCAST_CORPUS", "")
TRUTH = json.loads((Path(FOLDER) / "truth.json").read_text("utf-8")) if FOLDER else []
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="STOCKCAST_CORPUS names no folder with price files and their truth.json"
)
EXIT_CODES = {"read": 0, "ask": 4, "refuse": 4}
# What a human wrote about a file, or what `describe_file` does not tell.
NOT_TOLD = {
    "file",
    "traps",
    "tags",
    "provider",
    "note",
    "bytes",
    "positions",
    "tickers",
    "why",
    "date_rule_with_two_digit_year_first",
    "time_format",
}
NOT_TOLD_OF_A_TICKER = {"ticker", "close_column", "open_column", "volume_column"}


def compare(truth, told):
    """List what differs: (field, expected, got)."""
    fields = {"verdict"} if truth["verdict"] == "refuse" else truth.keys() - NOT_TOLD
    found = [
        (field, truth[field], told.get(field))
        for field in sorted(fields)
        if told.get(field) != truth[field]
    ]
    if truth["verdict"] != "read" and not (told.get("why") and told["why"].strip()):
        found.append(("why", "a reason", told.get("why")))
    if truth["verdict"] == "refuse":
        return found
    tickers = told.get("tickers", [])
    if len(tickers) != len(truth["tickers"]):
        found.append(("number of tickers", len(truth["tickers"]), len(tickers)))
    for ticker in truth["tickers"]:
        found += compare_ticker(ticker, tickers, by_figures=truth["verdict"] == "ask")
    return found


def compare_ticker(ticker, tickers, *, by_figures):
    """List what differs of one ticker; of a wide file, the user names them and figures tell."""
    keys = ("first_close", "last_close") if by_figures else ("ticker",)
    same = [one for one in tickers if all(one[key] == ticker[key] for key in keys)]
    if len(same) != 1:
        return [(f"{ticker['ticker']}", "one such ticker", [one["ticker"] for one in tickers][:5])]
    return [
        (f"{ticker['ticker']}: {field}", expected, same[0].get(field))
        for field, expected in ticker.items()
        if field not in NOT_TOLD_OF_A_TICKER and same[0].get(field) != expected
    ]


def describe(entry):
    return describe_file(open_raw(Path(FOLDER) / entry["file"]), ReadOptions())


@pytest.fixture(scope="module")
def descriptions():
    return {entry["file"]: describe(entry) for entry in TRUTH}


@pytest.mark.parametrize("entry", TRUTH, ids=lambda entry: entry["file"])
def test_a_file_is_told_of_as_it_is(entry, descriptions):
    told = descriptions[entry["file"]]
    assert compare(entry, told) == []
    json.dumps(told, allow_nan=False)


def test_every_file_of_the_corpus_is_told_of_as_it_is(descriptions):
    rows = [
        (entry["file"], field, expected, got)
        for entry in TRUTH
        for field, expected, got in compare(entry, descriptions[entry["file"]])
    ]
    shown = "\n".join(
        f"{file:40}  {field:30}  {expected!s:.60}  ≠  {got!s:.60}"
        for file, field, expected, got in rows
    )
    assert not rows, f"{len(rows)} differences\n{shown}"
    assert len(descriptions) == len(TRUTH) > 0


def test_every_price_file_in_the_folder_has_a_truth():
    assert {path.name for path in Path(FOLDER).glob("*.csv")} == {one["file"] for one in TRUTH}


def test_check_ends_as_the_verdict_on_each_file_says():
    expected = {entry["file"]: EXIT_CODES[entry["verdict"]] for entry in TRUTH}
    codes = {
        file: run_stockcast("check", Path(FOLDER) / file, "--quiet").returncode for file in expected
    }
    assert codes == expected


@pytest.mark.parametrize("verdict", EXIT_CODES)
def test_a_process_that_checks_one_file_ends_as_its_verdict_says(verdict):
    entry = next(entry for entry in TRUTH if entry["verdict"] == verdict)
    ended = run_stockcast("check", Path(FOLDER) / entry["file"], "--format", "json")
    assert ended.returncode == EXIT_CODES[verdict]
    assert json.loads(ended.stdout)["verdict"] == verdict


@pytest.mark.parametrize(
    "entry", [one for one in TRUTH if one["verdict"] == "read"], ids=lambda entry: entry["file"]
)
def test_a_readable_file_is_histories_with_ascending_dates_each_once(entry):
    path = Path(FOLDER) / entry["file"]
    histories = read_prices([path], ReadOptions(on_duplicate="first"))
    priced = [ticker for ticker in entry["tickers"] if ticker["rows"]]
    names = [ticker["ticker"] or path.stem for ticker in priced]
    assert sorted(history.ticker for history in histories) == sorted(names)
    for history in histories:
        assert (history.dates[1:] > history.dates[:-1]).all()
