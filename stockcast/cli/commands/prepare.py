"""`stockcast prepare`: price CSVs ─▶ a prepared folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from stockcast.cli.options.common import option, switch, takes_common_options
from stockcast.cli.options.covariates import (
    CovariateAgeOption,
    CovariatesOption,
    parse_covariates,
)
from stockcast.cli.options.reading import takes_read_options_beside_recipe
from stockcast.cli.options.recipes import RecipeOption, takes_shaping_fields
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import write_table
from stockcast.files.tables import TableFormat
from stockcast.prices.csv.options import ReadOptions


@takes_read_options_beside_recipe
@takes_shaping_fields
@takes_common_options
def prepare(
    prices: Annotated[
        list[str],
        typer.Argument(help="Price files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    output: Annotated[Path, option("--output", "-o", help="Folder to write.", metavar="DIR")],
    materialize: Annotated[
        bool, switch("--materialize", help="Also write X_train.npy, y_train.npy and their twins.")
    ] = False,
    form: Annotated[TableFormat, option("--format", help="How stdout is written.")] = "csv",
    recipe: RecipeOption = None,
    covariates: CovariatesOption = None,
    covariate_age: CovariateAgeOption = 5,
    *,
    overrides: dict[str, Any],
    reading: ReadOptions,
) -> None:
    """Turn price CSVs into scaled, windowed arrays that any program can open.

    The scaled series and the window index are .npy files that numpy.load
    opens with mmap_mode="r"; manifest.json has columns, dates, split points,
    scaler numbers, the recipe and the SHA-256 of each input. On stdout: one
    line a ticker.
    """
    from stockcast.workflows.preparing import prepare

    done = prepare(
        prices,
        output,
        recipe or "default",
        materialize=materialize,
        covariates=parse_covariates(covariates),
        covariate_age=covariate_age,
        reading=reading,
        observer=StderrObserver(),
        **overrides,
    )
    write_table((one.to_row() for one in done), form)
