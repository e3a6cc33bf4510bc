"""What properties are searched with."""

from __future__ import annotations

import pytest

from stockcast.errors import StockcastError


@pytest.fixture(scope="session")
def attempt():
    """Call a function: what it returns, or the refusal that it raises; any other error is one."""

    def call(function, *arguments, **options):
        try:
            return function(*arguments, **options)
        except StockcastError as error:
            return error

    return call


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    """A folder for files that each example writes anew."""
    return tmp_path_factory.mktemp("scratch")
