"""Covariates as a caller names them ─▶ bars beside a ticker's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from stockcast.errors import CovariateMismatch, PriceError, UnreadablePrices, UsageError, option
from stockcast.model.model import Model
from stockcast.prices.covariates import AGE, Covariates, see_covariates
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import PriceHistory
from stockcast.prices.target import choose_target
from stockcast.progress import Observer
from stockcast.workflows.events import Warned
from stockcast.workflows.policies import require_whole
from stockcast.workflows.sources import Prices, Ticker, list_items


def read_covariates(named: Prices, age: int = AGE) -> Covariates | None:
    """Read the prices that a network sees beside a ticker's own.

    Bars without a price are none: a file that has a row for each holiday says no more than one
    that leaves it out.

    Args:
        named: price files, histories or frames; each ticker in them is a covariate of its name.
        age: bars that the newest one may be old.

    Returns:
        them; None where none are named.

    Raises:
        PriceError: one cannot be read, or leaves something open that its file has to say.
        UsageError: two have one name, or stdin, or an age that is none.
    """
    require_whole("covariate_age", age, least=0)
    histories: list[PriceHistory] = []
    for item in list_items(named):
        histories += _read(item)
    seen: dict[str, str] = {}
    for one in histories:
        if one.ticker in seen:
            raise UsageError(
                f"{option('covariates')}: {seen[one.ticker]} and {one.sources[0].name} are both "
                f"called {one.ticker}",
                hint="leave one of them out, or rename a file",
            )
        seen[one.ticker] = one.sources[0].name
    return Covariates(tuple(histories), age) if histories else None


def _read(item: str | Ticker) -> list[PriceHistory]:
    if item == "-":
        raise UsageError(
            f"{option('covariates')} from stdin, which is for the prices", hint="name a file"
        )
    try:
        read = read_prices([item]) if isinstance(item, str) else [item.take_history()]
        return [_take_known(one, choose_target(one)) for one in read]
    except PriceError as error:
        if not error.options:
            raise
        # What answers a question is an option for the prices, not for these.
        error.raw_hint = (
            f"{option('covariates')} are read without answers: rename a header or write dates as "
            "2013-02-28; or from Python give what read_prices read with them"
        )
        raise


def _take_known(history: PriceHistory, column: str) -> PriceHistory:
    known = np.isfinite(history.columns[column])
    if not known.any():
        raise UnreadablePrices(f"{history.name}: no row has a {column}")
    return history if known.all() else history.select(np.flatnonzero(known))


def give_covariates(
    model: Model, history: PriceHistory, covariates: Covariates | None
) -> PriceHistory:
    """Return bars that see the covariates that a model was trained beside, and no others.

    Raises:
        CovariateMismatch: one of them is not given.
        UsageError: bars of a day beside bars within a day.
    """
    wanted = require_covariates(model, covariates)
    if covariates is None or not wanted:
        return history
    found = [one for one in covariates.histories if one.ticker in wanted]
    return see_covariates(history, replace(covariates, histories=tuple(found)))


def require_covariates(model: Model, covariates: Covariates | None) -> list[str]:
    """Return the names of those that a model was trained beside.

    Raises:
        CovariateMismatch: one of them is not given.
    """
    wanted = [one.name for one in model.columns.covariates]
    given = covariates.names if covariates else ()
    if missing := [name for name in wanted if name not in given]:
        raise CovariateMismatch(
            f"the model of {model.name} was trained beside {', '.join(wanted)}; not given: "
            f"{', '.join(missing)}",
            hint="name their price files: "
            + option("covariates", shown=",".join(f"{name}.csv" for name in wanted)),
        )
    return wanted


def warn_of_unseen(
    models: Iterable[Model], covariates: Covariates | None, observer: Observer
) -> None:
    """Tell which covariates were given that no model was trained beside."""
    seen = {one.name for model in models for one in model.columns.covariates}
    given = covariates.names if covariates else ()
    if unseen := [name for name in given if name not in seen]:
        beside = f"trained beside {', '.join(sorted(seen))}" if seen else "trained without any"
        text = f"{option('covariates')}: {', '.join(unseen)} not used: the model was {beside}"
        observer.notify(Warned(text))
