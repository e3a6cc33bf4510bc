"""Number cells of any locale: which marks a file writes them with, and their values.

A cell such as `1.234` can be read in two ways; the file's other cells decide, or nobody does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.prices import arrow_compute as pc

_OTHER = {".": ",", ",": "."}
_MISSING = r"^(?i:null|nan|na|n/a|#n/a|none|\.|--?|)$"
_EXPONENT = "e[-+]?[0-9]+"
# Before `$` stand no other letters than these: in `5M$` the M is a million.
_SYMBOL = r"(?:R|US|AU?|CA?|HK|NT|SG?|NZ|MX|Mex)?\p{Sc}"
_UNIT = (  # codes before words: `KRW` is no `kr`
    rf"(?:%|{_SYMBOL}|AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNH|CNY|COP|CZK|DKK|EGP|EUR|GBP|GBX|HKD|HUF"
    "|IDR|ILS|INR|ISK|JPY|KRW|KWD|KZT|MXN|MYR|NGN|NOK|NZD|PEN|PHP|PKR|PLN|QAR|RMB|RON|RSD|RUB|SAR"
    r"|SEK|SGD|THB|TL|TRY|TWD|UAH|USD|VND|ZAR|(?:kr|rs|s?fr|zł|kč|ft|lei|лв|руб)\.?|円|元|원)"
)
_SCALES = {
    "e3": r"k|tsd\.?|tys\.?|тыс\.?",
    "e4": "万|萬|만",
    "e6": r"m|mn|mio\.?|mln\.?|млн\.?",
    "e8": "亿|億|억",
    "e9": r"b|bn|bln|mrd\.?|mld\.?|млрд\.?",
    "e12": r"t|tn|bio\.?|трлн\.?",
}
_SCALE = f"(?:{'|'.join(_SCALES.values())})"
_INDIAN = "[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"  # 12,34,567
_GROUP_STEP = np.log(1000)  # what a step grows by when a decimal mark is read as thousands
_SMOOTHER = 10  # times: how much smoother the right reading must be
_MOST_STEPS = 10_000


def _group(marks: str) -> str:
    """Return a pattern for whole digits in groups, by one of the marks."""
    ways = [f"[1-9][0-9]{{0,2}}(?:[{mark}][0-9]{{3}})+" for mark in marks]
    return f"(?:{'|'.join(ways + [_INDIAN] * (',' in marks))})"


def _cell(whole: str, *, point: str = "") -> str:
    """Return a pattern for a cell: sign, unit and scale around `whole`.

    With `point`, also for scientific notation and for digits that begin with the mark. No word
    may precede these: `kr.500` is 500.
    """
    head = f"(?:[-+]? ?(?:{_UNIT} ?)?|{_UNIT} ?[-+])"
    ways = [f"{head}(?:{whole})(?: ?{_SCALE})?"]
    if point:
        ways.append(f"{head}[0-9]+{point}[0-9]*{_EXPONENT}")
        ways.append(f"[-+]?(?:{_SYMBOL} ?)?{point}[0-9]+(?:{_EXPONENT}| ?{_SCALE})?")
    return f"(?i)^(?:{'|'.join(ways)})(?: ?{_UNIT})?$"


def _proof(mark: str, other: str) -> str:
    """Return a pattern for a cell that shows `mark` to be decimal, or `other` not to be."""
    ways = [
        _group(f" '{other}") + f"[{mark}][0-9]*",
        f"[0-9]+[{mark}](?:[0-9]{{0,2}}|[0-9]{{4,}})",
        f"(?:0[0-9]*|[0-9]{{4,}})[{mark}][0-9]{{3}}",
        f"[1-9][0-9]{{0,2}}(?:[{other}][0-9]{{3}}){{2,}}",
        *[_INDIAN] * (other == ","),
    ]
    return _cell("|".join(ways), point=f"[{mark}]")


_PROOF = {mark: _proof(mark, other) for mark, other in _OTHER.items()}
_AMBIGUOUS = {mark: _cell(f"[1-9][0-9]{{0,2}}[{mark}][0-9]{{3}}") for mark in _OTHER}
_GROUPED = {mark: _cell(_group(mark) + "(?:[.,][0-9]*)?") for mark in " '"}
_UNMARKED = _cell("[0-9]+")


@dataclass(frozen=True)
class Marks:
    """How a file writes numbers.

    Attributes:
        decimal: `.` or `,`.
        thousands: `,`, `.`, a space or `'`; empty where none was seen. Spaces and apostrophes
            between groups of digits are read in any case.
    """

    decimal: str = "."
    thousands: str = ""

    def __post_init__(self) -> None:
        if self.decimal not in _OTHER or self.thousands not in {"", *" '.,"} - {self.decimal}:
            raise ValueError(f"Received: decimal={self.decimal!r}, thousands={self.thousands!r}")


class NumberEvidence:
    """What the number cells of one file show about its marks, whatever blocks they come in.

    Attributes:
        by_custom: whether `judge` had nothing but custom to go by.
    """

    def __init__(self) -> None:
        self.by_custom: bool = False
        self._proofs = {".": 0, ",": 0}  # cells in which this must be the decimal mark
        self._ambiguous = {".": 0, ",": 0}  # cells in which it may or may not be
        self._groups = dict.fromkeys(".,' ", False)
        self._example = ""
        self._steps = {mark: np.empty(0) for mark in _OTHER}
        self._last: dict[tuple[str, str], tuple[NDArray[Any], NDArray[Any]]] = {}

    def add(self, cells: pa.Array, *, column: str | None = None) -> None:
        """Take in a block of one column; text that is no number is ignored.

        Args:
            cells: (rows,) text, trimmed, no nulls.
            column: its name, for the block to go on where the column's last one ended; without
                it, cells of two blocks are no neighbours.
        """
        mark = next((one for one in _OTHER if _cast_plain(cells, Marks(one)) is not None), None)
        if mark is not None:
            self._count_plain(cells, mark)
        else:
            cells = _simplify(cells)
            self._count(cells)
        if len(cells) and not any(self._proofs.values()):
            self._keep_steps(cells, column)

    def judge(
        self, *, delimiter: str, decimal: str | None = None, thousands: str | None = None
    ) -> Marks | None:
        """Return the file's marks, or None where nothing settles the decimal mark.

        Args:
            delimiter: what separates the file's cells.
            decimal: what the user says it is, if anything.
            thousands: likewise; empty for none.
        """
        is_said = decimal is not None or thousands is not None
        decimal = decimal or self._find_decimal(delimiter, thousands)
        self.by_custom = not is_said and not any(self._proofs.values()) and self._is_unsettled()
        if decimal is None:
            return None
        if thousands is None:
            other = _OTHER[Marks(decimal).decimal]
            seen = {**self._groups, other: self._groups[other] or self._ambiguous[other]}
            thousands = next((mark for mark in (other, " ", "'") if seen[mark]), "")
        return Marks(decimal, thousands)

    def example(self) -> str:
        """Return a cell that can be read in two ways; empty if there is none."""
        return self._example

    def _find_decimal(self, delimiter: str, thousands: str | None) -> str | None:
        if thousands in _OTHER:
            return _OTHER[thousands]
        proofs = self._proofs
        if thousands is not None:  # neither '.' nor ',' is one, so they are decimal
            proofs = {mark: proofs[mark] + self._ambiguous[mark] for mark in _OTHER}
        if any(proofs.values()):
            mark = "." if proofs["."] > proofs[","] else ","
            return mark if proofs[mark] > proofs[_OTHER[mark]] else None
        if not any(self._ambiguous.values()):
            return "."
        votes = self._vote()
        if len(votes) == 1:
            return votes.pop()
        # The custom where ',' delimits; a quoted comma is another matter.
        custom = delimiter == "," and not votes and not self._ambiguous[","]
        return "." if custom else None

    def _vote(self) -> set[str]:
        """Return the decimal marks that neighbours speak for."""
        votes = {self._compare_steps(mark) for mark in _OTHER if len(self._steps[mark])}
        return {mark for mark in votes if mark is not None}

    def _is_unsettled(self) -> bool:
        """Whether cells can be read in two ways, and no neighbour speaks for one."""
        return any(self._ambiguous.values()) and len(self._vote()) != 1

    def _compare_steps(self, mark: str) -> str | None:
        """Return the decimal mark with which columns go on smoothly, if one clearly does better."""
        steps = self._steps[mark]
        as_decimal, as_group = np.median(np.abs([steps, steps + _GROUP_STEP]), axis=1)
        if as_group >= _SMOOTHER * as_decimal:
            return mark
        return _OTHER[mark] if as_decimal >= _SMOOTHER * as_group else None

    def _count_plain(self, cells: pa.Array, mark: str) -> None:
        """Count cells that are all plain numbers, by where the mark stands, which is fast."""
        point = _to_numpy(pc.find_substring(cells, mark))
        self._proofs[mark] += int(np.count_nonzero(point >= 0))
        length = _to_numpy(pc.binary_length(cells))
        if np.any((point > 0) & (point == length - 4)):
            self._proofs[mark] -= self._count_ambiguous(cells, mark)

    def _count(self, cells: pa.Array) -> None:
        for mark, other in _OTHER.items():
            proof = cells.filter(_match(cells, _PROOF[mark]))
            self._proofs[mark] += len(proof)
            self._groups[other] |= _any(pc.match_substring(proof, other))
            if _any(pc.match_substring(cells, mark)):
                self._count_ambiguous(cells, mark)
        for mark in " '":
            if _any(pc.match_substring(cells, mark)):
                self._groups[mark] |= _any(_match(cells, _GROUPED[mark]))

    def _count_ambiguous(self, cells: pa.Array, mark: str) -> int:
        ambiguous = cells.filter(_match(cells, _AMBIGUOUS[mark]))
        self._ambiguous[mark] += len(ambiguous)
        if len(ambiguous) and not self._example:
            self._example = ambiguous[0].as_py()
        return len(ambiguous)

    def _keep_steps(self, cells: pa.Array, column: str | None) -> None:
        """Keep ln(cell / neighbour) where one has an ambiguous mark, read as decimal, one none."""
        unmarked = _to_mask(_match(cells, _UNMARKED))
        for mark in _OTHER:
            values, _ = parse_numbers(cells, Marks(mark))
            kind = _to_mask(_match(cells, _AMBIGUOUS[mark])).astype(np.int8) - unmarked
            kind[~(np.abs(values) > 0)] = 0  # no ratio to zero, nor to what overflows
            if column is not None:
                last = self._last.get((column, mark), (kind[:0], values[:0]))
                self._last[column, mark] = kind[-1:].copy(), values[-1:].copy()
                kind = np.concatenate([last[0], kind])
                values = np.concatenate([last[1], values])
            at = np.flatnonzero(kind[1:] * kind[:-1] == -1)
            steps = kind[at + 1] * (np.log(np.abs(values[at + 1])) - np.log(np.abs(values[at])))
            self._steps[mark] = np.concatenate([self._steps[mark], steps])[:_MOST_STEPS]


def parse_numbers(cells: pa.Array, marks: Marks) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Parse cells at full double precision.

    Args:
        cells: (rows,) text, trimmed, no nulls.
        marks: how the file writes numbers.

    Returns:
        (rows,) values, NaN where missing or bad; and (rows,) True where a cell is bad: neither a
        finite number nor missing.
    """
    plain = _cast_plain(cells, marks)
    if plain is not None:
        return plain, np.zeros(len(plain), dtype=np.bool_)
    cells = _simplify(cells)
    matched = _match(cells, _number(marks))
    found = _to_numpy(pc.cast(_undress(cells.filter(matched), marks), pa.float64()))
    values = np.full(len(cells), np.nan)
    values[_to_mask(matched)] = np.where(np.isfinite(found), found, np.nan)
    return values, np.isnan(values) & ~_to_mask(_match(cells, _MISSING))


@cache
def _number(marks: Marks) -> str:
    """Return a pattern for a cell that is a number."""
    point = f"[{marks.decimal}]"
    grouped = _group("".join(dict.fromkeys(f" '{marks.thousands}")))
    return _cell(f"{grouped}(?:{point}[0-9]*)?|[0-9]+{point}?[0-9]*", point=f"{point}?")


def _cast_plain(cells: pa.Array, marks: Marks) -> NDArray[np.float64] | None:
    """Return the values of cells that are all numbers with at most a decimal mark, else None."""
    if marks.decimal == ",":
        if _any(pc.match_substring(cells, ".")):
            return None
        cells = pc.replace_substring(cells, ",", ".")
    try:
        pc.cast(cells.slice(0, 100), pa.float64())  # a cast that fails everywhere is slow
        values = _to_numpy(pc.cast(cells, pa.float64()))
    except pa.ArrowInvalid:
        return None
    return values if np.isfinite(values).all() else None


def _simplify(cells: pa.Array) -> pa.Array:
    """Write spaces, apostrophes and minus signs in ASCII, and (1.23) as -1.23."""
    if not pc.all(pc.string_is_ascii(cells)).as_py():
        cells = pc.replace_substring_regex(cells, "[\u00a0\u2007\u2009\u202f]", " ")
        cells = pc.replace_substring_regex(cells, "[‘’]", "'")
        cells = pc.replace_substring_regex(cells, "[−–]", "-")
    if _any(pc.match_substring(cells, "(")):
        in_brackets = r"^([^0-9(]*)\(([^()]*[0-9][^()]*)\)([^0-9)]*)$"
        cells = pc.replace_substring_regex(cells, in_brackets, r"-\1\2\3")
    return cells


def _undress(cells: pa.Array, marks: Marks) -> pa.Array:
    """Write numbers as -1234.5e6: without groups, scale and unit."""
    for mark in dict.fromkeys(f" '{marks.thousands}"):
        cells = pc.replace_substring(cells, mark, "")
    cells = pc.replace_substring(cells, marks.decimal, ".")
    if not _any(_match(cells, "(?i)[^-+0-9.e]")):
        return cells
    for exponent, words in _SCALES.items():
        scaled = f"(?i)([0-9.])(?:{words}){_UNIT}?$"
        if _any(_match(cells, scaled)):
            cells = pc.replace_substring_regex(cells, scaled, rf"\1{exponent}")
    return pc.replace_substring_regex(cells, f"(?i){_UNIT}", "")


def _match(cells: pa.Array, pattern: str) -> pa.Array:
    return pc.match_substring_regex(cells, pattern)


def _any(mask: pa.Array) -> bool:
    return bool(pc.any(mask).as_py())


def _to_mask(mask: pa.Array) -> NDArray[np.bool_]:
    return _to_numpy(pc.cast(mask, pa.uint8())).view(np.bool_)


def _to_numpy(numbers: pa.Array) -> NDArray[Any]:
    return np.from_dlpack(numbers)  # `Array.to_numpy` would import pandas
