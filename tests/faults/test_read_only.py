"""In a container, or as a hardened service: one folder can be written, and there is no network."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support import ROOT, SAMPLES

pytestmark = [pytest.mark.process, pytest.mark.slow]

# Every mount becomes read-only, but for $FOLDER, which is a mount of its own.
ALONE = """
set -e
mount --make-rprivate /
mount --bind "$FOLDER" "$FOLDER"
mount -o remount,bind,ro /
awk '{print $2}' /proc/mounts | sort -u | while read -r place; do
    case $place in
        /|"$FOLDER"|/proc*|/sys*|/dev*) ;;
        *) mount -o remount,bind,ro "$place" || true ;;
    esac
done 2>/dev/null
cd "$FOLDER"
if touch "$ELSEWHERE" 2>/dev/null; then echo "$ELSEWHERE can be written" >&2; exit 99; fi
exec "$@"
"""
AS_ROOT = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
UNSHARE = ["unshare", "--mount", "--net", *AS_ROOT]


def may_mount():
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0


@pytest.fixture
def run_alone(tmp_path):
    """Run the command where only one folder, the working one, can be written."""
    folder = tmp_path / "stocks"
    folder.mkdir()
    shutil.copy(SAMPLES / "FB.csv", folder)
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}

    def run(*arguments):
        return subprocess.run(
            [*UNSHARE, "sh", "-c", ALONE, "sh", sys.executable, "-m", "stockcast", *arguments],
            capture_output=True, text=True, timeout=300,
            env={
                **kept, "HOME": "/nonexistent", "PYTHONPATH": str(ROOT),
                "FOLDER": str(folder), "ELSEWHERE": str(tmp_path / "elsewhere"),
            },
        )  # fmt: skip

    return run, folder


@pytest.mark.skipif(not may_mount(), reason="no right to mount")
def test_one_folder_that_can_be_written_is_enough_and_nothing_else_is_left_in_it(run_alone):
    run, folder = run_alone
    commands = (
        ("train", "FB.csv", "--recipe", "fast", "--epochs", "1", "--report", "train.html"),
        ("predict", "FB.csv", "--chart", "chart.png", "--ledger", "ledger.csv"),
        ("backtest", "FB.csv", "--models", "drift", "-o", "walk.csv"),
    )
    for command in commands:
        done = run(*command, "-q")
        assert done.returncode == 0, done.stderr
        assert [line for line in done.stderr.splitlines() if not line.startswith("note: ")] == []
    names = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    assert names == {"FB.csv", "models", "train.html", "chart.png", "ledger.csv", "walk.csv"}
