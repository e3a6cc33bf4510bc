"""How the properties are searched: the same examples everywhere, so that a failure is no chance."""

from __future__ import annotations

import pytest
from hypothesis import settings

from stockcast.errors import StockcastError

settings.register_profile("stockcast", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("stockcast")


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
