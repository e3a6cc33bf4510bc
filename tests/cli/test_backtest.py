"""`stockcast backtest` as a process of its own."""

import csv
import io
import json
import subprocess
import sys

import pytest

from tests.support import CONFIGS, SAMPLES, run_stockcast, write_untrained_model

pytestmark = pytest.mark.slow

FB = SAMPLES / "FB.csv"
BASELINES = ["last-price", "drift", "moving-average:20"]


def read_csv(stdout):
    assert b"\r" not in stdout
    return list(csv.DictReader(io.StringIO(stdout.decode())))


def backtest(*arguments, **more):
    run = run_stockcast("backtest", *arguments, **more)
    assert run.returncode == 0, run.stderr.decode()
    return run


@pytest.fixture(scope="module")
def walked(small_model):
    """One run with a trained model: it has seen all but the newest 19 bars."""
    return backtest(FB, "-m", small_model)


def test_each_forecast_is_a_row_beside_what_came_true(walked, small_model):
    rows = read_csv(walked.stdout)
    assert list(rows[0]) == [
        "ticker", "cutoff", "date", "step", "model", "forecast", "lower_80", "upper_80",
        "lower_95", "upper_95", "actual",
    ]  # fmt: skip
    assert [row["model"] for row in rows[:4]] == [*BASELINES, str(small_model)]
    assert len(rows) == 4 * 19
    assert (rows[-1]["cutoff"], rows[-1]["date"]) == ("2013-02-28", "2013-03-01")
    assert [(row["cutoff"], row["date"]) for row in rows] == sorted(
        (row["cutoff"], row["date"]) for row in rows
    )
    for row in rows:
        assert row["ticker"] == "FB"
        assert row["step"] == "1"
        names = ["lower_95", "lower_80", "forecast", "upper_80", "upper_95"]
        bounds = [float(row[name]) for name in names if row[name]]
        assert bounds == sorted(bounds)
        assert len(bounds) >= 3
    assert float(rows[-1]["actual"]) == 27.78
    last = [row for row in rows if row["model"] == "last-price"]
    assert [row["actual"] for row in last[:-1]] == [row["forecast"] for row in last[1:]]


def test_stderr_has_a_table_and_a_sentence_that_anyone_understands(walked, small_model):
    lines = walked.stderr.decode().splitlines()
    assert lines[1] == (
        "forecasting adj_close from 19 cutoffs, one step ahead: 2013-02-04 to 2013-03-01"
    )
    table = next(number for number, line in enumerate(lines) if "RMSE" in line)
    assert "against" in lines[table - 1]
    assert any(line.startswith("last-price") for line in lines[table:])
    assert any(line.startswith(f"{small_model}: ") for line in lines[table:])
    assert any("always saying" in line for line in lines[table:])
    assert "last price" in lines[-1]
    assert "\x1b" not in walked.stderr.decode()


def test_intervals_that_cannot_be_told_yet_are_said(walked):
    """17 rows to calibrate baselines on, and 95 % takes 19; the model brings 100 residuals."""
    note = "note: the first intervals of last-price, drift, moving-average:20 are empty"
    assert note in walked.stderr.decode()
    run = backtest(FB, "--models", "drift", "--folds", "5", "--validation", "30")
    assert b"are empty" not in run.stderr


def test_the_table_fits_into_80_columns():
    run = backtest(FB, "--models", "drift,moving-average:20,autoregression:2", "--folds", "20")
    lines = run.stderr.decode().splitlines()
    table = next(number for number, line in enumerate(lines) if "RMSE" in line)
    assert lines[table + 2].startswith(("drift ", "last-price ", "autoregression:2 "))
    assert all(len(line.rstrip()) <= 80 for line in lines[table - 1 : table + 6])


def test_the_summary_is_a_row_a_model_best_first(small_model):
    run = backtest(FB, "-m", small_model, "--summary")
    rows = read_csv(run.stdout)
    assert sorted(row["model"] for row in rows) == sorted([*BASELINES, str(small_model)])
    errors = [float(row["rmse"]) for row in rows]
    assert errors == sorted(errors)
    reference = next(row for row in rows if row["model"] == "last-price")
    assert (reference["skill"], reference["p_value"], reference["direction"]) == ("0.0", "", "")
    assert reference["repeats"] == "true"
    for row in rows:
        skill = 1 - float(row["rmse"]) / float(reference["rmse"])
        assert float(row["skill"]) == pytest.approx(skill)


def test_json_has_forecasts_and_figures_in_one_document(walked, small_model):
    result = json.loads(backtest(FB, "-m", small_model, "--format", "json").stdout)
    assert list(result) == ["forecasts", "models"]
    expected = read_csv(walked.stdout)
    assert [row["forecast"] for row in result["forecasts"]] == [
        float(row["forecast"]) for row in expected
    ]
    assert list(result["forecasts"][0]) == list(expected[0])
    assert {row["ticker"] for row in result["models"]} == {"FB"}
    assert {type(row["repeats"]) for row in result["models"]} == {bool}
    short = json.loads(backtest(FB, "-m", small_model, "--format", "json", "--summary").stdout)
    assert short == {"models": result["models"]}


def test_jsonl_and_a_file_have_the_same_rows(tmp_path, small_model, walked):
    target = tmp_path / "deep" / "walk.jsonl"
    run = backtest(FB, "-m", small_model, "--format", "jsonl", "-o", target, "-q", "--level", "80")
    assert run.stdout == run.stderr == b""
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["actual"] for row in rows] == [
        float(row["actual"]) for row in read_csv(walked.stdout)
    ]


def test_a_pipe_gives_the_same_bytes_as_the_file(walked, small_model):
    piped = backtest("-", "-m", small_model, stdin=FB.read_bytes())
    assert piped.stdout == walked.stdout


def test_levels_are_those_asked_for():
    wanted = ["--models", "drift", "--folds", "3"]
    rows = read_csv(backtest(FB, *wanted, "--level", "50", "--level", "99.5").stdout)
    assert [name for name in rows[0] if "_" in name] == [
        "lower_50", "upper_50", "lower_99.5", "upper_99.5",
    ]  # fmt: skip
    assert (rows[0]["upper_50"] != "", rows[0]["upper_99.5"]) == (True, "")
    none = backtest(FB, *wanted, "--level", "none")
    assert "upper" not in none.stdout.decode()
    assert b"inside" not in none.stderr


def test_several_steps_and_bars_apart():
    run = backtest(
        FB, "--models", "drift", "--horizon", "3", "--step", "5", "--folds", "4",
        "--train-rows", "60",
    )  # fmt: skip
    rows = read_csv(run.stdout)
    assert [row["step"] for row in rows] == ["1", "1", "2", "2", "3", "3"] * 4
    assert rows[-1]["date"] == "2013-03-01"
    assert b"the step 3 bars ahead" in run.stderr


def test_from_a_date_on():
    rows = read_csv(backtest(FB, "--models", "drift", "--start", "2013-02-16").stdout)
    assert (rows[0]["cutoff"], rows[0]["date"]) == ("2013-02-15", "2013-02-19")
    assert rows[-1]["date"] == "2013-03-01"


@pytest.mark.process
def test_head_ends_the_pipe_quietly_and_the_table_still_comes(small_model):
    command = (
        f"set -o pipefail; {sys.executable} -m stockcast backtest {FB} --models drift | head -1"
    )
    run = subprocess.run(["bash", "-c", command], capture_output=True)
    assert run.returncode == 0
    assert run.stdout.startswith(b"ticker,cutoff,date,step,model")
    assert b"Traceback" not in run.stderr
    assert b"last price" in run.stderr


def test_leakage_is_looked_for_and_none_is_found(small_model):
    run = backtest(FB, "-m", small_model, "--check-leakage", "--summary")
    assert b"no leakage: 12 cutoffs replayed" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "parts"),
    [
        (["--models", "defualt"], 2, ["no model 'defualt'", "did you mean 'default'?"]),
        (["--folds", "5", "--start", "2013-01-02"], 2, ["--folds and --start"]),
        (["--start", "soon"], 2, ["--start is 'soon'"]),
        (["--start", "2014-01-01"], 2, ["no bar from 2014-01-01 on", "2013-03-01"]),
        (["--refit", "0"], 2, ["--refit is '0'", "never, every"]),
        (["--refit", "often"], 2, ["--refit is 'often'"]),
        (["--train-rows", "20"], 2, ["--train-rows is 20: default needs"]),
        (["--level", "120"], 2, ["--level is '120'"]),
        (["--folds", "190"], 4, ["no room for 190 cutoffs: default needs", "--folds 128"]),
        (["--folds", "0"], 2, ["folds"]),
        (["--units", "0"], 2, ["--units is 0"]),
        (["-m", "none.safetensors"], 5, ["no model file none.safetensors"]),
        (["-o", str(FB)], 2, ["is the price file itself"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_what_cannot_be_done_is_said_before_tensorflow_is_loaded(arguments, code, parts, tmp_path):
    run = run_stockcast("backtest", FB, *arguments, cwd=tmp_path)
    assert run.returncode == code, run.stderr.decode()
    assert run.stdout == b""
    for part in parts:
        assert part in run.stderr.decode()


def test_a_model_may_not_be_tested_on_what_it_was_trained_on(small_model):
    run = run_stockcast("backtest", FB, "-m", small_model, "--folds", "20")
    assert run.returncode == 4
    assert b"was trained on rows to 2013-02-01" in run.stderr
    assert b"--folds 19 or fewer, or --start 2013-02-04 or later" in run.stderr


def test_of_several_tickers_in_one_file_one_can_be_asked_for(tmp_path, small_model):
    lines = FB.read_text().splitlines()
    both = [f"Ticker,{lines[0]}"]
    for line in lines[1:]:
        both += [f"FB,{line}", f"OTHER,{line}"]
    prices = tmp_path / "both.csv"
    prices.write_text("\n".join(both) + "\n")
    chosen = backtest(prices, "--models", "drift", "--ticker", "OTHER", "--folds", "2")
    assert {row["ticker"] for row in read_csv(chosen.stdout)} == {"OTHER"}
    own = backtest(prices, "-m", small_model)
    assert {row["ticker"] for row in read_csv(own.stdout)} == {"FB"}


def test_two_bars_are_too_few_and_no_bug(tmp_path):
    prices = tmp_path / "two.csv"
    prices.write_text("Date,Close\n2020-01-01,1\n2020-01-02,2\n")
    run = run_stockcast("backtest", prices, "--models", "drift")
    assert (run.returncode, run.stdout) == (4, b"")
    assert b"2 rows have no room for a cutoff: scaled errors need 2" in run.stderr


@pytest.mark.parametrize("prices", [[FB], [FB, SAMPLES / "GOOG.csv"]], ids=["one", "many"])
def test_with_json_logs_every_line_of_stderr_is_an_object(prices):
    run = backtest(*prices, "--models", "drift", "--folds", "9", "--log-format", "json")
    lines = [json.loads(line) for line in run.stderr.decode().splitlines()]
    assert {line["command"] for line in lines} == {"backtest"}
    assert "last price" in lines[-1]["message"]
    plain = backtest(*prices, "--models", "drift", "--folds", "9")
    assert run.stdout == plain.stdout


def test_models_that_forecast_another_column_do_not_go_together(tmp_path, small_model):
    other = write_untrained_model(tmp_path / "open.safetensors", FB, column="open")
    run = run_stockcast("backtest", FB, "-m", small_model, "-m", other)
    assert run.returncode == 2
    assert b"forecasts adj_close, " in run.stderr
    opened = backtest(FB, "-m", other)
    assert b"forecasting open from" in opened.stderr


@pytest.mark.slow
def test_recipes_are_trained_anew_on_what_was_known_and_nothing_leaks(tmp_path):
    recipe = tmp_path / "my.toml"
    recipe.write_text((CONFIGS / "fast.toml").read_text())
    arguments = [
        FB, "--models", f"{recipe},peephole", "--epochs", "2", "--units", "4", "--layers", "1",
        "--window", "10", "--folds", "6", "--refit", "4", "--target", "relative",
    ]  # fmt: skip
    first = backtest(*arguments, "--check-leakage", "--format", "json")
    lines = first.stderr.decode().splitlines()
    assert "each recipe is trained 2 times, on 190 rows and more" in lines
    assert any(line.endswith("Z peephole fold 2/2") for line in lines)
    assert any(line.startswith("no leakage: 13 cutoffs replayed") for line in lines)
    for word in ("tensorflow", "oneDNN", "WARNING", "retracing", "absl", "\x1b"):
        assert word not in first.stderr.decode()
    assert {row["model"] for row in json.loads(first.stdout)["models"]} == {
        str(recipe), "peephole", "last-price",
    }  # fmt: skip
    assert backtest(*arguments, "--format", "json").stdout == first.stdout


@pytest.mark.slow
def test_a_backtest_of_a_trained_model_is_that_of_its_recipe_fitted_at_the_same_cutoff(tmp_path):
    fields = ["--epochs", "2", "--units", "4", "--layers", "1", "--window", "10"]
    model = tmp_path / "m.safetensors"
    trained = run_stockcast("train", FB, *fields, "--test", "20", "--validation", "18", "-o", model)
    assert trained.returncode == 0
    rows = read_csv(backtest(FB, "-m", model, "--models", "last-price").stdout)
    anew = read_csv(
        backtest(FB, "--models", "default", *fields, "--validation", "18", "--folds", "20").stdout
    )
    forecasts = [
        [row["forecast"] for row in found if row["model"] != "last-price"] for found in (rows, anew)
    ]
    assert len(forecasts[0]) == 20
    assert forecasts[0] == forecasts[1]
