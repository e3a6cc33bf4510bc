"""How far, from the command line: what must be tighter, and what is left out."""

from __future__ import annotations

import json

import pytest

from tests.support import SAMPLES, run_stockcast

FAST = ["--recipe", "fast", "--epochs", "1", "--units", "4"]

pytestmark = pytest.mark.process


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
