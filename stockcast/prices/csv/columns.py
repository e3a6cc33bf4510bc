"""Header names of many providers and languages ─▶ canonical column names; never by position."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from stockcast.recipe import PriceColumn

# Each line: canonical name, then spellings, best first: where a file has several columns that could
# be one, the earlier spelling wins (Close before Last before Price).
_SPELLINGS: dict[str, str] = {
    "date": """
        date dates datetime tradedate tradingdate tradingday day datum data fecha fechahora dia giorno
        timestamp tsevent observationdate pricedate quotedate asof asofdate dt dataczas dateheure
        дата датавремя дататоргов 日期 交易日期 交易日 时间 日時 日付 データ日付 年月日 日付け 날짜 일자 日期時間 t
        time localtime gmttime opentime begin zeit heure hora ora czas data/ora unix unixtimestamp
        epoch opentimestamp timestampms
        tarih dato paivamaara pvm ημερομηνία dátum dată tanggal tarikh ngày วันเดือนปี วันที่ तिथि दिनांक
        तारीख التاريخ تاريخ תאריך datums kuupäev datumas ден
        mts ts tms epochtime epochms epochseconds epochmillis unixtime unixtimems timestampns
        timestampus timestampsec timems timens starttime starttimestamp startdate bartime barstart
        caldt dlycaldt datadate exchangedate sessiondate businessdate bizdate 일시 時間
    """,
    "time": "time zeit heure hora ora czas godzina время 时间 時刻 時間 시간 uhrzeit saat час",
    "open": """
        open openprice opening openingprice priceopen o abertura apertura aperturas ouverture
        eroffnung eroffnungskurs eroffnungspreis eroffnet otwarcie kursotwarcia открытие откр
        ценаоткрытия 开盘 开盘价 開盤 開盤價 始値 시가 ouv premiercours eroffn eroeffnung eroeffnungskurs erster ценаоткр 시작가
        pxopen openprc dlyopen dayopen
        açılış açılışfiyatı openen opening öppen öppning öppningskurs öppet åbning åbningskurs åpning
        åpningskurs åpen avaus avauskurssi άνοιγμα otevření otevírací otevřeno otevírá otváracia
        otvorenie otvaranje otvoritev nyitó nyitás nyitóár deschidere відкриття відкр цінавідкриття
        pembukaan buka hargabuka mở mởcửa giámởcửa เปิด ราคาเปิด खुला खुली ओपन الفتح افتتاح
        الافتتاح مفتوح سعرالافتتاح פתיחה שערפתיחה מחירפתיחה 開市 開市價 開盤價格 отваряне atvēršana avamine
    """,
    "high": """
        high highprice hi max maximum dayhigh pricehigh h maxima maximo alta maisalta alto massimo
        plushaut haut hoch hochst tageshoch hochstkurs hochstpreis tageshochstkurs najwyzszy
        kursmaksymalny maksimum максимум макс наивысшая 高 最高 最高价 最高價 高値 고가 ceiling
        pxhigh askhi dlyhigh
        yüksek enyüksek hoog hoogste högst högsta hög høj højeste høy høyest høyeste ylin korkein
        υψηλό υψηλότερο μέγιστο ανώτατο nejvyšší vysoká maximální najvyšší najvyššia najviša najvišja
        legmagasabb csúcs maxim maximă найвища tertinggi tinggi cao
        caonhất giácaonhất สูงสุด สูง ราคาสูงสุด उच्च उच्चतम हाई الأعلى أعلى مرتفع أعلىسعر גבוה
        הגבוה שערגבוה 高價 高位 最高價格 највиша augstākā kõrgeim най-висока
    """,
    "low": """
        low lowprice lo min minimum daylow pricelow l minima minimo baixa maisbaixa bajo minimo
        plusbas bas tief tiefst tagestief tiefstkurs tiefstpreis tagestiefstkurs najnizszy
        kursminimalny минимум мин наинизшая 低 最低 最低价 最低價 安値 저가
        pxlow bidlo dlylow
        düşük endüşük laag laagste lägst lägsta låg lav laveste lavest alin matalin χαμηλό
        χαμηλότερο ελάχιστο κατώτατο nejnižší nízká minimální najnižší najnižšia najniža najnižja
        legalacsonyabb mélypont minim minimă мін мінімум найнижча terendah rendah thấp thấpnhất
        giáthấpnhất ต่ำสุด ต่ำ ราคาต่ำสุด निम्न निम्नतम लो الأدنى أدنى منخفض أدنىسعر נמוך הנמוך
        שערנמוך 低價 低位 最低價格 најнижа zemākā madalaim най-ниска
    """,
    "close": """
        close closeprice closingprice closing closelast priceclose c zamkniecie kurszamkniecia
        fechamento cierre cloture chiusura schluss schlusskurs schlusspreis schlusstand закрытие
        закр ценазакрытия 收盘 收盘价 收盤 收盤價 終値 종가
        dlyclose kapanış kapanışfiyatı slot slotkoers sluiting stängning stängningskurs slutkurs
        lukkekurs lukning sluttkurs päätös päätöskurssi κλείσιμο τιμήκλεισίματος závěr zavírací
        zavírací závěrečná zatváracia zaključna zatvaranje záró záróár închidere закриття
        ціназакриття penutupan tutup hargatutup đóngcửa giáđóngcửa ปิด ราคาปิด बंद الإغلاق إغلاق
        سعرالإغلاق שערסגירה סגירה 收市 收市價 收盤價格
        last lastprice closelastprice ultimo ultimoprezzo ultima dernier zuletzt letzter kurs ostatnio
        последняя ценапосл цена 現値 現在値 현재가
        latest ltp lastdone lastsale lasttradedprice lasttrade lasttradeprice pxlast lastpx closepx prc dlyprc
        şimdi son sonfiyat laatste senaste seneste siste viimeisin viimeinen τελευταία τελευταίο
        poslední posledný posljednja zadnje zadnja utolsó ultimul ultimele остання останняціна
        последна terakhir terkini akhir lầncuối giá ล่าสุด ราคาล่าสุด अंतिम नवीनतम الأخير آخر آخرسعر
        אחרון שעראחרון שער 最新 最新價 最新价 成交價 成交价
        price precio preco prix prezzo preis cena 价格 価格 가격 fiyat koers hinta τιμή ár pret ціна
        harga ราคา मूल्य السعر سعر מחיר 價格 value
        nav netassetvalue settle settlementprice settlement pxsettle indexvalue closingvalue
    """,
    "adj_close": """
        adjclose adjustedclose closeadjusted closeadj adjcloseprice adjustedcloseprice adjclosing
        adjustedprice closesplitadj 调整收盘价 复权收盘价 調整後終値 終値調整値 수정종가 bereinigterschlusskurs
    """,
    "volume": """
        volume vol v stuck stucke stuecke totalvolume tradevolume tradedvolume totaltradequantity totaltradedquantity
        tradedquantity totaltradedqty noofshares sharestraded volumen volumes wolumen wol handelsvolumen umsatz
        объем обьем 成交量 交易量 出来高 売買高 거래량 tickvol tickvolume ilosc quantity qty
        volumeshares
        pxvolume dlyvol dayvolume numberofshares umsatzinstuck hac hacim işlemhacmi όγκος objem obj obujam forgalom volum обсяг
        об'єм обєм обем kl khốilượng klgd ปริมาณ मात्रा वॉल्यूम खंड الحجم حجم حجمالتداول נפח מחזור
        נפחמסחר 成交股數 volyymi vaihto isipadu jumlahdagangan
    """,
    "ticker": """
        ticker symbol tickersymbol tscode stocksymbol instrument instrumentcode secid seccode
        stockcode 代码 股票代码 证券代码 銘柄コード コード 종목코드 тикер name code symbols stock
        actsymbol hissekodu
    """,
}
# Short words of other languages that are tickers too: they name columns only beside longer ones.
_SHORT = {"kl", "cao", "mo", "lav", "lag", "hac", "hoj", "hoy", "hog"} | {
    *("alin", "ylin", "buka", "son", "obj", "slot", "ar", "gia")
}
_BARS = {"open", "high", "low", "close"}
_ANYTHING = {"value", "indexvalue"}  # a close that is called so may be any number of a day
# Numbers beside prices that are none: averages, the price of another day, changes, counts.
_NO_PRICE = re.compile(
    r"\w*vwap|wap|vwaps|(?:avg|average|mean)(?:price\w*)?|weightedaverage\w*|durchschnitt\w*"
    r"|(?:prev|previous|prior|yesterday|vortag|anterior)\w*|pre(?:v?close|settle)\w*"
    r"|\w*(?<!ex)(?:change|chg)(?:pct|percent|p)?|\w*(?:pct|percent)|p(?:ct|ercent)\w*"
    r"|\w*returns?|ret[xd]?|logret|\w*turnover\w*|amount|\w*trades|openint\w*|\w*openinterest|spread"
    r"|dividends?\w*|divcash|\w*splits?|splitfactor|marketcap\w*|[sew]?ma\d+|rsi\d+|atr\d+"
    r"|permno|permco|\w*volume\w*|\w*(?:yoy|qoq)|deliver(?:able|y)\w*|成交额|涨跌\w*|振幅|换手率|前收\w*|昨收\w*|前日比\w*"
)
PRICES: tuple[PriceColumn, ...] = ("open", "high", "low", "close", "adj_close")
# Letters that have no decomposition into one of ASCII and an accent; and ё, which is often written е.
_UNDECOMPOSED = str.maketrans(
    {"ł": "l", "ß": "ss", "ё": "е", "ı": "i", "ø": "o", "æ": "ae", "đ": "d"}
)


@functools.lru_cache(maxsize=4096)
def fold(cell: str) -> str:
    """Reduce a header cell to letters: no case, accents, spaces, brackets, numbering, notes.

    `<CLOSE>`, ` Close*`, `5. adjusted close` and `Close/Last` become `close`, `close`,
    `adjustedclose` and `closelast`.
    """
    if cell.isascii() and cell.isalnum():
        return cell.lower()
    text = re.sub(r"^\s*\d+[a-z]?[.)]\s*", "", cell.strip().lower())
    text = re.sub(r"\((?:[^)]{0,20})\)|\[[^]]{0,20}\]", "", text)
    text = text.translate(_UNDECOMPOSED)
    if not re.search(r"[\u0400-\u04ff\u3040-\u30ff\uac00-\ud7af]", text):
        text = "".join(
            c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
        )
    return re.sub(r"[^\w]|_", "", text)


_RANKS: dict[str, dict[str, int]] = {}
for _name, _spellings in _SPELLINGS.items():
    _RANKS[_name] = {}
    for _rank, _spelling in enumerate(_spellings.split()):
        _RANKS[_name].setdefault(fold(_spelling), _rank)


def rank_name(cell: str, name: str) -> int | None:
    """Return how well a header cell names a column, 0 best; None if it does not."""
    folded = fold(cell)
    rank = _RANKS[name].get(folded)
    if rank is None and name == "volume" and re.match(r"volume?[a-z]{2,6}$", folded):
        return 500  # Volume BTC: the first of several counts
    return rank


def name_price(cell: str) -> PriceColumn | None:
    """Return the canonical price that a header cell names outright, such as `Adj Close`, or None."""
    return next((name for name in PRICES if fold(cell) == name.replace("_", "")), None)


def find_price(column: str | None) -> Literal["auto"] | PriceColumn:
    """Return what is forecast if the user names a column so; without a name it is the file's.

    A header of the file's own is read as the close, and so the close is what is forecast.

    Example:
        >>> [find_price(column) for column in (None, "Open", "Fixing")]
        ['auto', 'open', 'close']
    """
    if column is None or column == "auto":
        return "auto"
    return name_price(column) or "close"


def is_epoch_name(cell: str) -> bool:
    """Whether a header cell names a count of seconds since 1970."""
    return fold(cell) in ("unix", "unixtimestamp", "unixtime", "epoch", "mts")


def is_short_name(cell: str) -> bool:
    """Whether a header cell is a word so short that it is as likely a ticker."""
    return fold(cell) in _SHORT


def is_vague(cell: str) -> bool:
    """Whether a header cell that names a close says little, so that its numbers have a say.

    Example:
        >>> [is_vague(cell) for cell in ("Close", "Last", "Price", "Value")]
        [False, True, True, True]
    """
    rank = rank_name(cell, "close")
    return rank is not None and rank >= _RANKS["close"]["last"]


def is_anything(cell: str) -> bool:
    """Whether a header cell that names a close can as well be any number of a day: `Value`."""
    return fold(cell) in _ANYTHING


def is_no_price(cell: str) -> bool:
    """Whether a header cell names numbers that stand beside prices and are none.

    Example:
        >>> [is_no_price(cell) for cell in ("VWAP", "Prev Close", "% var.", "Exchange Rate")]
        [True, True, True, False]
    """
    return "%" in cell or _NO_PRICE.fullmatch(fold(cell)) is not None


def is_signed_price(cell: str) -> bool:
    """Whether a header cell names CRSP's price: below zero it is a mean of bid and ask."""
    return fold(cell) in ("prc", "dlyprc")


def find_columns(header: Sequence[str]) -> dict[str, int]:
    """Find the canonical columns in a header: name to position, for those that are there.

    Of several that could be one, the best known spelling wins, then the leftmost. `time` is
    there only beside another date column.

    Example:
        >>> find_columns(["Tarih", "Şimdi", "Açılış", "Hac."])
        {'date': 0, 'open': 2, 'close': 1, 'volume': 3}
        >>> find_columns(["Date", "AAPL", "KL"])
        {'date': 0}
    """
    # C, H, L, O, V and T are tickers too: letters name columns only if all of o h l c are there.
    if not {"o", "h", "l", "c"} <= {fold(cell) for cell in header}:
        header = ["" if len(fold(cell)) == 1 and fold(cell).isascii() else cell for cell in header]
    plain = _find_names(["" if is_short_name(cell) else cell for cell in header])
    if not any(map(is_short_name, header)) or not _BARS & plain.keys():
        return plain
    every = _find_names(header)
    is_certain = len(_BARS & plain.keys()) > 1 or len(_BARS & every.keys()) > 2
    return every if is_certain else plain


def _find_names(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in ("date", "open", "high", "low", "adj_close", "close", "volume", "ticker", "time"):
        candidates = [
            (rank, position)
            for position, cell in enumerate(header)
            if position not in found.values() and (rank := rank_name(cell, name)) is not None
        ]
        if candidates and not (name == "time" and "date" not in found):
            found[name] = min(candidates)[1]
    return found


def count_known_names(text: str) -> int:
    """Return how many cells near the start of a text are names of columns."""
    known = 0
    for line in text.splitlines()[:5]:
        cells = re.split(r"[,;\t|]", line.replace('"', ""))
        known = max(known, sum(any(rank_name(c, n) is not None for n in _RANKS) for c in cells))
    return known
