"""Scoring: a ledger and prices ─▶ what the recorded forecasts were worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stockcast.errors import BelowStandard, LedgerError, UsageError, option
from stockcast.evaluation.value_at_risk import TailScore
from stockcast.files import refuse_overwriting
from stockcast.ledger.entry import LedgerColumns, Levels
from stockcast.ledger.file import Ledger, read_ledger
from stockcast.ledger.join import Joined, join_actuals
from stockcast.ledger.score import Score, measure_drift, score_joined
from stockcast.markup import render_table
from stockcast.plurals import count_of, join_names
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.progress import SILENT, Observer
from stockcast.report.wording import describe_ahead
from stockcast.workflows.events.forecasting import ForecastsScored
from stockcast.workflows.events.general import Note, Warned
from stockcast.workflows.sources import Prices, read_histories

if TYPE_CHECKING:
    import pandas as pd

_JUDGED, _FEWEST = 250, 20  # newest forecasts that a standard looks at, and the fewest it judges
_COLUMNS = (
    "ticker", "step", "span", "scored", "pending", "unmatched", "rmse", "last_price_rmse", "skill",
    "p_value", "drift",
)  # fmt: skip
_SPREAD_COLUMNS = ("qlike", "ewma_qlike", "how_far_p_value")


@dataclass(frozen=True)
class LedgerScores:
    """What the forecasts of a ledger were worth.

    Attributes:
        scores: of each ticker and step ahead, then of all tickers; all forecasts, the newest 250
            and the newest 20 of each.
        recorded_columns: what the ledger has of each forecast.
        joined: the forecasts of each ticker and step beside what came true.
        failure: the first ticker below the standard that was asked for; None if none is.
    """

    scores: tuple[Score, ...]
    recorded_columns: LedgerColumns
    joined: tuple[Joined, ...]
    failure: BelowStandard | None = None

    @property
    def levels(self) -> Levels:
        """Of the intervals, in per cent; empty if the forecasts have none."""
        return self.recorded_columns.levels

    @property
    def columns(self) -> list[str]:
        """The columns of the table."""
        tails = (one / 100 for one in self.recorded_columns.quantiles)
        return [
            *_COLUMNS,
            *(f"coverage_{level:g}" for level in self.levels),
            *(_SPREAD_COLUMNS if self.recorded_columns.has_volatility else ()),
            *(name for one in tails for name in TailScore.empty(one).to_row()),
        ]

    def list_rows(self) -> list[dict[str, Any]]:
        """Return a row a score; the ticker is None where it is all of them together."""
        return [_describe(score, self.recorded_columns) for score in self.scores]

    def to_frame(self) -> pd.DataFrame:
        """Return a row a score."""
        import pandas as pd

        return pd.DataFrame(self.list_rows(), columns=self.columns)

    def __repr__(self) -> str:
        return f"<LedgerScores: {count_of(len(self.scores), 'row')}>"

    def _repr_html_(self) -> str:
        return render_table(self.list_rows())


def _describe(score: Score, columns: LedgerColumns) -> dict[str, Any]:
    covered = zip(columns.levels, score.coverage, strict=True)
    spread = score.spread
    how_far = (None,) * 3 if spread is None else astuple(spread)
    tails = {name: value for one in score.tails for name, value in one.to_row().items()}
    return {
        "ticker": score.ticker,
        "step": score.step,
        "span": "all" if score.span is None else f"newest-{score.span}",
        "scored": score.scored,
        "pending": score.pending,
        "unmatched": score.unmatched,
        "rmse": score.rmse,
        "last_price_rmse": score.last_price_rmse,
        "skill": score.skill,
        "p_value": score.p_value,
        "drift": {None: None, True: "yes", False: "no"}[score.has_drifted],
        **{f"coverage_{level:g}": share for level, share in covered},
        **(dict(zip(_SPREAD_COLUMNS, how_far, strict=True)) if columns.has_volatility else {}),
        **{name: None if math.isnan(value) else value for name, value in tails.items()},
    }


def score(
    ledger: str | Path,
    prices: Prices,
    *,
    fail_below_skill: float | None = None,
    fail_coverage: float | None = None,
    chart: str | Path | None = None,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
) -> LedgerScores:
    """Hold recorded forecasts against what came true.

    Args:
        ledger: the CSV that `predict` with a ledger wrote.
        prices: histories, or price CSVs, patterns, folders.
        fail_below_skill: the least skill of a ticker's newest 250 forecasts; see `failure`.
        fail_coverage: percentage points by which intervals may cover fewer of the newest 250
            prices than their level says; see `failure`.
        chart: picture of the skill over time to write: .png, .svg or .pdf.
        reading: answers to what price files leave open.
        observer: receives events.

    Returns:
        the scores; a ticker below the standard is in `failure`, and not raised.

    Raises:
        LedgerError: the file is no ledger, or none of its tickers is among the prices.
        PriceError: the prices cannot be used.
        UsageError: `fail_coverage` of forecasts without intervals, or the chart is the ledger.

    Example:
        >>> from stockcast import predict
        >>> _ = predict("models/GOOG.safetensors", "sample_data/GOOG.csv", ledger="ledger.csv")
        >>> score("ledger.csv", "sample_data/*.csv").to_frame()[["ticker", "span", "pending"]]
          ticker        span  pending
        0   GOOG         all        1
        1   GOOG  newest-250        1
        2   GOOG   newest-20        1
    """
    if chart is not None:
        from stockcast.report.chart import check_chart_name  # loads matplotlib

        check_chart_name(Path(chart))
        refuse_overwriting(ledger, Path(chart), kind="ledger")
    recorded = read_ledger(ledger)
    if fail_coverage is not None and not recorded.levels:
        raise UsageError(f"{option('fail_coverage')}: the forecasts in {ledger} have no intervals")
    if recorded.torn:
        observer.notify(Warned(f"{ledger} ends in a torn row, which is left out"))
    histories = read_histories(prices, reading)
    _compare_tickers(recorded, [one.ticker for one in histories], ledger, observer)
    joined = join_actuals(recorded, histories)
    scores = score_joined(joined, [one / 100 for one in recorded.columns.quantiles])
    _report(joined, observer)
    if chart is not None:
        from stockcast.report.score_chart import draw_scores

        draw_scores(joined, recorded.levels, Path(chart))
    failure = _find_failure(scores, recorded.levels, fail_below_skill, fail_coverage)
    return LedgerScores(tuple(scores), recorded.columns, tuple(joined), failure)


def _compare_tickers(
    recorded: Ledger, given: Sequence[str], ledger: str | Path, observer: Observer
) -> None:
    """Tell which tickers have no prices.

    Raises:
        LedgerError: none of the ledger's has.
    """
    forecast = list(dict.fromkeys(one.ticker for one in recorded.entries))
    missing = [one for one in forecast if one not in given]
    if not missing:
        return
    names = join_names(missing)
    if len(missing) == len(forecast):
        raise LedgerError(
            f"{ledger} has forecasts of {names}, and the prices are of {join_names(given)}",
            hint="give the prices that were forecast; where no column says the ticker, the name of "
            f"the file does, such as {missing[0]}.csv",
        )
    observer.notify(Warned(f"no prices were given of {names}"))


def _report(all_joined: Sequence[Joined], observer: Observer) -> None:
    """Tell how many forecasts came true, what is odd in them, and whether they became worse."""
    pending = sum(joined.pending for joined in all_joined)
    observer.notify(ForecastsScored(sum(len(joined) for joined in all_joined), pending))
    for joined in all_joined:
        name = (
            joined.ticker if joined.step == 1 else f"{joined.ticker}, {describe_ahead(joined.step)}"
        )
        unmatched, late, adjusted = (
            count_of(number, "forecast")
            for number in (joined.unmatched, joined.late, joined.adjusted)
        )
        if joined.unmatched:
            observer.notify(Warned(f"{name}: {unmatched} from bars that the prices do not have"))
        if joined.late:
            observer.notify(Warned(f"{name}: {late} recorded when what came true was known"))
        if joined.adjusted:
            observer.notify(
                Note(f"{name}: {adjusted} from before the prices were adjusted, scaled back")
            )
        drift = measure_drift(joined)
        if drift is not None and drift.has_drifted:
            observer.notify(
                Warned(
                    f"{name}: the newest {drift.window} forecasts are worse than repeating the "
                    f"last price (fluctuation test: {drift.statistics[-1]:.2f}, chance alone "
                    f"stays above {-drift.critical:.2f})"
                )
            )


def _find_failure(
    scores: Sequence[Score],
    levels: Levels,
    fail_below_skill: float | None,
    fail_coverage: float | None,
) -> BelowStandard | None:
    """Return what to say of the first ticker whose newest forecasts are below what was asked."""
    for one in scores:
        if one.ticker is None or one.span != _JUDGED or one.scored < _FEWEST:
            continue
        what = f"{one.ticker}, newest {one.scored} forecasts"
        if fail_below_skill is not None and one.skill is not None and one.skill < fail_below_skill:
            return BelowStandard(
                f"{what}: skill is {one.skill:.4f}, and {option('fail_below_skill')} is "
                f"{fail_below_skill:g}"
            )
        for level, share in zip(levels, one.coverage, strict=True):
            if fail_coverage is not None and level - 100 * (share or 0.0) > fail_coverage:
                return BelowStandard(
                    f"{what}: the {level:g} % intervals held {100 * (share or 0.0):.1f} % of the "
                    f"prices, and {option('fail_coverage')} is {fail_coverage:g}"
                )
    return None
