"""`stockcast score`: what recorded forecasts were worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockcast.cli.options.common import (
    ChartOption,
    Debug,
    Quiet,
    ReportFormatOption,
    Verbose,
    option,
)
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output import console
from stockcast.cli.output.scores import (
    describe_score,
    list_score_columns,
    report_counts,
    report_joined,
    show_scores,
)
from stockcast.cli.output.tables import choose_format, write_table
from stockcast.errors import BelowStandard, UsageError
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.ledger.entry import Levels
    from stockcast.ledger.score import Score

_JUDGED, _FEWEST = 250, 20  # newest forecasts that --fail-… looks at, and the fewest it judges


@takes_read_options
def score(
    ledger: Annotated[
        Path, typer.Argument(help="What predict --ledger wrote.", metavar="FORECASTS")
    ],
    prices: Annotated[
        list[str], typer.Argument(help="CSV files, or - for stdin.", metavar="PRICES")
    ],
    chart: ChartOption = None,
    form: ReportFormatOption = None,
    fail_below_skill: Annotated[
        float | None,
        option(
            "--fail-below-skill",
            help="Exit 6 if a ticker's newest 250 forecasts have less skill.",
            metavar="SKILL",
        ),
    ] = None,
    fail_coverage: Annotated[
        float | None,
        option(
            "--fail-coverage",
            help="Exit 6 if an interval covers fewer of the newest 250 prices than its level "
            "says, by more than so many percentage points.",
            min=0,
            metavar="POINTS",
        ),
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
    *,
    reading: ReadOptions,
) -> None:
    """Hold the forecasts that predict --ledger recorded against what came true.

    For all of them and for the newest 250 and 20 of each ticker: the error
    beside repeating the last price, how often the intervals held, and whether
    the forecasts have become worse. Needs no TensorFlow.
    """
    if chart is not None:
        from stockcast.report.chart import check_chart_name

        check_chart_name(chart)

    from stockcast.ledger.file import read_ledger
    from stockcast.ledger.join import join_actuals
    from stockcast.ledger.score import score_joined
    from stockcast.prices.csv.reader import read_prices

    recorded = read_ledger(ledger)
    if fail_coverage is not None and not recorded.levels:
        raise UsageError(f"--fail-coverage: the forecasts in {ledger} have no intervals")
    if recorded.torn:
        console.warn(f"{ledger} ends in a torn row, which is left out")
    joined = join_actuals(recorded, read_prices(prices, reading))
    scores = score_joined(joined)
    report_counts(joined)
    for one in joined:
        report_joined(one)
    data = choose_format(form)
    if data is None:
        show_scores(scores, recorded.levels)
    else:
        rows = [describe_score(one, recorded.levels) for one in scores]
        write_table(rows, data, columns=list_score_columns(recorded.levels))
    if chart is not None:
        from stockcast.report.score_chart import draw_scores

        draw_scores(joined, recorded.levels, chart)
    _require(scores, recorded.levels, fail_below_skill, fail_coverage)


def _require(
    scores: list[Score], levels: Levels, fail_below_skill: float | None, fail_coverage: float | None
) -> None:
    """Raise if a ticker's newest forecasts are below what was asked.

    Raises:
        BelowStandard: they are; the message has the first.
    """
    for one in scores:
        if one.ticker is None or one.span != _JUDGED or one.scored < _FEWEST:
            continue
        what = f"{one.ticker}, newest {one.scored} forecasts"
        if fail_below_skill is not None and one.skill is not None and one.skill < fail_below_skill:
            raise BelowStandard(
                f"{what}: skill is {one.skill:.4f}, and --fail-below-skill is {fail_below_skill:g}"
            )
        for level, share in zip(levels, one.coverage, strict=True):
            if fail_coverage is not None and level - 100 * (share or 0.0) > fail_coverage:
                raise BelowStandard(
                    f"{what}: the {level:g} % intervals held {100 * (share or 0.0):.1f} % of the "
                    f"prices, and --fail-coverage is {fail_coverage:g}"
                )
