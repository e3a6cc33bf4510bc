"""What a model file is, as a table on stderr; and the models of a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.figures import show_lines, tabulate

if TYPE_CHECKING:
    from rich.table import Table

    from stockcast.model.listing import StoredModel
    from stockcast.workflows.models import ModelDescription


def show_description(description: ModelDescription) -> None:
    """Print it; as JSON in one line."""
    from stockcast.report.model_wording import list_lines

    if console.is_quiet():
        return
    if console.is_json():
        console.say(str(description.path), description=description.to_dict("command-line"))
        return
    lines = list_lines(
        description.model,
        size=description.size,
        sha256=description.sha256,
        style="command-line",
    )
    show_lines(str(description.path), lines)
    console.get_console().print(_tabulate_layers(description))


def show_models(models: list[StoredModel]) -> None:
    """Print a row a model; as JSON a line each."""
    from stockcast.report.model_wording import LISTED, list_stored

    if console.is_quiet() or not models:
        return
    if console.is_json():
        for one in models:
            console.say(str(one.path), **one.to_dict("command-line"))
        return
    styles = ["red" if one.problem else "" for one in models]
    console.show(tabulate(LISTED, list_stored(models), names=3, styles=styles))


def _tabulate_layers(description: ModelDescription) -> Table:
    from rich import box
    from rich.table import Table

    layers = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=True)
    layers.add_column("layer", "in all")
    for label in ("inputs", "units"):
        layers.add_column(label, justify="right")
    layers.add_column("parameters", f"{description.parameters:,}", justify="right")
    for layer in description.layers:
        numbers = (f"{number:,}" for number in (layer.inputs, layer.units, layer.parameters))
        layers.add_row(layer.name, *numbers)
    return layers
