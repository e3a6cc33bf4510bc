"""Exporting: a model ─▶ a file for another program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stockcast.errors import UsageError, option
from stockcast.exporting.formats import (
    FORMATS,
    describe_interface,
    export_model,
    find_format,
)
from stockcast.files import check_place, refuse_overwriting, replace_file
from stockcast.model.file import load_model
from stockcast.model.model import Model
from stockcast.progress import SILENT, Observer
from stockcast.workflows.events.models import ModelExported


@dataclass(frozen=True)
class ExportedModel:
    """A model in another program's format.

    Attributes:
        format: keras, onnx or npz.
        content: the bytes of the file: the same for the same model and libraries.
        interface: what it takes and gives, in a sentence.
        path: the file; None if none was written.
    """

    format: str
    content: bytes
    interface: str
    path: Path | None


def export(
    model: Model | str | Path,
    to: str | None = None,
    path: str | Path | None = None,
    *,
    with_scaling: bool = False,
    observer: Observer = SILENT,
) -> ExportedModel:
    """Write a model for other programs.

    `keras` has standard layers only, for the cells lstm and gru; `onnx` has every cell, float32;
    `npz` has plain arrays under Keras' names. Without `with_scaling` the network takes scaled
    windows (batch, window, features) and answers scaled (batch, horizon).

    Args:
        model: the model or its file.
        to: the format; None: what the suffix of `path` says.
        path: the file to write; None: the model's file with the suffix of the format, or no file
            if the model is none.
        with_scaling: let an ONNX graph take bars as they stand in the file, and give the price and
            the volatility that a forecast has, this in percent.
        observer: receives events.

    Raises:
        UsageError: the format is not known or cannot hold this model, or the path is the model's.
        MissingLibrary: `onnx` is not installed.
        ModelError: the model cannot be trusted.
        OutputError: the file cannot be written.

    Example:
        >>> export("models/GOOG.safetensors", "onnx").path
        PosixPath('models/GOOG.onnx')
    """
    home = None if isinstance(model, Model) else Path(model)
    form, place = resolve_format(home, to, None if path is None else Path(path))
    if place is not None:
        if home is not None:
            refuse_overwriting(home, place, kind="model")
        check_place(place)
    trained = model if isinstance(model, Model) else load_model(model)
    with observer.waiting(f"writing for {form}"):
        content = export_model(trained, form, with_scaling=with_scaling)
    if place is not None:
        with replace_file(place) as temporary:
            temporary.write_bytes(content)
    interface = describe_interface(trained, form, with_scaling=with_scaling)
    observer.notify(ModelExported(form, interface))
    return ExportedModel(form, content, interface, place)


def resolve_format(
    model: Path | None, to: str | None, path: Path | None
) -> tuple[str, Path | None]:
    """Return the format and the file, where one can be read off the other.

    Raises:
        UsageError: neither says the format, or the two contradict each other.
    """
    if path is None:
        if to is None:
            ways = " or ".join(option("to", name) for name in FORMATS)
            raise UsageError("export to what?", hint=f"pass {ways}")
        find_format(to)
        return to, None if model is None else model.with_suffix(f".{to}")
    suffix = path.suffix.lower()
    said = next((form for form in FORMATS if suffix == f".{form}"), None)
    form = to or said
    if form is None:
        raise UsageError(
            f"{path} does not say what to export to",
            hint=f"pass {option('to')}, or end it in .{', .'.join(FORMATS)}",
        )
    find_format(form)
    if said not in (None, form):
        raise UsageError(
            f"{option('to', form)} and {option('path', str(path))} contradict each other"
        )
    if (opener := FORMATS[form].opener) and said is None:
        raise UsageError(
            f"{option('path', str(path))}: {opener} opens only files that end in .{form}",
            hint=option("path", str(path.with_suffix(f".{form}"))),
        )
    return form, path
