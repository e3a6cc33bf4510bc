"""What `train` prints and writes is what `stockcast.train` returns and writes."""

import json

import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast

pytestmark = pytest.mark.slow
TINY = {"layers": 1, "units": 4, "window": 10, "epochs": 2}
FLAGS = [part for name, value in TINY.items() for part in (f"--{name}", str(value))]
CASES = {
    "plain": ([], {}, {}),
    "cell": (["--cell", "gru"], {"cell": "gru"}, {}),
    "target": (["--target", "relative"], {"target": "relative"}, {}),
    "horizon": (["--horizon", "3"], {"horizon": 3}, {}),
    "features": (["--features", "close,volume"], {"features": ("close", "volume")}, {}),
    "column": (["--column", "open"], {"column": "open"}, {}),
    "spans": (["--validation", "0", "--test", "30"], {"validation": 0, "test": 30}, {}),
    "seed": (["--seed", "7"], {"seed": 7}, {}),
    "low skill": (["--min-skill", "-1"], {}, {"min_skill": -1.0}),
}


@pytest.mark.parametrize(("flags", "fields", "policy"), CASES.values(), ids=CASES)
def test_a_training_is_the_same_from_python(flags, fields, policy, tmp_path):
    prices = SAMPLES / "FB.csv"
    theirs, ours = tmp_path / "theirs.safetensors", tmp_path / "ours.safetensors"
    done = run_stockcast("train", prices, *FLAGS, *flags, "-o", theirs, "--format", "json")
    assert done.returncode == 0, done.stderr
    result = sc.train(
        prices, sc.Recipe(**TINY, **fields), path=ours, policy=sc.PublishPolicy(**policy)
    )
    assert ours.read_bytes() == theirs.read_bytes()
    printed, returned = json.loads(done.stdout), result.to_dict()
    for name in ("seconds", "model"):
        printed.pop(name), returned.pop(name)
    assert printed == returned


def test_many_trainings_are_the_same_from_python(tmp_path):
    prices = [SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"]
    done = run_stockcast(
        "train", *prices, *FLAGS, "-o", "models", "--jobs", "1", "--format", "json", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    outcomes = sc.train_many(
        prices, sc.Recipe(**TINY), tmp_path / "ours", executor=sc.Executor(jobs=1)
    )
    for row, outcome in zip(printed, outcomes, strict=True):
        ours = outcome.to_dict()
        assert outcome.path.read_bytes() == (tmp_path / row["model"]).read_bytes()
        for name in ("seconds", "model"):
            row.pop(name), ours.pop(name)
        assert row == ours


def test_a_pooled_training_is_the_same_from_python(tmp_path):
    prices = [SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"]
    theirs, ours = tmp_path / "theirs.safetensors", tmp_path / "ours.safetensors"
    done = run_stockcast("train", "--pooled", *prices, *FLAGS, "-o", theirs, "--format", "json")
    assert done.returncode == 0, done.stderr
    result = sc.train_pooled(prices, sc.Recipe(**TINY, pooled=True), ours)
    assert ours.read_bytes() == theirs.read_bytes()
    for row, outcome in zip(json.loads(done.stdout), result.tickers, strict=True):
        assert row | {"model": None} == outcome.to_dict() | {"model": None}
