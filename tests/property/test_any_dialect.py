"""Any history written in any dialect is read as it was, or asked about; never as another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, event, given
from hypothesis import strategies as st

from stockcast.errors import AmbiguousPrices
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices
from tests.strategies import examples

pytestmark = pytest.mark.slow

NAMES = ("open", "high", "low", "close", "volume")
HEADERS = {
    "English": ("Date", "Open", "High", "Low", "Close", "Volume"),
    "German": ("Datum", "Eröffnung", "Hoch", "Tief", "Schlusskurs", "Volumen"),
    "Polish": ("Data", "Otwarcie", "Najwyzszy", "Najnizszy", "Zamkniecie", "Wolumen"),
    "Portuguese": ("Data", "Abertura", "Máxima", "Mínima", "Último", "Vol."),
    "French": ("Date", "Ouverture", "Plus haut", "Plus bas", "Clôture", "Volume"),
    "Chinese": ("日期", "开盘价", "最高价", "最低价", "收盘价", "成交量"),
    "Japanese": ("日付", "始値", "高値", "安値", "終値", "出来高"),
    "Korean": ("날짜", "시가", "고가", "저가", "종가", "거래량"),
    "Russian": ("Дата", "Открытие", "Максимум", "Минимум", "Закрытие", "Объём"),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
ENCODINGS = {
    "English": (*UNICODE, "ascii", "cp1252"),
    "German": (*UNICODE, "cp1252"),
    "Polish": (*UNICODE, "ascii"),
    "Portuguese": (*UNICODE, "cp1252"),
    "French": (*UNICODE, "cp1252"),
    "Chinese": (*UNICODE, "gb18030"),
    "Japanese": (*UNICODE, "cp932"),
    "Korean": (*UNICODE, "cp949"),
    "Russian": (*UNICODE, "cp1251"),
}
DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d 00:00:00",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%Y- %m- %d",
    "%Y-%m-%d %a",
    "%A, %B %d, %Y",
    "%a %d/%m/%Y",
    "%Y%m%d 170000",
    "%Y%m%d170000",
    "%d.%m.%Y 00:00:00.000 GMT+0000",
)
ORDERS = {
    "%d.%m.%Y": "dmy",
    "%d/%m/%Y": "dmy",
    "%a %d/%m/%Y": "dmy",
    "%d.%m.%Y 00:00:00.000 GMT+0000": "dmy",
    "%m/%d/%Y": "mdy",
    "%d-%m-%y": "dmy",
    "%m/%d/%y": "mdy",
}


@dataclass(frozen=True)
class Writing:
    """How a history is written."""

    language: str
    encoding: str
    delimiter: str
    decimal: str
    thousands: str
    date_format: str
    newest_first: bool
    line_end: str
    row_numbers: bool

    def write_number(self, value: Decimal) -> str:
        marked = f"{value:,}" if self.thousands else f"{value}"
        marks = {",": self.thousands, ".": self.decimal}
        return "".join(marks.get(letter, letter) for letter in marked)

    def write_row(self, cells: list[str]) -> str:
        return self.delimiter.join(f'"{c}"' if self.delimiter in c else c for c in cells)

    def write(self, days: list[date], rows: list[tuple[Decimal, ...]]) -> bytes:
        lines = [
            [day.strftime(self.date_format), *map(self.write_number, row)]
            for day, row in zip(days, rows, strict=True)
        ]
        if self.newest_first:
            lines.reverse()
        lines.insert(0, list(HEADERS[self.language]))
        if self.row_numbers:
            lines = [
                [str(number - 1) if number else "", *cells] for number, cells in enumerate(lines)
            ]
        return "".join(self.write_row(cells) + self.line_end for cells in lines).encode(
            self.encoding
        )


@st.composite
def draw_writing(draw):
    language = draw(st.sampled_from(sorted(HEADERS)))
    decimal, thousands = draw(
        st.sampled_from(
            [(".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", " "), (".", "'")]
        )
    )
    return Writing(
        language=language,
        encoding=draw(st.sampled_from(ENCODINGS[language])),
        delimiter=draw(st.sampled_from([",", ";", "\t", "|"])),
        decimal=decimal,
        thousands=thousands,
        date_format=draw(st.sampled_from(DATE_FORMATS)),
        newest_first=draw(st.booleans()),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r\r\n"])),
        row_numbers=draw(st.booleans()),
    )


@st.composite
def draw_history(draw):
    """Business days in a row but for single holidays, and bars with two to four decimals."""
    day = draw(st.dates(date(1990, 1, 1), date(2024, 12, 31)))
    digits = draw(st.integers(2, 4))
    price = draw(st.integers(20, 40_000)) * 10**digits
    days, rows = [], []
    for _ in range(draw(st.integers(2, 30))):
        while day.weekday() >= 5 or draw(st.integers(0, 19)) == 7:
            day += timedelta(days=1)
        days.append(day)
        day += timedelta(days=1)
        step = st.integers(-price // 40, price // 40)
        opened, closed = price + draw(step), price + draw(step)
        above, below = draw(st.integers(0, price // 40)), draw(st.integers(0, price // 40))
        bar = (opened, max(opened, closed) + above, min(opened, closed) - below, closed)
        volume = Decimal(draw(st.integers(0, 90_000_000)))
        rows.append((*(Decimal(value).scaleb(-digits) for value in bar), volume))
        price = closed
    return days, rows


@pytest.fixture(scope="module")
def read_as(scratch):
    """Read bytes: the days and the rows as floats."""
    path = scratch / "any.csv"

    def read(content, **options):
        path.write_bytes(content)
        (history,) = read_prices([path], ReadOptions(**options))
        days = [str(day) for day in history.dates.astype("datetime64[D]")]
        columns = [history.columns[name].tolist() for name in NAMES]
        return days, list(zip(*columns, strict=True))

    return read


@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(bars=draw_history(), writing=draw_writing())
def test_a_history_in_any_dialect_is_read_as_it_was_or_asked_about(bars, writing, read_as, attempt):
    days, rows = bars
    content = writing.write(days, rows)
    expected = [str(day) for day in days], [tuple(map(float, row)) for row in rows]
    outcome = attempt(read_as, content)
    event("asked" if isinstance(outcome, AmbiguousPrices) else "read")
    if not isinstance(outcome, AmbiguousPrices):
        assert outcome == expected
        return
    # What it names as the way out must lead there.
    said = {"decimal": writing.decimal, "date_format": ORDERS.get(writing.date_format)}
    (option, *_) = [one.name for one in outcome.options]
    assert option in ("decimal", "date_format")
    assert said["date_format"] or option == "decimal"
    assert read_as(content, **said) == expected


@examples(50, suppress_health_check=[HealthCheck.too_slow])
@given(bars=draw_history(), writing=draw_writing())
def test_an_unambiguous_history_is_read_without_a_question(bars, writing, read_as):
    days, rows = bars
    plain = Writing(**{**vars(writing), "decimal": ".", "thousands": "", "date_format": "%Y-%m-%d"})
    cents = [(*(round(value, 2) for value in row[:4]), row[4]) for row in rows]
    expected = [str(day) for day in days], [tuple(map(float, row)) for row in cents]
    assert read_as(plain.write(days, cents)) == expected
