"""`stockcast backtest`: price CSVs ─▶ forecasts after each of many cutoffs, and what they prove."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from stockcast.cli.options.backtesting import (
    CheckLeakageOption,
    FoldsOption,
    ForecastsOption,
    FormOption,
    ModelsOption,
    OverallOption,
    RefitOption,
    ReportOption,
    StartOption,
    StepOption,
    SummaryOption,
    TrainedOption,
    TrainRowsOption,
    choose_rows,
    parse_cutoffs,
    parse_names,
)
from stockcast.cli.options.common import OutputOption, takes_common_options
from stockcast.cli.options.covariates import (
    CovariateAgeOption,
    CovariatesOption,
    list_covariate_files,
    parse_covariates,
)
from stockcast.cli.options.fleet import takes_fleet_options
from stockcast.cli.options.forecasting import MarketOption
from stockcast.cli.options.levels import LevelOption, QuantileOption, parse_levels, parse_quantiles
from stockcast.cli.options.reading import takes_read_options_beside_recipe
from stockcast.cli.options.recipes import takes_untested_recipe_fields
from stockcast.cli.output.backtest import BacktestWriter
from stockcast.cli.output.failures import Failures
from stockcast.cli.output.observer import StderrObserver
from stockcast.files import refuse_overwriting
from stockcast.fleet.executor import Executor
from stockcast.prices.csv.options import ReadOptions


@takes_fleet_options
@takes_read_options_beside_recipe
@takes_untested_recipe_fields
@takes_common_options
def backtest(
    prices: Annotated[
        list[str],
        typer.Argument(help="Price files, patterns, folders, or - for stdin.", metavar="PRICES"),
    ],
    models: ModelsOption = None,
    model: TrainedOption = None,
    forecasts: ForecastsOption = None,
    folds: FoldsOption = None,
    start: StartOption = None,
    step: StepOption = 1,
    refit: RefitOption = "never",
    train_rows: TrainRowsOption = None,
    level: LevelOption = None,
    quantile: QuantileOption = None,
    market: MarketOption = None,
    covariates: CovariatesOption = None,
    covariate_age: CovariateAgeOption = 5,
    summary: SummaryOption = False,
    overall: OverallOption = False,
    check_leakage: CheckLeakageOption = False,
    output: OutputOption = None,
    form: FormOption = "csv",
    report: ReportOption = None,
    *,
    overrides: dict[str, Any],
    reading: ReadOptions,
    executor: Executor,
) -> None:
    """Walk forward through price CSVs and compare models with the last price.

    From each cutoff, each model forecasts from the bars before it alone,
    beside what came true. Scalers, weights, early stopping and intervals
    see nothing later than the cutoff they are made at. Of many tickers each
    has its own cutoffs, and all of them are judged together.
    """
    levels = parse_levels(level)
    rows = choose_rows(summary=summary, overall=overall)
    cutoffs = parse_cutoffs(folds, start, step, refit, train_rows)
    from stockcast.workflows.backtesting import backtest as run
    from stockcast.workflows.sources import Sources, list_paths

    paths, beside = list_paths(prices), parse_covariates(covariates)
    for path in (*paths, *list_covariate_files(beside)):
        refuse_overwriting(path, output, report)
    for path in forecasts or ():
        refuse_overwriting(path, output, report, kind="forecasts")
    with BacktestWriter(rows, form, output) as writer:
        result = run(
            Sources(paths, reading),
            parse_names(models),
            model=model or (),
            forecasts=forecasts or (),
            cutoffs=cutoffs,
            levels=levels,
            quantiles=parse_quantiles(quantile),
            summary=summary,
            overall=overall,
            check_leakage=check_leakage,
            overrides=overrides,
            executor=executor,
            report=report,
            market=market,
            covariates=beside,
            covariate_age=covariate_age,
            on_forecasts=writer.take,
            observer=StderrObserver(),
        )
        writer.finish(result)
    failures = Failures()
    for one in result.failures:
        failures.add(one.error)
    failures.require_none(
        failures.count + result.panel.tickers, others="the others are in the figures"
    )
