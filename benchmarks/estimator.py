"""A fit of the estimator, beside the same training without it and beside Keras' own wrapper."""

from __future__ import annotations

from typing import Literal

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import start_worker

_ROUNDS = 9


def compare_with_train() -> list[Comparison]:
    """`LSTMRegressor.fit` against the training of `train` on the same windows."""
    title = "`LSTMRegressor.fit`, two epochs, against `train`'s training on the same windows"
    return [_compare("fit-train", title, "2", "train_fit", reach=1.05, meaning="cost")]


def compare_with_wrapper() -> list[Comparison]:
    """`LSTMRegressor.fit` against `keras.wrappers.SKLearnRegressor` with the same network."""
    title = "`LSTMRegressor.fit`, an epoch, against Keras' `SKLearnRegressor`"
    return [_compare("fit-keras", title, "1", "keras_fit", reach=3, meaning="speed")]


def _compare(
    name: str,
    title: str,
    epochs: str,
    rival: str,
    *,
    reach: float,
    meaning: Literal["speed", "cost"],
) -> Comparison:
    with start_worker("estimator_fit", epochs) as ours, start_worker(rival, epochs) as theirs:
        sides = {"ours": ours.run_epoch, "rival": theirs.run_epoch}
        figures = take_turns(name, sides, rounds=_ROUNDS)
    return Comparison(f"`{name}`: {title}", figures["ours"], figures["rival"], "s", meaning, reach)
