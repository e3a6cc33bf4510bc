"""Header names of many providers and languages ─▶ canonical column names; never by position."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence

# Each line: canonical name, then spellings as `fold` leaves them, best first: where a file has
# several columns that could be one, the earlier spelling wins (Close before Last before Price).
_SPELLINGS: dict[str, str] = {
    "date": """
        date datetime tradedate tradingdate tradingday day datum data fecha fechahora dia giorno
        timestamp tsevent observationdate pricedate quotedate asof dt dataczas dateheure
        дата датавремя дататоргов 日期 交易日期 交易日 时间 日時 日付 データ日付 年月日 日付け 날짜 일자 日期時間 t
        time localtime gmttime opentime begin zeit heure hora ora czas data/ora unix unixtimestamp
        epoch opentimestamp timestampms
    """,
    "time": "time zeit heure hora ora czas godzina время 时间 時刻 時間 시간 uhrzeit",
    "open": """
        open openprice opening openingprice priceopen o abertura apertura aperturas ouverture
        eroffnung eroffnungskurs eroffnungspreis eroffnet otwarcie kursotwarcia открытие откр
        ценаоткрытия 开盘 开盘价 開盤 開盤價 始値 시가 ouv premiercours eroffn eroeffnung eroeffnungskurs erster ценаоткр 시작가
    """,
    "high": """
        high highprice hi max maximum dayhigh pricehigh h maxima maximo alta maisalta alto massimo
        plushaut haut hoch hochst tageshoch hochstkurs hochstpreis tageshochstkurs najwyzszy
        kursmaksymalny maksimum максимум макс наивысшая 高 最高 最高价 最高價 高値 고가 ceiling
    """,
    "low": """
        low lowprice lo min minimum daylow pricelow l minima minimo baixa maisbaixa bajo minimo
        plusbas bas tief tiefst tagestief tiefstkurs tiefstpreis tagestiefstkurs najnizszy
        kursminimalny минимум мин наинизшая 低 最低 最低价 最低價 安値 저가
    """,
    "close": """
        close closeprice closingprice closing closelast priceclose c zamkniecie kurszamkniecia
        fechamento cierre cloture chiusura schluss schlusskurs schlusspreis schlusstand закрытие
        закр ценазакрытия 收盘 收盘价 收盤 收盤價 終値 종가
        last lastprice closelastprice ultimo ultimoprezzo ultima dernier zuletzt letzter kurs ostatnio
        последняя ценапосл цена 現値 現在値 현재가 price precio preco prix prezzo preis cena 价格 価格 가격 value
        nav settle settlementprice settlement
    """,
    "adj_close": """
        adjclose adjustedclose closeadjusted closeadj adjcloseprice adjustedcloseprice adjclosing
        adjustedprice closesplitadj 调整收盘价 复权收盘价 調整後終値 수정종가 bereinigterschlusskurs
    """,
    "volume": """
        volume vol v stuck stucke stuecke totalvolume tradevolume tradedvolume totaltradequantity totaltradedquantity
        tradedquantity totaltradedqty noofshares sharestraded volumen volumes wolumen wol handelsvolumen umsatz
        объем обьем 成交量 交易量 出来高 売買高 거래량 tickvol tickvolume ilosc quantity qty
        volumeshares
    """,
    "ticker": """
        ticker symbol tickersymbol tscode stocksymbol instrument instrumentcode secid seccode
        stockcode 代码 股票代码 证券代码 銘柄コード コード 종목코드 тикер name code symbols stock
    """,
}
_RANKS = {
    name: {spelling: rank for rank, spelling in enumerate(spellings.split())}
    for name, spellings in _SPELLINGS.items()
}
PRICES = ("open", "high", "low", "close", "adj_close")


@functools.lru_cache(maxsize=4096)
def fold(cell: str) -> str:
    """Reduce a header cell to letters: no case, accents, spaces, brackets, numbering, notes.

    `<CLOSE>`, ` Close*`, `5. adjusted close` and `Close/Last` become `close`, `close`,
    `adjustedclose` and `closelast`.
    """
    text = re.sub(r"^\s*\d+[a-z]?[.)]\s*", "", cell.strip().lower())
    text = re.sub(r"\((?:[^)]{0,20})\)|\[[^]]{0,20}\]", "", text)
    # Polish ł and German ß have no decomposition.
    text = text.replace("ł", "l").replace("ß", "ss").replace("ё", "е")
    if not re.search(r"[\u0400-\u04ff\u3040-\u30ff\uac00-\ud7af]", text):
        text = "".join(
            c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)
        )
    return re.sub(r"[^\w]|_", "", text)


def rank_name(cell: str, name: str) -> int | None:
    """Return how well a header cell names a column, 0 best; None if it does not."""
    folded = fold(cell)
    rank = _RANKS[name].get(folded)
    if rank is None and name == "volume" and re.match(r"volume?[a-z]{2,6}$", folded):
        return 500  # Volume BTC: the first of several counts
    return rank


def name_price(cell: str) -> str | None:
    """Return the canonical price that a header cell names outright, such as `Adj Close`, or None."""
    plain = {"open", "high", "low", "close", "adj_close"}
    return next((name for name in plain if fold(cell) == name.replace("_", "")), None)


def is_epoch_name(cell: str) -> bool:
    """Whether a header cell names a count of seconds since 1970."""
    return fold(cell) in ("unix", "unixtimestamp", "unixtime", "epoch")


def find_columns(header: Sequence[str]) -> dict[str, int]:
    """Find the canonical columns in a header: name to position, for those that are there.

    Of several that could be one, the best known spelling wins, then the leftmost. `time` is
    there only beside another date column.
    """
    found: dict[str, int] = {}
    # C, H, L, O, V and T are tickers too: letters name columns only if all of o h l c are there.
    if not {"o", "h", "l", "c"} <= {fold(cell) for cell in header}:
        header = ["" if len(fold(cell)) == 1 and fold(cell).isascii() else cell for cell in header]
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
