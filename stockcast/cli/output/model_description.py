"""What a model file is, as a table on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stockcast.cli.output import console
from stockcast.errors import render_options
from stockcast.evaluation.skill import describe_verdict
from stockcast.plurals import count_of

if TYPE_CHECKING:
    from rich.table import Table

    from stockcast.model.model import Model
    from stockcast.recipe import Recipe
    from stockcast.workflows.models import ModelDescription

_NAMED = 8  # of a pooled model's tickers


def show_description(description: ModelDescription) -> None:
    """Print it; as JSON in one line."""
    from rich.table import Table
    from rich.text import Text

    if console.is_quiet():
        return
    if console.is_json():
        console.say(str(description.path), description=description.to_dict("command-line"))
        return
    out = console.get_console()
    out.print(Text(str(description.path), style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for label, value in _list_lines(description):
        table.add_row(Text(label, style="dim"), Text(value))
    out.print(table)
    out.print(_tabulate_layers(description))


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


def _list_lines(description: ModelDescription) -> list[tuple[str, str]]:
    """Return each line's label and text."""
    model = description.model
    recipe, provenance = model.recipe, model.provenance
    epochs = count_of(provenance.epochs, "epoch")
    verdict = render_options(describe_verdict(model.skill), "command-line")
    lines = [
        ("tickers", _describe_tickers(model)) if recipe.pooled else ("ticker", model.ticker),
        ("forecast", _describe_forecast(model)),
        ("scaling", "\n".join(_describe_scaling(model))),
        ("window", f"{recipe.window} bars, answered with the next {recipe.target}, scaled"),
        ("network", _describe_network(recipe)),
        ("recipe", _describe_recipe(recipe)),
        (
            "trained",
            f"{provenance.rows:,} rows, {provenance.first_date} to {provenance.last_date}\n"
            f"{epochs}, the weights of epoch {provenance.best_epoch:,}",
        ),
        ("verdict", verdict),
    ]
    if model.skill is not None:
        lines.append(("held out", _describe_errors(model)))
    if provenance.versions:
        lines.append(("versions", ", ".join(" ".join(one) for one in provenance.versions.items())))
    return [
        *lines,
        ("data", f"SHA-256 of the price files\n{provenance.data_sha256}"),
        ("file", f"{description.size:,} bytes, SHA-256\n{description.sha256}"),
    ]


def _describe_forecast(model: Model) -> str:
    columns, horizon = model.columns, model.recipe.horizon
    header = f" (column {columns.header!r})" if columns.header is not None else ""
    seen = "" if len(columns.features) == 1 else f", from {', '.join(columns.features)}"
    ahead = "next" if horizon == 1 else f"next {horizon}"
    return f"the {ahead} {columns.target}{header}{seen}"


def _describe_network(recipe: Recipe) -> str:
    layers = f"{recipe.layers} {recipe.cell} {'layer' if recipe.layers == 1 else 'layers'}"
    return f"{layers} of {count_of(recipe.units, 'unit')}, dropout {recipe.dropout:g}"


def _describe_errors(model: Model) -> str:
    """Say how wrong it was on held-out bars; a pooled model's errors are shares of the price."""
    skill = model.skill
    if skill is None:
        return ""
    rmse, last = (
        f"{100 * error:.4g} %" if model.recipe.pooled else f"{error:.4g}"
        for error in (skill.rmse, skill.last_price_rmse)
    )
    direction = f"direction right {100 * skill.direction:.0f} %"
    return f"{skill.count:,} bars: RMSE {rmse}, repeating the last price {last}; {direction}"


def _describe_tickers(model: Model) -> str:
    """Name the first of a pooled model's tickers."""
    names = model.provenance.tickers
    more = f", … ({len(names):,} in all)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _describe_scaling(model: Model) -> list[str]:
    """Say in words what each feature's numbers do to it."""
    target = model.columns.target
    return [
        scaler.describe(name, target=target)
        for name, scaler in zip(model.columns.features, model.scalers, strict=True)
    ]


def _describe_recipe(recipe: Recipe) -> str:
    """Name the nearest preset and what differs from it."""
    from stockcast.recipe import PRESETS

    fields = recipe.to_dict()
    differences = {
        name: {key: value for key, value in fields.items() if value != preset.to_dict()[key]}
        for name, preset in PRESETS.items()
    }
    name = min(differences, key=lambda name: len(differences[name]))
    parts = [f"{key} {_write(value)}" for key, value in differences[name].items()]
    return ", ".join([f"{name} with {parts[0]}", *parts[1:]]) if parts else name


def _write(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)
