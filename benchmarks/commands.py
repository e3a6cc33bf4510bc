"""Whole commands: a forecast, and the help page."""

from __future__ import annotations

import json
import math
import sys
import tempfile
from pathlib import Path
from typing import Literal

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import (
    PYTHON,
    ROOT,
    STOCKCAST,
    WORKERS,
    BenchmarkError,
    read_output,
    run_process,
)

_PRICES = str(ROOT / "sample_data" / "GOOG.csv")
_PREDICT_ROUNDS = 7
_HELP_ROUNDS = 25
_TRAIN_ROUNDS = 5


def compare_predict() -> list[Comparison]:
    """`stockcast predict` against a script that loads the same network with TensorFlow."""
    with tempfile.TemporaryDirectory() as folder:
        model, network = str(Path(folder) / "m.safetensors"), str(Path(folder) / "m.keras")
        print("predict: training a model for both", file=sys.stderr)
        classic = ("--recipe", "classic", "--column", "open", "--test", "0", "--epochs", "1")
        read_output(STOCKCAST, "train", _PRICES, "-o", model, *classic)
        scale = read_output(PYTHON, "-m", "benchmarks.workers.save_keras", model, network).split()
        ours = (STOCKCAST, "predict", _PRICES, "-m", model)
        rival = (PYTHON, str(WORKERS / "keras_predict.py"), network, _PRICES, *scale)
        _check_same(ours, rival)
        return [
            _compare_commands(
                "predict",
                "the next day's forecast, against a script with TensorFlow",
                ours,
                rival,
                rounds=_PREDICT_ROUNDS,
                meaning="speed",
                reach=8,
            )
        ]


def compare_help() -> list[Comparison]:
    """`stockcast --help` against importing nothing but the libraries that draw it."""
    return [
        _compare_commands(
            "help",
            "`stockcast --help`, against `import typer, rich`",
            (STOCKCAST, "--help"),
            (PYTHON, "-c", "import typer, rich"),
            rounds=_HELP_ROUNDS,
            meaning="cost",
            reach=1.5,
        )
    ]


def compare_predict_with_imports() -> list[Comparison]:
    """`stockcast predict` against importing the two libraries that a script would begin with."""
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "m.safetensors")
        read_output(STOCKCAST, "train", _PRICES, "-o", model, "--epochs", "1")
        return [
            _compare_commands(
                "predict-import",
                "the next day's forecast, against `import pandas, numpy`",
                (STOCKCAST, "predict", _PRICES, "-m", model),
                (PYTHON, "-c", "import pandas, numpy"),
                rounds=_HELP_ROUNDS,
                meaning="cost",
                reach=1,
            )
        ]


def compare_train() -> list[Comparison]:
    """Whole trainings: the same epochs on either engine, and a short one against an import."""
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "m.safetensors")
        same = (STOCKCAST, "train", _PRICES, "-o", model, "--epochs", "17", "--patience", "0")
        fast = (STOCKCAST, "train", _PRICES, "-o", model, "--recipe", "fast")
        return [
            _compare_commands(
                "train",
                "`train sample_data/GOOG.csv`, 17 epochs, against `--engine tensorflow`",
                same,
                (*same, "--engine", "tensorflow"),
                rounds=_TRAIN_ROUNDS,
                meaning="cost",
                reach=0.33,
            ),
            _compare_commands(
                "train-alone",
                "the same with `--no-yardsticks` on both sides, so without fitting GARCH",
                (*same, "--no-yardsticks"),
                (*same, "--no-yardsticks", "--engine", "tensorflow"),
                rounds=_TRAIN_ROUNDS,
                meaning="cost",
                reach=0.33,
            ),
            _compare_commands(
                "train-fast",
                "`train … --recipe fast`, against `import tensorflow`",
                fast,
                (PYTHON, "-c", "import tensorflow"),
                rounds=_PREDICT_ROUNDS,
                meaning="cost",
                reach=0.5,
            ),
        ]


def _compare_commands(
    name: str,
    title: str,
    ours: tuple[str, ...],
    rival: tuple[str, ...],
    *,
    rounds: int,
    meaning: Literal["speed", "cost"],
    reach: float,
) -> Comparison:
    figures = take_turns(
        name,
        {
            "ours": lambda: run_process(*ours).seconds,
            "rival": lambda: run_process(*rival).seconds,
        },
        rounds=rounds,
    )
    return Comparison(f"`{name}`: {title}", figures["ours"], figures["rival"], "s", meaning, reach)


def _check_same(ours: tuple[str, ...], rival: tuple[str, ...]) -> None:
    """Raise unless both forecast the same price; it is each side's warm-up, too."""
    (row,) = json.loads(read_output(*ours, "--format", "json"))
    theirs = float(read_output(*rival))
    if not math.isclose(row["forecast"], theirs, rel_tol=1e-4):
        raise BenchmarkError(f"predict: we forecast {row['forecast']}, the script {theirs}")
