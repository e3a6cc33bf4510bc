"""The public API: its names, loaded on first use."""

from __future__ import annotations

import pytest

import stockcast


@pytest.mark.parametrize("name", stockcast.__all__)
def test_each_public_name_loads_what_it_says(name):
    assert getattr(stockcast, name).__name__ == name


def test_the_public_names_are_sorted_and_listed_once():
    assert stockcast.__all__ == sorted(set(stockcast.__all__))


def test_dir_lists_every_public_name():
    assert set(stockcast.__all__) <= set(dir(stockcast))


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'forecast_last'"):
        _ = stockcast.forecast_last
