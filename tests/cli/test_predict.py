"""`stockcast predict` as a process of its own."""

import csv
import io
import json
import subprocess
import sys

import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

FB = SAMPLES / "FB.csv"
STEP = ["ticker", "date", "step", "forecast"]
LEVELS = ["lower_80", "upper_80", "lower_95", "upper_95"]


def read_csv(stdout):
    assert b"\r" not in stdout
    return list(csv.DictReader(io.StringIO(stdout.decode())))


def test_the_next_weekday_is_forecast_as_csv(small_model):
    run = run_stockcast("predict", FB, "-m", small_model)
    (row,) = read_csv(run.stdout)
    assert list(row) == [*STEP, *LEVELS, "volatility", "last_date", "last_price", "model"]
    assert (row["ticker"], row["date"], row["last_date"]) == ("FB", "2013-03-04", "2013-03-01")
    assert float(row["last_price"]) == 27.78
    assert 20 < float(row["forecast"]) < 40
    assert row["model"] == str(small_model)


def test_the_model_named_after_the_file_is_found(tmp_path, small_model):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "FB.safetensors").write_bytes(small_model.read_bytes())
    run = run_stockcast("predict", FB, cwd=tmp_path)
    assert read_csv(run.stdout)[0]["model"] == "models/FB.safetensors"


@pytest.mark.slow
def test_a_pipe_gives_the_same_forecast_as_the_file(small_model):
    file = read_csv(run_stockcast("predict", FB, "-m", small_model).stdout)
    pipe = read_csv(run_stockcast("predict", "-", "-m", small_model, stdin=FB.read_bytes()).stdout)
    assert file[0]["forecast"] == pipe[0]["forecast"]
    assert pipe[0]["ticker"] == "FB"


@pytest.mark.process
def test_head_ends_the_pipe_quietly(small_model):
    command = (
        f"set -o pipefail; cat {FB} | {sys.executable} -m stockcast predict - -q "
        f"-m {small_model} --from 2012-08-01 | head -1"
    )
    run = subprocess.run(["bash", "-c", command], capture_output=True)
    assert run.returncode == 0
    assert run.stdout.startswith(b"ticker,date,step,forecast,lower_80,upper_80,")
    assert run.stdout.count(b"\n") == 1
    assert run.stderr == b""


@pytest.mark.process
def test_a_reader_that_is_gone_is_no_error(small_model):
    with subprocess.Popen(
        [sys.executable, "-m", "stockcast", "predict", FB, "-q", "-m", small_model],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_a_span_is_forecast_beside_what_came_true(small_model):
    run = run_stockcast(
        "predict", FB, "-m", small_model, "--from", "2013-02-25", "--to", "2013-02-28"
    )
    rows = read_csv(run.stdout)
    assert list(rows[0]) == [
        *STEP, *LEVELS, "volatility", "last_date", "last_price", "actual", "model",
    ]  # fmt: skip
    assert [row["last_date"] for row in rows] == [f"2013-02-{day}" for day in (22, 25, 26, 27)]
    assert [row["date"] for row in rows] == [f"2013-02-{day}" for day in (25, 26, 27, 28)]
    assert float(rows[-1]["actual"]) == 27.25
    assert len({row["forecast"] for row in rows}) == 4


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_has_the_same_numbers_as_csv(small_model, form):
    (expected,) = read_csv(run_stockcast("predict", FB, "-m", small_model).stdout)
    run = run_stockcast("predict", FB, "-m", small_model, "--format", form)
    result = json.loads(run.stdout)
    row = result[0] if form == "json" else result
    assert row["forecast"] == float(expected["forecast"])
    assert list(row) == list(expected)


def test_a_file_takes_the_rows_instead_of_stdout(tmp_path, small_model):
    target = tmp_path / "deep" / "next.csv"
    run = run_stockcast("predict", FB, "-m", small_model, "-o", target)
    assert run.stdout == b""
    assert read_csv(target.read_bytes())[0]["ticker"] == "FB"


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_a_chart_is_drawn_and_stdout_stays_data(tmp_path, small_model, suffix):
    chart = tmp_path / f"chart.{suffix}"
    run = run_stockcast("predict", FB, "-m", small_model, "--from", "2013-01-01", "--chart", chart)
    assert len(read_csv(run.stdout)) == 41
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix]
    assert chart.read_bytes().startswith(start)


@pytest.mark.slow
def test_a_multi_ticker_file_is_forecast_for_the_models_own_ticker(tmp_path, small_model):
    lines = FB.read_text().splitlines()
    both = [f"Ticker,{lines[0]}"]
    for line in lines[1:]:
        both += [f"FB,{line}", f"OTHER,{line}"]
    prices = tmp_path / "both.csv"
    prices.write_text("\n".join(both) + "\n")
    chosen = run_stockcast("predict", prices, "-m", small_model)
    assert read_csv(chosen.stdout)[0]["ticker"] == "FB"
    other = run_stockcast("predict", prices, "-m", small_model, "--ticker", "OTHER")
    assert read_csv(other.stdout)[0]["ticker"] == "OTHER"


@pytest.mark.slow
def test_a_model_of_five_features_needs_the_five_columns(tmp_path):
    model = write_untrained_model(
        tmp_path / "m.safetensors", FB, features=("open", "high", "low", "close", "volume")
    )
    assert run_stockcast("predict", FB, "-m", model).returncode == 0
    narrow = tmp_path / "narrow.csv"
    narrow.write_text("\n".join(",".join(x.split(",")[:5]) for x in FB.read_text().splitlines()))
    run = run_stockcast("predict", narrow, "-m", model)
    assert run.returncode == 5
    assert b"no volume column" in run.stderr
