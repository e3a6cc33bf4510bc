"""One training epoch of the classic network, ours beside plain Keras and PyTorch."""

from __future__ import annotations

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import start_worker

_ROUNDS = 15


def compare_with_keras() -> list[Comparison]:
    """Four `keras.layers.LSTM` with `Dropout`, compiled and fitted as the tutorial does."""
    return [_compare("epoch-keras", "keras_epoch", "Keras' layers and fit", reach=3)]


def compare_with_torch() -> list[Comparison]:
    """`torch.nn.LSTM` with four layers, in an ordinary training loop."""
    return [_compare("epoch-torch", "torch_epoch", "PyTorch nn.LSTM", reach=1.2)]


def _compare(name: str, rival: str, title: str, *, reach: float) -> Comparison:
    with start_worker("stockcast_epoch") as ours, start_worker(rival) as theirs:
        figures = take_turns(
            name, {"ours": ours.run_epoch, "rival": theirs.run_epoch}, rounds=_ROUNDS
        )
    return Comparison(
        what=f"`{name}`: a training epoch, against {title}",
        ours=figures["ours"],
        rival=figures["rival"],
        unit="s",
        meaning="speed",
        reach=reach,
    )
