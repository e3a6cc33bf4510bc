"""Every error that stockcast raises on purpose; each class owns its exit code.

    StockcastError
    ├── LeakageFound            1   a forecast depends on a later row: a bug in stockcast
    ├── UsageError              2   wrong usage
    │   ├── InvalidRecipe           a recipe's key or value
    │   ├── TrainingDiverged        the recipe's steps are too large for the data
    │   ├── TimedOut                a ticker took longer than it may
    │   ├── ClusterError            no such Dask cluster, or not one to work with
    │   └── MissingLibrary          an optional library is not installed
    ├── SomeFailed              3   of several tickers some failed; the others are done
    ├── PriceError              4   the price data cannot be used
    │   ├── PricesNotFound          no such file, or a folder without CSV files
    │   ├── UnreadablePrices        not a price CSV, or a cell that is not what it must be
    │   ├── AmbiguousPrices         it can be read in two ways; an option says which
    │   ├── DuplicateDates          one date, different prices
    │   ├── SeveralTickers          one ticker is wanted and the file holds more
    │   ├── TooShort                fewer rows than the windows and spans need
    │   └── ConstantPrices          nothing to scale
    ├── ModelError              5   the model file cannot be trusted or does not fit the data
    │   ├── ModelNotFound
    │   ├── UntrustedModel          truncated, foreign or inconsistent
    │   ├── ModelMismatch           the CSV lacks what the model needs
    │   └── TooFewResiduals         an interval needs more than the model was calibrated on
    ├── BelowStandard           6   a figure did not reach what was asked of it
    ├── StalePrices             7   the newest bar is older than was asked
    ├── OutputError             8   a result cannot be written
    ├── LedgerError             9   the ledger cannot be read, or does not fit the forecasts
    └── Locked                 11   another run is writing there

A message says what and where (file:line: column); `hint` says what to do next.
"""

from __future__ import annotations

from typing import ClassVar


class StockcastError(Exception):
    """Anything that stockcast refuses, with what to do next.

    Args:
        message: what is wrong and where.
        hint: what to do next; one line, may be empty.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class LeakageFound(StockcastError):
    """A forecast depends on a row that was not known at its cutoff: a bug in stockcast."""


class UsageError(StockcastError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class InvalidRecipe(UsageError):
    """A recipe has an unknown key or a value of the wrong type or size."""


class TrainingDiverged(UsageError):
    """The loss left the numbers: the recipe's steps are too large for the data."""


class TimedOut(UsageError):
    """A ticker's training took longer than it may."""


class ClusterError(UsageError):
    """There is no such Dask cluster, or its workers are not ones to work with."""


class MissingLibrary(UsageError):
    """A library that this command alone needs is not installed; the hint installs it."""


class SomeFailed(StockcastError):
    """Of several tickers some failed, each with a reason; the others are done."""

    exit_code = 3


class PriceError(StockcastError):
    """The price data cannot be used."""

    exit_code = 4


class PricesNotFound(PriceError):
    """No price file where one was named."""


class UnreadablePrices(PriceError):
    """The file is not a price CSV, or a cell in it is not what it must be."""


class AmbiguousPrices(PriceError):
    """The file can be read in more than one way; the hint names the option that settles it.

    Attributes:
        choices: for a wide file, the headers to choose from.
    """

    choices: tuple[str, ...] = ()


class DuplicateDates(PriceError):
    """One date stands twice with different prices."""


class SeveralTickers(PriceError):
    """One ticker is wanted and the data hold more than one."""


class TooShort(PriceError):
    """Fewer rows than the windows and spans need."""


class ConstantPrices(PriceError):
    """A column never changes on the training span, so it cannot be scaled."""


class ModelError(StockcastError):
    """The model file cannot be trusted or does not fit the data."""

    exit_code = 5


class ModelNotFound(ModelError):
    """No model file where one was named or expected."""


class UntrustedModel(ModelError):
    """The model file is truncated, foreign, or not what its recipe implies."""


class ModelMismatch(ModelError):
    """The price data lack what the model was trained on."""


class BelowStandard(StockcastError):
    """A model's or its forecasts' figure did not reach what was asked of it."""

    exit_code = 6


class StalePrices(StockcastError):
    """The newest bar is older than was asked."""

    exit_code = 7


class OutputError(StockcastError):
    """A result cannot be written."""

    exit_code = 8


class TooFewResiduals(ModelError):
    """An interval needs more residuals than the model was calibrated on."""


class LedgerError(StockcastError):
    """The ledger cannot be read, or does not fit the forecasts."""

    exit_code = 9


class Locked(StockcastError):
    """Another run holds the lock of what is to be written."""

    exit_code = 11
