"""SIGKILL while files are being written: the old file or the new one, never half of one."""

import random

import pytest

from stockcast.model.file import load_model
from tests.faults.support import kill_after, list_leftovers, run_code
from tests.support import SAMPLES, run_stockcast

pytestmark = pytest.mark.process

WRITER = """
import sys
from stockcast.model.file import load_model, save_model
model = load_model(sys.argv[1])
save_model(model, sys.argv[2])
print("ready", flush=True)
while len(sys.argv) == 3:
    save_model(model, sys.argv[2])
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_model(tmp_path, small_model):
    target = tmp_path / "models" / "FB.safetensors"
    moments = random.Random(0)
    for _ in range(15):
        kill_after(WRITER, small_model, target, seconds=moments.uniform(0.01, 0.05))
        load_model(target)
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", target)
    assert run.returncode == 0
    assert run_code(WRITER, small_model, target, "once").returncode == 0
    assert list_leftovers(tmp_path) == []
