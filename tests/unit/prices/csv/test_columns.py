"""Header names ─▶ canonical column names."""

from __future__ import annotations

import pytest

from stockcast.prices.csv.columns import (
    find_columns,
    fold,
    is_epoch_name,
    is_no_price,
    rank_name,
)


def test_yahoo_s_header_is_known_by_name_and_place():
    assert find_columns(["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume"]) == {
        "date": 0,
        "open": 1,
        "high": 2,
        "low": 3,
        "close": 4,
        "adj_close": 5,
        "volume": 6,
    }


def test_columns_are_found_by_name_whatever_their_order():
    assert find_columns(["Volume", "Close", "Date"]) == {"volume": 0, "close": 1, "date": 2}


@pytest.mark.parametrize(
    "cell",
    [
        "Adj Close",
        "adj_close",
        "ADJ CLOSE",
        "Adj. Close",
        "Adj Close*",
        "Adjusted Close",
        "adjClose",
        "5. adjusted close",
    ],
)
def test_case_spaces_and_punctuation_of_a_name_do_not_count(cell):
    assert find_columns(["date", cell]) == {"date": 0, "adj_close": 1}


@pytest.mark.parametrize(
    ("cell", "folded"),
    [
        ("<CLOSE>", "close"),
        (" Close*", "close"),
        ("4. close", "close"),
        ("1a. open (USD)", "open"),
        ("Close/Last", "closelast"),
        ("Vol.", "vol"),
        ("ts_code", "tscode"),
        ("Volume [shares]", "volume"),
        ("Última", "ultima"),
        ("Höchst", "hochst"),
        ("Schluß", "schluss"),
        ("Najwyższy", "najwyzszy"),
        ("Объём", "объем"),
        ("終値", "終値"),
        ("データ日付", "データ日付"),
        ("시가", "시가"),
        ("", ""),
        ("***", ""),
    ],
)
def test_a_name_is_folded_to_its_letters(cell, folded):
    assert fold(cell) == folded


@pytest.mark.parametrize(
    "header",
    [
        ["Date", "Open", "High", "Low", "Close", "Volume"],
        ["Datum", "Eröffnung", "Hoch", "Tief", "Schlusskurs", "Stück"],
        ["Data", "Otwarcie", "Najwyższy", "Najniższy", "Zamknięcie", "Wolumen"],
        ["Data", "Abertura", "Máxima", "Mínima", "Fechamento", "Volume"],
        ["Fecha", "Apertura", "Máximo", "Mínimo", "Cierre", "Volumen"],
        ["Date", "Ouverture", "Plus haut", "Plus bas", "Clôture", "Volume"],
        ["Data", "Apertura", "Massimo", "Minimo", "Chiusura", "Volume"],
        ["日期", "开盘价", "最高价", "最低价", "收盘价", "成交量"],
        ["日付", "始値", "高値", "安値", "終値", "出来高"],
        ["날짜", "시가", "고가", "저가", "종가", "거래량"],
        ["Дата", "Открытие", "Максимум", "Минимум", "Закрытие", "Объём"],
        ["t", "o", "h", "l", "c", "v"],
        ["<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<VOL>"],
        ["Dates", "PX_OPEN", "PX_HIGH", "PX_LOW", "PX_LAST", "PX_VOLUME"],
        ["date", "OPENPRC", "ASKHI", "BIDLO", "PRC", "VOL"],
        ["DlyCalDt", "DlyOpen", "DlyHigh", "DlyLow", "DlyPrc", "DlyVol"],
        ["MTS", "OPEN", "HIGH", "LOW", "CLOSE", "VOLUME"],
        ["Time", "Open", "High", "Low", "Latest", "Volume"],
        ["Date", "OPEN", "HIGH", "LOW", "LTP", "VOLUME"],
        ["Date", "Open", "High", "Low", "Last Price", "Volume"],
        ["Tarih", "Açılış", "Yüksek", "Düşük", "Şimdi", "Hac."],
        ["Datum", "Openen", "Hoog", "Laag", "Laatste", "Vol."],
        ["Datum", "Öppning", "Högsta", "Lägsta", "Senaste", "Vol."],
        ["Dato", "Åbning", "Høj", "Lav", "Seneste", "Vol."],
        ["Dato", "Åpning", "Høy", "Lav", "Siste", "Vol."],
        ["Päivämäärä", "Avaus", "Ylin", "Alin", "Viimeisin", "Vol."],
        ["Ημερομηνία", "Άνοιγμα", "Υψηλό", "Χαμηλό", "Τελευταία", "Όγκος"],
        ["Datum", "Otevření", "Nejvyšší", "Nejnižší", "Poslední", "Objem"],
        ["Dátum", "Nyitó", "Max.", "Min.", "Utolsó", "Forgalom"],
        ["Dată", "Deschidere", "Maxim", "Minim", "Ultimul", "Vol."],
        ["Дата", "Відкр.", "Макс.", "Мін.", "Ціна", "Обсяг"],
        ["Tanggal", "Pembukaan", "Tertinggi", "Terendah", "Terakhir", "Vol."],
        ["Tarikh", "Buka", "Tinggi", "Rendah", "Terkini", "Vol."],
        ["Ngày", "Mở", "Cao", "Thấp", "Lần cuối", "KL"],
        ["วันเดือนปี", "เปิด", "สูงสุด", "ต่ำสุด", "ล่าสุด", "ปริมาณ"],
        ["तिथि", "खुला", "उच्च", "निम्न", "अंतिम", "मात्रा"],
        ["التاريخ", "الفتح", "الأعلى", "الأدنى", "الأخير", "الحجم"],
        ["תאריך", "פתיחה", "גבוה", "נמוך", "שער אחרון", "נפח"],
        ["日期", "開市", "高", "低", "收市", "成交量"],
    ],
    ids=lambda header: header[0] + " " + header[4],
)
def test_a_provider_s_or_a_language_s_names_are_the_six_columns(header):
    assert find_columns(header) == {
        "date": 0,
        "open": 1,
        "high": 2,
        "low": 3,
        "close": 4,
        "volume": 5,
    }


@pytest.mark.parametrize("cell", ["Ticker", "symbol", "SYMBOL", "ts_code", "Name", "代码"])
def test_a_ticker_column_is_known(cell):
    assert find_columns(["Date", "Close", cell])["ticker"] == 2


def test_columns_of_no_use_are_passed_over():
    assert find_columns(["", "Date", "Dividends", "Close"]) == {"date": 1, "close": 3}


@pytest.mark.parametrize(
    ("header", "close"),
    [
        (["Date", "Last", "Close"], "Close"),
        (["Date", "Price", "Last"], "Last"),
        (["Date", "Price", "Open"], "Price"),
        (["Date", "Close/Last", "Volume"], "Close/Last"),
        (["Date", "Close", "CLOSE"], "Close"),
    ],
)
def test_of_several_names_for_the_close_the_best_known_wins_then_the_leftmost(header, close):
    assert find_columns(header)["close"] == header.index(close)


def test_a_better_known_spelling_ranks_lower():
    ranks = [rank_name(cell, "close") for cell in ("Close", "Last", "Price")]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0


@pytest.mark.parametrize(("cell", "name"), [("Remark", "close"), ("Open", "close"), ("", "date")])
def test_a_cell_that_names_another_column_or_none_has_no_rank(cell, name):
    assert rank_name(cell, name) is None


def test_an_adjusted_close_is_not_the_close():
    assert find_columns(["date", "adjClose"]) == {"date": 0, "adj_close": 1}
    assert rank_name("Adj Close", "close") is None


def test_the_first_of_a_volume_in_coins_and_one_in_money_is_the_volume():
    assert find_columns(["date", "close", "Volume BTC", "Volume USDT"])["volume"] == 2


def test_a_plain_volume_is_preferred_to_one_in_coins():
    assert find_columns(["date", "close", "Volume BTC", "Volume"])["volume"] == 3


def test_a_time_column_is_one_only_beside_a_date_column():
    assert find_columns(["Date", "Time", "Close"]) == {"date": 0, "time": 1, "close": 2}
    assert find_columns(["Time", "Close"]) == {"date": 0, "close": 1}


@pytest.mark.parametrize(
    ("cell", "is_one"), [("unix", True), ("Unix Timestamp", True), ("date", False)]
)
def test_a_count_of_seconds_is_known_by_its_name(cell, is_one):
    assert is_epoch_name(cell) is is_one


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        (["Date", "AAPL", "KL"], {"date": 0}),
        (["Date", "CAO", "MO", "LAV"], {"date": 0}),
        (["Date", "SON"], {"date": 0}),
        (["Date", "Close", "Hac"], {"date": 0, "close": 1}),
        (["Date", "Close", "CAO", "KL"], {"date": 0, "close": 1}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_short_word_that_is_a_ticker_too_names_no_column_by_itself(header, columns):
    assert find_columns(header) == columns


@pytest.mark.parametrize(
    ("cell", "is_none"),
    [
        *(
            (cell, True)
            for cell in ("vwap", "WAP", "Prev Close", "Previous Close", "Change", "% var.")
        ),
        *(
            (cell, True)
            for cell in (
                "Chg",
                "Change %",
                "p_change",
                "Return",
                "log_return",
                "Turnover",
                "Close Volume",
            )
        ),
        *(
            (cell, True)
            for cell in ("No. of Trades", "OpenInt", "Dividends", "Stock Splits", "SMA20")
        ),
        *((cell, False) for cell in ("Close", "SP500", "DJIA", "Exchange Rate", "EUR to MYR")),
        *(
            (cell, False)
            for cell in ("New York Stock Exchange", "Total Return Index", "Precious Metals")
        ),
        *(
            (cell, False)
            for cell in ("OI", "PL", "ID", "MA", "DIV", "Dow Jones Industrial Average")
        ),
    ],
)
def test_numbers_that_are_no_price_are_known_by_their_names(cell, is_none):
    assert is_no_price(cell) is is_none


def test_a_header_without_any_known_name_has_no_columns():
    assert find_columns(["a1", "b2", ""]) == {}
