"""Covariates from the command line: options, environment, exit codes, and what is told."""

from __future__ import annotations

import json

import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast

IBM, GOOG, FB = (SAMPLES / f"{name}.csv" for name in ("IBM", "GOOG", "FB"))
SMALL = ["--recipe", "fast", "--epochs", "1", "--units", "4", "--layers", "1", "--no-yardsticks"]

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "IBM.safetensors"
    done = run_stockcast("train", IBM, "--covariates", f"{GOOG}, {FB}", *SMALL, "-o", path)
    assert done.returncode == 0, done.stderr.decode()
    assert b"FB.csv begins, left out" in done.stderr
    assert b"GOOG.csv: 2,148 rows to 2013-03-01\n" in done.stderr
    return path


@pytest.fixture
def short(tmp_path):
    lines = GOOG.read_text().splitlines()[:-8]
    (tmp_path / "GOOG.csv").write_text("\n".join(lines) + "\n")
    return tmp_path / "GOOG.csv"


def run(*arguments, code, env=None):
    done = run_stockcast(*arguments, env=env)
    assert done.returncode == code, done.stderr.decode()
    return done


def test_a_forecast_takes_them_from_an_option_or_the_environment(model):
    named = run("predict", IBM, "-m", model, "--covariates", f"{FB},{GOOG}", code=0)
    short = run("predict", IBM, "-m", model, code=0, env={"STOCKCAST_COVARIATES": f"{GOOG},{FB}"})
    assert named.stdout == short.stdout
    (row,) = json.loads(
        run(
            "predict", IBM, "-m", model, "--covariates", f"{GOOG},{FB}", "--format", "json", code=0
        ).stdout
    )
    assert row["forecast"] == sc.predict(model, IBM, covariates=[GOOG, FB]).forecast[0]


def test_without_them_it_is_refused_and_they_are_named(model):
    for command in (("predict", IBM, "-m", model), ("inspect", model, IBM)):
        done = run(*command, code=5)
        assert b"not given: GOOG, FB" in done.stderr
        assert b"--covariates GOOG.csv,FB.csv" in done.stderr


def test_one_that_is_too_old_is_refused_with_both_dates_unless_more_is_allowed(model, short):
    beside = ["--covariates", f"{short},{FB}"]
    done = run("predict", IBM, "-m", model, *beside, code=4)
    assert b"ends 2013-02-19" in done.stderr
    assert b"--covariate-age" in done.stderr
    run("predict", IBM, "-m", model, *beside, "--covariate-age", "8", code=0)


def test_an_output_does_not_take_the_place_of_a_covariate(model, short):
    before = short.read_bytes()
    for command in (("predict", IBM, "-m", model), ("train", IBM), ("backtest", IBM)):
        assert b"GOOG.csv" in run(*command, "--covariates", short, "-o", short, code=2).stderr
    assert short.read_bytes() == before


def test_nor_that_of_one_that_a_file_of_covariates_names(short):
    table = short.with_name("beside.toml")
    table.write_text('[covariates.GOOG]\nfile = "GOOG.csv"\n')
    before = short.read_bytes()
    for command in (["train", *SMALL], ["predict", "-m", "pretrained"], ["backtest"]):
        name, *options = command
        done = run(name, IBM, *options, "--covariates", table, "-o", short, code=2)
        assert b"is the price file itself" in done.stderr
        assert short.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["train", IBM, "--covariates", f"{GOOG},{GOOG}x"], 4, b"GOOG.csvx"),
        (["train", IBM, "--covariates", SAMPLES / "write.py"], 4, b"write.py"),
        (["train", IBM, "--covariates", GOOG, "--covariate-age", "-1"], 2, b"--covariate-age"),
        (["prepare", IBM, "--covariates", SAMPLES / "write.py"], 4, b"write.py"),
        (["backtest", IBM, "--covariates", GOOG, "--models", "drift"], 2, b"default+covariates"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments, code, part, tmp_path):
    output = tmp_path / "out.safetensors"
    to = [] if arguments[0] == "backtest" else ["-o", output]
    assert part in run(*arguments, *to, code=code).stderr
    assert not output.exists()


def test_show_names_them_and_an_export_of_bars_takes_theirs(model, tmp_path):
    shown = run("show", model, code=0)
    assert b"GOOG: adj_close" in shown.stderr
    done = run("export", model, "--to", "onnx", "--with-scaling", "-o", tmp_path / "m.onnx", code=0)
    told = b" ".join(done.stderr.split())
    assert b"'covariate GOOG'" in told
    assert b"'covariate FB'" in told


def test_a_backtest_from_python_is_the_same(tmp_path):
    small = {"layers": 1, "units": 4, "window": 10, "epochs": 1}
    flags = [f"--{name}={value}" for name, value in small.items()]
    printed = json.loads(
        run(
            "backtest", FB, "--covariates", GOOG, "--models", "default,default+covariates",
            "--folds", "20", *flags, "--summary", "--format", "json", code=0,
        ).stdout
    )  # fmt: skip
    walked = sc.backtest(
        FB, ["default", "default+covariates"], covariates=GOOG, cutoffs=sc.CutoffOptions(folds=20),
        overrides=small, summary=True,
    )  # fmt: skip
    assert {row["model"]: row["rmse"] for row in printed["models"]} == {
        row["model"]: row["rmse"] for row in walked.list_figures()
    }


def test_a_pool_is_trained_and_forecasts_beside_them_and_knows_the_weekday(tmp_path):
    path = tmp_path / "pooled.safetensors"
    beside = ["--covariates", GOOG]
    done = run(
        "train", "--pooled", IBM, SAMPLES / "MSFT.csv", *beside, "--features", "weekday", *SMALL,
        "-o", path, code=0,
    )  # fmt: skip
    assert b"each beside GOOG" in done.stderr
    assert b"forecasting adj_close, weekday" in done.stderr
    many = run("predict", IBM, SAMPLES / "MSFT.csv", "-m", path, *beside, code=0).stdout
    assert (
        many.splitlines()[1] == run("predict", IBM, "-m", path, *beside, code=0).stdout.split()[1]
    )
    shown = run("show", path, code=0).stderr
    assert b"from adj_close, weekday" in shown
    assert b"GOOG: adj_close" in shown
    assert b"GOOG.csv: 2,148 rows" in run("inspect", path, IBM, *beside, code=0).stderr
    assert b"not given: GOOG" in run("predict", IBM, "-m", path, code=5).stderr
    taken = run("train", "--pooled", IBM, *beside, "-o", GOOG, code=2).stderr
    assert b"GOOG.csv" in taken
