"""`stockcast tune`: what goes to stdout, to stderr, and to files."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys

import pytest

import stockcast as sc
from tests.support import ROOT, run_stockcast

pytestmark = pytest.mark.slow

TINY = [
    "--layers", "1", "--units", "2", "--window", "5", "--epochs", "2", "--validation", "0",
    "--patience", "0", "--folds", "2", "--seeds", "0",
]  # fmt: skip


@pytest.fixture
def folder(write_csv, make_history, to_yahoo, tmp_path):
    """A folder with prices and a space in it."""
    write_csv(to_yahoo(make_history(250)), "A.csv")
    write_csv(["learning_rate = { from = 0.001, to = 0.05, log = true }"], "space.toml")
    return tmp_path


def tune(folder, *arguments, prices=("A.csv",), space="space.toml"):
    return run_stockcast("tune", *prices, "--space", space, *TINY, *arguments, cwd=folder)


def test_stdout_has_the_recipes_path_and_stderr_the_rest(folder):
    run = tune(folder, "--trials", "3")
    said = run.stderr.decode()
    assert run.returncode == 0, said
    assert run.stdout == b"best.toml\n"
    for part in ("searching learning_rate on A", "search trial 1/3 best", "verdict: "):
        assert part in said
    recipe = sc.load_recipe(folder / "best.toml")
    assert (recipe.layers, recipe.units, recipe.test) == (1, 2, 0.1)
    assert run_stockcast("train", "A.csv", "--recipe", "best.toml", cwd=folder).returncode == 0


@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_the_trials_are_rows_on_stdout(form, folder):
    run = tune(folder, "--trials", "2", "--format", form, "-o", "found.toml")
    text = run.stdout.decode()
    rows = {
        "csv": lambda: list(csv.DictReader(io.StringIO(text))),
        "json": lambda: json.loads(text),
        "jsonl": lambda: [json.loads(line) for line in text.splitlines()],
    }[form]()
    assert [int(row["trial"]) for row in rows] == [0, 1]
    assert list(rows[0]) == ["trial", "state", "score", "epochs", "learning_rate", "reason"]
    best = min(rows, key=lambda row: float(row["score"]))
    found = sc.load_recipe(folder / "found.toml")
    assert found.learning_rate == float(best["learning_rate"])


def test_the_command_and_the_function_come_to_the_same(folder):
    run = tune(folder, "--trials", "3", "--format", "json", "--report", "tune.html")
    result = sc.tune(
        folder / "A.csv", trials=3, folds=2, seeds=0, space=folder / "space.toml",
        overrides={
            "layers": 1, "units": 2, "window": 5, "epochs": 2, "validation": 0, "patience": 0,
        },
        path=folder / "ours.toml",
    )  # fmt: skip
    assert json.loads(run.stdout) == json.loads(json.dumps(result.list_rows()))
    assert (folder / "ours.toml").read_bytes() == (folder / "best.toml").read_bytes()
    assert result.verdict.sentence in run.stderr.decode()
    assert (folder / "tune.html").read_text().startswith("<!")


def test_two_tickers_a_model_each_and_progress_as_json(folder, write_csv, make_history, to_yahoo):
    write_csv(to_yahoo(make_history(250, seed=1)), "B.csv")
    run = tune(
        folder, "--trials", "2", "--train", "--log-format", "json", prices=("A.csv", "B.csv")
    )
    assert run.returncode == 0, run.stderr.decode()
    lines = [json.loads(line) for line in run.stderr.decode().splitlines()]
    assert any("on 2 tickers" in one["message"] for one in lines)
    assert {one.name for one in (folder / "models").glob("*.safetensors")} == {
        "A.safetensors", "B.safetensors",
    }  # fmt: skip


def refuse(run, code, *parts):
    said = run.stderr.decode()
    assert run.returncode == code, said
    assert run.stdout == b""
    for part in parts:
        assert part in said


def test_an_unknown_field_in_a_space_is_refused(folder, write_csv):
    write_csv(["unit = [1, 2]"], "wrong.toml")
    refuse(tune(folder, space="wrong.toml"), 2, "wrong.toml: unknown field 'unit'", "did you mean")
    assert not (folder / "best.toml").exists()


def test_a_range_that_is_upside_down_is_refused(folder, write_csv):
    write_csv(["dropout = { from = 0.5, to = 0.1 }"], "wrong.toml")
    refuse(tune(folder, space="wrong.toml"), 2, "from 0.5 to 0.1, which is upside down")


def test_a_field_that_is_searched_and_given_is_refused(folder):
    run = tune(folder, "--learning-rate", "0.1")
    refuse(run, 2, "learning_rate is searched, and --learning-rate settles it")


def test_a_database_of_another_search_is_refused_and_stays_as_it_is(folder):
    assert tune(folder, "--trials", "1", "--storage", "study.db").returncode == 0
    before = (folder / "study.db").read_bytes()
    run = tune(folder, "--trials", "2", "--storage", "study.db", "--batch-size", "16")
    refuse(run, 2, "study.db is of another search: space differs", "--storage")
    assert (folder / "study.db").read_bytes() == before


def test_no_price_file_is_overwritten(folder):
    before = (folder / "A.csv").read_bytes()
    for option in ("-o", "--storage"):
        refuse(tune(folder, option, "A.csv"), 2, "A.csv")
    assert (folder / "A.csv").read_bytes() == before


def test_a_recipe_does_not_go_to_stdout(folder):
    refuse(tune(folder, "-o", "-"), 2, "-o best.toml")


def test_a_report_that_is_no_page_is_refused_before_any_trial(folder):
    refuse(tune(folder, "--report", "tune.pdf"), 2, "--report is 'tune.pdf'")


@pytest.mark.process
def test_without_optuna_the_message_names_the_extra(folder):
    code = (
        "import sys; sys.modules['optuna'] = None; sys.argv[0] = 'stockcast'\n"
        "from stockcast.cli.app import main; main()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, "tune", folder / "A.csv"], capture_output=True, cwd=ROOT
    )
    refuse(run, 2, "a search needs Optuna", "pip install 'stockcast-lstm[tune]'")
