"""Recipe + WindowedSeries ─▶ Model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import stockcast
from stockcast.evaluation.conformal import Calibration, measure_residuals
from stockcast.evaluation.shrinkage import find_shrinkage
from stockcast.evaluation.skill import Skill, judge_forecasts
from stockcast.evaluation.volatility_skill import (
    FEWEST,
    YARDSTICKS,
    SpreadForecasts,
    VolatilitySkill,
    judge_volatility,
    list_yardsticks,
)
from stockcast.forecast.held_out import forecast_starts
from stockcast.forecast.outlook import Outlook, join_outlooks
from stockcast.model.model import Model, Provenance
from stockcast.networks.heads import HEADS
from stockcast.networks.network import Weights, run_network
from stockcast.prices.history import (
    PriceHistory,
    combine_sha256,
    format_date,
)
from stockcast.progress import Progress, Silent
from stockcast.recipe import Recipe
from stockcast.training.checkpoint import Checkpoint
from stockcast.training.engine import list_versions
from stockcast.training.loop import Fit, fit_weights
from stockcast.training.trainer import OnStep, Trainer, ignore_step
from stockcast.windows.har import sum_variances
from stockcast.windows.series import WindowedSeries, window_history
from stockcast.windows.training_data import TrainingData

MOST_SCORES = 2_000  # of calibration; older ones say little about tomorrow
_MOST_SEEN = 20_000  # validation windows that say how far a network is believed
_SEEN = 512  # of them drawn at a time, so that memory stays small


def train(
    history: PriceHistory,
    recipe: Recipe,
    *,
    progress: Progress | None = None,
    on_step: OnStep = ignore_step,
) -> Model:
    """Train a model on one ticker's history; see `train_series`.

    Raises:
        PriceError: the history cannot be used with this recipe.
        TrainingDiverged: the loss is no longer a finite number.
    """
    return train_series(window_history(history, recipe), progress=progress, on_step=on_step)


def train_series(
    series: WindowedSeries,
    *,
    progress: Progress | None = None,
    checkpoint: Checkpoint | None = None,
    start: Weights | None = None,
    on_step: OnStep = ignore_step,
    yardsticks: tuple[str, ...] = YARDSTICKS,
) -> Model:
    """Train a model on a windowed series and judge it on the test span.

    Args:
        series: what to train on.
        progress: receives the losses of each epoch.
        checkpoint: where snapshots go, and what to go on from if one is there.
        start: weights to start from; default: the seed's.
        on_step: called every few steps; it may raise to give the training up.
        yardsticks: what its volatility is held against; empty: it is not judged.

    Raises:
        TrainingDiverged: the loss is no longer a finite number.
        ModelMismatch: `start` is of another network.
    """
    trainer = Trainer(series, on_step=on_step)
    fit = fit_weights(trainer, progress=progress or Silent(), checkpoint=checkpoint, start=start)
    fit = shrink_fit(series, fit)
    _, validation, test = series.list_starts()
    known, judged = (
        forecast_starts(series, fit.believed, starts) if len(starts) else None
        for starts in (validation, test)
    )
    return build_model(
        series,
        fit,
        skill=None if judged is None else _judge(series, judged),
        known=known or judged,
        how_far=_judge_volatility(series, known, judged, yardsticks),
    )


def build_model(
    data: TrainingData,
    fit: Fit,
    *,
    skill: Skill | None,
    known: Outlook | None,
    how_far: VolatilitySkill | None = None,
) -> Model:
    """Build the model that a run of epochs came to.

    Args:
        data: what it was trained on.
        fit: its weights and epochs.
        skill: how it did on the test span; None if there is none.
        known: what it forecasts on the validation span, or without one on the test span, in time
            order; intervals are calibrated on it. None if nothing was held out.
        how_far: how its volatility did on the test span; None if it was not judged.
    """
    span = data.describe_training()
    return Model(
        ticker=data.ticker,
        recipe=data.recipe,
        columns=data.columns,
        scalers=data.scalers,
        path=data.path,
        how_far=how_far,
        weights=fit.weights,
        provenance=Provenance(
            rows=span.rows,
            first_date=format_date(span.first_date),
            last_date=format_date(span.last_date),
            known_to=format_date(span.known_to),
            data_sha256=combine_sha256(data.sources),
            rows_sha256=data.rows_sha256,
            epochs=fit.epochs,
            best_epoch=fit.best_epoch,
            versions={"stockcast": stockcast.__version__, **list_versions(fit.engine)},
            engine=fit.engine,
            tickers=span.tickers,
            shrinkage=fit.shrinkage,
        ),
        skill=skill,
        calibration=None if known is None else _calibrate(known),
    )


def shrink_fit(data: TrainingData, fit: Fit) -> Fit:
    """Believe a network's answers as far as the validation span bears them out.

    What it says of a change is multiplied by what is left of it once chance is allowed for.
    Without a validation span it is taken at its word, and so is a network that answers with prices.
    """
    count = data.count_windows()[1]
    head = HEADS[data.recipe.scored_by]
    if not data.recipe.is_shrunk or not count:
        return fit
    numbers = np.arange(min(count, _MOST_SEEN)) * count // min(count, _MOST_SEEN)
    outputs, targets = [], []
    for first in range(0, len(numbers), _SEEN):
        windows, wanted = data.draw("validation", numbers[first : first + _SEEN])
        outputs.append(run_network(windows, fit.weights))
        targets.append(wanted)
    shrinkage = find_shrinkage(
        head,
        np.concatenate(outputs),
        np.concatenate(targets).astype(np.float64),
        data.date_targets("validation", numbers),
    )
    return replace(fit, shrinkage=shrinkage)


def _judge(series: WindowedSeries, outlook: Outlook) -> Skill:
    """Judge what is forecast on the test span, at the farthest step ahead."""
    horizon = series.recipe.horizon
    first = outlook.cutoffs[0] + horizon - 1  # row of the first price judged
    return judge_forecasts(
        outlook.actual[:, -1],
        outlook.forecast[:, -1],
        outlook.last_prices,
        step=horizon,
        earlier=series.prices[:first],
    )


def _judge_volatility(
    series: WindowedSeries,
    known: Outlook | None,
    judged: Outlook | None,
    yardsticks: tuple[str, ...],
) -> VolatilitySkill | None:
    """Judge the volatility on the test span, at the farthest step ahead.

    All are calibrated on the validation span, and go on from there.
    """
    step = series.recipe.horizon
    if series.path is None or known is None or judged is None or not yardsticks:
        return None
    if len(known.cutoffs) - step + 1 < FEWEST:
        return None
    outlook = join_outlooks([known, judged])
    last, rows = outlook.last_prices, outlook.cutoffs
    found = {"model": (outlook.forecast[:, -1], outlook.volatility[:, -1])}
    of_path = series.volatility[rows - 1, -1]
    if not np.array_equal(of_path, outlook.volatility[:, -1]):
        found["path"] = (last, of_path)
    others = list_yardsticks(series.prices, rows, horizon=step, names=yardsticks)
    found |= {name: (last, deviations) for name, deviations in others.items()}
    variances = sum_variances(series.variances, step)[rows - 1]
    forecasts = SpreadForecasts(outlook.actual[:, -1], last, variances, step, len(known.cutoffs))
    return judge_volatility(forecasts, found)


def _calibrate(known: Outlook) -> Calibration | None:
    """Keep the residuals of forecasts in time order, of the newest alone if there are many."""
    found = measure_residuals(known.actual, known.forecast, known.last_prices, known.volatility)
    found = found[np.isfinite(found).all(axis=1)]
    return Calibration(found[-MOST_SCORES:].T.astype(np.float32)) if len(found) else None
