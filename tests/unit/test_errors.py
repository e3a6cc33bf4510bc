"""The error tree: who is under whom, and which exit code each class owns."""

from __future__ import annotations

import re

import pytest

from stockcast import errors
from stockcast.errors import StockcastError

EXIT_CODES = {
    "StockcastError": 1,
    "LeakageFound": 1,
    "UsageError": 2,
    "InvalidRecipe": 2,
    "TrainingDiverged": 2,
    "MissingLibrary": 2,
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
    "ModelError": 5,
    "ModelNotFound": 5,
    "UntrustedModel": 5,
    "ModelMismatch": 5,
    "BelowStandard": 6,
    "StalePrices": 7,
    "OutputError": 8,
    "TooFewResiduals": 5,
    "LedgerError": 9,
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
