"""Inspection: a model and prices ─▶ what its gates and memory cells did."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from stockcast.errors import UsageError, option
from stockcast.forecast.inspection import Inspection
from stockcast.forecast.inspector import inspect_span, inspect_window
from stockcast.model.model import Model
from stockcast.prices.covariates import AGE
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.history import format_date
from stockcast.progress import SILENT, Observer
from stockcast.workflows.covariates import read_covariates
from stockcast.workflows.events.general import Warned
from stockcast.workflows.events.models import NetworkInspected
from stockcast.workflows.forecasting import load_both, refuse_inputs, to_date
from stockcast.workflows.sources import Prices


def inspect(
    model: Model | str | Path,
    prices: Prices,
    *,
    date: str | np.datetime64 | None = None,
    start: str | np.datetime64 | None = None,
    end: str | np.datetime64 | None = None,
    chart: str | Path | None = None,
    covariates: Prices = (),
    covariate_age: int = AGE,
    reading: ReadOptions = NO_ANSWERS,
    observer: Observer = SILENT,
) -> Inspection:
    """Look at every gate, memory cell and hidden state along a window, or along a span of dates.

    Args:
        model: the model or its file.
        prices: the history, its CSV file or a frame; of several tickers the model's own is taken.
        date: look at the window before this date; None: the newest window.
        start: look at the end of each date's own window instead, from here on.
        end: last date of that span; None: the newest.
        chart: picture to write: .png, .svg or .html.
        covariates: price files, histories or frames that the model was trained beside.
        covariate_age: bars that the newest one of a covariate may be old.
        reading: answers to what a price file leaves open.
        observer: receives events.

    Returns:
        a layer's states are (steps, units) each.

    Raises:
        PriceError: the prices cannot be used.
        ModelError: the model cannot be trusted, or does not fit the prices.
        UsageError: a date and a span, or the chart is the price file or the model file.

    Example:
        >>> seen = inspect("models/GOOG.safetensors", "sample_data/GOOG.csv")
        >>> seen.layers[0].gates["forget"].shape
        (20, 16)
    """
    at, first, last = to_date(date), to_date(start), to_date(end)
    if at is not None and first is not None:
        raise UsageError(f"{option('date')} and a span", hint="give one window or one span")
    if chart is not None:
        from stockcast.report.gates import check_gates_name  # loads matplotlib

        check_gates_name(Path(chart))
        refuse_inputs(model, prices, Path(chart))
    beside = read_covariates(covariates, covariate_age)
    trained, _, _, history = load_both(model, prices, reading, observer, beside)
    if first is not None:
        seen = inspect_span(trained, history, start=first, end=last)
    else:
        seen = inspect_window(trained, history, date=at)
        if at is not None and seen.forecast_date is not None and at > seen.forecast_date:
            observer.notify(
                Warned(f"the prices end before {format_date(at)}; this is their newest window")
            )
    observer.notify(NetworkInspected(seen))
    if chart is not None:
        from stockcast.report.gates import draw_gates

        draw_gates(seen, Path(chart))
    return seen
