"""Model files: what one is, which a folder holds, and the one before put back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stockcast.errors import Style, render_options
from stockcast.exporting.describe import list_layer_names
from stockcast.model.digest import load_hashed
from stockcast.model.metadata import Metadata
from stockcast.model.model import Model
from stockcast.model.pretrained import find_model_file
from stockcast.model.store import list_earlier, roll_back
from stockcast.progress import SILENT, Observer
from stockcast.workflows.events.general import Waiting
from stockcast.workflows.events.models import ModelRestored


@dataclass(frozen=True)
class LayerSummary:
    """A layer of a network.

    Attributes:
        name: as Keras calls it.
        inputs: numbers that it takes at each step.
        units: numbers that it gives.
        parameters: weights that were trained.
    """

    name: str
    inputs: int
    units: int
    parameters: int


@dataclass(frozen=True)
class ModelDescription:
    """What a model file is.

    Attributes:
        path: the file.
        model: what it holds.
        size: of the file, bytes.
        sha256: of the file, as hex digits.
        layers: bottom to top.
    """

    path: Path
    model: Model
    size: int
    sha256: str
    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """Weights of all layers together."""
        return sum(layer.parameters for layer in self.layers)

    def to_dict(self, style: Style = "python") -> dict[str, Any]:
        """Return all of it as plain values, as JSON has them.

        Args:
            style: how sentences name options.
        """
        return {
            "file": str(self.path),
            "bytes": self.size,
            "sha256": self.sha256,
            **Metadata.from_model(self.model).model_dump(mode="json"),
            "ticker": self.model.ticker or None,
            "verdict": render_options(self.model.verdict, style),
            "layers": [vars(layer) for layer in self.layers],
            "parameters": self.parameters,
        }


def describe_model(path: str | Path) -> ModelDescription:
    """Say what a model file is: what it was trained on, its layers, what it is worth.

    Raises:
        ModelNotFound: no such file.
        UntrustedModel: not a stockcast model, damaged, or not what its recipe implies.

    Example:
        >>> found = describe_model("models/GOOG.safetensors")
        >>> found.parameters, [layer.name for layer in found.layers]
        (1169, ['lstm', 'dense'])
    """
    path = Path(path)
    path = find_model_file(path)
    model, digest = load_hashed(path)
    return ModelDescription(path, model, path.stat().st_size, digest, tuple(_list_layers(model)))


def _list_layers(model: Model) -> list[LayerSummary]:
    weights = model.weights
    names = list_layer_names(weights.cell, len(weights.layers))
    layers = [
        LayerSummary(
            name,
            int(layer.kernel.shape[0]),
            layer.units,
            sum(array.size for array in vars(layer).values() if array is not None),
        )
        for name, layer in zip(names, weights.layers, strict=True)
    ]
    inputs, outputs = weights.head_kernel.shape
    head = LayerSummary(
        "dense", int(inputs), int(outputs), weights.head_kernel.size + weights.head_bias.size
    )
    return [*layers, head]


def rollback(path: str | Path, *, lock_wait: float = 0.0, observer: Observer = SILENT) -> Model:
    """Put the model before the present one back into its place, and return it.

    The one that was there stays as `undone.safetensors` among the earlier ones, until the next
    rollback.

    Args:
        path: the model's place.
        lock_wait: seconds to wait for another run that writes there.
        observer: receives events.

    Raises:
        ModelNotFound: there is no earlier model.
        UntrustedModel: the earlier model is damaged; nothing is changed.
        Locked: another run writes there.
        OutputError: it cannot be written.

    Example:
        >>> from stockcast import load_model, publish_model
        >>> publish_model(load_model("models/FB.safetensors"), "models/GOOG.safetensors")
        >>> rollback("models/GOOG.safetensors").ticker
        'GOOG'
    """
    restored = roll_back(path, wait=lock_wait, on_wait=lambda text: observer.notify(Waiting(text)))
    observer.notify(ModelRestored(Path(path), restored, len(list_earlier(path))))
    return restored
