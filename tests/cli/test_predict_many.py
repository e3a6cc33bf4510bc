"""`stockcast predict` of many tickers, each with its own model."""

import csv
import io
import json
import shutil

import pytest

from tests.pools import draw_pooled_model
from tests.support import run_stockcast, write_untrained_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory, make_history, to_yahoo):
    """Prices of three tickers and models of two of them, and a file that is no price CSV."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "prices").mkdir()
    for seed, name in enumerate("ABC"):
        lines = to_yahoo(make_history(120, seed=seed))
        (folder / "prices" / f"{name}.csv").write_text("\n".join(lines) + "\n")
        if name != "C":
            write_untrained_model(
                folder / "models" / f"{name}.safetensors", folder / "prices" / f"{name}.csv"
            )
    (folder / "bad.csv").write_text("Date,Close\n2020-01-01,x\n")
    return folder


def read_rows(run):
    return list(csv.DictReader(io.StringIO(run.stdout.decode())))


def test_each_ticker_is_forecast_as_it_would_be_alone(folder):
    many = run_stockcast("predict", "prices/[AB].csv", "-m", "models", cwd=folder)
    assert many.returncode == 0, many.stderr.decode()
    alone = [
        run_stockcast("predict", f"prices/{n}.csv", "-m", f"models/{n}.safetensors", cwd=folder)
        for n in "AB"
    ]
    assert read_rows(many) == [row for run in alone for row in read_rows(run)]


def test_what_cannot_be_forecast_is_told_and_stops_no_other(folder, tmp_path):
    output = tmp_path / "forecasts.csv"
    run = run_stockcast("predict", "prices", "bad.csv", "-m", "models", "-o", output, cwd=folder)
    assert run.returncode == 3
    text = run.stderr.decode()
    assert "prices/C.csv: no model models/C.safetensors" in text
    assert "bad.csv:2: Close is 'x'" in text
    assert "error: 2 of 4 tickers failed" in text
    assert [line.split(",")[0] for line in output.read_text().splitlines()] == ["ticker", "A", "B"]


def test_where_nothing_can_be_forecast_an_older_file_stays(folder, tmp_path):
    output = tmp_path / "forecasts.csv"
    output.write_text("older\n")
    run = run_stockcast("predict", "prices/C.csv", "-m", "models", "-o", output, cwd=folder)
    assert run.returncode == 5
    assert output.read_text() == "older\n"


def test_one_file_of_many_tickers_takes_each_ones_model(folder, tmp_path):
    lines = ["Ticker,Date,Open,High,Low,Close,Adj Close,Volume"]
    for name in "AB":
        rows = (folder / "prices" / f"{name}.csv").read_text().splitlines()[1:]
        lines += [f"{name},{row}" for row in rows]
    (tmp_path / "long.csv").write_text("\n".join(lines) + "\n")
    run = run_stockcast("predict", tmp_path / "long.csv", "-m", "models", cwd=folder)
    expected = run_stockcast("predict", "prices/[AB].csv", "-m", "models", cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout == expected.stdout


def test_all_forecasts_go_into_one_ledger(folder, tmp_path):
    ledger = tmp_path / "ledger.csv"
    for _ in range(2):
        run = run_stockcast(
            "predict", "prices/[AB].csv", "-m", "models", "--ledger", ledger, cwd=folder
        )
        assert run.returncode == 0, run.stderr.decode()
    assert b"has these forecasts already" in run.stderr
    assert len(ledger.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-m", "models/A.safetensors"], "name a folder"),
        (["-m", "models", "--chart", "a.png"], "--chart with several tickers"),
    ],
    ids=["a model", "a chart"],
)
def test_what_is_of_one_ticker_is_refused(arguments, told, folder):
    run = run_stockcast("predict", "prices", *arguments, cwd=folder)
    assert run.returncode == 2
    assert told in run.stderr.decode()


@pytest.fixture
def pooled(folder, tmp_path):
    """A pooled model's file beside a copy of the folder's own models."""
    from stockcast.model.file import save_model
    from stockcast.windows.features import Columns

    columns = Columns("close", ("close",))
    save_model(draw_pooled_model(columns), tmp_path / "pooled.safetensors")
    shutil.copytree(folder / "models", tmp_path / "models")
    return tmp_path


@pytest.mark.parametrize("option", ["-o", "--ledger"])
@pytest.mark.parametrize(
    ("models", "output"),
    [("pooled.safetensors", "pooled.safetensors"), ("models", "models/B.safetensors")],
    ids=["a pooled model", "a model of a folder"],
)
def test_many_forecasts_do_not_go_over_a_model(models, output, option, pooled, folder):
    before = (pooled / output).read_bytes()
    prices = [folder / "prices" / f"{name}.csv" for name in "AB"]
    run = run_stockcast("predict", *prices, "-m", models, option, output, cwd=pooled)
    assert run.returncode == 2
    assert f"{output} is the model file itself" in run.stderr.decode()
    assert run.stdout == b""
    assert (pooled / output).read_bytes() == before
    run = run_stockcast("predict", *prices, "-m", models, option, "new.csv", cwd=pooled)
    assert run.returncode == 0, run.stderr.decode()
    assert (pooled / "new.csv").is_file()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory, make_history, to_yahoo):
    """Prices of more tickers than are forecast together, models of several recipes, one bad file.

    One file is no plain CSV, one model reads another column than the close.
    """
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "prices").mkdir()
    recipes = ({}, {"cell": "gru"}, {"horizon": 2}, {"target": "price", "column": "open"})
    for number in range(70):
        price = folder / "prices" / f"T{number:02}.csv"
        mark = ";" if number == 5 else ","
        lines = to_yahoo(make_history(90, seed=number))
        price.write_text("\n".join(line.replace(",", mark) for line in lines) + "\n")
        write_untrained_model(
            folder / "models" / f"T{number:02}.safetensors",
            price,
            **{"window": 6, "units": 3, **recipes[number % 4]},
        )
    (folder / "prices" / "T40.csv").write_text("Date,Close\n2020-01-01,x\n")
    return folder


@pytest.mark.parametrize("options", [(), ("--from", "2012-04-20")])
def test_a_fleet_of_mixed_recipes_is_forecast_in_the_order_of_its_files(fleet, options):
    many = run_stockcast("predict", "prices", "-m", "models", *options, cwd=fleet)
    assert many.returncode == 3
    assert b"error: 1 of 70 tickers failed" in many.stderr
    rows = read_rows(many)
    named = list(dict.fromkeys(row["ticker"] for row in rows))
    assert named == [f"T{number:02}" for number in range(70) if number != 40]
    for name in ("T02", "T03", "T05"):
        alone = run_stockcast(
            "predict", f"prices/{name}.csv", "-m", f"models/{name}.safetensors", *options, cwd=fleet
        )
        assert [row for row in rows if row["ticker"] == name] == read_rows(alone)


def test_rows_are_the_same_in_a_file_on_stdout_and_beside_a_ledger(fleet, tmp_path):
    run = ("predict", "prices/T[0-3]*.csv", "-m", "models", "--format", "json")
    told = run_stockcast(*run, cwd=fleet)
    written = run_stockcast(*run, "-o", tmp_path / "out.json", cwd=fleet)
    recorded = run_stockcast(*run, "--ledger", tmp_path / "ledger.csv", cwd=fleet)
    assert [one.returncode for one in (told, written, recorded)] == [0, 0, 0]
    assert (tmp_path / "out.json").read_bytes() == told.stdout == recorded.stdout
    assert len((tmp_path / "ledger.csv").read_text().splitlines()) == 1 + len(
        json.loads(told.stdout)
    )


def test_nothing_is_told_that_could_not_be_recorded(fleet, tmp_path):
    (tmp_path / "ledger.csv").write_text("no ledger\n")
    run = run_stockcast(
        "predict", "prices/T0*.csv", "-m", "models", "--ledger", tmp_path / "ledger.csv", cwd=fleet
    )
    assert run.returncode not in (0, 3)
    assert run.stdout == b""
    assert b"is not a ledger" in run.stderr
