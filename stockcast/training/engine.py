"""Engines: what computes a training's steps, and which of them a recipe runs on."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import option
from stockcast.imports import find_missing, require_extra
from stockcast.networks.network import Weights
from stockcast.recipe import EngineName, Recipe

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]


class TrainingEngine(ABC):
    """A network and its optimizer.

    Args:
        recipe: what the network is, and how it learns.
        features: inputs a timestep.
        weights: to begin with.

    Attributes:
        steps: that `run_steps` takes at most, so that it comes back soon.
    """

    steps: ClassVar[int]

    @abstractmethod
    def __init__(self, recipe: Recipe, features: int, weights: Weights) -> None: ...

    @abstractmethod
    def run_steps(self, windows: Floats, targets: Floats, *, seed: int, position: int) -> float:
        """Take one optimizer step a batch of windows, in their order.

        Args:
            windows: (n, window, features), as the network sees them.
            targets: (n, horizon), what it should answer.
            seed: of the epoch, below 2³⁰; dropout follows from it and from the place in the epoch.
            position: windows of the epoch before these, a multiple of the batch.

        Returns:
            the sum of the windows' losses, in the head's units.
        """

    @abstractmethod
    def answer(self, windows: Floats) -> Floats:
        """Answer windows without dropout: (n, window, inputs) ─▶ (n, outputs)."""

    @abstractmethod
    def to_weights(self) -> Weights:
        """Return a copy of the weights."""

    @abstractmethod
    def assign_weights(self, weights: Weights) -> None:
        """Set the network's weights, of the same shapes, and nothing of the optimizer's."""

    @abstractmethod
    def export_arrays(self) -> Arrays:
        """Return copies of all that the next step follows from, by name."""

    @abstractmethod
    def import_arrays(self, arrays: Arrays) -> None:
        """Set all of it to what `export_arrays` returned."""

    @abstractmethod
    def close(self) -> None:
        """Let go of memory, threads and graphs."""


class _Registered(NamedTuple):
    """Where an engine is, and what it needs.

    Attributes:
        module: that has it.
        name: of its class there.
        libraries: whose versions its results follow from.
    """

    module: str
    name: str
    libraries: tuple[str, ...]


ENGINES: dict[EngineName, _Registered] = {
    "native": _Registered("stockcast.training.native", "NativeEngine", ("llvmlite",)),
    "tensorflow": _Registered(
        "stockcast.training.tensorflow.engine", "TensorFlowEngine", ("tensorflow", "keras")
    ),
}


def choose_engine(recipe: Recipe) -> EngineName:
    """Return the engine that trains a recipe.

    `auto` is TensorFlow where it is installed and sees a GPU, else the native one.

    Raises:
        MissingLibrary: the recipe asks for TensorFlow, which is not installed.
    """
    if recipe.engine == "auto":
        return "tensorflow" if find_missing("tensorflow") is None and _sees_gpu() else "native"
    if recipe.engine == "tensorflow":
        require_extra(
            "tensorflow",
            option("engine", "tensorflow"),
            otherwise=f"or train without it: {option('engine', 'native')}",
        )
    return recipe.engine


def load_engine(name: EngineName) -> type[TrainingEngine]:
    """Import an engine; TensorFlow takes seconds."""
    registered = ENGINES[name]
    engine: type[TrainingEngine] = getattr(import_module(registered.module), registered.name)
    return engine


def list_versions(name: EngineName) -> dict[str, str]:
    """Return the versions of what a training's bytes follow from, by library."""
    return {library: version(library) for library in (*ENGINES[name].libraries, "numpy")}


def _sees_gpu() -> bool:
    """Whether TensorFlow sees a GPU; it is only asked where the system has one."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1") or not _has_device():
        return False
    has_gpu: bool = import_module("stockcast.training.tensorflow.runtime").HAS_GPU
    return has_gpu


def _has_device() -> bool:
    """Whether the system has a device that TensorFlow could use (CUDA, ROCm, Apple's Metal)."""
    return (
        any(Path(place).exists() for place in ("/dev/nvidiactl", "/dev/kfd"))
        or find_spec("tensorflow-plugins") is not None
    )
