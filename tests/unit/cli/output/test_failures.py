"""The exit code of many tickers: 0, that of their errors, or 3."""

import pytest

from stockcast.cli.output.failures import Failures
from stockcast.errors import (
    BelowStandard,
    LeakageFound,
    ModelNotFound,
    PriceError,
    PricesNotFound,
    SomeFailed,
    StockcastError,
    TooShort,
    UsageError,
)


def count(*errors):
    failures = Failures()
    for error in errors:
        failures.add(error)
    return failures


def test_nothing_is_raised_where_nothing_failed():
    count(None, None).require_none(2, others="…")
    count().require_none(0, others="…")


def test_some_failed_is_3_whatever_they_have_in_common():
    with pytest.raises(SomeFailed, match="1 of 2 tickers failed") as raised:
        count(None, TooShort("short")).require_none(2, others="the others are done")
    assert raised.value.exit_code == 3
    assert raised.value.hint == "what is wrong with each stands above; the others are done"


@pytest.mark.parametrize(
    ("errors", "kind", "code"),
    [
        ([TooShort("short"), PricesNotFound("none")], PriceError, 4),
        ([BelowStandard("low")], BelowStandard, 6),
        ([UsageError("late"), UsageError("late")], UsageError, 2),
        ([LeakageFound("leak"), StockcastError("died")], StockcastError, 1),
        ([TooShort("short"), ModelNotFound("none")], SomeFailed, 3),
    ],
)
def test_all_failed_has_the_code_that_all_have(errors, kind, code):
    with pytest.raises(StockcastError, match=r"tickers? failed") as raised:
        count(*errors).require_none(len(errors), others="no others")
    assert type(raised.value) is kind
    assert raised.value.exit_code == code
    assert "others" not in raised.value.hint
