from dataclasses import replace

import pytest

from stockcast.ledger.entry import Entry

ENTRY = Entry(
    made_at="2013-03-01T22:15:00Z",
    model="0f" * 32,
    ticker="GOOG",
    cutoff="2013-03-01",
    step=1,
    date="2013-03-04",
    forecast=404.7771663476536,
    last_price=404.3431686260103,
)


@pytest.fixture(scope="session")
def make_entry():
    """Make an entry that differs from a usual one in these fields."""
    return lambda **fields: replace(ENTRY, **fields)
