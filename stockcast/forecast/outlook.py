"""What a model answers after each of a row of cutoffs, each from the bars before it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import ModelMismatch, TooShort, UsageError
from stockcast.model.model import Model
from stockcast.networks.network import Weights, run_network
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers, PriceHistory, format_date
from stockcast.windows.exogenous import compute_exogenous
from stockcast.windows.features import Columns, FeatureTable, compute_features, count_warmup
from stockcast.windows.model_inputs import ScaledWindows, scale_windows
from stockcast.windows.moves import REACH, measure_moves
from stockcast.windows.per_window import count_context, cut_contexts
from stockcast.windows.scaling import Scalers, scale_features
from stockcast.windows.signals import compute_signals
from stockcast.windows.volatility import SPAN, estimate_volatility
from stockcast.windows.windowing import Array

_BATCH = 512  # windows scaled at a time, so that a long span stays small


@dataclass(frozen=True)
class Outlook:
    """What a model answers after each of a row of cutoffs.

    Attributes:
        cutoffs: (n,) row number of the bar after the last one known.
        forecast: (n, horizon) price units.
        last_prices: (n,) the last price known.
        volatility: (n, horizon) standard deviation of the log return up to each step, known at the
            cutoff; (n, 1), of the next one, by a model that says no more.
        actual: (n, horizon) what came true; NaN where the history ends before.
    """

    cutoffs: NDArray[np.int64]
    forecast: Numbers
    last_prices: Numbers
    volatility: Numbers
    actual: Numbers

    def spread(self, horizon: int) -> Numbers:
        """Return the (n, horizon) standard deviation of the log return up to each step.

        Beyond the steps that the model says of, variance grows with time, as a random walk's does.
        """
        known = self.volatility.shape[1]
        steps = np.arange(1, horizon + 1)
        grown = np.sqrt(np.maximum(steps / known, 1.0))
        spread: Numbers = self.volatility[:, np.minimum(steps, known) - 1] * grown
        return spread

    def select(self, order: NDArray[np.int64]) -> Outlook:
        """Return some of the cutoffs, in an order."""
        return Outlook(
            self.cutoffs[order],
            self.forecast[order],
            self.last_prices[order],
            self.volatility[order],
            self.actual[order],
        )

    def cut_steps(self, horizon: int) -> Outlook:
        """Return the first `horizon` steps ahead alone."""
        return replace(
            self,
            forecast=self.forecast[:, :horizon],
            actual=self.actual[:, :horizon],
            volatility=self.volatility[:, :horizon],
        )


def join_outlooks(outlooks: Sequence[Outlook]) -> Outlook:
    """Put outlooks one after the other."""
    return Outlook(
        cutoffs=np.concatenate([part.cutoffs for part in outlooks]),
        forecast=np.concatenate([part.forecast for part in outlooks]),
        last_prices=np.concatenate([part.last_prices for part in outlooks]),
        volatility=np.concatenate([part.volatility for part in outlooks]),
        actual=np.concatenate([part.actual for part in outlooks]),
    )


@dataclass(frozen=True)
class Answers:
    """What a network answers to windows, in price units and beside the path.

    Attributes:
        forecast: (n, horizon) prices.
        log_ratios: (n, horizon) log of the scale over the path's; None where it says none.
    """

    forecast: Numbers
    log_ratios: Numbers | None

    @classmethod
    def from_outputs(
        cls, outputs: Numbers, weights: Weights, scaled: ScaledWindows, last_prices: Numbers
    ) -> Answers:
        """Take (n, outputs) of a network apart."""
        head = weights.head
        return cls(scaled.to_prices(head.locate(outputs), last_prices), head.widen(outputs))

    def widen(self, volatility: Numbers, *, believed: NDArray[np.bool_] | None = None) -> Numbers:
        """Return (n, horizon) deviations of the path as the network has them.

        Args:
            volatility: (n, horizon) of the path.
            believed: (n,) whether the network was trained on bars like these; default: it was.
        """
        if self.log_ratios is None:
            return volatility
        ratios = np.exp(self.log_ratios)
        if believed is not None:
            ratios = np.where(believed[:, None], ratios, 1.0)
        widened: Numbers = volatility * ratios
        return widened


@dataclass(frozen=True)
class ModelInputs:
    """What a model is prepared after each of a row of cutoffs.

    Attributes:
        model: the model.
        windows: (n, window, features) of the scaled series, or of a pooled model their contexts,
            (n, rows, features); a view.
        cutoffs: (n,) as in `Outlook`, and so are the others.
        last_prices: (n,)
        volatility: (n, horizon) or (n, 1), without what the network adds
        actual: (n, horizon)
        believed: (n,) whether the network was trained on bars like these: with ranges
    """

    model: Model
    windows: Array
    cutoffs: NDArray[np.int64]
    last_prices: Numbers
    volatility: Numbers
    actual: Numbers
    believed: NDArray[np.bool_]

    def with_answers(self, answers: Answers) -> Outlook:
        """Put what the model answers beside what was known."""
        return Outlook(
            self.cutoffs,
            answers.forecast,
            self.last_prices,
            answers.widen(self.volatility, believed=self.believed),
            self.actual,
        )


def forecast_at_cutoffs(model: Model, history: PriceHistory, cutoffs: NDArray[np.int64]) -> Outlook:
    """Forecast after each cutoff, each from the bars before it alone.

    Args:
        model: the model.
        history: the bars.
        cutoffs: (n,) row numbers, ascending; the bars before it are known.

    Raises:
        ModelMismatch: the history lacks a column of the model.
        TooShort: too few bars before the first cutoff for one window.
    """
    prepared = prepare_inputs(model, history, cutoffs)
    return prepared.with_answers(
        answer_windows(
            model.believed,
            model.scalers,
            prepared.windows,
            prepared.last_prices,
            model.columns,
            window=model.recipe.window,
        )
    )


def prepare_inputs(model: Model, history: PriceHistory, cutoffs: NDArray[np.int64]) -> ModelInputs:
    """Prepare all that `forecast_at_cutoffs` needs but the network's answers.

    Raises:
        ModelMismatch: the history lacks a column of the model.
        TooShort: too few bars before the first cutoff for one window.
    """
    require_before(model, history, int(cutoffs[0]))
    first, last = max(0, int(cutoffs[0]) - count_used(model)), int(cutoffs[-1])
    table, values = scale_bars(model, history, first, last)
    prices = history.columns[model.columns.target]
    horizon = model.recipe.horizon
    padded = np.concatenate([prices, np.full(horizon, np.nan)])
    span = last + 1 - int(cutoffs[0])
    rows = count_context(model.scalers, model.recipe.window)
    volatility, believed = _follow_path(model, history, int(cutoffs[0]) - 1, last)
    return ModelInputs(
        model=model,
        windows=cut_contexts(values, rows=rows, count=span)[cutoffs - cutoffs[0]],
        cutoffs=cutoffs,
        last_prices=table.prices[cutoffs - last - 1],
        volatility=volatility[cutoffs - cutoffs[0]],
        actual=padded[cutoffs[:, None] + np.arange(horizon)],
        believed=believed[cutoffs - cutoffs[0]],
    )


def _follow_path(
    model: Model, history: PriceHistory, first: int, last: int
) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the volatility known at bars first … last − 1, from those before alone.

    Returns:
        (last − first, steps), and (last − first,) whether bars are like those of the training.
    """
    count = last - first
    if model.path is not None:
        recent = history.select(np.arange(max(0, first - REACH), last))
        moves = measure_moves(recent, model.columns.target)
        believed = moves.has_range | (model.path.by_range is None)
        return model.path.forecast(moves)[-count:], believed[-count:]
    known = history.select(np.arange(max(0, first - SPAN), last))
    volatility = estimate_volatility(known, model.columns.target, newest=count)[:, None]
    return volatility, np.ones(count, dtype=np.bool_)


def answer_windows(
    weights: Weights,
    scalers: Scalers,
    windows: Array,
    last_prices: Numbers,
    columns: Columns,
    *,
    window: int,
) -> Answers:
    """Answer each window of a series.

    Args:
        weights: the network's.
        scalers: one a feature.
        windows: (n, window, inputs) of the scaled series, or with `PerWindow` scalers their
            contexts, (n, rows, inputs); a view is fine.
        last_prices: (n,) the price on each window's last row.
        columns: which input is the target.
        window: timesteps that the network sees.
    """
    parts = []
    for start in range(0, len(windows), _BATCH):
        part = slice(start, start + _BATCH)
        scaled = scale_windows(windows[part], scalers, columns.target_index, window=window)
        outputs = run_network(scaled.windows, weights)
        parts.append(Answers.from_outputs(outputs, weights, scaled, last_prices[part]))
    ratios = [one.log_ratios for one in parts if one.log_ratios is not None]
    return Answers(
        np.concatenate([one.forecast for one in parts]),
        np.concatenate(ratios) if ratios else None,
    )


def scale_bars(
    model: Model, history: PriceHistory, first: int, last: int
) -> tuple[FeatureTable, Array]:
    """Return what the network sees of bars first … last − 1: unscaled, and scaled float32.

    Other bars play no part, so that a forecast costs what its window costs.

    Raises:
        ModelMismatch: the history lacks a column of the model, or a covariate.
        CovariateGap: a covariate is not known at one of them, or too old.
    """
    if missing := [name for name in model.columns.features if name not in history.columns]:
        raise ModelMismatch(
            f"{history.name} has no {missing[0]} column, which the model was trained on "
            f"({', '.join(model.columns.features)})",
            hint="give a CSV with that column, or train a model on this one",
        )
    recent = history.select(np.arange(first, last))
    table = compute_features(recent, model.columns, model.recipe.target)
    values = scale_features(table.values, model.scalers)
    if model.path is not None and model.columns.signals:
        seen = history.select(np.arange(max(0, first - REACH), last))
        moves = measure_moves(seen, model.columns.target)
        deviations = model.path.forecast(moves)[:, 0]
        signals = compute_signals(moves, deviations, model.columns.signals)
        values = np.concatenate([values, signals[-len(values) :]], axis=1)
    others = compute_exogenous(
        history, model.columns, last - len(values), last, horizon=model.recipe.horizon
    )
    return table, np.concatenate([values, others], axis=1)


def has_market(model: Model) -> bool:
    """Whether a model can make use of what all tickers did."""
    return model.path is not None and model.path.by_market is not None


def count_used(model: Model) -> int:
    """Return how many bars one forecast uses, if there are so many."""
    rows = count_context(model.scalers, model.recipe.window)
    return rows + count_warmup(model.columns.features, model.recipe.target)


def count_needed(model: Model) -> int:
    """Return how many bars one forecast needs before it."""
    return model.recipe.window + count_warmup(model.columns.features, model.recipe.target)


def find_span(
    history: PriceHistory, start: np.datetime64, end: np.datetime64 | None
) -> tuple[int, int]:
    """Return the first row of a span of dates, and the row after its last.

    Raises:
        UsageError: no bar lies in the span.
    """
    first = int(np.searchsorted(history.dates, start))
    last = len(history) if end is None else int(np.searchsorted(history.dates, end, side="right"))
    if first >= last:
        until = "its end" if end is None else format_date(end)
        raise UsageError(
            f"{history.name} has no bar from {format_date(start)} to {until}",
            hint=f"it has {format_date(history.dates[0])} to {format_date(history.dates[-1])}",
        )
    return first, last


def require_before(model: Model, history: PriceHistory, row: int) -> None:
    """Raise unless there are enough bars before a row for one window.

    Raises:
        TooShort: there are not.
    """
    needed = count_needed(model)
    if row >= needed:
        return
    if row == len(history):
        raise TooShort(
            f"{history.name}: {count_of(row, 'row')}, this model needs {needed:,} to forecast",
            hint="give it more history",
        )
    earliest = format_date(history.dates[needed]) if needed < len(history) else None
    raise TooShort(
        f"{history.name}: {count_of(row, 'row')} before {format_date(history.dates[row])}, "
        f"this model needs {needed:,}",
        hint=f"start at {earliest} or later" if earliest else "give it more history",
    )
