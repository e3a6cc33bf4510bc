"""SIGKILL while files are being written: the old file or the new one, never half of one."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from stockcast.model.file import load_model
from tests.faults.support import kill_after, list_leftovers, run_code
from tests.support import ROOT, SAMPLES, run_stockcast

pytestmark = pytest.mark.process

WRITER = """
import os, sys
from stockcast.model.file import load_model, save_model
model = load_model(sys.argv[1])
save_model(model, sys.argv[2])
for _ in range(int(sys.argv[3])):
    writer = os.fork()
    while not writer:
        save_model(model, sys.argv[2])
    print(writer, flush=True)
    os.waitpid(writer, 0)
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_model(tmp_path, small_model):
    target = tmp_path / "models" / "FB.safetensors"
    moments = random.Random(0)
    command = [sys.executable, "-c", WRITER, str(small_model), str(target), "15"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        for written in process.stdout:
            time.sleep(moments.uniform(0.01, 0.05))
            os.kill(int(written), signal.SIGKILL)
            load_model(target)
    assert process.returncode == 0
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", target)
    assert run.returncode == 0
    assert run_code(WRITER, small_model, target, 0).returncode == 0
    assert list_leftovers(tmp_path) == []


TRAINER = """
import sys
from stockcast.prices.csv.reader import read_prices
from stockcast.progress import Silent
from stockcast.recipe import Recipe
from stockcast.training.fit import train

class Ready(Silent):
    def advance(self, step, figures):
        if step == 1:
            print("ready", flush=True)

(history,) = read_prices([sys.argv[1]])
recipe = Recipe(epochs=100_000, patience=0, window=10, layers=1, units=2, cell=sys.argv[2])
train(history, recipe, progress=Ready())
"""


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_training_that_is_killed_leaves_nothing_among_temporary_files(
    tmp_path, monkeypatch, cell
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    kill_after(TRAINER, SAMPLES / "FB.csv", cell, seconds=0)
    assert list(tmp_path.rglob("*")) == []
