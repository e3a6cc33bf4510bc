"""A CSV of forecasts: what is read, and what is refused, with its line."""

import numpy as np
import pytest

from stockcast.backtesting.recorded_file import make_recorded, read_text_table
from stockcast.errors import UnusableForecasts
from stockcast.prices.csv.raw import RawFile


@pytest.fixture
def read(tmp_path):
    def read_text(text, *, encoding="utf-8"):
        path = tmp_path / "mine.csv"
        path.write_bytes(text.encode(encoding))
        return make_recorded(read_text_table(RawFile("mine.csv", path)), stem="mine")

    return read_text


def test_a_date_and_a_forecast_are_enough(read):
    (one,) = read("date,forecast\n2012-01-03,7.5\n2012-01-04,8\n")
    assert (one.name, list(one.tickers), one.horizon, one.levels) == ("mine", [""], 1, ())
    rows = one.tickers[""]
    assert rows.dates.astype(str).tolist()[0] == "2012-01-03T00:00:00.000000"
    assert rows.forecast.tolist() == [7.5, 8.0]
    assert np.isnat(rows.last_dates).all()
    assert rows.steps.tolist() == [0, 0]


def test_models_and_tickers_are_taken_apart_and_keep_their_lines(read):
    found = read(
        "model,ticker,date,forecast\n"
        "a,IBM,2012-01-03,1\n"
        "b,IBM,2012-01-03,2\n"
        "a,GOOG,2012-01-03,3\n"
        "b,GOOG,2012-01-03,4\n"
        "a,IBM,2012-01-04,5\n"
    )
    assert [one.name for one in found] == ["a", "b"]
    rows = found[0].tickers["IBM"]
    assert rows.forecast.tolist() == [1.0, 5.0]
    assert [rows.locate(row) for row in (0, 1)] == ["mine.csv:2", "mine.csv:6"]
    assert list(found[1].tickers) == ["IBM", "GOOG"]


def test_a_model_a_ticker_is_one_candidate_called_as_the_file(read):
    (one,) = read(
        "ticker,date,forecast,model\nIBM,2012-01-03,1,models/IBM\nGOOG,2012-01-03,2,models/GOOG\n"
    )
    assert (one.name, sorted(one.tickers)) == ("mine", ["GOOG", "IBM"])


def test_volatility_is_in_percent_and_empty_bounds_are_none(read):
    (one,) = read(
        "date,forecast,volatility,lower_80,upper_80\n2012-01-03,7,1.5,6,8\n2012-01-04,7,,,\n"
    )
    rows = one.tickers[""]
    np.testing.assert_array_equal(rows.volatility, [0.015, np.nan])
    np.testing.assert_array_equal(rows.bounds[0.8], [[6.0, np.nan], [8.0, np.nan]])
    assert one.has_volatility
    assert one.levels == (0.8,)


def test_quantiles_are_read_with_their_shortfalls_and_empty_ones_are_none(read):
    (one,) = read(
        "date,forecast,quantile_5,shortfall_5,quantile_95\n"
        "2012-01-03,7,6,5.5,8\n2012-01-04,7,,,8.5\n"
    )
    tails = one.tickers[""].tails
    np.testing.assert_array_equal(tails[0.05], [[6.0, np.nan], [5.5, np.nan]])
    np.testing.assert_array_equal(tails[0.95], [[8.0, 8.5], [np.nan, np.nan]])
    assert one.quantiles == (0.05, 0.95)
    assert one.levels == ()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("9,8,5,11", "quantile_5 is 9, above quantile_95, 8"),
        ("6,8,6.5,11", "shortfall_5 is 6.5, above quantile_5, 6"),
        ("6,8,5,7", "quantile_95 is 8, above shortfall_95, 7"),
        ("x,8,5,9", "quantile_5 is 'x', expected a number"),
    ],
)
def test_quantiles_out_of_order_are_refused_with_their_line(read, row, message):
    head = "date,forecast,quantile_5,quantile_95,shortfall_5,shortfall_95\n"
    with pytest.raises(UnusableForecasts, match=rf"mine.csv:3: {message}"):
        read(f"{head}2012-01-03,7,6,8,5,9\n2012-01-04,7,{row}\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_a_spreadsheet_wrote_is_read(read, encoding):
    text = "Date;Forecast\r\n28.02.2013;1.234,5\r\n01.03.2013;7,25\r\n"
    (one,) = read(text, encoding=encoding)
    rows = one.tickers[""]
    assert rows.dates.astype("datetime64[D]").astype(str).tolist() == ["2013-02-28", "2013-03-01"]


def test_a_decimal_comma_is_read_where_no_cell_has_a_point(read):
    (one,) = read("date;forecast\n2013-02-28;7,25\n2013-03-01;8\n")
    assert one.tickers[""].forecast.tolist() == [7.25, 8.0]


def test_empty_lines_are_left_out_and_lines_stay_true(read):
    with pytest.raises(UnusableForecasts, match=r"mine.csv:5: forecast is 'x', expected a number"):
        read("date,forecast\n\n2013-02-28,7\n\n2013-03-01,x\n")


def test_text_that_a_spreadsheet_must_not_run_is_taken_back(read):
    (one,) = read("ticker,date,forecast\n'=A,2013-02-28,7\n")
    assert list(one.tickers) == ["=A"]


HEAD = "date,last_date,step,forecast,lower_80,upper_80,volatility\n"
GOOD = "2013-02-28,2013-02-27,1,7,6,8,1.5\n"


def test_a_row_of_all_columns_is_good(read):
    assert len(read(HEAD + GOOD)[0].tickers[""]) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2013-03-01,2013-02-28,1,nan,6,8,1.5", "forecast is empty"),
        ("2013-03-01,2013-02-28,1,inf,6,8,1.5", "forecast is 'inf', expected a number"),
        ("2013-03-01,2013-02-28,1,0,6,8,1.5", "forecast is 0, expected a price above 0"),
        ("2013-03-01,2013-02-28,1,-7,6,8,1.5", "forecast is -7, expected a price above 0"),
        ("2013-03-01,2013-02-28,1,7,8,6,1.5", r"lower_80 is 8, above upper_80, 6"),
        ("2013-03-01,2013-02-28,1,7,6,,1.5", "one of lower_80 and upper_80 is empty"),
        ("2013-03-01,2013-02-28,1,7,6,8,0", "volatility is 0, expected percent above 0"),
        ("2013-03-01,2013-02-28,1.5,7,6,8,1", "step is 1.5, expected 1 or more bars"),
        ("2013-03-01,2013-02-28,-1,7,6,8,1", "step is -1, expected 1 or more bars"),
        (",2013-02-28,1,7,6,8,1", "the date is empty"),
        ("soon,2013-02-28,1,7,6,8,1", "date is 'soon', expected a date such as 2013-02-28"),
        ("2013-02-30,2013-02-28,1,7,6,8,1", "date is '2013-02-30', expected a date"),
        (
            "2013-03-01,2013-03-01,1,7,6,8,1",
            "last_date is 2013-03-01, which is not before the date forecast, 2013-03-01",
        ),
        ("2013-03-01,7", "2 cells in this row, expected 7 as in the header"),
    ],
)
def test_a_cell_that_cannot_be_meant_is_refused_with_its_line(read, row, message):
    with pytest.raises(UnusableForecasts, match=rf"mine.csv:3: {message}") as caught:
        read(HEAD + GOOD + row + "\n" + GOOD)
    assert caught.value.exit_code == 9
    assert caught.value.hint


def test_how_many_more_rows_are_wrong_is_said(read):
    with pytest.raises(UnusableForecasts, match=r"mine.csv:2: forecast is empty \(and 2 more\)"):
        read("date,forecast\n" + "2013-02-28,\n" * 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,forecast\n", "a header and no rows below it"),
        ("", "empty"),
        ("<html><body>no</body></html>", "web page"),
        ("date,forecast\n01/02/2013,7\n03/02/2013,7\n", "can be"),
    ],
)
def test_what_is_no_table_of_forecasts_is_refused(read, text, message):
    with pytest.raises(UnusableForecasts, match=message):
        read(text)


@pytest.mark.parametrize("text", ["\n\x01\n", "\n2012-01-03,7\n"])
def test_an_empty_line_is_no_header(read, text):
    with pytest.raises(UnusableForecasts, match=r"mine\.csv:1: an empty line, expected a header"):
        read(text)
