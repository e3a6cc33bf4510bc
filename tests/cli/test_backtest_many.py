"""`stockcast backtest` of many tickers: each by its own plan, and all of them together."""

import csv
import io
import json

import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

pytestmark = pytest.mark.slow

GOOD = ["A", "B", "C"]
MODELS = ["--models", "drift,moving-average:5"]


@pytest.fixture(scope="module")
def write_prices(make_history, to_yahoo):
    def write(folder, *, broken=False, rows=(90, 100, 120)):
        folder.mkdir(parents=True)
        for seed, (name, count) in enumerate(zip(GOOD, rows, strict=True)):
            lines = to_yahoo(make_history(count, seed=seed))
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        if broken:
            (folder / "cell.csv").write_text("Date,Close\n2020-01-01,1\n2020-01-02,x\n")
            (folder / "short.csv").write_text("Date,Close\n2020-01-01,1\n2020-01-02,2\n")
        return folder

    return write


def read_csv(run):
    return list(csv.DictReader(io.StringIO(run.stdout.decode())))


def backtest(*arguments, code=0, **more):
    run = run_stockcast("backtest", *arguments, **more)
    assert run.returncode == code, run.stderr.decode()
    return run


@pytest.fixture(scope="module")
def folder(write_prices, tmp_path_factory):
    return write_prices(tmp_path_factory.mktemp("many") / "prices", broken=True).parent


@pytest.fixture(scope="module")
def walked(folder):
    return backtest("prices/*.csv", *MODELS, "--folds", "20", code=3, cwd=folder)


def test_stdout_has_the_forecasts_of_each_ticker_in_turn(walked, folder):
    rows = read_csv(walked)
    assert [row["ticker"] for row in rows] == [name for name in GOOD for _ in range(3 * 20)]
    alone = backtest("prices/B.csv", *MODELS, "--folds", "20", cwd=folder)
    assert [row for row in rows if row["ticker"] == "B"] == read_csv(alone)


def test_what_failed_is_told_with_file_and_reason_and_stops_no_other(walked):
    text = walked.stderr.decode()
    assert "error: prices/cell.csv:3: Close is 'x'" in text
    assert "error: prices/short.csv: 2 rows have no room for 20 cutoffs" in text
    assert "error: 2 of 5 tickers failed" in text
    assert "5 tickers in " in text
    assert ": 3 walked, 2 failed" in text


def test_stderr_has_a_pooled_table_that_fits_and_a_conclusion(walked):
    lines = walked.stderr.decode().splitlines()
    told = next(line for line in lines if "judged" in line)
    assert told.startswith("3 tickers judged, 60 forecasts a model, one step ahead, on ")
    head = next(number for number, line in enumerate(lines) if "together" in line)
    names = {line.split()[0] for line in lines[head + 2 : head + 5]}
    assert names == {"last-price", "drift", "moving-average:5"}
    assert all(len(line.rstrip()) <= 80 for line in lines[head - 1 : head + 5])
    assert any(line.startswith("drift: better than the last price for ") for line in lines)
    assert any(line.startswith("Over 3 tickers together ") for line in lines)
    assert "\x1b" not in walked.stderr.decode()


@pytest.mark.process
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_two_processes_write_the_same_bytes_as_one(form, folder):
    arguments = ["prices/*.csv", *MODELS, "--format", form, "--folds", "12", "--check-leakage"]
    runs = [backtest(*arguments, "--jobs", jobs, code=3, cwd=folder) for jobs in (1, 2)]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout
    told = [run.stderr.decode().partition(" walked")[2] for run in runs]
    assert told[0] == told[1]
    assert "no leakage: 27 cutoffs of 3 tickers replayed" in told[0]


def test_the_summary_is_a_row_a_ticker_and_model(folder):
    rows = read_csv(backtest("prices", *MODELS, "--summary", "-q", code=3, cwd=folder))
    assert [row["ticker"] for row in rows] == [name for name in GOOD for _ in range(3)]
    alone = read_csv(backtest("prices/C.csv", *MODELS, "--summary", "-q", cwd=folder))
    for row, other in zip(rows[6:], alone, strict=True):
        assert list(row) == list(other)
        for name in set(row) - {"p_holm", "verdict"}:
            assert row[name] == other[name]
        if row["p_holm"]:
            assert float(row["p_holm"]) >= float(other["p_holm"])


def test_overall_is_a_row_a_model_and_json_has_both(folder):
    overall = read_csv(backtest("prices", *MODELS, "--overall", "-q", code=3, cwd=folder))
    assert {row["model"] for row in overall} == {"last-price", "drift", "moving-average:5"}
    assert {row["tickers"] for row in overall} == {"3"}
    for row in overall:
        if row["model"] != "last-price":
            assert sum(int(row[name]) for name in ("better", "worse", "neither")) == 3
            assert row["comparisons"] == "6"
    full = json.loads(backtest("prices", *MODELS, "--format", "json", code=3, cwd=folder).stdout)
    assert list(full) == ["forecasts", "tickers", "overall"]
    assert [row["skill"] for row in full["overall"]] == [float(row["skill"]) for row in overall]
    summary = backtest("prices", *MODELS, "--format", "json", "--summary", code=3, cwd=folder)
    assert json.loads(summary.stdout) == {name: full[name] for name in ("tickers", "overall")}
    short = backtest("prices", *MODELS, "--format", "json", "--overall", code=3, cwd=folder)
    assert json.loads(short.stdout) == {"overall": full["overall"]}


def test_one_ticker_can_be_asked_for_its_row_over_all(folder):
    (row, _) = read_csv(backtest("prices/A.csv", "--models", "drift", "--overall", cwd=folder))
    assert row["tickers"] == "1"


def test_a_file_is_written_whole_and_has_the_same_bytes(walked, folder, tmp_path):
    target = tmp_path / "deep" / "walk.csv"
    arguments = ["prices/*.csv", *MODELS, "--folds", "20", "-q", "-o", target]
    run = backtest(*arguments, code=3, cwd=folder)
    assert run.stdout == b""
    assert target.read_bytes() == walked.stdout
    assert [path.name for path in target.parent.iterdir()] == ["walk.csv"]


def test_one_long_csv_and_a_pipe_are_many_too(make_history, to_yahoo, tmp_path):
    lines = ["Ticker,Date,Open,High,Low,Close,Adj Close,Volume"]
    for seed, name in enumerate(GOOD):
        lines += [f"{name},{line}" for line in to_yahoo(make_history(80, seed=seed))[1:]]
    prices = tmp_path / "long.csv"
    prices.write_text("\n".join(lines) + "\n")
    run = backtest(prices, *MODELS)
    assert list(dict.fromkeys(row["ticker"] for row in read_csv(run))) == GOOD
    assert backtest("-", *MODELS, stdin=prices.read_bytes()).stdout == run.stdout


def test_a_ticker_that_stands_in_two_files_is_walked_once(write_prices, tmp_path):
    write_prices(tmp_path / "a")
    write_prices(tmp_path / "b")
    run = backtest("a/A.csv", "b/A.csv", *MODELS, code=3, cwd=tmp_path)
    assert b"b/A.csv: A is in a/A.csv already" in run.stderr
    assert {row["ticker"] for row in read_csv(run)} == {"A"}


def test_a_trained_model_sees_each_ticker_and_that_is_said_once(folder, make_history, to_yahoo):
    prices = folder / "older.csv"
    prices.write_text("\n".join(to_yahoo(make_history(60, seed=9))) + "\n")
    model = write_untrained_model(folder / "m.safetensors", prices)
    run = backtest("prices/?.csv", "-m", "m.safetensors", cwd=folder)
    assert {row["model"] for row in read_csv(run)} >= {"m.safetensors", "drift"}
    assert run.stderr.decode().count("was trained on") == 1
    assert model.exists()


def test_where_all_fail_only_the_reasons_are_told(folder):
    run = backtest("prices/cell.csv", "prices/short.csv", *MODELS, "--summary", code=4, cwd=folder)
    assert run.stdout == b""
    assert b"error: 2 of 2 tickers failed" in run.stderr
    assert b"judged" not in run.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["none/*.csv"], 4, "no file matches none/*.csv"),
        (["prices", "--summary", "--overall"], 2, "--summary and --overall"),
        (["prices", "--timeout", "soon"], 2, "--timeout"),
        (["prices", "--jobs", "2", "--cluster", "tcp://127.0.0.1:1"], 2, "--jobs with --cluster"),
        (["prices", "-o", "prices/A.csv"], 2, "is the price file itself"),
    ],
    ids=lambda value: (
        value
        if isinstance(value, str)
        else " ".join(map(str, value))
        if isinstance(value, list)
        else str(value)
    ),
)
def test_what_makes_no_sense_is_refused(arguments, code, told, folder):
    run = backtest(*arguments, *MODELS, code=code, cwd=folder)
    assert run.stdout == b""
    assert told in " ".join(run.stderr.decode().split())


@pytest.mark.slow
def test_recipes_are_trained_the_same_in_one_process_and_in_two(folder):
    fields = ["--epochs", "2", "--units", "3", "--layers", "1", "--window", "5", "--folds", "8"]
    arguments = ["prices/?.csv", "--models", "default,gru", *fields, "--format", "json"]
    runs = [backtest(*arguments, "--jobs", jobs, cwd=folder) for jobs in (1, 2)]
    assert runs[0].stdout == runs[1].stdout
    rows = json.loads(runs[0].stdout)["overall"]
    assert {row["comparisons"] for row in rows if row["model"] in ("default", "gru")} == {6}
    for run in runs:
        for word in ("tensorflow", "oneDNN", "WARNING", "retracing", "absl", "\x1b"):
            assert word not in run.stderr.decode()


@pytest.mark.slow
def test_a_ticker_that_takes_too_long_is_told_and_stops_no_other(folder):
    fields = ["--epochs", "2000", "--patience", "0", "--units", "3", "--layers", "1"]
    run = backtest(
        "prices/?.csv", "--models", "default", *fields, "--window", "5", "--timeout", "1s",
        "--jobs", "1", code=2, cwd=folder,
    )  # fmt: skip
    assert "A: not done after 1 s, in epoch " in run.stderr.decode()
    assert "error: 3 of 3 tickers failed" in run.stderr.decode()


def test_sample_data_is_a_panel_like_any_other():
    run = backtest(SAMPLES / "GOOG.csv", SAMPLES / "FB.csv", "--models", "drift", "--summary")
    assert [row["ticker"] for row in read_csv(run)] == ["GOOG", "GOOG", "FB", "FB"]
