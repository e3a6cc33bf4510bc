"""One training epoch of the classic network, ours beside plain Keras and PyTorch."""

from __future__ import annotations

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import start_worker

_ROUNDS = 15


def compare_with_keras() -> list[Comparison]:
    """Four `keras.layers.LSTM` with `Dropout`, compiled and fitted as the tutorial does."""
    title = "a training epoch, against Keras' layers and fit"
    return [_compare("epoch-keras", title, "lstm", "keras_epoch", "LSTM", reach=3)]


def compare_with_torch() -> list[Comparison]:
    """`torch.nn.LSTM` with four layers, in an ordinary training loop."""
    title = "a training epoch, against PyTorch nn.LSTM"
    return [_compare("epoch-torch", title, "lstm", "torch_epoch", reach=1.2)]


def compare_peephole() -> list[Comparison]:
    """Peephole cells, which Keras has no layer of, against its LSTM."""
    title = "an epoch of `--cell peephole`, against Keras' LSTM"
    return [_compare("epoch-peephole", title, "peephole", "keras_epoch", "LSTM", reach=3)]


def compare_cifg() -> list[Comparison]:
    """Coupled gates, which Keras has no layer of, against its LSTM."""
    title = "an epoch of `--cell cifg`, against Keras' LSTM"
    return [_compare("epoch-cifg", title, "cifg", "keras_epoch", "LSTM", reach=3)]


def compare_gru() -> list[Comparison]:
    """Gated recurrent units against Keras' own."""
    title = "an epoch of `--cell gru`, against Keras' GRU"
    return [_compare("epoch-gru", title, "gru", "keras_epoch", "GRU", reach=1)]


def _compare(name: str, title: str, cell: str, *rival: str, reach: float) -> Comparison:
    with start_worker("stockcast_epoch", cell) as ours, start_worker(*rival) as theirs:
        figures = take_turns(
            name, {"ours": ours.run_epoch, "rival": theirs.run_epoch}, rounds=_ROUNDS
        )
    return Comparison(
        what=f"`{name}`: {title}",
        ours=figures["ours"],
        rival=figures["rival"],
        unit="s",
        meaning="speed",
        reach=reach,
    )
