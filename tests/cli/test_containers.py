"""Every command takes every container, and answers the same as for what is in it."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast
from tests.workbooks import pack

pytestmark = pytest.mark.slow

FB = (SAMPLES / "FB.csv").read_bytes()


def write_gzip(path):
    path.write_bytes(gzip.compress(FB))


def write_zip(path):
    path.write_bytes(pack({"FB.csv": FB, "GOOG.csv": (SAMPLES / "GOOG.csv").read_bytes()}))


def write_parquet(path):
    pd.read_csv(SAMPLES / "FB.csv", parse_dates=["Date"]).to_parquet(path)


KINDS = {
    "gzip": ("FB.csv.gz", write_gzip, []),
    "ZIP": ("FB.zip", write_zip, ["--member", "FB.csv"]),
    "Parquet": ("FB.parquet", write_parquet, []),
}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def packed(request, tmp_path):
    """A path, and what has to be said of it."""
    name, write, said = request.param
    write(tmp_path / name)
    return tmp_path / name, said


def run_json(*arguments, **options):
    done = run_stockcast(*arguments, "--format", "json", **options)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def test_check_and_prepare_take_it(packed, tmp_path):
    path, said = packed
    found = run_json("check", path, *said)
    plain = run_json("check", SAMPLES / "FB.csv")
    assert found["tickers"] == plain["tickers"]
    assert found["container"] is not None
    (row,) = run_json("prepare", path, *said, "-o", tmp_path / "out", "--window", 20)
    assert row["ticker"] == "FB"


def test_predict_takes_it_as_a_file_and_from_stdin(packed, small_model):
    path, said = packed
    plain = run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model)
    done = run_stockcast("predict", path, *said, "-m", small_model)
    assert (done.returncode, done.stdout) == (0, plain.stdout), done.stderr.decode()
    piped = run_stockcast("predict", "-", *said, "-m", small_model, stdin=path.read_bytes())
    assert (piped.returncode, piped.stdout) == (0, plain.stdout), piped.stderr.decode()


def test_train_backtest_and_score_take_it(packed, tmp_path):
    path, said = packed
    size = ["--layers", "1", "--units", "2", "--window", "5", "--epochs", "1", "--no-yardsticks"]
    for source, answers in ((path, said), (SAMPLES / "FB.csv", [])):
        model = tmp_path / f"{len(answers)}-{source.suffix}.safetensors"
        done = run_stockcast("train", source, *answers, *size, "-o", model)
        assert done.returncode == 0, done.stderr.decode()
    walked = run_stockcast("backtest", path, *said, "--models", "drift", "--folds", "5")
    plain = run_stockcast("backtest", SAMPLES / "FB.csv", "--models", "drift", "--folds", "5")
    assert (walked.returncode, walked.stdout) == (0, plain.stdout), walked.stderr.decode()
    ledger = tmp_path / "ledger.csv"
    sc.predict(model, SAMPLES / "FB.csv", ledger=ledger)
    scored = run_stockcast("score", ledger, path, *said)
    assert scored.returncode == 0, scored.stderr.decode()
    assert scored.stdout == run_stockcast("score", ledger, SAMPLES / "FB.csv").stdout


def test_a_question_of_several_files_names_the_flag(tmp_path, small_model):
    write_zip(tmp_path / "two.zip")
    for command in (["check"], ["predict", "-m", small_model]):
        run = run_stockcast(*command, tmp_path / "two.zip")
        assert run.returncode == 4
        assert "--member 'FB.csv'" in " ".join(run.stderr.decode().split())


def test_a_folder_of_parquet_files_is_trained_ticker_by_ticker(tmp_path):
    for name in ("FB", "GOOG"):
        folder = tmp_path / "bars" / f"ticker={name}"
        folder.mkdir(parents=True)
        frame = pd.read_csv(SAMPLES / f"{name}.csv", parse_dates=["Date"])
        frame.tail(190).to_parquet(folder / "part-0.parquet")
    size = ["--layers", "1", "--units", "2", "--window", "5", "--epochs", "1", "--no-yardsticks"]
    run = run_stockcast("train", tmp_path / "bars", *size, "-o", tmp_path / "models/")
    assert run.returncode == 0, run.stderr.decode()
    models = sorted(path.name for path in (tmp_path / "models").glob("*.safetensors"))
    assert models == ["FB.safetensors", "GOOG.safetensors"]
    forecasts = run_stockcast("predict", tmp_path / "bars", "-m", tmp_path / "models")
    assert forecasts.returncode == 0, forecasts.stderr.decode()
    assert [line.split(b",")[0] for line in forecasts.stdout.splitlines()[1:]] == [b"FB", b"GOOG"]
