import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.files.naming import name_safely


@pytest.mark.parametrize("ticker", ["GOOG", "BRK.B", "^GSPC", "EURUSD=X", "BTC-USD", "日経"])
def test_an_ordinary_ticker_is_its_own_name(ticker):
    assert name_safely(ticker) == ticker


@pytest.mark.parametrize("ticker", ["", ".", "..", "...."])
def test_dots_alone_are_no_name(ticker):
    assert name_safely(ticker) == ""


def test_tickers_that_look_alike_have_names_of_their_own():
    names = {name_safely(ticker) for ticker in ("BRK/B", "BRK_B", "BRK B", ".BRK_B", "BRK\\B")}
    assert len(names) == 5
    assert name_safely("BRK/B") == "BRK_B-82f67012"


@given(st.text(max_size=256))
def test_no_ticker_leaves_its_folder_or_hides(ticker):
    name = name_safely(ticker)
    assert not set(name) & set("/\\\0\n")
    assert not name.startswith(".")
    assert len(name.encode()) <= 140
