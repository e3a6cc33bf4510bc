"""Forecasts of many tickers at once: networks of one shape run side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.errors import StockcastError
from stockcast.forecast.forecaster import Forecast, Sessions, conclude_next
from stockcast.forecast.outlook import Outlook, Question, ask
from stockcast.model.model import Model
from stockcast.prices.calendar import next_sessions
from stockcast.prices.history import Dates, PriceHistory
from stockcast.recurrent.stacked import Shape, find_shape, run_networks
from stockcast.windows.posing import Posed, pose

Case = tuple[Model, PriceHistory]


@dataclass(frozen=True)
class _Asked:
    """A case whose network has not answered yet."""

    case: Case
    dates: Dates
    question: Question


def forecast_many(
    cases: Sequence[Case],
    *,
    horizon: int | None = None,
    levels: tuple[float, ...] = (),
    sessions: Sessions = next_sessions,
) -> list[Forecast | StockcastError]:
    """Forecast the sessions after each history's newest bar, as `forecast_next` does one by one.

    All cases are held at once: give a long row of them in parts.

    Args:
        cases: a model and a history each; one model may stand beside many histories.
        horizon: steps ahead; default: each model's own.
        levels: of the intervals, 0 to 1.
        sessions: what finds the dates of the next sessions.

    Returns:
        a forecast a case, or why there is none.
    """
    results: dict[int, Forecast | StockcastError] = {}
    asked: dict[int, _Asked] = {}
    for number, (model, history) in enumerate(cases):
        try:
            dates = sessions(history.dates, horizon or model.recipe.horizon)
            question = ask(model, history, np.array([len(history)]))
            asked[number] = _Asked((model, history), dates, question)
        except StockcastError as error:
            results[number] = error
    questions = {number: one.question for number, one in asked.items()}
    for number, outlook in _answer(questions):
        model, history = asked[number].case
        dates = asked[number].dates
        try:
            results[number] = conclude_next(model, history, outlook, dates=dates, levels=levels)
        except StockcastError as error:
            results[number] = error
    return [results[number] for number in range(len(cases))]


def _answer(questions: dict[int, Question]) -> Iterator[tuple[int, Outlook]]:
    """Yield what each model answers to its question of one cutoff, shape by shape."""
    groups: dict[Shape, list[int]] = {}
    for number, question in questions.items():
        shape = (question.windows.shape, find_shape(question.model.weights))
        groups.setdefault(shape, []).append(number)
    for numbers in groups.values():
        same = [questions[number] for number in numbers]
        posed = [_pose(question) for question in same]
        windows = np.concatenate([one.windows for one in posed])
        answers = run_networks(windows, [question.model.weights for question in same])
        for row, number in enumerate(numbers):
            question = same[row]
            prices = posed[row].to_prices(answers[row : row + 1], question.last_prices)
            yield number, question.conclude(prices)


def _pose(question: Question) -> Posed:
    model = question.model
    return pose(
        question.windows, model.scalers, model.columns.target_index, window=model.recipe.window
    )
