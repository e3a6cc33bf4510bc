"""Answers to what a price file leaves open, and pictures, are the same from Python."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast, write_untrained_model
from tests.workbooks import pack, write_xlsx

pytestmark = pytest.mark.slow

FB = SAMPLES / "FB.csv"


def run_json(*arguments):
    done = run_stockcast(*arguments, "--format", "json")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def whole():
    (history,) = sc.read_prices(FB)
    return history


@pytest.fixture(scope="module")
def history(whole):
    """Bars on days of the month that could be months."""
    days = np.array([date.item().day for date in whole.dates])
    return whole.select(np.flatnonzero(days <= 12))


def write_odd(path, history, *, date="%Y-%m-%d", digits=4, encoding="utf-8", columns=("Kurs",)):
    """Write dates and closes, the closes once a column, with decimal commas."""
    lines = [";".join(["Tag", *columns])]
    for day, close in zip(history.dates, history.columns["close"], strict=True):
        number = f"{close:.{digits}f}".replace(".", ",")
        lines.append(";".join([day.item().strftime(date), *[number] * len(columns)]))
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


# How a file is written; the flags that answer it; the same from Python.
READING = {
    "dates": (
        {"date": "%d/%m/%Y"},
        ["--date-format", "%d/%m/%Y"],
        {"date_format": "%d/%m/%Y"},
    ),
    "marks": (
        {"digits": 3},
        ["--delimiter", ";", "--decimal", ","],
        {"delimiter": ";", "decimal": ","},
    ),
    "encoding": (
        {"encoding": "iso8859-2", "columns": ("Kurs zł",)},
        ["--encoding", "iso8859-2"],
        {"encoding": "iso8859-2"},
    ),
    "columns": (
        {"columns": ("Eins", "Zwei")},
        ["--column", "Zwei", "--date-column", "Tag"],
        {"column": "Zwei", "date_column": "Tag"},
    ),
    "ticker": ({}, ["--ticker", "META"], {"ticker": "META"}),
}


@pytest.mark.parametrize(("layout", "flags", "fields"), READING.values(), ids=READING)
def test_a_file_is_checked_and_prepared_as_it_is_read(layout, flags, fields, history, tmp_path):
    path = write_odd(tmp_path / "odd.csv", history, **layout)
    reading = sc.ReadOptions(**fields)
    (found,) = sc.check(path, reading=reading, style="command-line")
    assert found.verdict == "read"
    (unanswered,) = sc.check(path)
    assert unanswered.description != found.description
    assert run_json("check", path, *flags) == json.loads(json.dumps(found.description))
    (row,) = run_json("prepare", path, "-o", tmp_path / "theirs", "--window", 20, *flags)
    # The column is the recipe's field there, which also says what the network forecasts.
    column = {name: fields[name] for name in ("column",) if name in fields}
    rest = replace(reading, column=None)
    (done,) = sc.prepare(path, tmp_path / "ours", window=20, reading=rest, **column)
    assert row == {**done.to_row(), "path": str(tmp_path / "theirs")}
    assert row["ticker"] == fields.get("ticker", "odd")
    for one in (tmp_path / "ours").iterdir():
        assert one.read_bytes() == (tmp_path / "theirs" / one.name).read_bytes()


def test_a_file_of_an_archive_is_named_the_same_way(whole, tmp_path):
    path = tmp_path / "two.zip"
    path.write_bytes(pack({"a/FB.csv": FB.read_bytes(), "b.csv": b"Date,Close\n2020-01-01,1\n"}))
    (found,) = sc.check(path, reading=sc.ReadOptions(member="FB.csv"))
    assert run_json("check", path, "--member", "FB.csv") == json.loads(
        json.dumps(found.description)
    )
    (history,) = sc.read_prices(path, sc.ReadOptions(member="FB.csv"))
    assert history.hash_rows() == whole.hash_rows()


def test_a_sheet_of_a_workbook_is_named_the_same_way(tmp_path):
    pytest.importorskip("python_calamine")
    path = tmp_path / "two.xlsx"
    sheets = {
        "A": [["Date", "Close"], ["2020-01-01", 1]],
        "B": [["Date", "Close"], ["2020-01-02", 2]],
    }
    path.write_bytes(write_xlsx(sheets))
    (found,) = sc.check(path, reading=sc.ReadOptions(sheet="B"))
    assert run_json("check", path, "--sheet", "B") == json.loads(json.dumps(found.description))
    assert found.description["tickers"][0]["last_close"] == 2


@pytest.fixture
def model(history, make_model, tmp_path):
    path = tmp_path / "model.safetensors"
    sc.save_model(make_model(history, column="close"), path)
    return path


CLOSES = {name: case for name, case in READING.items() if name != "columns"}


@pytest.mark.parametrize(("layout", "flags", "fields"), CLOSES.values(), ids=CLOSES)
def test_a_file_is_forecast_inspected_and_scored_as_it_is_read(
    layout, flags, fields, model, history, tmp_path
):
    path = write_odd(tmp_path / "odd.csv", history, **layout)
    reading = sc.ReadOptions(**fields)
    (row,) = run_json("predict", path, "-m", model, *flags)
    forecast = sc.predict(model, path, reading=reading)
    assert (row["ticker"], row["forecast"]) == (forecast.ticker, forecast.forecast[0])
    seen = sc.inspect(model, path, reading=reading)
    assert run_json("inspect", model, path, *flags) == list(seen.list_rows("states"))
    ledger = tmp_path / "ledger.csv"
    name = fields.get("ticker", "odd")
    for known in range(len(history) - 5, len(history)):
        before = write_odd(tmp_path / "b" / "odd.csv", history.select(np.arange(known)), **layout)
        sc.predict(model, before, ledger=ledger, reading=reading)
    scores = sc.score(ledger, path, reading=reading)
    printed = run_json("score", ledger, path, *flags)
    assert printed == json.loads(json.dumps(scores.list_rows()))
    assert (printed[0]["ticker"], printed[0]["scored"]) == (name, 5)


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize(
    ("flags", "options"),
    [([], {}), (["--from", "2013-02-01"], {"start": "2013-02-01"})],
    ids=["next", "span"],
)
@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_forecast_is_drawn_the_same_from_python(flags, options, suffix, small_model, tmp_path):
    theirs, ours = (tmp_path / f"{name}.{suffix}" for name in ("theirs", "ours"))
    run_json("predict", FB, "-m", small_model, "--chart", theirs, *flags)
    sc.predict(small_model, FB, chart=ours, **options)
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("suffix", ["png", "html"])
def test_an_inspection_is_drawn_the_same_from_python(suffix, tmp_path):
    theirs, ours = (tmp_path / f"{name}.{suffix}" for name in ("theirs", "ours"))
    model = write_untrained_model(tmp_path / "FB.safetensors", FB, layers=1)
    run_json("inspect", model, FB, "--chart", theirs)
    sc.inspect(model, FB, chart=ours)
    assert ours.read_bytes() == theirs.read_bytes()


@pytest.mark.usefixtures("unarranged")
def test_scores_are_drawn_the_same_from_python(small_model, whole, tmp_path):
    ledger, theirs, ours = (tmp_path / name for name in ("ledger.csv", "theirs.png", "ours.png"))
    for known in range(len(whole) - 25, len(whole)):
        sc.predict(small_model, whole.select(np.arange(known)), ledger=ledger)
    run_json("score", ledger, FB, "--chart", theirs)
    sc.score(ledger, FB, chart=ours)
    assert ours.read_bytes() == theirs.read_bytes()
