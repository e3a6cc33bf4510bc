"""Small made-up files, one a kind: every way in which providers are known to write prices."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.csv.describe import describe_file
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import open_raw, read_prices

DAYS = ["2021-03-11", "2021-03-12", "2021-03-15", "2021-03-16", "2021-03-17"]
BARS = {
    "open": [20.25, 20.75, 21.5, 20.125, 19.75],
    "high": [20.875, 21.75, 21.625, 20.5, 20.25],
    "low": [20.125, 20.5, 20.0, 19.5, 19.25],
    "close": [20.75, 21.5, 20.25, 19.75, 20.0625],
    "volume": [1200.0, 1350.0, 980.0, 1500.0, 1125.0],
}
CLOSES = BARS["close"]
ENGLISH = ["Date", "Open", "High", "Low", "Close", "Volume"]


def make_lines(header=tuple(ENGLISH), delimiter=",", *, days=tuple(DAYS), decimal="."):
    """Write the history as lines; None for a header leaves it out."""
    rows = [
        [day, *(f"{values[row]:g}".replace(".", decimal) for values in BARS.values())]
        for row, day in enumerate(days)
    ]
    return [delimiter.join(row) for row in ([list(header)] if header else []) + rows]


def to_days(dates):
    return [str(day) for day in dates.astype("datetime64[D]")]


@pytest.fixture
def read(write_csv):
    """Write a file and read it: its histories."""

    def call(content, name="data.csv", **options):
        return read_prices([write_csv(content, name)], ReadOptions(**options))

    return call


@pytest.fixture
def read_one(read):
    """Write a file of one ticker and read it."""

    def call(content, **options):
        (history,) = read(content, **options)
        return history

    return call


@pytest.fixture
def describe(write_csv):
    """Write a file and tell how it is read."""

    def call(content, **options):
        return describe_file(open_raw(write_csv(content)), ReadOptions(**options))

    return call


@pytest.fixture
def expect_the_history(read_one):
    """Read a file and compare all its columns with those of the made-up history."""

    def check(content, *, columns=tuple(BARS), **options):
        history = read_one(content, **options)
        assert to_days(history.dates) == DAYS
        assert {name: list(values) for name, values in history.columns.items()} == {
            name: BARS[name] for name in columns
        }
        return history

    return check


# Text and cells ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "delimiter", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"]
)
def test_cells_may_stand_between_any_usual_delimiter(delimiter, expect_the_history, describe):
    lines = make_lines(delimiter=delimiter)
    expect_the_history(lines)
    assert describe(lines)["delimiter"] == delimiter


def test_a_delimiter_that_no_one_uses_is_read_when_it_is_named(expect_the_history):
    expect_the_history(make_lines(delimiter="~"), delimiter="~")


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32"),
    ],
)
def test_any_unicode_encoding_is_known_with_or_without_its_mark(
    codec, told, expect_the_history, describe
):
    content = "\n".join(make_lines()).encode(codec)
    expect_the_history(content)
    assert describe(content)["encoding"] == told


@pytest.mark.parametrize(
    ("codec", "header"),
    [
        ("cp1252", ["Datum", "Eröffnung", "Höchst", "Tiefst", "Schlusskurs", "Stück"]),
        ("latin-1", ["Fecha", "Apertura", "Máximo", "Mínimo", "Último", "Volumen"]),
        ("cp1250", ["Data", "Otwarcie", "Najwyższy", "Najniższy", "Zamknięcie", "Wolumen"]),
        ("cp1251", ["Дата", "Открытие", "Максимум", "Минимум", "Закрытие", "Объем"]),
        ("cp932", ["日付", "始値", "高値", "安値", "終値", "出来高"]),
        ("gbk", ["日期", "开盘价", "最高价", "最低价", "收盘价", "成交量"]),
        ("big5", ["日期", "開盤價", "最高價", "最低價", "收盤價", "成交量"]),
        ("cp949", ["일자", "시가", "고가", "저가", "종가", "거래량"]),
        ("cp1254", ["Tarih", "Açılış", "Yüksek", "Düşük", "Şimdi", "Hac."]),
        ("cp1253", ["Ημερομηνία", "Άνοιγμα", "Υψηλό", "Χαμηλό", "Τελευταία", "Όγκος"]),
        ("cp1255", ["תאריך", "פתיחה", "גבוה", "נמוך", "אחרון", "נפח"]),
        ("cp1256", ["التاريخ", "الفتح", "الأعلى", "الأدنى", "الأخير", "الحجم"]),
        ("cp874", ["วันที่", "เปิด", "สูงสุด", "ต่ำสุด", "ล่าสุด", "ปริมาณ"]),
    ],
)
def test_an_encoding_from_before_unicode_is_told_by_its_names(codec, header, expect_the_history):
    content = "\r\n".join(make_lines(header, ";")).encode(codec)
    expect_the_history(content)
    expect_the_history(content, encoding=codec)


@pytest.mark.parametrize(
    "ends",
    [("\n",), ("\r\n",), ("\r\r\n",), ("\r",), ("\n", "\r\n"), ("\r\r\n", "\n", "\r\n")],
    ids=["LF", "CRLF", "CR CR LF", "CR", "LF and CRLF", "all kinds"],
)
def test_any_line_ends_are_read_also_mixed_ones(ends, expect_the_history):
    lines = make_lines()
    text = "".join(line + ends[number % len(ends)] for number, line in enumerate(lines))
    history = expect_the_history(text.encode())
    assert list(history.lines) == [2, 3, 4, 5, 6]


def test_a_delimiter_at_the_end_of_every_line_is_an_empty_column(expect_the_history):
    expect_the_history([line + "," for line in make_lines()])


def test_several_empty_columns_at_the_end_are_passed_over(expect_the_history):
    expect_the_history([line + ",,," for line in make_lines()])


def test_a_leading_column_of_row_numbers_is_passed_over(expect_the_history):
    header, *rows = make_lines()
    expect_the_history([f",{header}", *(f"{number},{row}" for number, row in enumerate(rows))])


def test_empty_lines_at_the_end_are_passed_over(expect_the_history):
    expect_the_history("\n".join(make_lines()) + "\n\n  \n\n")


def test_lines_of_delimiters_alone_are_passed_over(expect_the_history):
    expect_the_history([*make_lines(), ",,,,,", ",,,,,"])


def test_spaces_around_names_and_cells_do_not_count(expect_the_history, describe):
    lines = [line.replace(",", " , ") for line in make_lines()]
    expect_the_history(lines)
    expect_the_history(make_lines(["Date", " Open", " High", " Low", " Close", " Volume"]))
    assert describe(lines)["close_column"] == " Close "


def test_every_cell_may_be_quoted(expect_the_history):
    expect_the_history(['"' + line.replace(",", '","') + '"' for line in make_lines()])


# The header ----------------------------------------------------------------------------------


def test_a_file_without_a_header_is_read_by_which_column_is_highest_and_lowest(
    expect_the_history, describe
):
    expect_the_history(make_lines(None))
    told = describe(make_lines(None))
    assert told["header"] is None
    assert told["close_column"] == "#5"
    assert any("no header" in finding["message"] for finding in told["findings"])


def test_without_a_header_the_close_may_stand_before_the_high(read_one):
    rows = [
        f"{day},{BARS['open'][n]},{BARS['low'][n]},{BARS['high'][n]},{BARS['close'][n]}"
        for n, day in enumerate(DAYS)
    ]
    history = read_one(rows)
    assert list(history.columns["high"]) == BARS["high"]
    assert list(history.columns["low"]) == BARS["low"]
    assert list(history.columns["close"]) == BARS["close"]


def test_without_a_header_columns_that_are_no_bars_are_asked_about(read, expect_refusal):
    rows = [f"{day},{n + 1},{5 - n},{n * 2 + 1},{7 - n}" for n, day in enumerate(DAYS)]
    with expect_refusal(AmbiguousPrices, "no header", hint="Date,Open"):
        read(rows)


def test_without_a_header_a_volume_before_the_price_is_not_taken_for_it(read, expect_refusal):
    volumes = ["8731", "1350", "9805", "1500", "1125"]
    rows = list(map(",".join, zip(DAYS, volumes, map(str, CLOSES), strict=True)))
    with expect_refusal(AmbiguousPrices, "no header", "whole numbers", hint="Date,Close,Volume"):
        read(rows)
    (history,) = read(["Date,Volume,Close", *rows])
    assert list(history.columns["close"]) == CLOSES


def test_yfinance_s_three_header_lines_name_the_ticker(read):
    lines = [
        "Price,Close,High,Low,Open,Volume",
        "Ticker,MADE-UP,MADE-UP,MADE-UP,MADE-UP,MADE-UP",
        "Date,,,,,",
        *[
            f"{day},{BARS['close'][n]},{BARS['high'][n]},{BARS['low'][n]},{BARS['open'][n]},7"
            for n, day in enumerate(DAYS)
        ],
    ]
    (history,) = read(lines)
    assert history.ticker == "MADE-UP"
    assert list(history.columns["close"]) == CLOSES
    assert list(history.columns["open"]) == BARS["open"]
    assert list(history.lines) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    "notice", ["https://prices.example", "Prices of a made-up company", '"Prices, in dollars"']
)
def test_a_notice_above_the_header_is_passed_over(notice, expect_the_history):
    history = expect_the_history([notice, *make_lines()])
    assert history.lines[0] == 3


def test_a_title_and_an_empty_line_above_the_header_are_passed_over(expect_the_history):
    history = expect_the_history(["Made-up prices", "", *make_lines()])
    assert history.lines[0] == 4


PREAMBLES = {
    "a security": ["Security,MADE UP Equity", "Start Date,2021-03-01", "Currency,USD", ""],
    "many lines": ["A line about the prices, and what they are not for"] * 15,
    "a date alone": ["2021-03-20", ""],
    "the day it was made": ["Made-up prices", "Date,2021-03-20"],
    "a line as wide as the table": ["All, of, this, is, made, up", ""],
    "names without a table": ["Price,USD", "Volume,Shares", ""],
    "more lines than are looked at at first": ["Nothing, at all"] * 600,
}


@pytest.mark.parametrize("lines", PREAMBLES.values(), ids=PREAMBLES)
@pytest.mark.parametrize("columns", [tuple(BARS), ("close",)], ids=["bars", "closes"])
def test_what_stands_above_the_header_is_passed_over_however_long_it_is(
    lines, columns, expect_the_history
):
    table = make_lines()
    if columns == ("close",):
        table = ["Date,Close", *(f"{day},{one}" for day, one in zip(DAYS, CLOSES, strict=True))]
    history = expect_the_history([*lines, *table], columns=columns)
    assert history.lines[0] == len(lines) + 2


@pytest.mark.parametrize("mark", [";", ",", "\t", "|", "^"])
def test_a_first_line_may_declare_the_delimiter(mark, expect_the_history, describe):
    lines = [f"sep={mark}", *make_lines(delimiter=mark)]
    history = expect_the_history(lines)
    assert history.lines[0] == 3
    assert describe(lines)["delimiter"] == mark
    closes = [f"{day}{mark}{one}" for day, one in zip(DAYS, CLOSES, strict=True)]
    expect_the_history([f"sep={mark}", *closes], columns=("close",))


def test_a_delimiter_that_is_declared_and_not_used_is_passed_over(expect_the_history):
    expect_the_history(["sep=;", *make_lines()])


@pytest.mark.parametrize("unit", [1, 1000, 10**6])
def test_a_column_of_epochs_under_any_name_holds_the_dates_if_no_other_does(
    unit, read_one, describe
):
    stamps = np.array(DAYS, dtype="datetime64[s]").astype(np.int64) * unit
    volumes = [250_000_000, 310_000_000, 280_000_000, 300_000_000, 290_000_000]
    rows = [f"{v},{s},{c}" for v, s, c in zip(volumes, stamps, CLOSES, strict=True)]
    lines = ["Volume,Foo,Close", *rows]
    assert to_days(read_one(lines).dates) == DAYS
    assert describe(lines)["date_column"] == "Foo"


@pytest.mark.slow
def test_of_two_unknown_names_the_column_that_is_all_dates_holds_them(read_one, describe):
    begun = ["2020-01-01", "2020-01-01", "2020-01-01", "open", ""]
    rows = [f"{a},{b},{c}" for a, b, c in zip(begun, DAYS, CLOSES, strict=True)]
    lines = ["Settled on,Traded on,Close", *rows]
    assert to_days(read_one(lines).dates) == DAYS
    assert describe(lines)["date_column"] == "Traded on"


def test_crsp_s_prices_below_zero_are_read_without_the_sign_and_told_of(read_one):
    prices = [20.75, -21.5, 20.25, -19.75, 20.0625]
    rows = [f"10001,{day},MADE,{price},900" for day, price in zip(DAYS, prices, strict=True)]
    history = read_one(["PERMNO,date,TICKER,PRC,VOL", *rows])
    assert list(history.columns["close"]) == CLOSES
    (finding,) = [one for one in history.findings if one.kind == "unsigned-prices"]
    assert (finding.count, finding.lines) == (2, (3, 5))
    assert "line 3" in finding.message


@pytest.mark.parametrize(
    "header",
    [
        ENGLISH,
        ["Datum", "Eröffnung", "Hoch", "Tief", "Schluss", "Volumen"],
        ["Data", "Otwarcie", "Najwyzszy", "Najnizszy", "Zamkniecie", "Wolumen"],
        ["Data", "Abertura", "Máxima", "Mínima", "Último", "Vol."],
        ["Fecha", "Apertura", "Máximo", "Mínimo", "Último", "Vol."],
        ["Date", "Ouv.", "Plus Haut", "Plus Bas", "Dernier", "Vol."],
        ["Data", "Apertura", "Massimo", "Minimo", "Ultimo", "Vol."],
        ["日期", "开盘", "高", "低", "收盘", "交易量"],
        ["日付け", "始値", "高値", "安値", "終値", "出来高"],
        ["날짜", "시가", "고가", "저가", "종가", "거래량"],
        ["Дата", "Откр.", "Макс.", "Мин.", "Цена", "Объём"],
        ["<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"],
        ["timestamp", "1. open", "2. high", "3. low", "4. close", "5. volume"],
        ["t", "o", "h", "l", "c", "v"],
        ["Date", "Open", "High", "Low", "Close/Last", "Volume"],
        ["Date", "Open", "High", "Low", "Price", "Vol."],
        ["Date", "Open Price", "High Price", "Low Price", "Close Price", "No.of Shares"],
    ],
    ids=lambda header: f"{header[0]} {header[4]}",
)
def test_names_of_every_known_language_and_provider_are_read(header, expect_the_history):
    expect_the_history(make_lines(header))


def test_the_last_trade_beside_the_close_is_not_the_close(read_one):
    rows = [f"{day},{close + 1},{close}" for day, close in zip(DAYS, CLOSES, strict=True)]
    assert list(read_one(["Date,Last,Close", *rows]).columns["close"]) == CLOSES


@pytest.mark.parametrize("name", ["adjClose", "adj_close", "Adj Close", "Adj Close**"])
def test_an_adjusted_close_stands_beside_the_close(name, read_one):
    rows = [f"{day},{close},{close / 2}" for day, close in zip(DAYS, CLOSES, strict=True)]
    history = read_one([f"Date,Close,{name}", *rows])
    assert list(history.columns["close"]) == CLOSES
    assert list(history.columns["adj_close"]) == [close / 2 for close in CLOSES]


def test_open_and_close_before_high_and_low_are_read_by_their_names(read_one):
    history = read_one(["date,OPEN,CLOSE,HIGH,LOW", "2021-03-11,2,3,4,1", "2021-03-12,3,2,5,1.5"])
    assert {name: list(values) for name, values in history.columns.items()} == {
        "open": [2.0, 3.0],
        "high": [4.0, 5.0],
        "low": [1.0, 1.5],
        "close": [3.0, 2.0],
    }


def test_the_only_column_of_numbers_is_the_close_whatever_its_name(read_one):
    history = read_one(["observation_date,XYZ500", "2021-03-11,2092.43", "2021-03-12,2095.84"])
    assert list(history.columns["close"]) == [2092.43, 2095.84]


# Numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,008.64", "998.5"], [1008.64, 998.5]),
        (["1.008,64", "998,5"], [1008.64, 998.5]),
        (["119.380", "120.144", "98,5"], [119380.0, 120144.0, 98.5]),
        (["119,380", "120,144", "98.5"], [119380.0, 120144.0, 98.5]),
        (["$191.31", "$1,191.3"], [191.31, 1191.3]),
        (["€ 191,31", "€ 1.191,3"], [191.31, 1191.3]),
        (["1 008,64", "998,5"], [1008.64, 998.5]),
        (["1\u00a0008,64", "998,5"], [1008.64, 998.5]),
        (["1\u202f008,64", "998,5"], [1008.64, 998.5]),
        (["1'008.64", "998.5"], [1008.64, 998.5]),
        (["12,34,567.5", "998.5"], [1234567.5, 998.5]),
        (["-0.5", "(0.25)"], [-0.5, -0.25]),
        (["\u22120.5", "0.25"], [-0.5, 0.25]),
        (["1.008640e3", "998.5"], [1008.64, 998.5]),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, list) else None,
)
def test_a_number_is_read_in_the_file_s_own_notation(cells, numbers, read_one):
    lines = ["Date;Close", *(f"{day};{cell}" for day, cell in zip(DAYS, cells, strict=False))]
    assert list(read_one(lines).columns["close"]) == numbers


def test_one_cell_far_down_settles_what_a_point_means_for_the_whole_file(read_one):
    days = np.busday_offset("2010-01-04", np.arange(30_000) % 3000, roll="forward")
    days = np.unique(days)
    rows = [f"{day};{119 + n % 7}.{380 + n % 600}" for n, day in enumerate(days)]
    rows[-1] = f"{days[-1]};98,5"
    closes = read_one(["Date;Close", *rows]).columns["close"]
    assert closes[0] == 119380.0
    assert closes[-1] == 98.5


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1.23M", 1_230_000.0), ("850K", 850_000.0), ("1.5B", 1.5e9), ("7", 7.0)],
)
def test_a_volume_may_have_a_letter_for_thousands_millions_or_billions(cell, number, read_one):
    history = read_one(["Date,Price,Vol.", f"2021-03-11,1.25,{cell}", "2021-03-12,1.5,2.5M"])
    assert list(history.columns["volume"]) == [number, 2_500_000.0]


def test_a_volume_with_a_decimal_comma_and_a_letter_is_read(read_one):
    lines = [
        '"Data","Último","Vol."',
        '"12.03.2021","119.380","8,73M"',
        '"15.03.2021","119.508","15,07M"',
    ]
    history = read_one(lines)
    assert list(history.columns["close"]) == [119380.0, 119508.0]
    assert list(history.columns["volume"]) == [8_730_000.0, 15_070_000.0]


def test_volumes_may_have_quoted_thousands_where_prices_have_decimals(read_one):
    lines = ["Date,Close,Volume", '2021-03-11,325.25,"7,380,500"', '2021-03-12,331.5,"980,100"']
    assert list(read_one(lines).columns["volume"]) == [7_380_500.0, 980_100.0]


@pytest.mark.parametrize("missing", ["N/A", "null", ".", "-", "--", "", "NaN", "None"])
def test_a_cell_without_a_value_is_missing(missing, read_one):
    lines = ["Date,Open,Close", f"2021-03-11,{missing},1.5", "2021-03-12,1.25,1.75"]
    history = read_one(lines)
    assert np.isnan(history.columns["open"][0])
    assert list(history.columns["close"]) == [1.5, 1.75]


def test_a_row_of_a_holiday_without_any_price_is_left_out_and_told_of(read_one):
    history = read_one(
        ["Date,Open,Close", "2021-03-11,1,2", "2021-03-12,null,null", "2021-03-15,2,3"]
    )
    assert to_days(history.dates) == ["2021-03-11", "2021-03-15"]
    assert [finding.kind for finding in history.findings] == ["unpriced-rows"]


@pytest.mark.slow
def test_a_point_before_three_digits_that_nothing_settles_is_asked_about(read, expect_refusal):
    lines = ["Date;Close", "2021-03-11;119.380", "2021-03-12;119.508"]
    with expect_refusal(AmbiguousPrices, "data.csv", "'119.380'", hint="decimal="):
        read(lines)
    assert list(read(lines, decimal=".")[0].columns["close"]) == [119.38, 119.508]
    assert list(read(lines, decimal=",")[0].columns["close"]) == [119380.0, 119508.0]
    assert list(read(lines, thousands=".")[0].columns["close"]) == [119380.0, 119508.0]


def test_a_quoted_comma_before_three_digits_that_nothing_settles_is_asked_about(
    read, expect_refusal
):
    lines = ["Date,Close", '2021-03-11,"4,475"', '2021-03-12,"4,508"']
    with expect_refusal(AmbiguousPrices, "data.csv", "'4,475'", hint="decimal="):
        read(lines)
    assert list(read(lines, decimal=",")[0].columns["close"]) == [4.475, 4.508]
    assert list(read(lines, decimal=".")[0].columns["close"]) == [4475.0, 4508.0]


def test_a_point_before_three_digits_between_commas_is_a_decimal_point_and_told_of(read_one):
    lines = ["Date,Close", "2021-03-11,4.475", "2021-03-12,4.508"]
    history = read_one(lines)
    assert list(history.columns["close"]) == [4.475, 4.508]
    (finding,) = [one for one in history.findings if one.kind == "decimal-by-custom"]
    assert "'4.475'" in finding.message
    assert read_one(lines, decimal=".").findings == ()


@pytest.mark.slow
def test_one_cell_that_settles_the_decimal_mark_leaves_nothing_to_tell(read_one):
    settled = ["Date,Close", "2021-03-11,4.475", "2021-03-12,4.5"]
    assert read_one(settled).findings == ()
    far_down = ["Date,Close,Remark", *(f"2021-03-11,4.475,{'x' * 60_000}" for _ in range(40))]
    assert read_one([*far_down, "2021-03-12,4.50,x"]).findings[0].kind != "decimal-by-custom"


@pytest.mark.parametrize(
    "lines",
    [
        ["Date,Close,Volume", "2021-03-11,119.380,7.380", "2021-03-12,119.508,8.120"],
        ["Date,Open,High", "2021-03-11,998,1.002", "2021-03-12,2.001,2.050"],
    ],
    ids=["shares of shares", "a high of a thousandth"],
)
def test_columns_that_speak_against_the_custom_make_it_a_question(lines, read, expect_refusal):
    with expect_refusal(AmbiguousPrices, "decimal mark or a thousands mark", hint="decimal="):
        read(lines)
    assert read(lines, decimal=",")[0].columns


# Dates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "form", "rule"),
    [
        (["2021-03-11", "2021-03-12"], "%Y-%m-%d", "iso"),
        (["2021-03-11 00:00:00", "2021-03-12 00:00:00"], "%Y-%m-%d %H:%M:%S", "iso"),
        (["2021-03-11T00:00:00Z", "2021-03-12T00:00:00Z"], "%Y-%m-%dT%H:%M:%S%z", "iso"),
        (["2021-03-11 00:00:00-05:00", "2021-03-12 00:00:00-05:00"], None, "iso"),
        (["2021/3/11", "2021/3/12"], "%Y/%m/%d", "iso"),
        (["2021.03.11", "2021.03.12"], "%Y.%m.%d", "iso"),
        (["20210311", "20210312"], "%Y%m%d", "iso"),
        (["1615420800", "1615507200"], "epoch s", "unique"),
        (["1615420800000", "1615507200000"], "epoch ms", "unique"),
        (["44266", "44267"], "excel serial (days since 1899-12-30)", "unique"),
        (["44266.00", "44267.00"], "excel serial (days since 1899-12-30)", "unique"),
        (["11-MAR-2021", "12-MAR-2021"], "%d-%b-%Y", "unique"),
        (["11-Mar-21", "12-Mar-21"], "%d-%b-%y", "unique"),
        (['"Mar 11, 2021"', '"Mar 12, 2021"'], "%b %d, %Y", "unique"),
        (['"March 11, 2021"', '"March 12, 2021"'], "%B %d, %Y", "unique"),
        (["11 March 2021", "12 March 2021"], "%d %B %Y", "unique"),
        (["11. März 2021", "12. März 2021"], None, "unique"),
        (["11 marca 2021", "12 marca 2021"], None, "unique"),
        (["11 de março de 2021", "12 de março de 2021"], None, "unique"),
        (["11 mars 2021", "12 mars 2021"], None, "unique"),
        (["11 марта 2021", "12 марта 2021"], None, "unique"),
        (["2021年3月11日", "2021年3月12日"], None, "iso"),
        (["2021년 3월 11일", "2021년 3월 12일"], None, "iso"),
        (["Thu 11/03/2021", "Fri 12/03/2021"], None, None),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_a_date_is_read_in_every_known_way(cells, form, rule, read_one, describe):
    given = {} if rule else {"date_format": "dmy"}
    lines = ["Date,Close", f"{cells[0]},1.5", f"{cells[1]},2.5"]
    assert to_days(read_one(lines, **given).dates) == ["2021-03-11", "2021-03-12"]
    told = describe(lines, **given)
    assert told["date_rule"] == (rule or "given")
    if form is not None:
        assert told["date_format"] == form


@pytest.mark.parametrize(
    ("cells", "form", "days"),
    [
        (["1/3/2012", "1/31/2012"], "%m/%d/%Y", ["2012-01-03", "2012-01-31"]),
        (["3/1/2012", "31/1/2012"], "%d/%m/%Y", ["2012-01-03", "2012-01-31"]),
        (["03-01-00", "31-01-00"], "%d-%m-%y", ["2000-01-03", "2000-01-31"]),
        (["11.03.2021", "15.03.2021"], "%d.%m.%Y", ["2021-03-11", "2021-03-15"]),
        (["11/09/17", "11/30/17"], "%m/%d/%y", ["2017-11-09", "2017-11-30"]),
        (["01/02/99", "01/15/99"], "%m/%d/%y", ["1999-01-02", "1999-01-15"]),
    ],
    ids=lambda value: value[1] if isinstance(value, list) else None,
)
def test_one_date_that_only_fits_one_order_settles_all(cells, form, days, read_one, describe):
    lines = ["Date,Close", f"{cells[0]},1.5", f"{cells[1]},2.5"]
    assert to_days(read_one(lines).dates) == days
    told = describe(lines)
    assert (told["date_format"], told["date_rule"]) == (form, "unique")


def test_dates_in_which_day_and_month_cannot_be_told_apart_are_asked_about(
    read, describe, expect_refusal
):
    lines = ["Date,Close", "01/02/2021,1.5", "02/03/2021,2.5", "03/04/2021,3.5"]
    with expect_refusal(
        AmbiguousPrices,
        "data.csv:2: Date '01/02/2021' can be %d/%m/%Y or %m/%d/%Y",
        hint="date_format=",
    ):
        read(lines)
    assert describe(lines)["verdict"] == "ask"
    (by_day,) = read(lines, date_format="dmy")
    assert to_days(by_day.dates) == ["2021-02-01", "2021-03-02", "2021-04-03"]
    (by_month,) = read(lines, date_format="mdy")
    assert to_days(by_month.dates) == ["2021-01-02", "2021-02-03", "2021-03-04"]


def test_dates_that_fit_both_orders_are_read_in_the_one_in_which_they_run_on(read_one, describe):
    days = np.busday_offset("2021-01-01", np.arange(0, 8), roll="forward").astype(object)
    lines = ["Date,Close", *(f"{day:%m/%d/%Y},{n}.5" for n, day in enumerate(days))]
    assert all(day.day <= 12 for day in days)
    assert to_days(read_one(lines).dates) == [str(day) for day in days]
    assert describe(lines)["date_rule"] == "monotonic"


def test_newest_first_the_dates_run_on_in_the_right_order_too(read_one, describe):
    days = np.busday_offset("2021-01-01", np.arange(0, 8), roll="forward").astype(object)
    rows = [f"{day:%d.%m.%Y},{n}.5" for n, day in enumerate(days)][::-1]
    assert to_days(read_one(["Date,Close", *rows]).dates) == [str(day) for day in days]
    assert describe(["Date,Close", *rows])["date_rule"] == "monotonic"


def test_working_days_with_a_two_digit_year_first_are_never_read_as_years_of_one_day(
    read_one, describe
):
    days = np.busday_offset("2021-03-11", np.arange(0, 12), roll="forward").astype(object)
    lines = ["Date,Close", *(f"{day:%y/%m/%d},{n}.5" for n, day in enumerate(days))]
    if describe(lines)["verdict"] != "ask":
        assert to_days(read_one(lines).dates) == [str(day) for day in days]
    assert to_days(read_one(lines, date_format="ymd").dates) == [str(day) for day in days]


def test_days_and_months_that_are_the_same_need_no_order(read_one):
    history = read_one(["Date,Close", "01/01/2021,1.5", "02/02/2021,2.5"])
    assert to_days(history.dates) == ["2021-01-01", "2021-02-02"]


def test_dates_with_a_clock_am_or_pm_are_read(read_one):
    history = read_one(
        ["Date,Close", "3/11/2021 9:30 AM,1.5", "3/11/2021 12:15 PM,2.5", "3/13/2021 4:00:00 PM,3"]
    )
    assert list(history.dates) == [
        np.datetime64("2021-03-11T09:30"),
        np.datetime64("2021-03-11T12:15"),
        np.datetime64("2021-03-13T16:00"),
    ]


def test_epochs_in_seconds_and_in_milliseconds_may_stand_in_one_file(read_one, describe):
    lines = ["unix,close", "1615507200000,2.5", "1615420800,1.5"]
    assert to_days(read_one(lines).dates) == ["2021-03-11", "2021-03-12"]
    told = describe(lines)
    assert set(told["date_format"].split(" and ")) == {"epoch s", "epoch ms"}
    assert told["timezone"] == "UTC"


def test_a_date_beside_a_mixed_epoch_is_the_date_column(read_one, describe):
    lines = [
        "unix,date,symbol,open,high,low,close,Volume XYZ,Volume USDT",
        "1615507200000,2021-03-12 00:00:00,XYZ/USDT,1,3,1,2.5,7,8",
        "1615420800.0,2021-03-11 00:00:00,XYZ/USDT,1,3,1,1.5,7,8",
    ]
    history = read_one(lines)
    assert history.ticker == "XYZ/USDT"
    assert list(history.columns["close"]) == [1.5, 2.5]
    assert list(history.columns["volume"]) == [7.0, 7.0]
    assert describe(lines)["date_column"] == "date"


def test_a_zone_that_the_dates_name_is_told_and_the_clock_is_the_file_s(read_one, describe):
    lines = ["Date,Close", "2021-03-11 09:30:00-05:00,1.5", "2021-03-15 09:30:00-04:00,2.5"]
    assert list(read_one(lines).dates) == [
        np.datetime64("2021-03-11T09:30"),
        np.datetime64("2021-03-15T09:30"),
    ]
    assert describe(lines)["timezone"] == "-04:00 and -05:00"


@pytest.mark.parametrize(
    ("times", "clock"),
    [
        (["15:35:00", "15:40:00"], ["15:35", "15:40"]),
        (["9:35", "15:40"], ["09:35", "15:40"]),
        (["153500", "154000"], ["15:35", "15:40"]),
        (["93500", "154000"], ["09:35", "15:40"]),
        (["0935", "1540"], ["09:35", "15:40"]),
        (["9:35 AM", "3:40 PM"], ["09:35", "15:40"]),
    ],
    ids=lambda cells: cells[0],
)
def test_a_column_of_times_is_added_to_the_dates(times, clock, read_one, describe):
    lines = ["Date,Time,Close", *(f"2021-03-11,{time},1.5" for time in times)]
    history = read_one(lines)
    assert list(history.dates) == [np.datetime64(f"2021-03-11T{time}") for time in clock]
    assert describe(lines)["time_column"] == "Time"


@pytest.mark.slow
def test_what_the_digits_of_a_time_mean_is_the_same_in_every_block_of_a_file(read_one):
    stamps = np.datetime64("2021-03-11T23:00") + np.arange(120) * np.timedelta64(1, "m")
    padding = "x" * 60_000  # few rows a block, so that some hold nothing from before midnight
    rows = [
        f"{stamp:%Y-%m-%d},{int(f'{stamp:%H%M%S}')},{number}.5,{padding}"
        for number, stamp in enumerate(stamps.astype("datetime64[s]").astype(object))
    ]
    assert list(read_one(["Date,Time,Close,Remark", *rows]).dates) == list(stamps)


@pytest.mark.parametrize("time", ["25:00", "10:75", "99:99:99"])
def test_a_time_that_no_clock_shows_is_refused_or_left_out_but_never_another_day(
    time, describe, read_one
):
    lines = ["Date,Time,Close", f"2021-03-11,{time},1.5", "2021-03-12,10:30,2.5"]
    if describe(lines)["verdict"] == "read":
        assert read_one(lines).dates[0] == np.datetime64("2021-03-11T00:00")


def test_times_of_midnight_alone_leave_the_dates_as_they_are(read_one):
    days = [f"{day[8:]}/{day[5:7]}/{day[2:4]}" for day in DAYS]
    rows = [f"{day};000000;{close}" for day, close in zip(days, CLOSES, strict=True)]
    history = read_one(["<DATE>;<TIME>;<CLOSE>", *rows])
    assert list(history.dates) == [np.datetime64(day) for day in DAYS]


def test_intraday_bars_are_told_by_their_step(describe):
    lines = [
        "Date,Time,Close",
        *(f"2021-03-11,10:{minute:02}:00,1.5" for minute in range(0, 50, 5)),
    ]
    assert describe(lines)["interval"] == "5min"


def test_epochs_that_a_spreadsheet_has_rounded_away_are_refused(read, expect_refusal):
    lines = [",Open,High,Low,Close", *["1.66E+12,2,4,1,3"] * 5]
    with expect_refusal(UnreadablePrices, "the dates are lost", "1.66E+12", hint="spreadsheet"):
        read(lines)


@pytest.mark.parametrize("order", ["ascending", "descending", "mixed"])
def test_rows_in_any_order_come_out_ascending(order, expect_the_history, describe):
    header, *rows = make_lines()
    if order == "descending":
        rows.reverse()
    elif order == "mixed":
        rows = rows[3:] + rows[:3]
    expect_the_history([header, *rows])
    assert describe([header, *rows])["order_in_file"] == order


def test_the_date_column_may_be_named_by_the_user(read_one):
    lines = ["Date,Settled,Close", "2021-03-11,2021-03-15,1.5", "2021-03-12,2021-03-16,2.5"]
    assert to_days(read_one(lines, date_column="Settled").dates) == ["2021-03-15", "2021-03-16"]


# Tickers -------------------------------------------------------------------------------------

INTERLEAVED = ["11,1.5,AAA", "11,10.5,BBB", "12,2.5,AAA", "12,20.5,BBB"]


@pytest.mark.parametrize("header", ["Ticker", "Symbol", "symbol", "Name", "ts_code"])
@pytest.mark.parametrize("in_blocks", [False, True], ids=["interleaved", "in blocks"])
def test_a_ticker_column_gives_a_history_a_ticker(header, in_blocks, read):
    rows = sorted(INTERLEAVED, key=lambda row: row[-3:]) if in_blocks else INTERLEAVED
    histories = read([f"Date,Close,{header}", *(f"2021-03-{row}" for row in rows)])
    assert {history.ticker: list(history.columns["close"]) for history in histories} == {
        "AAA": [1.5, 2.5],
        "BBB": [10.5, 20.5],
    }


def test_tickers_in_blocks_settle_day_and_month_each_by_itself(read, describe):
    days = np.busday_offset("2021-01-01", np.arange(0, 8), roll="forward").astype(object)
    lines = ["Date,Close,Ticker"]
    lines += [f"{day:%m/%d/%Y},{n}.5,{name}" for name in "AB" for n, day in enumerate(days)]
    histories = read(lines)
    assert [to_days(history.dates) for history in histories] == [[str(day) for day in days]] * 2
    assert describe(lines)["date_rule"] == "monotonic"


@pytest.mark.parametrize("name", ["NA", "TRUE", "null", "nan", "1E5", "2330", "0700.HK"])
def test_a_ticker_is_never_taken_for_a_value(name, read):
    histories = read(["Date,Close,Symbol", f"2021-03-11,1.5,{name}", "2021-03-11,2.5,XYZ"])
    assert [history.ticker for history in histories] == [name, "XYZ"]


def test_prices_under_a_name_for_tickers_are_no_tickers(read_one, read):
    lines = ["Date,Stock", *(f"{day},{one}" for day, one in zip(DAYS, CLOSES, strict=True))]
    assert list(read_one(lines).columns["close"]) == CLOSES
    codes = ["Date,Code,Close", "2021-03-11,600000,1.5", "2021-03-11,600001,2.5"]
    assert [one.ticker for one in read(codes)] == ["600000", "600001"]


SUFFIXED = [
    "Date,Open_AAA,Close_AAA,Volume_AAA,Open_BBB,Close_BBB,Volume_BBB",
    "2021-03-11,1.25,1.5,7,10.25,10.5,70",
    "2021-03-12,2.25,2.5,8,20.25,20.5,80",
]
PLAIN = ["Date,AAA,BBB", "2021-03-11,1.5,10.5", "2021-03-12,2.5,20.5"]


@pytest.mark.parametrize(
    ("lines", "closes"),
    [(SUFFIXED, ["Close_AAA", "Close_BBB"]), (PLAIN, ["AAA", "BBB"])],
    ids=["suffixes", "plain names"],
)
def test_a_wide_file_asks_and_gives_the_choices(lines, closes, read, describe, expect_refusal):
    with expect_refusal(
        AmbiguousPrices, "data.csv:1: 2 columns", *closes, hint="wide=True"
    ) as caught:
        read(lines)
    assert "column=" in caught.value.hint
    told = describe(lines)
    assert told["verdict"] == "ask"
    assert told["choices"] == closes
    assert [one["last_close"] for one in told["tickers"]] == [2.5, 20.5]


@pytest.mark.parametrize("lines", [SUFFIXED, PLAIN], ids=["suffixes", "plain names"])
def test_a_wide_file_is_a_history_a_column_when_the_user_says_so(lines, read):
    histories = read(lines, wide=True)
    assert {history.ticker: list(history.columns["close"]) for history in histories} == {
        "AAA": [1.5, 2.5],
        "BBB": [10.5, 20.5],
    }


def test_a_wide_file_s_other_columns_go_with_their_suffix(read):
    first, second = read(SUFFIXED, wide=True)
    assert list(first.columns["open"]) == [1.25, 2.25]
    assert list(second.columns["volume"]) == [70.0, 80.0]


@pytest.mark.parametrize(
    "above", [",AAA Equity,,BBB Equity,", ",AAA Equity,AAA Equity,BBB Equity,BBB Equity"]
)
def test_tickers_in_a_line_above_names_that_stand_there_twice_are_a_wide_file(
    above, read, describe
):
    lines = ["Made up,,,,", "", above, "Dates,PX_LAST,PX_VOLUME,PX_LAST,PX_VOLUME"]
    lines += ["2021-03-11,1.5,7,10.5,70", "2021-03-12,2.5,8,20.5,80"]
    assert describe(lines)["verdict"] == "ask"
    first, second = read(lines, wide=True)
    assert (first.ticker, second.ticker) == ("AAA Equity", "BBB Equity")
    assert list(second.columns["close"]) == [10.5, 20.5]
    assert list(first.columns["volume"]) == [7.0, 8.0]


@pytest.mark.parametrize(
    ("lines", "column"), [(SUFFIXED, "Close_BBB"), (PLAIN, "BBB")], ids=["suffixes", "plain names"]
)
def test_one_column_of_a_wide_file_may_be_named(lines, column, read):
    (history,) = read(lines, column=column)
    assert list(history.columns["close"]) == [10.5, 20.5]


def test_a_named_column_brings_the_others_of_its_ticker(read):
    (history,) = read(SUFFIXED, column="Close_BBB")
    assert history.ticker == "BBB"
    assert list(history.columns["volume"]) == [70.0, 80.0]


def test_a_column_that_is_not_there_is_refused_with_those_that_are(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "no column 'CCC'", "'AAA', 'BBB'", hint="name one"):
        read(PLAIN, column="CCC")


LATE = [
    "Date,AAA,BBB,CCC",
    *(f"{day},1.5,," for day in np.arange("2015-01-01", "2018-01-01", dtype="datetime64[D]")),
    "2021-03-11,2.5,10.5,",
    "2021-03-12,3.5,20.5,",
]


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["", "-", ".", "N/A", "nan"])
def test_a_ticker_that_begins_far_down_is_one_of_a_wide_file(missing, read, describe):
    lines = [line.replace("1.5,,", f"1.5,{missing},{missing}") for line in LATE]
    assert describe(lines)["choices"] == ["AAA", "BBB"]
    first, second = read(lines, wide=True)
    assert (first.ticker, second.ticker) == ("AAA", "BBB")
    assert list(second.columns["close"]) == [10.5, 20.5]
    (history,) = read(lines, column="BBB")
    assert list(history.columns["close"]) == [10.5, 20.5]


def test_a_ticker_without_any_price_is_left_out_and_told_of(read, describe):
    first, _ = read(LATE, wide=True)
    (finding,) = [one for one in first.findings if one.kind == "unpriced-ticker"]
    assert finding.message.endswith("CCC has no price in any row; left out")
    told = describe(LATE, wide=True)
    assert told["verdict"] == "read"
    assert [one["rows"] for one in told["tickers"]] == [1098, 2, 0]
    assert finding.message in [one["message"] for one in told["findings"]]


def test_a_ticker_column_may_have_a_ticker_without_prices_but_not_only_such(read, expect_refusal):
    lines = ["Date,Close,Ticker", "2021-03-11,null,A", "2021-03-12,1.5,B"]
    (history,) = read(lines)
    assert history.ticker == "B"
    assert [one.ticker for one in history.findings if one.kind == "unpriced-ticker"] == ["A"]
    with expect_refusal(UnreadablePrices, "no row has a price"):
        read(lines, ticker="A")
    with expect_refusal(UnreadablePrices, "no row has a price"):
        read([lines[0], lines[1], "2021-03-12,,B"])


# Not prices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "what"),
    [
        pytest.param(b"7z\xbc\xaf\x27\x1c\0\x04", "a 7-Zip archive", id="7-Zip"),
        pytest.param(b"Rar!\x1a\x07\x01\0", "a RAR archive", id="RAR"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "PDF", id="PDF"),
        pytest.param(b'{"Note": "You have reached the limit."}', "JSON", id="JSON"),
        pytest.param(b'[{"date": "2021-03-11", "close": 1.5}]', "JSON", id="JSON array"),
        pytest.param(b'{"cells": [], "nbformat": 4}', "Jupyter notebook", id="notebook"),
        pytest.param(
            b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head></html>",
            "a web page ('404 Not Found')",
            id="HTML",
        ),
        pytest.param(b"\n  <html><body>Sign in</body></html>", "a web page", id="HTML, untitled"),
        pytest.param(bytes(range(256)) * 4, "binary", id="binary"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_name(
    content, what, read, describe, expect_refusal
):
    with expect_refusal(UnreadablePrices, "data.csv", what) as caught:
        read(content)
    assert caught.value.hint
    told = describe(content)
    assert told["verdict"] == "refuse"
    assert what in told["why"]


def test_git_s_conflict_markers_are_refused_by_their_lines(read, expect_refusal):
    header, *rows = make_lines()
    lines = [header, rows[0], "<<<<<<< HEAD", rows[1], "=======", rows[2], ">>>>>>> main", rows[3]]
    with expect_refusal(
        UnreadablePrices, "data.csv:3: Git conflict markers (lines 3, 5, 7)", hint="merge"
    ):
        read(lines)


def test_prose_is_refused(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv"):
        read(["This is a letter.", "It has no table, only words.", "", "Yours"])


@pytest.mark.parametrize("content", [b"\x1c", b"\xc2\xa0", b"\n\x1c\n", b" \n"])
def test_a_file_of_blanks_of_any_kind_is_refused(content, write_csv):
    with pytest.raises(UnreadablePrices):
        read_prices(write_csv(content))
