"""One training epoch of the classic network, ours beside other libraries and our own floor."""

from __future__ import annotations

from typing import Literal

from benchmarks.comparison import Comparison, take_turns
from benchmarks.processes import start_worker

_ROUNDS = 15


def compare_with_keras() -> list[Comparison]:
    """Four `keras.layers.LSTM` with `Dropout`, compiled and fitted as the tutorial does."""
    title = "a training epoch, against Keras' layers and fit"
    return [_compare("epoch-keras", title, "lstm", "keras_epoch", "LSTM", reach=8)]


def compare_with_torch() -> list[Comparison]:
    """`torch.nn.LSTM` with four layers, an ordinary loop, on its best of two threads."""
    with start_worker("torch_epoch", "1") as one, start_worker("torch_epoch", "2") as two:
        sides = {"1": one.run_epoch, "2": two.run_epoch}
        figures = take_turns("epoch-torch, threads", sides, rounds=3)
    best = min(figures, key=lambda threads: min(figures[threads]))
    title = f"a training epoch, against PyTorch nn.LSTM (threads: {best})"
    return [_compare("epoch-torch", title, "lstm", "torch_epoch", best, reach=3)]


def compare_with_jax() -> list[Comparison]:
    """A compiled step with a scan in each layer."""
    title = "a training epoch, against JAX (jit, scan)"
    return [_compare("epoch-jax", title, "lstm", "jax_epoch", reach=3)]


def compare_engines() -> list[Comparison]:
    """The native engine against the one on TensorFlow, on the wall and in processor time."""
    return [
        _compare(
            "epoch-engine",
            f"a training epoch, against `--engine tensorflow`, {what}",
            "lstm",
            *("stockcast_epoch", "lstm", "tensorflow", *clock),
            clock=clock,
            reach=2.2,
        )
        for what, clock in (("time on the wall", ()), ("processor time", ("processor",)))
    ]


def compare_with_floor() -> list[Comparison]:
    """All that training does against its products alone, in the same shapes on the same threads."""
    title = "a training epoch, against the kernel's own products alone"
    return [
        _compare("epoch-floor", title, "lstm", "kernel_floor", reach=1.5, meaning="cost"),
    ]


def compare_peephole() -> list[Comparison]:
    """Peephole cells, which Keras has no layer of, against its LSTM."""
    title = "an epoch of `--cell peephole`, against Keras' LSTM"
    return [_compare("epoch-peephole", title, "peephole", "keras_epoch", "LSTM", reach=7)]


def compare_cifg() -> list[Comparison]:
    """Coupled gates, which Keras has no layer of, against its LSTM."""
    title = "an epoch of `--cell cifg`, against Keras' LSTM"
    return [_compare("epoch-cifg", title, "cifg", "keras_epoch", "LSTM", reach=7)]


def compare_gru() -> list[Comparison]:
    """Gated recurrent units against Keras' own."""
    title = "an epoch of `--cell gru`, against Keras' GRU"
    return [_compare("epoch-gru", title, "gru", "keras_epoch", "GRU", reach=8)]


def _compare(
    name: str,
    title: str,
    cell: str,
    *rival: str,
    reach: float,
    clock: tuple[str, ...] = (),
    meaning: Literal["speed", "cost"] = "speed",
) -> Comparison:
    with (
        start_worker("stockcast_epoch", cell, "native", *clock) as ours,
        start_worker(*rival) as theirs,
    ):
        figures = take_turns(
            name, {"ours": ours.run_epoch, "rival": theirs.run_epoch}, rounds=_ROUNDS
        )
    return Comparison(
        what=f"`{name}`: {title}",
        ours=figures["ours"],
        rival=figures["rival"],
        unit="s",
        meaning=meaning,
        reach=reach,
    )
