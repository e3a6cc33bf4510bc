"""`stockcast show`: what a model file is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stockcast.cli.options.common import Debug, Quiet, TableOrJson, Verbose
from stockcast.cli.output import console
from stockcast.cli.output.tables import write_text
from stockcast.errors import render_options

if TYPE_CHECKING:
    from stockcast.model.model import Model
    from stockcast.recipe import Recipe

_NAMED = 8  # of a pooled model's tickers


def show(
    model: Annotated[Path, typer.Argument(help="Model file that train wrote.", metavar="MODEL")],
    form: TableOrJson = "table",
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Say what a model file is.

    What it was trained on, what it sees and forecasts, the numbers that
    scale, what it is worth, its layers and their parameters.
    """
    from stockcast.model.file import load_model

    trained = load_model(model)
    entry = _describe(trained, model)
    if form == "json":
        write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n")
    elif not console.quiet:
        _show(entry, trained)


def _describe(model: Model, path: Path) -> dict[str, Any]:
    """Return what --format json prints."""
    import hashlib

    from stockcast.model.metadata import Metadata
    from stockcast.workflows.events import describe_verdict

    content = path.read_bytes()
    layers = _describe_layers(model)
    return {
        "file": str(path),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **Metadata.from_model(model).model_dump(mode="json"),
        "ticker": model.ticker or None,
        "verdict": render_options(describe_verdict(model.skill), "command-line"),
        "layers": layers,
        "parameters": sum(layer["parameters"] for layer in layers),
    }


def _describe_layers(model: Model) -> list[dict[str, Any]]:
    from stockcast.exporting.describe import list_layer_names

    weights = model.weights
    names = list_layer_names(weights.cell, len(weights.layers))
    layers: list[dict[str, Any]] = [
        {
            "name": name,
            "inputs": int(layer.kernel.shape[0]),
            "units": layer.units,
            "parameters": sum(array.size for array in vars(layer).values() if array is not None),
        }
        for name, layer in zip(names, weights.layers, strict=True)
    ]
    head = weights.head_kernel.size + weights.head_bias.size
    dense = {"name": "dense", "inputs": layers[-1]["units"], "units": 1, "parameters": head}
    return [*layers, dense]


def _show(entry: dict[str, Any], model: Model) -> None:
    """Print it on stderr."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console.get_console()
    out.print(Text(entry["file"], style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for label, value in _list_lines(entry, model):
        table.add_row(Text(label, style="dim"), Text(value))
    out.print(table)
    layers = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_footer=True)
    layers.add_column("layer", "in all")
    for label in ("inputs", "units"):
        layers.add_column(label, justify="right")
    layers.add_column("parameters", f"{entry['parameters']:,}", justify="right")
    for layer in entry["layers"]:
        numbers = (f"{layer[key]:,}" for key in ("inputs", "units", "parameters"))
        layers.add_row(layer["name"], *numbers)
    out.print(layers)


def _list_lines(entry: dict[str, Any], model: Model) -> list[tuple[str, str]]:
    """Return each line's label and text."""
    recipe, columns, provenance = model.recipe, model.columns, model.provenance
    header = f" (column {columns.header!r})" if columns.header is not None else ""
    seen = "" if len(columns.features) == 1 else f", from {', '.join(columns.features)}"
    ahead = "next" if recipe.horizon == 1 else f"next {recipe.horizon}"
    lines = [
        ("tickers", _describe_tickers(model)) if model.recipe.pooled else ("ticker", model.ticker),
        ("forecast", f"the {ahead} {columns.target}{header}{seen}"),
        ("scaling", "\n".join(_describe_scaling(model))),
        ("window", f"{recipe.window} bars, answered with the next {recipe.target}, scaled"),
        (
            "network",
            f"{recipe.layers} {recipe.cell} {'layer' if recipe.layers == 1 else 'layers'} of "
            f"{recipe.units} units, dropout {recipe.dropout:g}",
        ),
        ("recipe", _describe_recipe(recipe)),
        (
            "trained",
            f"{provenance.rows:,} rows, {provenance.first_date} to {provenance.last_date}\n"
            f"{provenance.epochs:,} epochs, the weights of epoch {provenance.best_epoch:,}",
        ),
        ("verdict", entry["verdict"]),
    ]
    if (skill := model.skill) is not None:
        # A pooled model's errors are shares of the last price.
        rmse, last = (
            f"{100 * error:.4g} %" if recipe.pooled else f"{error:.4g}"
            for error in (skill.rmse, skill.last_price_rmse)
        )
        errors = f"RMSE {rmse}, repeating the last price {last}"
        direction = f"direction right {100 * skill.direction:.0f} %"
        lines.append(("held out", f"{skill.count:,} bars: {errors}; {direction}"))
    if provenance.versions:
        lines.append(("versions", ", ".join(" ".join(one) for one in provenance.versions.items())))
    return [
        *lines,
        ("data", f"SHA-256 of the price files\n{provenance.data_sha256}"),
        ("file", f"{entry['bytes']:,} bytes, SHA-256\n{entry['sha256']}"),
    ]


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
