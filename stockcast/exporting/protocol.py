"""What an export format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stockcast.model.model import Model


class Describe(Protocol):
    """Says in one line what an exported file takes and gives."""

    def __call__(self, model: Model, *, with_scaling: bool) -> str:
        """Return the line."""
        ...


class Serialize(Protocol):
    """Returns the bytes of a file: the same for the same model and libraries.

    Raises:
        MissingLibrary: what writes it is not installed.
        UsageError: the format cannot hold this model.
    """

    def __call__(self, model: Model, *, with_scaling: bool) -> bytes:
        """Return the bytes."""
        ...


@dataclass(frozen=True)
class ExportFormat:
    """A format that models are written in; its name is the suffix of its files as well.

    A module of this room whose name ends in `_format` has one as FORMAT, and loads its library
    only when a model is written: help texts name all formats.

    Attributes:
        name: such as `onnx`.
        place: where lists have it, ascending.
        help: what the help text of `export` says of it.
        describe: says what a file takes and gives.
        serialize: writes one.
        check: refuses a model that the format cannot hold, before any library is loaded.
        takes_prices: what of this format can take bars and give price and volatility, such as
            `an ONNX graph`; None: it takes scaled windows alone.
        opener: the program that opens files of this suffix alone; None: any suffix will do.
    """

    name: str
    place: int
    help: str
    describe: Describe
    serialize: Serialize
    check: Callable[[Model], None] = lambda _: None
    takes_prices: str | None = None
    opener: str | None = None
