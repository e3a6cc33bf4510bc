"""Pool ─▶ one Model of all its tickers, and how it did on each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stockcast.evaluation.panel_skill import PanelErrors
from stockcast.evaluation.skill import Skill, judge_forecasts
from stockcast.forecast.held_out import forecast_numbered, forecast_pool
from stockcast.forecast.outlook import Outlook
from stockcast.model.model import Model
from stockcast.networks.network import Weights
from stockcast.progress import Progress, Silent
from stockcast.training.checkpoint import Checkpoint
from stockcast.training.fit import MOST_SCORES, build_model, shrink_fit
from stockcast.training.loop import fit_weights
from stockcast.training.trainer import Trainer
from stockcast.windows.pool import Pool


@dataclass(frozen=True)
class PooledFit:
    """A pooled model, and how it did on the test span of each ticker.

    Attributes:
        model: its skill is over all tickers, with errors in shares of the last price.
        skills: by ticker, price units; None where a ticker has no bars in the test span.
    """

    model: Model
    skills: dict[str, Skill | None]


def train_pool(
    pool: Pool,
    *,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    start: Weights | None = None,
) -> PooledFit:
    """Train one model on all tickers of a pool and judge it on the test span of each.

    Args:
        pool: what to train on.
        progress: receives the losses of each epoch.
        checkpoint: where snapshots go, and what to go on from if one is there.
        start: weights to start from; default: the seed's.

    Raises:
        TrainingDiverged: the loss is no longer a finite number.
        ModelMismatch: `start` is of another network.
    """
    fit = fit_weights(
        Trainer(pool), progress=progress or Silent(), checkpoint=checkpoint, start=start
    )
    fit = shrink_fit(pool, fit)
    skill, skills = _judge(pool, fit.believed)
    known = _forecast_known(pool, fit.believed)
    model = build_model(pool, fit, skill=skill, known=known)
    return PooledFit(model, skills)


def _judge(pool: Pool, weights: Weights) -> tuple[Skill | None, dict[str, Skill | None]]:
    """Judge the weights on the test span, at the farthest step ahead: in all, and by ticker."""
    windows, horizon = pool.list_windows()[2], pool.recipe.horizon
    panel = PanelErrors()
    skills: dict[str, Skill | None] = dict.fromkeys(pool.tickers)
    for number, ticker in enumerate(pool.tickers):
        if not len(windows.list_of(number)):
            continue
        outlook = forecast_pool(pool, weights, windows, number)
        first = int(pool.first_rows[number])
        judged = outlook.cutoffs + horizon - 1  # the ticker's rows whose price is forecast
        parts = outlook.actual[:, -1], outlook.forecast[:, -1], outlook.last_prices
        skills[ticker] = judge_forecasts(
            *parts, step=horizon, earlier=pool.prices[first : first + int(judged[0])]
        )
        dates = pool.dates[first : int(pool.edges[number + 1])]
        panel.add(*parts, cutoffs=dates[outlook.cutoffs - 1], dates=dates[judged])
        pool.release()
    return panel.judge(), skills


def _forecast_known(pool: Pool, weights: Weights) -> Outlook | None:
    """Forecast on the validation span, or without one on the test span, in the order of dates.

    On as many windows as a model keeps scores of, evenly through all tickers and dates.
    """
    _, validation, test = pool.list_windows()
    windows = validation if len(validation) else test
    count = min(len(windows), MOST_SCORES)
    if not count:
        return None
    outlook = forecast_numbered(pool, weights, windows, np.arange(count) * len(windows) // count)
    return outlook.select(np.argsort(pool.dates[outlook.cutoffs - 1], kind="stable"))
