"""What a user may say of a file."""

import pytest

from stockcast.errors import UsageError
from stockcast.prices.csv.options import ReadOptions


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("%d/%m/%Y", "dmy"),
        ("%b %d, %Y", "mdy"),
        ("dd.mm.yyyy", "dmy"),
        ("YYYY-MM-DD", "ymd"),
        ("mdy", "mdy"),
    ],
)
def test_an_order_of_dates_may_be_written_in_several_ways(written, order):
    assert ReadOptions(date_format=written).date_order == order


@pytest.mark.parametrize(
    ("written", "calendar", "order"),
    [
        ("jalali", "jalali", None),
        ("ROC", "roc", None),
        ("buddhist %d/%m/%Y", "buddhist", "dmy"),
        ("gregorian ymd", "gregorian", "ymd"),
        ("%d/%m/%Y", None, "dmy"),
    ],
)
def test_a_calendar_may_stand_before_the_order_or_alone(written, calendar, order):
    options = ReadOptions(date_format=written)
    assert (options.date_calendar, options.date_order) == (calendar, order)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"date_format": "%m/%Y"}, "date_format= is '%m/%Y', expected an order"),
        ({"date_format": "jalali %m/%Y"}, "date_format= is 'jalali %m/%Y', expected an order"),
        ({"date_format": "lunar"}, "date_format= is 'lunar', expected an order"),
        ({"encoding": "nope"}, "encoding= is 'nope', which is none"),
        ({"delimiter": ";;"}, "delimiter= is ';;', expected one character"),
        ({"delimiter": ""}, "delimiter= is '', expected one character"),
        ({"decimal": ",", "thousands": ","}, "decimal= and thousands= are both ','"),
    ],
)
def test_what_cannot_be_true_of_any_file_is_refused(said, problem):
    with pytest.raises(UsageError, match=problem):
        ReadOptions(**said)
