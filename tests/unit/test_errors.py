"""The error tree, the exit code that each class owns, and how errors name options."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import re
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from stockcast import errors
from stockcast.errors import (
    AmbiguousPrices,
    Option,
    StockcastError,
    TooShort,
    UsageError,
    command,
    find_options,
    option,
    render_options,
)

EXIT_CODES = {
    "StockcastError": 1,
    "LeakageFound": 1,
    "UsageError": 2,
    "InvalidRecipe": 2,
    "InvalidArrays": 2,
    "NoSampleWeights": 2,
    "InvalidCovariates": 2,
    "InvalidSpace": 2,
    "OtherStudy": 2,
    "NoTrial": 2,
    "TrainingDiverged": 2,
    "MissingLibrary": 2,
    "NameClash": 2,
    "TimedOut": 2,
    "ClusterError": 2,
    "SomeFailed": 3,
    "PriceError": 4,
    "PricesNotFound": 4,
    "UnreadablePrices": 4,
    "AmbiguousPrices": 4,
    "DuplicateDates": 4,
    "SeveralTickers": 4,
    "TooShort": 4,
    "ConstantPrices": 4,
    "CovariateGap": 4,
    "ModelError": 5,
    "ModelNotFound": 5,
    "UntrustedModel": 5,
    "ModelMismatch": 5,
    "CovariateMismatch": 5,
    "BelowStandard": 6,
    "StalePrices": 7,
    "OutputError": 8,
    "TooFewResiduals": 5,
    "LedgerError": 9,
    "UnusableForecasts": 9,
    "Locked": 11,
}


def list_tree(kind):
    """Yield a class and all below it."""
    yield kind
    for child in kind.__subclasses__():
        yield from list_tree(child)


def read_drawing():
    """Read the tree in the docstring: (class name, parent's name, exit code or None)."""
    above = []
    for line in errors.__doc__.splitlines():
        drawn = re.match(r"    ([│├└─ ]*)([A-Z]\w+)\s*(\d+)?", line)
        if drawn:
            depth = len(drawn[1]) // 4
            del above[depth:]
            yield drawn[2], above[-1] if above else None, drawn[3]
            above.append(drawn[2])


@pytest.mark.parametrize(("name", "code"), EXIT_CODES.items())
def test_each_class_owns_its_exit_code(name, code):
    assert getattr(errors, name).exit_code == code


def test_the_table_of_exit_codes_has_every_class():
    assert {kind.__name__ for kind in list_tree(StockcastError)} == EXIT_CODES.keys()


def test_the_drawing_in_the_docstring_is_the_tree():
    drawn = {name: parent for name, parent, _ in read_drawing()}
    real = {
        child.__name__: kind.__name__
        for kind in list_tree(StockcastError)
        for child in kind.__subclasses__()
    }
    assert drawn == {"StockcastError": None, **real}


def test_the_drawing_in_the_docstring_has_the_exit_codes():
    for name, _, code in read_drawing():
        assert code is None or int(code) == EXIT_CODES[name]


def test_an_error_is_its_message_and_carries_a_hint():
    error = StockcastError("data.csv:3: no", hint="do this")
    assert (str(error), error.hint) == ("data.csv:3: no", "do this")


def test_an_error_without_a_hint_has_an_empty_one():
    assert StockcastError("no").hint == ""


OPTIONS = [
    (option("date_column"), "date_column=", "--date-column"),
    (option("date_format", "%d/%m/%Y"), 'date_format="%d/%m/%Y"', "--date-format %d/%m/%Y"),
    (
        option("column", "Adj Close", shown="'Adj Close'"),
        'column="Adj Close"',
        "--column 'Adj Close'",
    ),
    (option("ticker", 'Müller "A"'), 'ticker="Müller \\"A\\""', "--ticker 'Müller \"A\"'"),
    (option("ticker", "Müller"), 'ticker="Müller"', "--ticker Müller"),
    (option("delimiter", ";"), 'delimiter=";"', "--delimiter ';'"),
    (option("keep", 3), "keep=3", "--keep 3"),
    (option("min_skill", 0.5), "min_skill=0.5", "--min-skill 0.5"),
    (option("wide", True), "wide=True", "--wide"),
    (option("lock_wait", 300, shown="5m"), "lock_wait=300", "--lock-wait 5m"),
    (option("ledger", shown="FILE"), "ledger=", "--ledger FILE"),
    (option("report", Path("a.html")), 'report="a.html"', "--report a.html"),
    (option("start", "2013-03-01", flag="from"), 'start="2013-03-01"', "--from 2013-03-01"),
    (option("model"), "model=", "-m"),
    (option("path", "m"), 'path="m"', "-o m"),
    (option("models", "m"), 'models="m"', "--model m"),
    (command("train", "PRICES"), "stockcast.train(prices)", "stockcast train PRICES"),
    (
        command("train", Option("pooled", True), "PRICES…"),
        "stockcast.train(prices, pooled=True)",
        "stockcast train --pooled PRICES…",
    ),
    (
        command("predict", "PRICES", Option("model", "a b")),
        'stockcast.predict("a b", prices)',
        "stockcast predict PRICES -m 'a b'",
    ),
    (
        command("train", "a b.csv", Option("path", "m")),
        'stockcast.train("a b.csv", path="m")',
        "stockcast train 'a b.csv' -o m",
    ),
]


@pytest.mark.parametrize(("raw", "python", "flags"), OPTIONS)
def test_an_option_is_written_as_its_reader_would(raw, python, flags):
    assert render_options(f"a {raw} b") == f"a {python} b"
    assert render_options(f"a {raw} b", "command-line") == f"a {flags} b"


@pytest.mark.parametrize(("raw", "python", "flags"), OPTIONS)
def test_two_options_side_by_side_are_two(raw, python, flags):
    assert render_options(raw + raw) == python * 2
    assert render_options(raw + raw, "command-line") == flags * 2


def test_a_text_without_options_is_as_it_was():
    assert render_options("data.csv:3: no -o, no --wide", "command-line") == (
        "data.csv:3: no -o, no --wide"
    )


@pytest.mark.parametrize(
    "text", ["\0", "a\0b\0c", "\0wide\0\0", "\0wide\0[1, 2, 3, 4]\0", "\0wide()\0[5]\0", "\0a\0{\0"]
)
def test_nuls_of_a_file_that_are_no_option_stay(text):
    assert render_options(text, "command-line") == text
    assert find_options(text) == ()


@pytest.mark.parametrize("depth", [100_000])
def test_nuls_around_deep_nesting_stay(depth):
    text = f"\0wide\0{'[' * depth}\0"
    assert render_options(text) == text


def make_error():
    return TooShort(
        f"data.csv: {option('folds', 9)} are too many",
        hint=f"give {option('folds', 3)} or {command('train', Option('wide', True))}",
    )


def test_str_and_hint_are_written_for_python():
    error = make_error()
    assert str(error) == "data.csv: folds=9 are too many"
    assert error.hint == "give folds=3 or stockcast.train(wide=True)"
    assert repr(error) == "TooShort('data.csv: folds=9 are too many')"


def test_the_raw_texts_are_there_for_the_command_line():
    error = make_error()
    assert render_options(error.raw_message, "command-line") == "data.csv: --folds 9 are too many"
    assert render_options(error.raw_hint, "command-line") == (
        "give --folds 3 or stockcast train --wide"
    )


def test_a_program_can_read_which_options_an_error_names():
    assert make_error().options == (Option("folds", 9), Option("folds", 3), Option("wide", True))
    assert StockcastError("no").options == ()


def copy_by_pickle(error):
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("duplicate", [copy_by_pickle, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("kind", list(list_tree(StockcastError)))
def test_a_copy_of_an_error_says_the_same(kind, duplicate):
    error = kind(f"no {option('wide', True)}", hint=f"give {option('column', 'Close')}")
    again = duplicate(error)
    assert type(again) is kind
    assert (again.raw_message, again.raw_hint) == (error.raw_message, error.raw_hint)
    assert (str(again), again.hint, again.options) == (str(error), error.hint, error.options)


def test_a_copy_of_a_question_keeps_its_choices():
    error = AmbiguousPrices("which?", hint="say which")
    error.choices = ("Open", "Close")
    assert copy_by_pickle(error).choices == ("Open", "Close")


def test_a_traceback_ends_with_the_hint():
    error = UsageError("no", hint=f"give {option('folds', 3)}")
    assert traceback.format_exception(error)[-1] == "give folds=3\n"
    error.add_note("in cell 7")
    error.change_hint("give up")
    assert error.hint == "give up"
    assert traceback.format_exception(copy_by_pickle(error))[-2:] == ["give up\n", "in cell 7\n"]
    assert traceback.format_exception(UsageError("no"))[-1].endswith("UsageError: no\n")


def raise_it(error):
    raise error


@pytest.mark.slow
def test_an_error_comes_back_from_another_process_whole():
    error = make_error()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool, pytest.raises(TooShort) as caught:
        pool.submit(raise_it, error).result()
    assert (str(caught.value), caught.value.hint) == (str(error), error.hint)
    assert caught.value.options == error.options
