"""What all tickers did on each date: from those that are given, or from a file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stockcast.errors import option
from stockcast.forecast.outlook import has_market
from stockcast.model.model import Model
from stockcast.plurals import count_of
from stockcast.prices.csv.reader import choose_one, read_prices
from stockcast.prices.history import PriceHistory
from stockcast.prices.market import FEWEST, Market, MarketBuilder
from stockcast.progress import Observer
from stockcast.recipe import Recipe
from stockcast.windows.features import choose_columns
from stockcast.windows.moves import measure_moves
from stockcast.workflows.events.general import Note, Warned

_AUTO = Recipe()


def find_market(
    model: Model,
    histories: Iterable[PriceHistory],
    file: Path | None,
    observer: Observer,
) -> Market | None:
    """Return what a model is to know of all tickers; None where it knows no market, or has none.

    Args:
        model: the model.
        histories: those that are forecast, gone through once; empty where they are too few.
        file: a price file that stands for the market, such as that of an index; None: none.
        observer: is told which market it is.

    Raises:
        PriceError: the file cannot be used.
    """
    if not has_market(model):
        if file is not None:
            text = f"{option('market')} is not used: this model was not trained beside a market"
            observer.notify(Warned(text))
        return None
    if file is not None:
        history = choose_one(read_prices([str(file)]))
        return add_up([history], fewest=1)
    builder, count = MarketBuilder(), 0
    for history in histories:
        _add(builder, history)
        count += 1
    if count >= FEWEST:
        observer.notify(Note(f"market: the mean of these {count_of(count, 'ticker')}"))
        return builder.finish()
    observer.notify(
        Note(
            f"market: not known from {count_of(count, 'ticker')}, it takes {FEWEST}; the model "
            f"does without ({option('market')})"
        )
    )
    return None


def add_up(histories: Iterable[PriceHistory], *, fewest: int = FEWEST) -> Market:
    """Return the means of what tickers did on each date."""
    builder = MarketBuilder(fewest)
    for history in histories:
        _add(builder, history)
    return builder.finish()


def _add(builder: MarketBuilder, history: PriceHistory) -> None:
    moves = measure_moves(history, choose_columns(history, _AUTO).target)
    builder.add(history.dates, moves.log_scales, moves.returns)
