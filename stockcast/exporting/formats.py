"""One model, any format: a closed registry, found by the names of this room's modules."""

from __future__ import annotations

import difflib
import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from stockcast import exporting
from stockcast.errors import UsageError, option
from stockcast.exporting.protocol import ExportFormat

if TYPE_CHECKING:
    from stockcast.model.model import Model


def _find_formats() -> dict[str, ExportFormat]:
    found: list[ExportFormat] = [
        import_module(f"{exporting.__name__}.{module.name}").FORMAT
        for module in pkgutil.iter_modules(exporting.__path__)
        if module.name.endswith("_format")
    ]
    return {one.name: one for one in sorted(found, key=lambda one: one.place)}


FORMATS = _find_formats()
"""Every format by its name."""


def find_format(name: str) -> ExportFormat:
    """Return a format.

    Raises:
        UsageError: there is none of this name.

    Example:
        >>> find_format("npz").help
        "plain arrays under Keras' names."
    """
    if name not in FORMATS:
        near = difflib.get_close_matches(name.lower(), FORMATS, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(f"no format {name!r}", hint=f"{guess}there are {', '.join(FORMATS)}")
    return FORMATS[name]


def export_model(model: Model, to: str, *, with_scaling: bool = False) -> bytes:
    """Return the bytes of a file in another format: the same for the same model and libraries.

    Args:
        model: the model.
        to: a key of FORMATS.
        with_scaling: let the file take bars and give price and volatility; some formats alone.

    Raises:
        UsageError: no such format, or it cannot hold this model, or no scaling.
        MissingLibrary: the library that writes it is not installed.
    """
    form = find_format(to)
    if with_scaling:
        _check_scaling(form)
    form.check(model)
    return form.serialize(model, with_scaling=with_scaling)


def describe_interface(model: Model, to: str, *, with_scaling: bool) -> str:
    """Say in one line what the exported file takes and gives.

    Raises:
        UsageError: there is no such format.
    """
    return find_format(to).describe(model, with_scaling=with_scaling)


def _check_scaling(form: ExportFormat) -> None:
    asked = option("with_scaling", value=True)
    if form.takes_prices is None:
        raise UsageError(
            f"{asked} is not for {form.name}",
            hint="; ".join(
                f"{one.takes_prices} alone can take prices: {option('to', one.name)}"
                for one in FORMATS.values()
                if one.takes_prices
            ),
        )
