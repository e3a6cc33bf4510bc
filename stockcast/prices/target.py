"""Which column of a history is its price: settled by its name, or asked; the same for all commands.

What is decided here is decided once: `check` says of a file what `train` and `prepare` do with it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import AmbiguousPrices, PriceError, UnreadablePrices, option, quote
from stockcast.plurals import count_of
from stockcast.prices.csv.columns import is_anything, is_vague
from stockcast.prices.history import Numbers, PriceHistory
from stockcast.recipe import PriceColumn

_SHOWN = 12  # headers in a message
_FEWEST = 5  # values from which their signs say something
_FLIPS = 0.2  # share of steps that change the sign: a spread crosses zero now and then
_ROUNDING = 1 + 1e-6


def choose_target(
    history: PriceHistory,
    column: Literal["auto"] | PriceColumn = "auto",
    *,
    among: Collection[str] | None = None,
) -> PriceColumn:
    """Settle which column is the price.

    Args:
        history: the bars.
        column: canonical name; auto: the adjusted close where there is one, else the close.
        among: canonical names to choose from; None: all that the history has.

    Returns:
        a canonical name.

    Raises:
        AmbiguousPrices: it is the user's to say: nothing is called the close, or what is called
            so is none by its numbers; `choices` has the headers of all that could be.
        UnreadablePrices: there is no such column.

    Example:
        >>> from stockcast.prices.csv.reader import read_prices
        >>> (history,) = read_prices("sample_data/FB.csv")
        >>> choose_target(history), choose_target(history, "open")
        ('adj_close', 'open')
    """
    wanted: tuple[PriceColumn, ...] = ("adj_close", "close") if column == "auto" else (column,)
    among = history.columns if among is None else among
    found = next((name for name in wanted if name in among), None)
    if found is None:
        raise _explain_missing(history, wanted[-1])
    if column == "auto" and history.header is None and (doubt := _find_doubt(history, found)):
        raise _ask(history, doubt, confirm=history.headers.names.get(found))
    return found


def require_values(history: PriceHistory, name: str) -> None:
    """Raise where a value of a column is missing.

    Raises:
        UnreadablePrices: the message has the first line.
    """
    missing = np.isnan(history.columns[name])
    if missing.any():
        raise UnreadablePrices(
            f"{history.locate(int(missing.argmax()))}: {name} is missing"
            f"{count_others(int(missing.sum()))}",
            hint="fill or remove these rows, or forecast another column with " + option("column"),
        )


def count_others(count: int) -> str:
    """Say how many more rows than the one that is named; nothing for that one."""
    return "" if count == 1 else f", and in {count_of(count - 1, 'more row')}"


def _explain_missing(history: PriceHistory, name: str) -> PriceError:
    headers = history.headers
    if name != "close" or not headers.numeric:
        return UnreadablePrices(
            f"{history.name}: no {name} column, found {', '.join(history.columns)}",
            hint=f"name one of these with {option('column')}",
        )
    doubt = "no column is called the close"
    if headers.proposal is not None:
        doubt += f"; by its numbers it could be {headers.proposal!r}, {headers.reason}"
    return _ask(history, doubt)


def _ask(history: PriceHistory, doubt: str, *, confirm: str | None = None) -> AmbiguousPrices:
    """Return the question which column is the price.

    Args:
        history: whose columns.
        doubt: what makes it one.
        confirm: the header that is doubted.
    """
    headers = history.headers
    choices = headers.numeric or tuple(history.columns)
    first = confirm or headers.proposal or choices[0]
    shown = ", ".join(map(repr, choices[:_SHOWN])) + (", …" if len(choices) > _SHOWN else "")
    where = f"{history.sources[0].name}:{headers.line}" if headers.line else history.name
    chosen = option("column", first, shown=quote(first))
    error = AmbiguousPrices(
        f"{where}: {doubt}; columns of numbers: {shown}",
        hint=f"if that is the price all the same, say so: {chosen}, or name another"
        if confirm
        else f"choose one: {chosen}",
    )
    error.choices = choices
    return error


def _find_doubt(history: PriceHistory, name: str) -> str:
    """Say why a column may be no price though it is called one; empty if nothing speaks so."""
    header = history.headers.names.get(name, name)
    values = history.columns[name]
    if name in history.headers.percents:
        return f"{header!r} holds percents, and a price is none"
    if flips := _count_flips(values):
        return f"{header!r} changes its sign {flips} times, as returns do and a price does not"
    if name == "close" and is_vague(header) and (outside := _count_outside(history, values)):
        return f"{header!r} is outside of low and high in {count_of(outside, 'row')}"
    rivals = [one for one in history.headers.unknown if one != header]
    if name == "close" and is_anything(header) and rivals:
        return f"{header!r} can be many things, and {rivals[0]!r} may be the price"
    return ""


def _count_flips(values: Numbers) -> int:
    """Return how often the sign changes, if that is as often as in returns; else 0."""
    signs = np.sign(values[np.isfinite(values) & (values != 0)])
    flips = int(np.count_nonzero(signs[1:] != signs[:-1]))
    often = max(2.0, _FLIPS * (len(signs) - 1))
    return flips if len(signs) >= _FEWEST and flips >= often else 0


def _count_outside(history: PriceHistory, values: Numbers) -> int:
    """Return in how many rows values are outside of low and high, if that is most; else 0."""
    outside: NDArray[np.bool_] = np.zeros(len(values), dtype=bool)
    if "low" in history.columns:
        outside |= values * _ROUNDING < history.columns["low"]
    if "high" in history.columns:
        outside |= values > history.columns["high"] * _ROUNDING
    count = int(outside.sum())
    return count if 2 * count > len(values) else 0
