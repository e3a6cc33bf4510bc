"""The scripts of docs/unattended.md, run as cron runs them."""

import csv
import re
import shutil
import subprocess
import sys

import pytest

from tests.support import CONFIGS, ROOT, SAMPLES

pytestmark = pytest.mark.slow

UNITS = ROOT / "packaging" / "systemd"
PAGE = (ROOT / "docs" / "unattended.md").read_text(encoding="utf-8")


@pytest.fixture
def run_as_cron(tmp_path):
    """Set up the page's folder, and run one of its scripts with the environment that cron has."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "prices").mkdir()
    command = tmp_path / "bin" / "stockcast"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m stockcast "$@"\n')
    scripts = re.findall(r"`(\w+\.sh)`:\n\n```sh\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in scripts] == ["weekly.sh", "nightly.sh"]
    for name, text in scripts:
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    command.chmod(0o755)
    for name in ("FB", "IBM"):
        (tmp_path / "prices" / f"{name}.csv").write_bytes((SAMPLES / f"{name}.csv").read_bytes())

    def run(script, **env):
        settings = {
            "HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "SHELL": "/bin/sh",
            "STOCKCAST_RECIPE": str(CONFIGS / "fast.toml"), "STOCKCAST_EPOCHS": "1",
            "STOCKCAST_NO_YARDSTICKS": "1", **env,
        }  # fmt: skip
        pairs = [f"{name}={value}" for name, value in settings.items()]
        return subprocess.run(
            ["env", "-i", *pairs, "/bin/sh", "-c", str(tmp_path / script)],
            capture_output=True, cwd="/", timeout=300,
        )  # fmt: skip

    return run


def read_rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_scripts_train_and_forecast_a_folder_and_say_what_failed(run_as_cron, tmp_path):
    run = run_as_cron("weekly.sh")
    assert (run.returncode, run.stdout) == (0, b""), run.stderr.decode()
    assert {row["ticker"] for row in read_rows(tmp_path / "trained.csv")} == {"FB", "IBM"}

    run = run_as_cron("nightly.sh")
    assert run.returncode == 7  # the sample prices end in 2013
    assert run.stderr.count(b"--max-age") == 2

    script = tmp_path / "nightly.sh"
    script.write_text(script.read_text().replace("--max-age 4d", "--max-age 10000d"))
    for _ in range(2):
        run = run_as_cron("nightly.sh")
        assert (run.returncode, run.stdout) == (0, b""), run.stderr.decode()
    assert {path.name for path in (tmp_path / "next").iterdir()} == {"FB.csv", "IBM.csv"}
    assert [row["ticker"] for row in read_rows(tmp_path / "forecasts.csv")] == ["FB", "IBM"]

    (tmp_path / "prices" / "FB.csv").write_text("not prices")
    before = {path: path.read_bytes() for path in (tmp_path / "models").glob("*.safetensors")}
    run = run_as_cron("weekly.sh")
    assert run.returncode == 3
    assert b"prices/FB.csv" in run.stderr
    assert {path: path.read_bytes() for path in before} == before
    run = run_as_cron("nightly.sh")
    assert run.returncode == 4
    assert b"prices/FB.csv" in run.stderr


def test_the_page_knows_every_exit_code():
    codes = set(re.findall(r"\d+", "".join(re.findall(r"^\| (\d[\d, ]*)", PAGE, re.MULTILINE))))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme[readme.index("| exit | meaning |") :]
    listed = re.findall(r"^\| (\d[\d, ]*) \|", table, re.MULTILINE)
    assert {code for one in listed for code in re.findall(r"\d+", one)} <= codes


@pytest.mark.skipif(not UNITS.is_dir(), reason="a source distribution has no units")
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_units_are_valid_and_run_the_scripts_of_the_page(tmp_path):
    units = sorted(UNITS.iterdir())
    assert len(units) == 4
    for unit in units:
        text = unit.read_text(encoding="utf-8")
        for script in re.findall(r"^ExecStart=/srv/stocks/(.+)$", text, re.MULTILINE):
            assert f"`{script}`" in PAGE
        (tmp_path / unit.name).write_text(re.sub(r"/srv/stocks/\w+\.sh", "/bin/true", text))
    timers = [str(tmp_path / unit.name) for unit in units]
    done = subprocess.run(["systemd-analyze", "verify", *timers], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if "stockcast-" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr
