"""Small price files, and how they are read."""

from __future__ import annotations

import io

import pytest

from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices


@pytest.fixture(scope="session")
def text(make_history, to_yahoo):
    """A price file's bytes."""
    return "".join(f"{line}\n" for line in to_yahoo(make_history(40))).encode()


@pytest.fixture
def plain(text, write_csv):
    """What the price file is, unpacked."""
    (history,) = read_prices(write_csv(text, "GOOG.csv"))
    return history


@pytest.fixture
def read(tmp_path):
    """Write a file and read its one history."""

    def read_one(content, name="GOOG.bin", **options):
        path = tmp_path / name
        path.write_bytes(content)
        (history,) = read_prices(path, ReadOptions(**options))
        return history

    return read_one


@pytest.fixture
def read_stream():
    """Read one history from a stream, as from stdin."""

    def read_one(content, **options):
        (history,) = read_prices(io.BytesIO(content), ReadOptions(**options))
        return history

    return read_one
