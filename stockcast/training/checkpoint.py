"""Training that was broken off goes on where it was, and ends in the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import safetensors
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors.numpy import save

import stockcast
from stockcast.files import replace_file
from stockcast.files.replace import explain_failure, follow_links
from stockcast.training.engine import Arrays, choose_engine, list_versions
from stockcast.windows.training_data import TrainingData

_METADATA_KEY = "stockcast-checkpoint"
_LARGEST_HEADER = 16 << 20  # bytes; a hundred thousand epochs' losses fit


class State(BaseModel):
    """Where training is, apart from its arrays.

    Shuffling and dropout follow from the seed and the epoch's number alone, so their state is
    the epoch.

    Attributes:
        epoch: epochs done.
        best_epoch: the one whose weights are the best so far; 0 before the first.
        best_loss: its validation loss, scaled units squared; None where it has none.
        losses: what each epoch reported, by name.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", allow_inf_nan=False, strict=True
    )

    epoch: int = Field(0, ge=0)
    best_epoch: int = Field(0, ge=0)
    best_loss: float | None = None
    losses: list[dict[str, float]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _check_epochs(self) -> State:
        if self.epoch != len(self.losses) or self.best_epoch > self.epoch:
            raise ValueError("its epochs do not add up")
        return self


@dataclass(frozen=True)
class Snapshot:
    """A moment between two epochs.

    Attributes:
        state: where training is.
        arrays: the network's variables and the optimizer's, by name, as `Trainer` names them.
        best: the best epoch's weights, as `Weights.to_arrays` names them.
    """

    state: State
    arrays: Arrays
    best: Arrays


class Checkpoint:
    """One file that holds the newest snapshot of one training.

    Args:
        path: of the file.
        key: of what is trained, from `identify_training`: another training's file is not used.
        every: epochs between two snapshots that are written.
        note: called with why a file that is there cannot be used.
    """

    def __init__(
        self, path: Path, key: str, *, every: int = 5, note: Callable[[str], None] = lambda _: None
    ) -> None:
        self.path = path
        self.every = every
        self.note = note
        self._key = key

    def load(self) -> Snapshot | None:
        """Read the newest snapshot of this training; None where there is none to go on from."""
        if not self.path.is_file():
            return None
        try:
            self._check_header()
            with safetensors.safe_open(self.path, framework="numpy") as file:
                document = json.loads((file.metadata() or {}).get(_METADATA_KEY, "{}"))
                if not isinstance(document, dict) or document.get("key") != self._key:
                    self.note(
                        f"{self.path} is not used: it is of other data, another recipe, "
                        "other versions or another start"
                    )
                    return None
                state = State.model_validate(document.get("state"))
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except ValidationError:
            self.note(f"{self.path} is not used: its state is damaged")
        except (
            OSError, safetensors.SafetensorError, ValueError, TypeError, RecursionError
        ) as error:  # fmt: skip
            self.note(f"{self.path} is not used: {error}")
        else:
            return Snapshot(state, _pick(arrays, "now."), _pick(arrays, "best."))
        return None

    def save(self, snapshot: Snapshot) -> None:
        """Write a snapshot, whole or not at all.

        Raises:
            OutputError: the file cannot be written.
        """
        arrays = {f"now.{name}": array for name, array in snapshot.arrays.items()}
        arrays |= {f"best.{name}": array for name, array in snapshot.best.items()}
        document = json.dumps({"key": self._key, "state": snapshot.state.model_dump()})
        # Not np.ascontiguousarray, which makes a number an array of one.
        contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
        with replace_file(self.path) as temporary:
            temporary.write_bytes(save(contiguous, metadata={_METADATA_KEY: document}))

    def remove(self) -> None:
        """Remove the file once the model is published; it is no error if there is none.

        Raises:
            OutputError: it cannot be removed.
        """
        remove_snapshot(self.path)

    def _check_header(self) -> None:
        with self.path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
        if size > _LARGEST_HEADER:
            raise ValueError(f"a header of {size} bytes is no snapshot's")


def identify_training(data: TrainingData, *, start: str = "") -> str:
    """Return a hash of all that a training's result follows from.

    Args:
        data: what is trained on, and its recipe.
        start: what the weights start from, where that is not the recipe's seed.
    """
    digest = hashlib.sha256()
    engine = choose_engine(data.recipe)
    versions = [stockcast.__version__, engine, list_versions(engine)]
    identity = data.identify()
    for array in identity.arrays:
        digest.update(np.ascontiguousarray(array).data.cast("B"))
    facts = [*identity.facts, start]
    digest.update(json.dumps([data.recipe.to_dict(), versions, facts]).encode())
    return digest.hexdigest()


def place_checkpoint(model: Path) -> Path:
    """Return where the checkpoint of a model file lies: hidden, beside it."""
    place = follow_links(model)
    return place.with_name(f".{place.name}.checkpoint")


def remove_snapshot(path: Path) -> None:
    """Remove a checkpoint's file; it is no error if there is none.

    Raises:
        OutputError: it cannot be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise explain_failure(path, error) from error


def _pick(arrays: Arrays, prefix: str) -> Arrays:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
