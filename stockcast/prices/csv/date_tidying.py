"""Odd writings of dates ─▶ the plain ones that `date_format` has patterns for.

Only cells that match no pattern as they stand come here, so that what is plain is not slowed down
and is never read in another way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from stockcast.prices.csv.months import translate_months
from stockcast.prices.csv.weekdays import ENGLISH, take_weekday

_LONGEST = 80  # characters; no date is longer
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_ERAS = {
    **dict.fromkeys(("民國", "民国", "中華民國", "中华民国"), ("roc", 1911)),
    **dict.fromkeys(("令和", "R"), ("japanese", 2018)),
    **dict.fromkeys(("平成", "H"), ("japanese", 1988)),
    **dict.fromkeys(("昭和", "S"), ("japanese", 1925)),
    **dict.fromkeys(("大正", "T"), ("japanese", 1911)),
    **dict.fromkeys(("明治", "M"), ("japanese", 1867)),
}
_ERA = re.compile(
    rf"^({'|'.join(_ERAS)})\.? ?(元|[0-9]{{1,3}})"
    r"(?=(?:[-/.]|年) ?[0-9]{1,2}(?:[-/.]|月) ?[0-9]{1,2})"
)
_NOON = {
    **dict.fromkeys(("上午", "午前", "오전", "πμ", "π.μ.", "SA"), "AM"),
    **dict.fromkeys(("下午", "午後", "오후", "μμ", "μ.μ.", "CH"), "PM"),
}
_AT_NOON = re.compile(rf" ({'|'.join(map(re.escape, _NOON))})$")
# What no date has between its parts: here a line was split at another mark.
_NO_DATE = re.compile("[;|]")
# In this order; each is a pattern of Python's re and what stands for it.
_RULES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r'^="?(.*?)"?$|^\'(.*)$', r"\1\2"),  # a spreadsheet's formula, or its mark for text
    (r"(\d) ?[時时시] ?(\d{1,2}) ?[分분](?: ?(\d{1,2}) ?[秒초])?", r"\1:\2:\3"),
    (r":$", ""),
    (r"(?<=\d)h(?=\d\d(?:\D|$))", ":"),
    (r" ?(?:Uhr|uur|hrs?|ч\.?)$", ""),
    (rf"({'|'.join(map(re.escape, _NOON))}) ?(\d{{1,2}}:[\d:]+)", r"\2 \1"),
    (r"(?i)\b([ap])\. ?m\.?$", r"\1m"),
    (r" ?([年년월月]) ?", r"\1"),
    (r" ?([日일]) ?", r"\1 "),
    (r"(?<=\d) ?([-/.:]) ?(?=\d)", r"\1"),
    (r"(?i)^(\d{1,2}) (?:tháng|thg|th)\.? ?(\d{1,2}),?(?: năm)? (\d{4})", r"\3-\2-\1"),
    (r"^(\d{4}):(\d{2}):(\d{2})(?= |T|$)", r"\1-\2-\3"),
    (r"^(\d{1,4})_(\d{1,2})_(\d{1,4})", r"\1-\2-\3"),
    (r"^(\d{4}-\d{2}-\d{2}|\d{8})[-_:](\d{2}[:.]?\d{2})", r"\1 \2"),
    (r"^(\d{1,2}[^\W\d_]{3}\d{2,4}):(\d{1,2}:)", r"\1 \2"),
    (r"'(?=\d\d(?:\D|$))", ""),
    (r"(?<=\d)t(?=\d)", "T"),
    (r"\[[\w/+-]+\]$", ""),  # of Java's 2013-03-01T00:00-05:00[America/New_York]
    (r" ?\([A-Z][A-Za-z ]+\)$", ""),
    (r"(?i)(?<=\d) ?(z|utc|gmt)$", lambda match: " " + match[1].upper()),
    (r"(?:GMT|UTC)? ?([+-])(\d):?(\d\d)?$", r"\g<1>0\2:\3"),
    (r"([+-]\d\d):$", r"\1:00"),
    (r"^([^:]*\d)(?: (Z|UTC|GMT)| ?([+-]\d\d:\d\d))$", r"\1 00:00 \2\3"),
    # Unix' own: Feb 16 17:00:00 UTC 2012.
    (r"^([^\W\d_]+ \d{1,2}) (\d{1,2}:[\d:]+)((?: [A-Z]{2,5})?) (\d{4})$", r"\1 \4 \2\3"),
)


@dataclass(frozen=True)
class TidyDate:
    """A date cell in a plain writing.

    Attributes:
        text: the cell; a weekday in front is an English abbreviation.
        calendar: `japanese` or `roc` if the cell names the era; its year is a Gregorian one now.
    """

    text: str
    calendar: str | None = None


def tidy_date(cell: str) -> TidyDate | None:
    """Write a date cell plainly: without odd blanks, letters and marks; None if it is plain.

    Args:
        cell: trimmed; any text.

    Example:
        >>> tidy_date("2013- 03- 01").text, tidy_date("2012/02/16(木)").text
        ('2013-03-01', 'Thu 2012/02/16')
        >>> tidy_date("民國101年2月16日")
        TidyDate(text='2012年2月16日', calendar='roc')
    """
    if len(cell) > _LONGEST or not any(map(str.isdigit, cell)):
        return None
    if _NO_DATE.search(cell.strip(" ,;")):
        return None
    return _tidy(cell)


@lru_cache(
    maxsize=4096
)  # the same first rows are looked at for each delimiter, then for each column
def _tidy(cell: str) -> TidyDate | None:
    text = _flatten(cell)
    weekday = take_weekday(text)
    text = text if weekday is None else weekday[0]
    era = _ERA.match(text)
    calendar = None
    if era is not None:
        calendar, before = _ERAS[era[1]]
        year = 1 if era[2] == "元" else int(era[2])
        text = f"{before + year}{text[era.end() :]}"
    for pattern, replacement in _compile_rules():
        text = pattern.sub(replacement, text)
    text = _AT_NOON.sub(lambda match: f" {_NOON[match[1]]}", text)
    text = translate_months(text).strip(" ,;")
    if weekday is not None and weekday[1] is not None:
        text = f"{ENGLISH[weekday[1]]} {text}"
    return None if text == cell else TidyDate(text, calendar)


@cache
def _compile_rules() -> tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...]:
    return tuple((re.compile(pattern), replacement) for pattern, replacement in _RULES)


def _flatten(cell: str) -> str:
    """Write digits, blanks and marks of any script in ASCII; leave invisible signs out."""
    text = unicodedata.normalize("NFKC", cell)
    if not text.isascii():
        text = _DASHES.sub("-", _INVISIBLE.sub("", text))
        text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    return " ".join(text.split())
