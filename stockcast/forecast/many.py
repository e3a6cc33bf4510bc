"""Forecasts of many tickers at once: networks of one shape run side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.errors import StockcastError
from stockcast.forecast.forecaster import Forecast, Sessions, build_forecast
from stockcast.forecast.outlook import Answers, ModelInputs, Outlook, prepare_inputs
from stockcast.model.model import Model
from stockcast.networks.batched import Shape, find_shape, run_networks
from stockcast.prices.calendar import next_sessions
from stockcast.prices.history import Dates, PriceHistory
from stockcast.windows.model_inputs import ScaledWindows, scale_windows

Case = tuple[Model, PriceHistory]


@dataclass(frozen=True)
class _Case:
    """A case whose network has not answered yet."""

    case: Case
    dates: Dates
    inputs: ModelInputs


def forecast_many(
    cases: Sequence[Case],
    *,
    horizon: int | None = None,
    levels: tuple[float, ...] = (),
    quantiles: tuple[float, ...] = (),
    sessions: Sessions = next_sessions,
) -> list[Forecast | StockcastError]:
    """Forecast the sessions after each history's newest bar, as `forecast_next` does one by one.

    All cases are held at once: give a long row of them in parts.

    Args:
        cases: a model and a history each; one model may stand beside many histories.
        horizon: steps ahead; default: each model's own.
        levels: of the intervals, 0 to 1.
        quantiles: one-sided ones, 0 to 1.
        sessions: what finds the dates of the next sessions.

    Returns:
        a forecast a case, or why there is none.
    """
    results: dict[int, Forecast | StockcastError] = {}
    prepared: dict[int, _Case] = {}
    for number, (model, history) in enumerate(cases):
        try:
            dates = sessions(history.dates, horizon or model.recipe.horizon)
            inputs = prepare_inputs(model, history, np.array([len(history)]))
            prepared[number] = _Case((model, history), dates, inputs)
        except StockcastError as error:
            results[number] = error
    all_inputs = {number: one.inputs for number, one in prepared.items()}
    for number, outlook in _answer(all_inputs):
        model, history = prepared[number].case
        dates = prepared[number].dates
        try:
            results[number] = build_forecast(
                model, history, outlook, dates=dates, levels=levels, quantiles=quantiles
            )
        except StockcastError as error:
            results[number] = error
    return [results[number] for number in range(len(cases))]


def _answer(all_inputs: dict[int, ModelInputs]) -> Iterator[tuple[int, Outlook]]:
    """Yield what each model answers to its inputs of one cutoff, shape by shape."""
    groups: dict[Shape, list[int]] = {}
    for number, inputs in all_inputs.items():
        shape = (inputs.windows.shape, find_shape(inputs.model.believed))
        groups.setdefault(shape, []).append(number)
    for numbers in groups.values():
        same = [all_inputs[number] for number in numbers]
        scaled = [_scale(inputs) for inputs in same]
        windows = np.concatenate([one.windows for one in scaled])
        answers = run_networks(windows, [inputs.model.believed for inputs in same])
        for row, number in enumerate(numbers):
            inputs = same[row]
            outputs = answers[row : row + 1]
            yield (
                number,
                inputs.with_answers(
                    Answers.from_outputs(
                        outputs, inputs.model.believed, scaled[row], inputs.last_prices
                    )
                ),
            )


def _scale(inputs: ModelInputs) -> ScaledWindows:
    model = inputs.model
    return scale_windows(
        inputs.windows, model.scalers, model.columns.target_index, window=model.recipe.window
    )
