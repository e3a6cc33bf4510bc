"""The tutorial does what it says, command after command, and shows what really comes out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.support import ROOT, SAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.process]

PAGE = (ROOT / "docs" / "first-forecast.md").read_text("utf-8")


def list_sessions():
    """Return each command of the page with what is shown of it, as lines."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    sessions = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)]
    pairs = [session.partition("\n")[::2] for session in sessions if session]
    return {command: shown.splitlines() for command, shown in pairs}


def list_cron_lines():
    (block,) = re.findall(r"^```crontab\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [line.partition(" && ")[2] for line in block.splitlines()]


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Command line to what came of it, each run in one folder after the other."""
    folder = tmp_path_factory.mktemp("tutorial")
    shutil.copy(SAMPLES / "AAPL.csv", folder)
    commands = [one for one in list_sessions() if one.startswith("stockcast ")]
    score = commands.pop()
    # The sample's newest row is years old, which is what --max-age is there to tell.
    nightly = [line.replace("--max-age 3d ", "") for line in list_cron_lines()]
    done = {}
    for line in [*commands, *nightly, score]:
        done[line] = subprocess.run(
            re.sub(r"^stockcast\b", f"{sys.executable} -m stockcast", line),
            shell=True,
            cwd=folder,
            env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
        )
    done["folder"] = folder
    return done


def test_every_command_of_the_page_succeeds(said):
    results = {line: one.returncode for line, one in said.items() if line != "folder"}
    assert len(results) >= 7
    assert set(results.values()) == {0}, results
    written = {path.name for path in said["folder"].iterdir()}
    assert {"report.html", "next.png", "next.csv", "forecasts.csv", "train.log"} <= written


def test_the_page_shows_the_lines_that_check_and_train_write(said):
    for command, shown in list_sessions().items():
        if not command.startswith(("stockcast check", "stockcast train")):
            continue
        written = said[command].stderr.splitlines() + said[command].stdout.splitlines()
        written = [line.rstrip() for line in written]
        lines = [line for line in shown if line not in ("", "…")]
        assert len(lines) > 10
        # Figures of a training may differ in the last place on another processor.
        missing = [line for line in lines if line not in written and not re.search(r"\d\.\d", line)]
        assert missing == []


def test_the_page_shows_the_forecast_that_predict_prints(said):
    shown = list_sessions()["stockcast predict AAPL.csv"]
    printed = said["stockcast predict AAPL.csv"].stdout.splitlines()
    assert shown[0] == printed[0]
    told, found = (dict(zip(shown[0].split(","), line.split(","), strict=True)) for line in
                   (shown[1], printed[1]))  # fmt: skip
    for name in ("forecast", "lower_80", "upper_95", "volatility"):
        assert float(told[name]) == pytest.approx(float(found[name]), rel=1e-3)
    assert told["date"] == found["date"]


@pytest.mark.parametrize("name", ["first-forecast", "file-formats"])
def test_the_python_of_a_page_runs(name, said):
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    run = subprocess.run(
        [sys.executable, "-c", block.replace("models/GOOG", "models/AAPL")],
        cwd=said["folder"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip()
