"""Every error that stockcast raises on purpose; each class owns its exit code.

    StockcastError
    ├── LeakageFound            1   a forecast depends on a later row: a bug in stockcast
    ├── UsageError              2   wrong usage
    │   ├── InvalidRecipe           a recipe's key or value
    │   ├── InvalidArrays           arrays that an estimator cannot use; a ValueError too
    │   ├── NoSampleWeights         weights for an estimator without; a TypeError too
    │   ├── InvalidCovariates       a file of covariates: a key or value that is none
    │   ├── InvalidSpace            what a search is to choose from: no field, no range, no value
    │   ├── OtherStudy              a database of another search, or of none
    │   ├── NoTrial                 of a search's trials none could be completed
    │   ├── TrainingDiverged        the loss became infinite or NaN
    │   ├── TimedOut                a ticker took longer than its time limit
    │   ├── ClusterError            a Dask cluster that is missing, lost, or of another version
    │   ├── MissingLibrary          an optional library is not installed
    │   └── NameClash               another project's files stand where stockcast's should
    ├── SomeFailed              3   of several tickers some failed, or all for several reasons
    ├── PriceError              4   the price data cannot be used
    │   ├── PricesNotFound          no such file, or a folder without price files
    │   ├── UnreadablePrices        not a price file, or a cell that is not what it must be
    │   ├── AmbiguousPrices         it can be read in two ways; an option decides
    │   ├── DuplicateDates          one date, different prices
    │   ├── SeveralTickers          one ticker is wanted and the file holds more
    │   ├── TooShort                fewer rows than the windows and spans need
    │   ├── ConstantPrices          nothing to scale
    │   └── CovariateGap            a covariate is not known at a bar, or is too old
    ├── ModelError              5   the model file cannot be trusted or does not fit the data
    │   ├── ModelNotFound
    │   ├── UntrustedModel          truncated, foreign or inconsistent
    │   ├── ModelMismatch           the CSV lacks what the model needs
    │   │   └── CovariateMismatch   not the covariates that the model was trained beside
    │   └── TooFewResiduals         an interval needs more than the model was calibrated on
    ├── BelowStandard           6   a model or its forecasts did not reach a figure asked for
    ├── StalePrices             7   the newest bar is older than was asked, or yet to come
    ├── OutputError             8   a result cannot be written
    ├── LedgerError             9   the ledger cannot be read, or does not fit the forecasts
    │   └── UnusableForecasts       forecasts made elsewhere: unreadable, or not of these prices
    └── Locked                 11   another run is writing there

A message says what and where (file:line: column); `hint` says what to do next.

Messages and hints name options with `option` and `command`, in no front end's syntax. Python
reads `date_format="%d/%m/%Y"`, the command line writes its own flags with `render_options`.
"""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import ClassVar, Literal

Style = Literal["python", "command-line"]

# NUL delimits what names an option: no file name has it, and no message of ours.
_TOKEN = re.compile("\0(\\w+)(\\(\\))?\0([^\0]*)\0")
# What a shell takes for one word as it is.
_PLAIN = re.compile(r"[\w@%+=:,./…-]+")
# What the command line does not call --like-this.
_FLAGS = {
    "model": "-m",
    "path": "-o",
    "models": "--model",
    "levels": "--level",
    "quantiles": "--quantile",
}


@dataclass(frozen=True)
class Option:
    """An option that an error names.

    Attributes:
        name: of the parameter, such as `date_format`.
        value: the value that is named with it: a string, number or bool; None: none.
        shown: the value as a command line writes it; empty: as it is.
        flag: what the command line calls it; empty: as the parameter.
    """

    name: str
    value: str | int | float | bool | None = None
    shown: str = ""
    flag: str = ""


def option(name: str, value: object = None, *, shown: str = "", flag: str = "") -> str:
    """Return an option as a part of a message or hint, for use inside f-strings.

    Args:
        name: of the parameter: the flag's name with `_` for `-`. The file that is written is
            `path`, the one model is `model`, and a list of them `models`.
        value: a value to name with it; True and False stand for a flag that takes none. What is
            neither string, number nor bool is named as `str` has it.
        shown: how a command line writes the value, where that is not `str(value)`: quoted, with a
            unit, or a placeholder such as `FILE` where there is no value.
        flag: what the command of which it is calls it, without dashes, where other commands have
            the parameter under its own name.

    >>> hint = f"say which: {option('date_format', '%d/%m/%Y')}, or {option('wide', value=True)}"
    >>> render_options(hint)
    'say which: date_format="%d/%m/%Y", or wide=True'
    >>> render_options(hint, "command-line")
    'say which: --date-format %d/%m/%Y, or --wide'
    >>> hint = f"wait for it: {option('lock_wait', 300, shown='5m')}"
    >>> render_options(hint), render_options(hint, "command-line")
    ('wait for it: lock_wait=300', 'wait for it: --lock-wait 5m')
    >>> render_options(option("start", flag="from"), "command-line")
    '--from'
    """
    return f"\0{name}\0{json.dumps(_to_values(Option(name, _simplify(value), shown, flag))[1:])}\0"


def command(name: str, *parts: str | Option) -> str:
    """Return a command as a part of a message or hint, for use inside f-strings.

    Args:
        name: of the command, and of the function of the same name.
        parts: its arguments, in the command line's order.

    >>> hint = command("train", Option("keep", 3), "PRICES")
    >>> render_options(hint)
    'stockcast.train(prices, keep=3)'
    >>> render_options(hint, "command-line")
    'stockcast train --keep 3 PRICES'
    >>> hint = command("predict", "my prices.csv", Option("model", "GOOG.safetensors"))
    >>> render_options(hint)
    'stockcast.predict("GOOG.safetensors", "my prices.csv")'
    >>> render_options(hint, "command-line")
    "stockcast predict 'my prices.csv' -m GOOG.safetensors"
    """
    values = [part if isinstance(part, str) else _to_values(part) for part in parts]
    return f"\0{name}()\0{json.dumps(values)}\0"


def render_options(text: str, style: Style = "python") -> str:
    """Return a text with its options and commands written for a reader.

    Args:
        text: raw, such as `StockcastError.raw_hint`.
        style: `python` for keyword arguments, `command-line` for flags.

    >>> render_options(f"name another column with {option('date_column')}")
    'name another column with date_column='
    """
    write = _write_flag if style == "command-line" else _write_keyword

    def write_token(token: re.Match[str]) -> str:
        parts = _parse(token)
        if parts is None:
            return token[0]
        if not token[2]:
            return "".join(write(part) for part in parts if isinstance(part, Option))
        words = [_quote(part) if isinstance(part, str) else write(part) for part in parts]
        if style == "command-line":
            return " ".join(["stockcast", token[1], *words])
        return f"stockcast.{token[1]}({', '.join(_list_arguments(parts))})"

    return _TOKEN.sub(write_token, text)


def quote(text: str) -> str:
    """Return text in quotes, which a shell takes off again; for what may look like a sentence.

    >>> print(quote("Adj Close"), quote("l'ouverture"))
    'Adj Close' 'l'"'"'ouverture'
    """
    return "'" + text.replace("'", "'\"'\"'") + "'"


def find_options(text: str) -> tuple[Option, ...]:
    """Return the options that a raw text names, in its order."""
    return tuple(
        part
        for token in _TOKEN.finditer(text)
        for part in _parse(token) or ()
        if isinstance(part, Option)
    )


def _simplify(value: object) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _to_values(one: Option) -> list[str | int | float | bool | None]:
    return [one.name, one.value, one.shown, one.flag]


def _parse(token: re.Match[str]) -> list[str | Option] | None:
    """Return what a token names; None where it is none: a file's NULs can look like ours."""
    try:
        content = json.loads(token[3])
        if not token[2]:
            return [Option(token[1], *content)]
        return [part if isinstance(part, str) else Option(*part) for part in content]
    except (ValueError, TypeError, RecursionError):
        return None


def _list_arguments(parts: list[str | Option]) -> list[str]:
    """Return a command's arguments as Python writes them: the model first, then what is named."""
    options = [part for part in parts if isinstance(part, Option)]
    models = [one for one in options if one.name == "model" and one.value is not None]
    return [
        *(json.dumps(one.value, ensure_ascii=False) for one in models),
        *(_write_argument(part) for part in parts if isinstance(part, str)),
        *(_write_keyword(one) for one in options if one not in models),
    ]


def _write_argument(part: str) -> str:
    """Write a path as a string; PRICES… stands for what is in the variable `prices`."""
    name = part.rstrip("…")
    return name.lower() if name.isupper() else json.dumps(part, ensure_ascii=False)


def _quote(text: str) -> str:
    """Return text as a shell takes it for one word; letters of any script need no quotes."""
    return text if _PLAIN.fullmatch(text) else shlex.quote(text)


def _write_keyword(one: Option) -> str:
    if one.value is None:
        return f"{one.name}="
    is_text = isinstance(one.value, str)
    return f"{one.name}={json.dumps(one.value, ensure_ascii=False) if is_text else one.value}"


def _write_flag(one: Option) -> str:
    flag = _FLAGS.get(one.name) or f"--{(one.flag or one.name).replace('_', '-')}"
    value = one.shown or (
        "" if one.value is None or isinstance(one.value, bool) else _quote(str(one.value))
    )
    return f"{flag} {value}" if value else flag


class StockcastError(Exception):
    """Anything that stockcast refuses, with what to do next.

    `str(error)` and `error.hint` name options as Python has them.

    Args:
        message: what is wrong and where; names options with `option`.
        hint: what to do next, likewise; one line, may be empty.

    Attributes:
        raw_hint: the hint as it was given, for `render_options`.

    >>> error = StockcastError("no date column", hint=f"name it with {option('date_column')}")
    >>> str(error), error.hint, [one.name for one in error.options]
    ('no date column', 'name it with date_column=', ['date_column'])
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.raw_hint = ""
        self.change_hint(hint)

    def __str__(self) -> str:
        return render_options(self.raw_message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def change_hint(self, hint: str) -> None:
        """Say another thing to do next; a traceback in Python ends with it."""
        others = [note for note in getattr(self, "__notes__", ()) if note != self.hint]
        self.raw_hint = hint
        self.__notes__ = [*([self.hint] if hint else []), *others]

    @property
    def raw_message(self) -> str:
        """The message as it was given, for `render_options`."""
        return str(self.args[0])

    @property
    def hint(self) -> str:
        """What to do next; empty if that is not known."""
        return render_options(self.raw_hint)

    @property
    def options(self) -> tuple[Option, ...]:
        """The options that the message and then the hint name, in their order."""
        return find_options(self.raw_message) + find_options(self.raw_hint)


class LeakageFound(StockcastError):
    """A forecast depends on a row that was not known at its cutoff: a bug in stockcast."""


class UsageError(StockcastError):
    """What is asked for cannot be done, whatever the data are."""

    exit_code = 2


class InvalidRecipe(UsageError):
    """A recipe has an unknown key or a value of the wrong type or size."""


class InvalidArrays(UsageError, ValueError):
    """Arrays that an estimator cannot learn from or answer; scikit-learn expects a ValueError."""


class NoSampleWeights(UsageError, TypeError):
    """Weights for windows, which the training does not know; as for any unknown argument."""


class InvalidCovariates(UsageError):
    """A file of covariates has a key or a value that is none."""


class InvalidSpace(UsageError):
    """A search space has an unknown field, a range that is upside down, or a value that is none."""


class OtherStudy(UsageError):
    """A database holds the trials of another search, or is none."""


class NoTrial(UsageError):
    """Of a search's trials none could be completed."""


class TrainingDiverged(UsageError):
    """The training loss became infinite or NaN; a smaller learning rate usually helps."""


class TimedOut(UsageError):
    """A ticker took longer than its time limit."""


class ClusterError(UsageError):
    """The Dask cluster is missing, was lost, or runs another version of stockcast."""


class MissingLibrary(UsageError):
    """An optional library is not installed; the hint says how to install it."""


class NameClash(UsageError):
    """Another project's files stand where stockcast's should; the hint says how to mend it."""


class SomeFailed(StockcastError):
    """Of several tickers some failed, each with a reason, or all for reasons of several kinds."""

    exit_code = 3


class PriceError(StockcastError):
    """The price data cannot be used."""

    exit_code = 4


class PricesNotFound(PriceError):
    """No price file where one was named."""


class UnreadablePrices(PriceError):
    """The file is not a price file, or a cell in it is not what it must be."""


class AmbiguousPrices(PriceError):
    """The file can be read in more than one way; the hint names the option that decides.

    Attributes:
        choices: the headers to choose from, if the question is which column is the price.
    """

    choices: tuple[str, ...] = ()


class DuplicateDates(PriceError):
    """One date occurs twice with different prices."""


class SeveralTickers(PriceError):
    """One ticker is wanted and the data hold more than one."""


class TooShort(PriceError):
    """Fewer rows than the windows and spans need."""


class ConstantPrices(PriceError):
    """A column never changes on the training span, so it cannot be scaled."""


class CovariateGap(PriceError):
    """A covariate is not known at a bar, or its newest bar is too old."""


class ModelError(StockcastError):
    """The model file cannot be trusted or does not fit the data."""

    exit_code = 5


class ModelNotFound(ModelError):
    """No model file where one was named or expected."""


class UntrustedModel(ModelError):
    """The model file is truncated, foreign, or not what its recipe implies."""


class ModelMismatch(ModelError):
    """The price data lack what the model was trained on."""


class CovariateMismatch(ModelMismatch):
    """The covariates are not those that the model was trained beside."""


class BelowStandard(StockcastError):
    """A model, or its forecasts, did not reach the figure that was asked for."""

    exit_code = 6


class StalePrices(StockcastError):
    """The newest bar is older than was asked, or yet to come."""

    exit_code = 7


class OutputError(StockcastError):
    """A result cannot be written."""

    exit_code = 8


class TooFewResiduals(ModelError):
    """An interval needs more residuals than the model was calibrated on."""


class LedgerError(StockcastError):
    """The ledger cannot be read, or does not fit the forecasts."""

    exit_code = 9


class UnusableForecasts(LedgerError):
    """Forecasts made elsewhere cannot be read, do not fit the prices, or were no forecasts."""


class Locked(StockcastError):
    """Another run holds the lock of what is to be written."""

    exit_code = 11
