"""The kinds of dates that cells can be, as regular expressions, and their formats' names."""

from __future__ import annotations

import functools
import re

from stockcast.prices.csv.arrow import for_re
from stockcast.prices.csv.date_tidying import tidy_date
from stockcast.prices.csv.months import parse_month
from stockcast.prices.csv.options import Order
from stockcast.prices.csv.weekdays import ENGLISH as WEEKDAYS

_OFFSET = "[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2}"
_ZONE = rf"(?: ?(?P<zone>(?:GMT|UTC)?(?:{_OFFSET})|Z|UTC|GMT)| ?\(?[A-Z]{{2,4}}\)?)?"
_NOON = r" ?(?P<p>[AaPp]\.?[Mm]\.?)?"
_CLOCK = (
    r"(?:[T ,]+(?P<H>[0-9]{1,2})[:.](?P<M>[0-9]{2})(?:[:.](?P<S>[0-9]{2})(?:[.,](?P<F>[0-9]+))?)?"
    + _NOON
    + _ZONE
    + r")?$"
)
# 170000, and 93000 that has lost its zero; with no mark before it, a clock's digits are all there.
_DIGITS = (
    r"(?:[T ,_]+(?P<H>[0-9]{1,2}):?(?P<M>[0-9]{2})(?::?(?P<S>[0-9]{2})(?:[.,]?(?P<F>[0-9]+))?)?"
    + _NOON
    + _ZONE
    + r")?$"
)
_ATTACHED = (
    r"(?P<H>[0-9]{2})(?P<M>[0-9]{2})(?:(?P<S>[0-9]{2})(?:[.,]?(?P<F>[0-9]{3,9}))?)?" + _ZONE + r"$"
)
_DAYNAME = r"^(?:(?P<w>\pL{2,12})\.?,? )?"
_ENGLISH_DAYNAME = rf"^(?:(?P<w>{'|'.join(WEEKDAYS)}) )?"
PATTERNS = {
    "iso": _ENGLISH_DAYNAME + r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _CLOCK,
    "year-first": _ENGLISH_DAYNAME
    + r"(?P<Y>[0-9]{4})[-/. ](?P<m>[0-9]{1,2})[-/. ](?P<d>[0-9]{1,2})\.?"
    + _DIGITS,
    "compact": _ENGLISH_DAYNAME
    + r"(?P<Y>(?:19|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3][0-9])"
    + _DIGITS,
    "cjk": _ENGLISH_DAYNAME
    + r"(?P<Y>[0-9]{3,4})[年년] ?(?P<m>[0-9]{1,2})[月월] ?(?P<d>[0-9]{1,2})[日일]?"
    + _CLOCK,
    "numbers": _DAYNAME
    + r"(?P<a>[0-9]{1,3})[-/. ] ?(?P<b>[0-9]{1,2})[-/. ] ?(?P<c>[0-9]{4}|[0-9]{1,2})\.?"
    + _CLOCK,
    "day-name": _DAYNAME
    + r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|\.|º)?[-/. ]*(?:de )?(?P<n>\pL{3,12})\.?,?(?: de )?[-/. ]*"
    r"(?P<Y>[0-9]{4}|[0-9]{2})" + _CLOCK,
    "name-day": _DAYNAME
    + r"(?P<n>\pL{3,12})[-/. ]+(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?[-/, ]+(?P<Y>[0-9]{4}|[0-9]{2})"
    + _CLOCK,
    "year-name": _ENGLISH_DAYNAME
    + r"(?P<Y>[0-9]{4})[-/. ](?P<n>\pL{3,12})[-/. ](?P<d>[0-9]{1,2})"
    + _CLOCK,
    "stamp": r"^(?P<Y>(?:19|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3][0-9])" + _ATTACHED,
    "number": r"^(?P<v>[0-9]{5,20}(?:\.[0-9]*)?)$",
}
# The same without weekday and time of day: what most columns are, read five times as fast.
SHORT_PATTERNS = {
    kind: pattern.removesuffix(_CLOCK)
    .removesuffix(_DIGITS)
    .replace(_DAYNAME, "^")
    .replace(_ENGLISH_DAYNAME, "^")
    + "$"
    for kind, pattern in PATTERNS.items()
}
# Days of other calendars without marks, such as 1010216 and 13911211: plain numbers, dates only
# by their column's name, or where most of its cells are such.
OTHER_COMPACT = (
    r"^(?P<Y>[01][0-9]{2}|1[34][0-9]{2}|2[4-6][0-9]{2})(?P<m>0[1-9]|1[0-2])"
    r"(?P<d>0[1-9]|[12][0-9]|3[01])$"
)
_LOOKED_AT = 100  # cells
_IS_ODD = re.compile("[^0-9.,+-]").search  # most cells of a file are numbers
_IS_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z").match
_HAS_DIGITS = re.compile("(?:[^0-9]*[0-9]){3}").match  # so many has the shortest date
_OTHER_COMPACT = re.compile(OTHER_COMPACT)
_DESTROYED = r"^[0-9][.,]?[0-9]{0,6}[eE]\+?[0-9]{1,2}$"


def find_kind(cells: list[str]) -> str | None:
    """Return the kind of date that most of some cells are, or None if fewer than half are any."""
    known = [cell for cell in cells if cell][:_LOOKED_AT]
    likely = _list_likely(known)
    if 2 * len(likely) < len(known):
        return None
    if len(likely) == len(known) and (kind := _find_common_kind(likely)) is not None:
        return kind
    best, most = None, 0
    for kind in PATTERNS:
        compiled = compile_pattern(kind)
        count = sum(_is_of_kind(kind, compiled, cell) for cell in likely)
        if kind == "number" and len(known) > 1:  # a number alone is more likely a volume
            count += sum(_OTHER_COMPACT.match(cell) is not None for cell in likely)
        if count > most:
            best, most = kind, count
    return best if 2 * most >= max(1, len(known)) else None


@functools.lru_cache(maxsize=4096)  # a row is looked at for each delimiter
def find_kind_of(cell: str) -> str | None:
    """Return the kind of date that one cell is, or None if it is none.

    Example:
        >>> find_kind_of("2013-03-01 09:30"), find_kind_of("28.05")
        ('iso', None)
    """
    return _find_common_kind(_list_likely([cell]))


def _find_common_kind(cells: list[str]) -> str | None:
    """Return the first kind that each of some cells is of, which the first one mostly tells."""
    if not cells:
        return None
    for kind in PATTERNS:
        compiled = compile_pattern(kind)
        if all(_is_of_kind(kind, compiled, cell) for cell in cells):
            return kind
    return None


def _list_likely(cells: list[str]) -> list[str]:
    """Return the cells that look like dates, odd ones in their plain writing."""
    likely = []
    for cell in cells:
        if is_likely(cell):
            likely.append(cell)
        elif _IS_ODD(cell) and (tidied := tidy_date(cell)) is not None and is_likely(tidied.text):
            likely.append(tidied.text)
    return likely


def is_likely(cell: str) -> bool:
    """Whether one of the patterns matches a cell; all in one take long to compile, so last."""
    if _IS_DAY(cell):
        return True
    return _HAS_DIGITS(cell) is not None and _compile_any().match(cell) is not None


@functools.cache
def compile_pattern(kind: str) -> re.Pattern[str]:
    """Return a kind's pattern for Python's re."""
    return re.compile(for_re(PATTERNS[kind]))


@functools.cache
def _compile_any() -> re.Pattern[str]:
    """Return what matches wherever one of the patterns does: most cells are numbers."""
    unnamed = (re.sub(r"\?P<\w+>", "?:", for_re(pattern)) for pattern in PATTERNS.values())
    return re.compile("|".join(f"(?:{pattern})" for pattern in unnamed))


def is_destroyed(cells: list[str]) -> bool:
    """Whether cells are epochs that a spreadsheet rounded away, such as `1.66E+12`."""
    known = [cell for cell in cells if cell]
    return bool(known) and all(re.match(_DESTROYED, cell) for cell in known)


def _is_of_kind(kind: str, compiled: re.Pattern[str], cell: str) -> bool:
    match = compiled.match(cell)
    if match is None:
        return False
    if "n" in compiled.groupindex:
        return parse_month(match["n"]) is not None
    if kind == "number":
        value = float(match["v"])
        return 20_000 <= value < 80_000 or value >= 1e8
    if kind == "numbers":
        return _are_numbers_of_a_date(match["a"], match["b"], match["c"])
    return 1 <= int(match["m"]) <= 12


def _are_numbers_of_a_date(a: str, b: str, c: str) -> bool:
    """Whether `a/b/c` can be a date; 99/12/31 and 101/12/31 only with the year in front."""
    if len(a) == 3 or int(a) > 31:
        return int(a) < 200 and 1 <= int(b) <= 12 and len(c) < 3 and 1 <= int(c) <= 31
    return len(c) != 1 and min(int(a), int(b)) <= 12 and max(int(a), int(b)) <= 31


def describe_format(kind: str, cell: str, order: Order | None) -> str:
    """Write the format of one cell, in its plain writing, as strptime would have it."""
    match = compile_pattern(kind).match(cell)
    if match is None:
        return ""
    letters = {
        "Y": "%Y",
        "m": "%m",
        "d": "%d",
        "H": "%H",
        "M": "%M",
        "S": "%S",
        "F": "%f",
        "p": "%p",
        "w": "%a",
        "zone": "%z",
    }
    if order is not None:
        letters.update(
            zip("abc", (f"%{'Y' if letter == 'y' else letter}" for letter in order), strict=True)
        )
    groups = {name: match.span(name) for name in match.groupdict() if match[name] is not None}
    text = cell
    for name, (start, end) in sorted(groups.items(), key=lambda item: -item[1][0]):
        code = letters.get(name, "%b" if name == "n" and end - start <= 4 else "%B")
        if code == "%Y" and end - start == 2:
            code = "%y"
        text = text[:start] + code + text[end:]
    if "%p" in text:
        text = text.replace("%H", "%I")
    return text
