"""How many threads NumPy's products run on."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.process

ASK = """
import sys
from stockcast.cli.app import main
sys.argv = ["stockcast", "--version"]
try:
    main()
except SystemExit:
    pass
import numpy
from threadpoolctl import threadpool_info
print(*{pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"})
"""


def count_threads(**settings):
    ours = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    run = subprocess.run(
        [sys.executable, "-c", ASK], capture_output=True, text=True, env={**ours, **settings}
    )
    return int(run.stdout.splitlines()[-1])


def test_it_is_one():
    assert count_threads() == 1


@pytest.mark.parametrize("name", ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"])
def test_what_the_user_has_set_holds(name):
    assert count_threads(**{name: "2"}) == min(2, os.cpu_count())
