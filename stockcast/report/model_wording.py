"""What a model file is, in lines and rows: of one model, and of a folder of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stockcast.durations import format_duration
from stockcast.errors import Style, render_options
from stockcast.evaluation.skill import Skill
from stockcast.model.listing import StoredModel
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.recipe import PRESETS, Recipe

LISTED = ("model", "ticker", "trained to", "skill", "size", "age", "earlier")
"""What `list_stored` says of each model."""

_NAMED = 8  # of a pooled model's tickers


def list_lines(
    model: Model, *, size: int, sha256: str, style: Style = "python"
) -> list[tuple[str, str]]:
    """Say what a model file is: each line's label and text.

    Args:
        model: what it holds.
        size: of the file, bytes.
        sha256: of the file, as hex digits.
        style: how sentences name options.
    """
    recipe, provenance = model.recipe, model.provenance
    rows, epochs = count_of(provenance.rows, "row"), count_of(provenance.epochs, "epoch")
    lines = [
        ("tickers", _name_tickers(model)) if recipe.pooled else ("ticker", model.ticker),
        ("forecast", _describe_forecast(model)),
        *_describe_covariates(model),
        ("scaling", "\n".join(_describe_scaling(model))),
        (
            "window",
            f"{count_of(recipe.window, 'bar')}, answered with the next {recipe.target}, scaled",
        ),
        ("network", _describe_network(recipe)),
        ("recipe", describe_recipe(recipe)),
        (
            "trained",
            f"{rows}, {provenance.first_date} to {provenance.last_date}\n"
            f"{epochs}, the weights of epoch {provenance.best_epoch:,}; "
            f"engine {provenance.engine}",
        ),
        *_describe_path(model),
        ("verdict", render_options(model.verdict, style)),
    ]
    if model.skill is not None:
        lines.append(("held out", _describe_errors(model.skill, pooled=recipe.pooled)))
    if provenance.versions:
        lines.append(("versions", ", ".join(" ".join(one) for one in provenance.versions.items())))
    return [
        *lines,
        ("data", f"SHA-256 of the price files\n{provenance.data_sha256}"),
        ("file", f"{size:,} bytes, SHA-256\n{sha256}"),
    ]


def list_stored(models: Sequence[StoredModel]) -> list[tuple[str, ...]]:
    """Return a row a model of a folder, of what `LISTED` names."""
    return [_describe_stored(stored) for stored in models]


def describe_recipe(recipe: Recipe) -> str:
    """Name the nearest preset and what differs from it.

    Example:
        >>> describe_recipe(PRESETS["default"].model_copy(update={"window": 30}))
        'default with window 30'
    """
    fields = recipe.to_dict()
    differences = {
        name: {key: value for key, value in fields.items() if value != preset.to_dict()[key]}
        for name, preset in PRESETS.items()
    }
    name = min(differences, key=lambda name: len(differences[name]))
    parts = [f"{key} {_write(value)}" for key, value in differences[name].items()]
    return ", ".join([f"{name} with {parts[0]}", *parts[1:]]) if parts else name


def _describe_stored(stored: StoredModel) -> tuple[str, ...]:
    row = stored.to_dict()
    return (
        stored.path.name,
        stored.model.name if stored.model else "–",
        row["trained_to"] or "–",
        "–" if row["skill"] is None else f"{100 * row['skill']:+.1f} %",
        f"{stored.size / 1000:,.0f} kB",
        format_duration(max(0.0, stored.age)),
        str(stored.earlier),
    )


def _describe_forecast(model: Model) -> str:
    columns, horizon = model.columns, model.recipe.horizon
    names = (*columns.features, *columns.calendar)
    seen = "" if len(names) == 1 else f", from {', '.join(names)}"
    ahead = "next" if horizon == 1 else f"next {horizon}"
    return f"the {ahead} {columns.target}{_name_header(columns.header)}{seen}"


def _describe_covariates(model: Model) -> list[tuple[str, str]]:
    """Say which column of which other prices is seen, and the SHA-256 of their bars."""
    beside = [
        f"{one.name}: {one.column}{_name_header(one.header)}, "
        f"SHA-256 of its bars\n{one.rows_sha256}"
        for one in model.columns.covariates
    ]
    return [("covariates", "\n".join(beside))] if beside else []


def _name_header(header: str | None) -> str:
    return f" (column {header!r})" if header is not None else ""


def _describe_path(model: Model) -> list[tuple[str, str]]:
    """Say what the volatility follows, and how far the network's answers are believed."""
    if model.path is None:
        return []
    seen = "returns" if model.path.by_range is None else "ranges"
    market = ", and of all tickers" if model.path.by_market is not None else ""
    told = f"a heterogeneous autoregression on {seen} of a day to a year{market}"
    shrinkage = model.provenance.shrinkage
    if shrinkage is None:
        return [("how far", told)]
    believed = f"of the network's answers {_share(shrinkage.which_way)} is believed of which way"
    if model.columns.signals:
        believed += f", {_share(shrinkage.how_far)} of how far"
    return [("how far", f"{told}\n{believed}")]


def _share(factors: tuple[float, ...]) -> str:
    """Write the share of several steps ahead: `0 to 40 %`."""
    low, high = (f"{100 * factor:.0f}" for factor in (min(factors), max(factors)))
    return f"{low} %" if low == high else f"{low} to {high} %"


def _describe_network(recipe: Recipe) -> str:
    layers = count_of(recipe.layers, f"{recipe.cell} layer")
    return f"{layers} of {count_of(recipe.units, 'unit')}, dropout {recipe.dropout:g}"


def _describe_errors(skill: Skill, *, pooled: bool) -> str:
    """Say how wrong it was on held-out bars; a pooled model's errors are shares of the price."""
    rmse, last = (
        f"{100 * error:.4g} %" if pooled else f"{error:.4g}"
        for error in (skill.rmse, skill.last_price_rmse)
    )
    told = f"{count_of(skill.count, 'bar')}: RMSE {rmse}, repeating the last price {last}"
    if skill.is_last_price:
        return told
    return f"{told}; direction right {100 * skill.direction:.0f} %"


def _name_tickers(model: Model) -> str:
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


def _write(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)
