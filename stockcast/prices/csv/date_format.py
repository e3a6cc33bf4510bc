"""The kinds of dates that cells can be, as regular expressions, and their formats' names."""

from __future__ import annotations

import functools
import re

from stockcast.prices.csv.months import parse_month
from stockcast.prices.csv.options import Order

_ZONE = r"(?: ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})| ?\(?[A-Z]{3,4}\)?)?"
_CLOCK = (
    r"(?:[T ,]+(?P<H>[0-9]{1,2}):(?P<M>[0-9]{2})(?::(?P<S>[0-9]{2})(?:[.,](?P<F>[0-9]+))?)?"
    r" ?(?P<p>[AaPp]\.?[Mm]\.?)?" + _ZONE + r")?$"
)
_DAYNAME = r"^(?:\pL{2,12}\.?,? )?"
PATTERNS = {
    "iso": r"^(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})" + _CLOCK,
    "year-first": r"^(?P<Y>[0-9]{4})[-/. ](?P<m>[0-9]{1,2})[-/. ](?P<d>[0-9]{1,2})\.?" + _CLOCK,
    "compact": r"^(?P<Y>(?:19|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>[0-3][0-9])" + _CLOCK,
    "cjk": r"^(?P<Y>[0-9]{4})[年년] ?(?P<m>[0-9]{1,2})[月월] ?(?P<d>[0-9]{1,2})[日일]?" + _CLOCK,
    "numbers": _DAYNAME
    + r"(?P<a>[0-9]{1,2})[-/. ] ?(?P<b>[0-9]{1,2})[-/. ] ?(?P<c>[0-9]{4}|[0-9]{2})\.?"
    + _CLOCK,
    "day-name": _DAYNAME
    + r"(?P<d>[0-9]{1,2})(?:st|nd|rd|th|\.|º)?[-/. ]*(?:de )?(?P<n>\pL{3,12})\.?,?(?: de )?[-/. ]*"
    r"(?P<Y>[0-9]{4}|[0-9]{2})" + _CLOCK,
    "name-day": _DAYNAME
    + r"(?P<n>\pL{3,12})[-/. ]+(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?[-/, ]+(?P<Y>[0-9]{4}|[0-9]{2})"
    + _CLOCK,
    "year-name": r"^(?P<Y>[0-9]{4})[-/. ](?P<n>\pL{3,12})[-/. ](?P<d>[0-9]{1,2})" + _CLOCK,
    "number": r"^(?P<v>[0-9]{5,20}(?:\.[0-9]*)?)$",
}
# The same without weekday and time of day: what most columns are, read five times as fast.
SHORT_PATTERNS = {
    kind: pattern.removesuffix(_CLOCK).replace(_DAYNAME, "^") + "$"
    for kind, pattern in PATTERNS.items()
}
_LOOKED_AT = 100  # cells
_DESTROYED = r"^[0-9][.,]?[0-9]{0,6}[eE]\+?[0-9]{1,2}$"


def find_kind(cells: list[str]) -> str | None:
    """Return the kind of date that most of some cells are, or None if fewer than half are any."""
    known = [cell for cell in cells if cell][:_LOOKED_AT]
    is_any = _compile_any().match
    likely = [cell for cell in known if is_any(cell)]
    if 2 * len(likely) < len(known):
        return None
    best, most = None, 0
    for kind in PATTERNS:
        compiled = compile_pattern(kind)
        count = sum(_is_of_kind(kind, compiled, cell) for cell in likely)
        if count > most:
            best, most = kind, count
        if count == len(known):
            break
    return best if 2 * most >= max(1, len(known)) else None


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
        return (
            min(int(match["a"]), int(match["b"])) <= 12
            and max(int(match["a"]), int(match["b"])) <= 31
        )
    return 1 <= int(match["m"]) <= 12


def for_re(pattern: str) -> str:
    r"""Python's re has no \pL."""
    return pattern.replace(r"\pL", r"[^\W\d_]")


def describe_format(kind: str, cell: str, order: Order | None) -> str:
    """Write the format of one cell as strptime would have it."""
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
    return re.sub(r"^[^\W\d_%]{2,12}", "%a", text) if kind != "iso" else text
