"""What models and recorded forecasts are worth beside the last price, in sentences and rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stockcast.evaluation.skill import Skill, count_sides
from stockcast.evaluation.volatility_skill import LEVELS, TITLES, VolatilitySkill
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.history import format_date
from stockcast.report.tail_wording import list_tail_cells, list_tail_titles
from stockcast.report.wording import format_beside
from stockcast.windows.series import WindowedSeries

if TYPE_CHECKING:  # a forecast needs no ledger
    from stockcast.ledger.score import Score

VOLATILITY_TITLES = (
    "",
    "QLIKE",
    *(f"{100 * level:.0f} % score" for level in LEVELS),
    *(f"in {100 * level:.0f} %" for level in LEVELS),
)
"""What `list_volatilities` says of each volatility."""

ERROR_TITLES = ("", "RMSE", "MAE", "direction right")
"""What `list_errors` says of a model and of the last price."""


def describe_epochs(model: Model) -> str:
    """Say how many epochs were run and which one's weights were kept."""
    provenance = model.provenance
    epochs = count_of(provenance.epochs, "epoch")
    return f"trained {epochs}, kept the weights of epoch {provenance.best_epoch}"


def describe_held_out(skill: Skill, series: WindowedSeries) -> str:
    """Say on which bars a model was judged."""
    first, last = series.dates[series.spans.validation_end], series.dates[-1]
    bars = count_of(skill.count, "bar")
    return f"held out: {bars}, {format_date(first)} to {format_date(last)}, one step ahead"


def describe_held_out_pool(skill: Skill, judged: Sequence[Skill]) -> str:
    """Say on how much a pooled model was judged.

    Args:
        skill: the model's.
        judged: its skill on each ticker that has one.
    """
    bars, tickers = count_of(skill.count, "bar"), count_of(len(judged), "ticker")
    return f"held out: {bars} of {tickers}; errors in shares of the last price"


def find_judged(skills: Iterable[Skill | None]) -> list[Skill]:
    """Return those of a pooled model's skills on tickers that there is something to say of."""
    return [skill for skill in skills if skill is not None and skill.skill is not None]


def list_errors(skill: Skill, *, pooled: bool) -> list[tuple[str, ...]]:
    """Return the errors of a model, and of the last price, a row each.

    Args:
        skill: the model's.
        pooled: whether they are shares of the price, not prices.
    """

    def write(error: float) -> str:
        if pooled:
            return f"{100 * error:.4g} %"
        return format_beside(error, skill.last_price_rmse)

    direction = "–" if skill.is_last_price else f"{100 * skill.direction:.0f} %"
    last = write(skill.last_price_rmse), write(skill.last_price_mae)
    return [
        ("this model", write(skill.rmse), write(skill.mae), direction),
        ("repeating the last price", *last, "–"),
    ]


def list_volatilities(skill: VolatilitySkill) -> list[tuple[str, ...]]:
    """Return how each volatility did, a row each: interval scores are shares of the last price."""
    return [
        (
            TITLES[one.name],
            "–" if one.qlike is None else f"{one.qlike:.3f}",
            *(f"{100 * score:.3f} %" for score in one.scores),
            *(f"{100 * share:.1f} %" for share in one.coverage),
        )
        for one in skill.scores
    ]


def describe_sides(judged: Sequence[Skill]) -> str:
    """Say on how many tickers a pooled model is better than the last price, and worse."""
    better, worse = count_sides(judged)
    return (
        f"of {count_of(len(judged), 'ticker')}: better than the last price on {better:,}, worse on "
        f"{worse:,}, no different on {len(judged) - better - worse:,} (after allowing for "
        f"{count_of(len(judged), 'comparison')})"
    )


def list_score_titles(levels: Sequence[float], *, with_steps: bool) -> list[str]:
    """Return the titles of `list_score_rows`."""
    steps = ["step"] if with_steps else []
    titles = ["ticker", *steps, "newest", "scored", "RMSE", "last price", "skill", "p"]
    return [*titles, *(f"in {level:g} %" for level in levels)]


def list_score_rows(scores: Sequence[Score], *, with_steps: bool) -> list[tuple[str, ...]]:
    """Return a row a score of recorded forecasts.

    Args:
        scores: of tickers, steps ahead and spans.
        with_steps: whether a row says its step.
    """
    return [
        (
            "all" if score.ticker is None else score.ticker,
            *([str(score.step)] if with_steps else []),
            "all" if score.span is None else str(score.span),
            f"{score.scored:,}",
            _write_price(score.rmse, score.last_price_rmse),
            _write_price(score.last_price_rmse, score.last_price_rmse),
            "–" if score.skill is None else f"{100 * score.skill:+.1f} %",
            _write_chance(score.p_value),
            *("–" if share is None else f"{100 * share:.1f} %" for share in score.coverage),
        )
        for score in scores
    ]


def list_spread_titles(scores: Sequence[Score]) -> list[str]:
    """Return the titles of `list_spread_rows`."""
    quantiles = [one.quantile for one in scores[0].tails]
    return ["ticker", "newest", "QLIKE", "RiskMetrics", "p", *list_tail_titles(quantiles)]


def list_spread_rows(scores: Sequence[Score]) -> list[tuple[str, ...]]:
    """Return a row a score whose forecasts said how far the price goes, beside RiskMetrics."""
    rows = []
    for score in scores:
        if score.spread is None:
            continue
        name = "all" if score.ticker is None else score.ticker
        rows.append(
            (
                name if score.step == 1 else f"{name}, step {score.step}",
                "all" if score.span is None else str(score.span),
                f"{score.spread.qlike:.3f}",
                f"{score.spread.ewma_qlike:.3f}",
                _write_chance(score.spread.p_value),
                *list_tail_cells(score.tails),
            )
        )
    return rows


def _write_price(value: float | None, reference: float | None) -> str:
    return "–" if value is None else format_beside(value, reference or 0.0)


def _write_chance(p_value: float | None) -> str:
    if p_value is None:
        return "–"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"
