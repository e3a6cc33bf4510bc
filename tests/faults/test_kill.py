"""SIGKILL while files are being written: the old file or the new one, never half of one."""

import os
import random
import signal
import subprocess
import sys
import time

from stockcast.model.file import load_model
from tests.support import SAMPLES, run_stockcast

WRITER = """
import sys
from pathlib import Path
from stockcast.model.file import load_model, save_model
model = load_model(sys.argv[1])
print("ready", flush=True)
while True:
    save_model(model, sys.argv[2])
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_model(tmp_path, small_model):
    target = tmp_path / "models" / "FB.safetensors"
    moments = random.Random(0)
    for _ in range(15):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, small_model, target], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout.readline() == b"ready\n"
            time.sleep(moments.uniform(0.01, 0.05))
            os.kill(process.pid, signal.SIGKILL)
        load_model(target)
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", target)
    assert run.returncode == 0
