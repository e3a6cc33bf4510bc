"""`stockcast train`: price CSV ─▶ model file, and the verdict."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from stockcast.cli.console import TrainingProgress
from stockcast.cli.options import (
    RECIPE_PANEL,
    ColumnOption,
    Debug,
    FeaturesOption,
    Quiet,
    RecipeOption,
    TargetOption,
    TestOption,
    ValidationOption,
    Verbose,
    WindowOption,
    collect_overrides,
    model_path_for,
    option,
)
from stockcast.cli.output import write_text
from stockcast.cli.reading import takes_read_options
from stockcast.cli.summary import describe_verdict, report_reading, report_series, report_skill
from stockcast.prices.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.windows.series import WindowedSeries


@takes_read_options
def train(
    prices: Annotated[
        str, typer.Argument(help="A CSV file, a prepared folder, or - for stdin.", metavar="PRICES")
    ],
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            help="Model file to write. Default: models/<file's stem>.safetensors",
            metavar="MODEL",
        ),
    ] = None,
    form: Annotated[
        Literal["path", "json"],
        option("--format", help="Print the model's path, or all figures as JSON."),
    ] = "path",
    recipe: RecipeOption = None,
    column: ColumnOption = None,
    features: FeaturesOption = None,
    target: TargetOption = None,
    window: WindowOption = None,
    layers: Annotated[
        int | None, option("--layers", help="Recurrent layers.", rich_help_panel=RECIPE_PANEL)
    ] = None,
    units: Annotated[
        int | None, option("--units", help="Units in each layer.", rich_help_panel=RECIPE_PANEL)
    ] = None,
    dropout: Annotated[
        float | None,
        option(
            "--dropout",
            help="Share of a layer's outputs set to zero while training.",
            rich_help_panel=RECIPE_PANEL,
        ),
    ] = None,
    epochs: Annotated[
        int | None, option("--epochs", help="Epochs at most.", rich_help_panel=RECIPE_PANEL)
    ] = None,
    batch_size: Annotated[
        int | None,
        option("--batch-size", help="Windows a step.", rich_help_panel=RECIPE_PANEL),
    ] = None,
    learning_rate: Annotated[
        float | None,
        option("--learning-rate", help="Adam's step size.", rich_help_panel=RECIPE_PANEL),
    ] = None,
    patience: Annotated[
        int | None,
        option(
            "--patience",
            help="Epochs without a better validation loss before stopping; 0: never stop.",
            rich_help_panel=RECIPE_PANEL,
        ),
    ] = None,
    validation: ValidationOption = None,
    test: TestOption = None,
    seed: Annotated[
        int | None,
        option("--seed", help="Where randomness comes from.", rich_help_panel=RECIPE_PANEL),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
    *,
    reading: ReadOptions,
) -> None:
    """Train the four-layer LSTM on a price CSV and say what it is worth.

    Writes one model file and prints its path. The verdict compares the
    model with simply repeating the last price, on the newest rows, which
    training never saw.
    """
    overrides = collect_overrides(
        column=column,
        features=features,
        target=target,
        window=window,
        layers=layers,
        units=units,
        dropout=dropout,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        patience=patience,
        validation=validation,
        test=test,
        seed=seed,
    )
    began = time.monotonic()
    series = _load_series(prices, reading, recipe, overrides)
    path = output or model_path_for(prices)
    report_series(series)

    # TensorFlow takes seconds to import, so what can fail early comes before these lines.
    from stockcast.model.file import save_model
    from stockcast.training.fit import train_series

    model = train_series(series, progress=TrainingProgress())
    save_model(model, path)
    report_skill(model, series)
    if form == "path":
        write_text(f"{path}\n")
        return
    skill = model.skill
    result = {
        "model": str(path),
        "ticker": model.ticker,
        "rows": len(series.dates),
        "epochs": model.provenance.epochs,
        "best_epoch": model.provenance.best_epoch,
        "seconds": round(time.monotonic() - began, 3),
        "rmse": skill and skill.rmse,
        "mae": skill and skill.mae,
        "last_price_rmse": skill and skill.last_price_rmse,
        "last_price_mae": skill and skill.last_price_mae,
        "skill": skill and skill.skill,
        "direction": skill and skill.direction,
        "verdict": describe_verdict(skill),
    }
    write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def _load_series(
    prices: str,
    reading: ReadOptions,
    recipe: str | None,
    overrides: dict[str, Any],
) -> WindowedSeries:
    """Read a prepared folder, or read and window a CSV."""
    if Path(prices).is_dir():
        from stockcast.windows.prepared import read_prepared

        return read_prepared(
            Path(prices), ticker=reading.ticker, recipe=recipe, overrides=overrides
        )
    from stockcast.prices.reader import choose_one, read_prices
    from stockcast.recipe import load_recipe
    from stockcast.windows.series import window_history

    chosen = load_recipe(recipe or "default", overrides)
    history = choose_one(read_prices([prices], reading))
    report_reading(history, scan=True)
    return window_history(history, chosen)
