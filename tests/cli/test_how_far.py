"""How far, from the command line: what must be tighter, and what is left out."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast

FAST = ["--recipe", "fast", "--epochs", "1", "--units", "4"]

pytestmark = pytest.mark.process
QUANTILES = ["--quantile", "5,95"]


def test_a_model_that_is_not_tight_enough_is_not_published(tmp_path):
    run = run_stockcast(
        "train", SAMPLES / "IBM.csv", *FAST, "--min-skill", "how-far:0.9", "-o", "m.safetensors",
        cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 6
    assert b"--min-skill how-far is 0.9" in run.stderr
    assert not (tmp_path / "m.safetensors").exists()


@pytest.mark.parametrize("text", ["how-far:x", "what:0.1", "x", "how-far:nan"])
def test_what_is_no_skill_is_refused(text, tmp_path):
    run = run_stockcast(
        "train", SAMPLES / "FB.csv", *FAST, "--min-skill", text, "-o", "m.safetensors", cwd=tmp_path
    )
    assert run.returncode == 2
    assert b"--min-skill" in run.stderr


def test_json_has_each_volatility_and_without_yardsticks_none(tmp_path):
    for flag, names in (([], ["model", "gjr-garch", "ewma"]), (["--no-yardsticks"], None)):
        run = run_stockcast(
            "train", SAMPLES / "IBM.csv", *FAST, *flag, "--format", "json", "-o", "m.safetensors",
            cwd=tmp_path,
        )  # fmt: skip
        found = json.loads(run.stdout)
        assert (found["how_far"] is None) == bool(flag)
        rows = found["volatilities"]
        assert (rows and [row["volatility"] for row in rows]) == names
        assert found["verdict"].startswith("How far: ") == (not flag)


def test_the_model_that_comes_with_the_program_takes_its_market_from_a_file(tmp_path):
    run = run_stockcast(
        "predict", SAMPLES / "FB.csv", "-m", "pretrained", "--market", SAMPLES / "IBM.csv",
        cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0
    assert b"not known" not in run.stderr
    alone = run_stockcast("predict", SAMPLES / "FB.csv", "-m", "pretrained", cwd=tmp_path)
    assert b"market: not known from 1 ticker" in alone.stderr
    assert alone.stdout != run.stdout


def read_rows(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_quantiles_are_columns_of_the_forecast_as_python_has_them():
    run = run_stockcast("predict", SAMPLES / "IBM.csv", "-m", "pretrained", *QUANTILES, "-q")
    (row,) = read_rows(run.stdout)
    forecast = sc.predict("pretrained", SAMPLES / "IBM.csv", quantiles=(0.05, 0.95))
    for quantile, (at, beyond) in forecast.tails.items():
        assert float(row[f"quantile_{100 * quantile:g}"]) == at[0]
        assert float(row[f"shortfall_{100 * quantile:g}"]) == beyond[0]
    numbers = [float(row[name]) for name in ("shortfall_5", "quantile_5", "forecast")]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("text", ["0", "100", "x", "5,", "-1"])
def test_what_is_no_quantile_is_refused(text):
    run = run_stockcast("predict", SAMPLES / "IBM.csv", "-m", "pretrained", f"--quantile={text}")
    assert run.returncode == 2
    assert b"--quantile is" in run.stderr


def test_a_quantile_that_the_residuals_cannot_tell_is_refused(small_model):
    run = run_stockcast(
        "predict", SAMPLES / "FB.csv", "-m", small_model, "--quantile", "0.01", "-q"
    )
    assert run.returncode == 5
    assert b"quantile 0.01 needs 9,999" in run.stderr


def test_a_backtest_counts_what_is_beyond_each_quantile():
    run = run_stockcast(
        "backtest", SAMPLES / "IBM.csv", "--models", "har", "--folds", "200", *QUANTILES
    )
    rows = read_rows(run.stdout)
    last = [row for row in rows if row["model"] == "har"]
    breaches = sum(float(row["actual"]) < float(row["quantile_5"]) for row in last)
    result = sc.backtest(
        SAMPLES / "IBM.csv", ["har"], cutoffs=sc.CutoffOptions(folds=200), quantiles=(0.05, 0.95)
    )
    (judged,) = [one for one in result.judgements["IBM"] if one.candidate.name == "har"]
    assert judged.tails[0].breaches == breaches
    assert f"{breaches / 2:.1f} %" in run.stderr.decode()
    assert "Kupiec" in run.stderr.decode()


def test_a_ledger_has_quantiles_and_volatility_and_score_judges_them(tmp_path):
    ledger = tmp_path / "ledger.csv"
    (history,) = sc.read_prices(SAMPLES / "IBM.csv")
    for known in range(len(history) - 40, len(history)):
        sc.predict("pretrained", history.select(np.arange(known)), ledger=ledger, quantiles=(0.05,))
    run = run_stockcast("score", ledger, SAMPLES / "IBM.csv", "--format", "csv")
    row = read_rows(run.stdout)[0]
    assert row["scored"] == "40"
    assert 0 < float(row["qlike"]) < 2
    assert 0 < float(row["ewma_qlike"]) < 2
    assert float(row["breaches_5"]) * 40 == pytest.approx(round(float(row["breaches_5"]) * 40))
    assert 0 < float(row["kupiec_p_5"]) <= 1
    shown = run_stockcast("score", ledger, SAMPLES / "IBM.csv", "--format", "table")
    assert b"RiskMetrics" in shown.stderr
    refused = run_stockcast(
        "predict", SAMPLES / "IBM.csv", "-m", "pretrained", "--ledger", ledger, "-q"
    )
    assert refused.returncode == 9
    assert b"was begun with intervals of 80, 95 % and quantiles of 5 %" in refused.stderr
