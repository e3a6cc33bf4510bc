"""Recipe + WindowedSeries ─▶ Model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

import stockcast
from stockcast.errors import TrainingDiverged
from stockcast.evaluation.conformal import Calibration, measure_scores
from stockcast.evaluation.skill import Skill, judge_forecasts
from stockcast.forecast.held_out import forecast_starts
from stockcast.model.model import Model, Provenance
from stockcast.prices.history import PriceHistory, combine_sha256, format_date
from stockcast.progress import Progress, Silent
from stockcast.recipe import Recipe
from stockcast.recurrent.network import Weights
from stockcast.training.steps import Trainer
from stockcast.windows.series import WindowedSeries, window_history

_MOST_SCORES = 2_000  # of calibration; older ones say little about tomorrow


@dataclass(frozen=True)
class Fit:
    """What a run of epochs came to.

    Attributes:
        weights: of the best epoch if there was a validation span, else of the last.
        epochs: epochs run.
        best_epoch: the epoch, from 1, that the weights are of.
    """

    weights: Weights
    epochs: int
    best_epoch: int


def train(history: PriceHistory, recipe: Recipe, *, progress: Progress | None = None) -> Model:
    """Train a model on one ticker's history.

    Raises:
        PriceError: the history cannot be used with this recipe.
        TrainingDiverged: the loss left the numbers.
    """
    return train_series(window_history(history, recipe), progress=progress)


def train_series(series: WindowedSeries, *, progress: Progress | None = None) -> Model:
    """Train a model on a windowed series and judge it on the test span.

    Raises:
        TrainingDiverged: the loss left the numbers.
    """
    fit = fit_weights(series, progress=progress or Silent())
    return Model(
        ticker=series.ticker,
        recipe=series.recipe,
        columns=series.columns,
        scalers=series.scalers,
        weights=fit.weights,
        provenance=Provenance(
            rows=series.spans.train_end,
            first_date=format_date(series.dates[0]),
            last_date=format_date(series.dates[series.spans.train_end - 1]),
            known_to=format_date(series.dates[series.spans.validation_end - 1]),
            data_sha256=combine_sha256(series.sources),
            epochs=fit.epochs,
            best_epoch=fit.best_epoch,
            versions={
                "stockcast": stockcast.__version__,
                **{name: version(name) for name in ("tensorflow", "keras", "numpy")},
            },
        ),
        skill=_judge(series, fit.weights),
        calibration=_calibrate(series, fit.weights),
    )


def fit_weights(series: WindowedSeries, *, progress: Progress) -> Fit:
    """Run the epochs; with patience, keep the weights of the best validation loss.

    Shuffling and dropout of an epoch follow from the seed and the epoch's number alone, so an
    epoch does the same whatever came before it.
    """
    recipe = series.recipe
    training, validation, _ = series.list_starts()
    trainer = Trainer(series)
    best = Fit(trainer.to_weights(), 0, 0)
    best_loss = math.inf
    epoch = 0
    progress.begin(f"train {series.ticker}", recipe.epochs)
    try:
        for epoch in range(1, recipe.epochs + 1):
            order = np.random.default_rng([recipe.seed, epoch]).permutation(training)
            figures = {"loss": trainer.run_epoch(order, epoch)}
            if len(validation):
                figures["val"] = trainer.measure_loss(validation)
            if not all(math.isfinite(loss) for loss in figures.values()):
                raise TrainingDiverged(
                    f"{series.ticker}: the loss is no longer a number in epoch {epoch}",
                    hint="try a smaller --learning-rate",
                )
            # Without a validation span every epoch counts as the best so far.
            if figures.get("val", -math.inf) < best_loss:
                best = Fit(trainer.to_weights(), epoch, epoch)
                best_loss = figures.get("val", math.inf)
            progress.advance(epoch, figures)
            if len(validation) and recipe.patience and epoch - best.best_epoch >= recipe.patience:
                break
    finally:
        progress.end()
    return Fit(best.weights, epoch, best.best_epoch)


def _judge(series: WindowedSeries, weights: Weights) -> Skill | None:
    """Judge the weights on the test span, at the farthest step ahead; None if there is none."""
    starts = series.list_starts()[2]
    if not len(starts):
        return None
    outlook = forecast_starts(series, weights, starts)
    horizon = series.recipe.horizon
    first = outlook.cutoffs[0] + horizon - 1  # row of the first price judged
    return judge_forecasts(
        outlook.actual[:, -1],
        outlook.forecast[:, -1],
        outlook.last_prices,
        step=horizon,
        earlier=series.prices[:first],
    )


def _calibrate(series: WindowedSeries, weights: Weights) -> Calibration | None:
    """Score the weights on the validation span; without one, on the test span."""
    _, validation, test = series.list_starts()
    starts = validation if len(validation) else test
    if not len(starts):
        return None
    outlook = forecast_starts(series, weights, starts)
    scores = measure_scores(
        outlook.actual, outlook.forecast, outlook.last_prices, outlook.volatility
    )
    scores = scores[np.isfinite(scores).all(axis=1)]
    return Calibration(scores[-_MOST_SCORES:].T.astype(np.float32)) if len(scores) else None
