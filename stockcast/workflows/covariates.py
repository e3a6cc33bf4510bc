"""Covariates as a caller names them ─▶ bars beside a ticker's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from stockcast.errors import (
    CovariateMismatch,
    PriceError,
    SeveralTickers,
    UnreadablePrices,
    UsageError,
    option,
)
from stockcast.model.model import Model
from stockcast.prices.covariates import AGE, Covariates, see_covariates
from stockcast.prices.csv.reader import read_prices
from stockcast.prices.history import PriceHistory
from stockcast.prices.names import find_stem
from stockcast.prices.target import choose_target
from stockcast.progress import Observer
from stockcast.workflows.covariate_file import (
    CovariateEntry,
    describe_answer,
    is_covariate_file,
    read_covariate_file,
)
from stockcast.workflows.events.general import Warned
from stockcast.workflows.policies import require_whole
from stockcast.workflows.sources import Prices, Ticker, list_items


def read_covariates(named: Prices, age: int = AGE) -> Covariates | None:
    """Read the prices that a network sees beside a ticker's own.

    Bars without a price are none: a file that has a row for each holiday says no more than one
    that leaves it out.

    Args:
        named: price files, histories or frames, each ticker in which is a covariate of its name;
            and TOML files that say of each what it is called and how its file is read.
        age: bars that the newest one may be old.

    Returns:
        them; None where none are named.

    Raises:
        PriceError: one cannot be read, or leaves something open that is to be said.
        InvalidCovariates: a TOML file has a key or a value that is none.
        UsageError: two have one name, or stdin, or an age that is none.
    """
    require_whole("covariate_age", age, least=0)
    histories: list[PriceHistory] = []
    ages: dict[str, int] = {}
    for item in list_items(named):
        if isinstance(item, str) and is_covariate_file(item):
            for entry in read_covariate_file(Path(item)):
                histories.append(_read_entry(entry))
                ages |= {} if entry.age is None else {entry.name: entry.age}
        else:
            histories += _read(item)
    _refuse_twice(histories)
    return Covariates(tuple(histories), age, ages) if histories else None


def _refuse_twice(histories: list[PriceHistory]) -> None:
    """Refuse two covariates of one name.

    Raises:
        UsageError: there are two.
    """
    seen: dict[str, str] = {}
    for one in histories:
        if one.ticker in seen:
            raise UsageError(
                f"{option('covariates')}: {seen[one.ticker]} and {one.sources[0].name} are both "
                f"called {one.ticker}",
                hint="leave one of them out, or rename a file",
            )
        seen[one.ticker] = one.sources[0].name


def _read(item: str | Ticker) -> list[PriceHistory]:
    if item == "-":
        raise UsageError(
            f"{option('covariates')} from stdin, which is for the prices", hint="name a file"
        )
    try:
        read = read_prices([item]) if isinstance(item, str) else [item.take_history()]
        return [_take_known(one, choose_target(one)) for one in read]
    except PriceError as error:
        if error.options:
            # What answers a question is an option for the prices, not for these.
            path = item if isinstance(item, str) else item.source
            error.change_hint(
                describe_answer(error.options, name=find_stem(path), path=path, where="")
            )
        raise


def _read_entry(entry: CovariateEntry) -> PriceHistory:
    """Read the one that a file of covariates names, and call it so.

    Raises:
        SeveralTickers: its price file holds more.
    """
    try:
        read = read_prices([str(entry.path)], entry.reading)
        if len(read) > 1:
            raise SeveralTickers(
                f"{entry.where}: {entry.path} holds {', '.join(one.ticker for one in read[:8])}",
                hint=f'say which: ticker = "{read[0].ticker}"',
            )
        return replace(_take_known(read[0], choose_target(read[0])), ticker=entry.name)
    except PriceError as error:
        if error.options:
            answer = describe_answer(
                error.options, name=entry.name, path=str(entry.path), where=entry.where
            )
            error.change_hint(answer)
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
            hint="name their price files, wherever they are, as in "
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
