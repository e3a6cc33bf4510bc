"""Date cells ─▶ datetime64: one format and one order for the whole column, judged over all rows.

Cells are taken apart block by block into small integers; which of them is the day is settled at
the end, over every row. Times stay the file's own wall-clock times: an offset is noted, not added.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stockcast.prices.csv.arrow import integers, matches, to_numpy
from stockcast.prices.csv.date_format import (
    PATTERNS,
    SHORT_PATTERNS,
    compile_pattern,
    describe_format,
)
from stockcast.prices.csv.date_order import build_dates, expand_years, judge_order
from stockcast.prices.csv.months import parse_month
from stockcast.prices.csv.options import Order
from stockcast.prices.csv.times import count_from_midnight
from stockcast.prices.history import Dates

Integers = NDArray[np.int64]

_EXCEL_EPOCH = np.datetime64("1899-12-30T00:00:00.000000")
_MICROS = {"H": 3_600_000_000, "M": 60_000_000, "S": 1_000_000}
_NO_TIME = -1
_NO_CLOCK = 24 * 3_600_000_000  # a time that no clock shows makes no date


@dataclass(frozen=True)
class DateColumn:
    """A whole column's dates, and how they were read.

    Attributes:
        dates: (rows,) datetime64[us]; NaT where a cell is empty or no date.
        bad: rows whose cell is neither empty nor a date.
        format: as strptime would have it, or `excel serial …`, `epoch …`.
        rule: `iso`, `unique`, `monotonic`, `given`, or `ambiguous`: then dates are NaT.
        timezone: the offset the file names, `UTC` for none off it; None if it names none.
        choices: for an ambiguous order, the formats that fit.
    """

    dates: Dates
    bad: Integers
    format: str
    rule: str
    timezone: str | None
    choices: tuple[str, ...] = ()


@dataclass
class DateReader:
    """Takes a column's cells apart, block by block.

    Args:
        kind: what `find_kind` found.
        order: `dmy`, `mdy` or `ymd` if the user says so.
    """

    kind: str
    order: Order | None = None
    _blocks: list[dict[str, Integers]] = field(default_factory=list)
    _days: list[Dates] = field(default_factory=list)
    _bad: list[Integers] = field(default_factory=list)
    _rows: int = 0
    _examples: dict[str, str] = field(default_factory=dict)
    _zones: set[str] = field(default_factory=set)

    def add(self, cells: pa.Array) -> None:
        """Take one block of trimmed cells."""
        if self.kind == "iso" and (fast := self._cast_iso(cells)) is not None:
            self._days.append(fast)
        elif self.kind == "number":
            self._days.append(self._read_numbers(cells))
        else:
            self._extract(cells)
        self._rows += len(cells)

    def finish(self, codes: NDArray[np.int32] | None = None) -> DateColumn:
        """Settle the order of day and month over all rows.

        Args:
            codes: (rows,) ticker of each row, if there is more than one: dates run per ticker.
        """
        rule, order = "iso", None
        choices: tuple[str, ...] = ()
        if self.kind == "numbers":
            parts = {
                name: np.concatenate([block[name] for block in self._blocks]) for name in "abckt"
            }
            verdict = judge_order(parts, self.order, codes)
            rule, order = verdict.rule, verdict.order
            dates = verdict.dates
            choices = tuple(self._describe(choice) for choice in verdict.choices)
        else:
            dates = np.concatenate(self._days) if self._days else np.array([], "datetime64[us]")
            if self.kind in ("day-name", "name-day", "year-name", "number"):
                rule = "unique"
        if self.order is not None and self.kind == "numbers":
            rule = "given"
        bad = np.concatenate(self._bad) if self._bad else np.array([], dtype=np.int64)
        if self.kind == "numbers" and rule != "ambiguous":
            known = np.concatenate([block["a"] for block in self._blocks]) >= 0
            bad = np.union1d(bad, np.flatnonzero(known & np.isnat(dates)))
        return DateColumn(dates, bad, self._describe(order), rule, self._describe_zone(), choices)

    def _cast_iso(self, cells: pa.Array) -> Dates | None:
        """Let Arrow parse a block of plain ISO dates; None if there is more to it."""
        first = cells[0].as_py() if len(cells) else ""
        if (match := compile_pattern("iso").match(first)) is None:
            return None
        if match["zone"]:
            pattern = r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$"
            zones = pc.unique(pc.extract_regex(cells, pattern).field("zone"))
            if zones.null_count:
                return None
            self._zones.update(zones.to_pylist())
            cells = pc.replace_substring_regex(cells, pattern, "")
        try:
            stamps = pc.cast(cells, pa.timestamp("us"))
        except pa.ArrowInvalid:
            return None
        dates: Dates = to_numpy(pc.cast(stamps, pa.int64())).view("datetime64[us]")
        self._note_example(first, match)
        lengths = pc.min_max(pc.binary_length(cells))
        if lengths["min"].as_py() <= 10 < lengths["max"].as_py():
            return None  # with and without a time: the format names both
        return dates

    def _read_numbers(self, cells: pa.Array) -> Dates:
        """Epochs of any unit, told apart by size cell by cell, and Excel's serial days."""
        good = matches(cells, PATTERNS["number"])
        self._note_bad(cells, good)
        known = pc.if_else(
            pc.match_substring_regex(cells, PATTERNS["number"]),
            cells,
            pa.nulls(len(cells), pa.string()),
        )
        values = np.asarray(to_numpy(pc.cast(known, pa.float64())))
        micros = np.full(len(cells), np.iinfo(np.int64).min)  # NaT
        units = (
            (1e8, 1e11, 1e6, "s"),
            (1e11, 1e14, 1e3, "ms"),
            (1e14, 1e17, 1.0, "µs"),
            (1e17, 1e20, 1e-3, "ns"),
        )
        for low, high, factor, unit in units:
            chosen = (values >= low) & (values < high)
            if chosen.any():
                micros[chosen] = np.round(values[chosen] * factor).astype(np.int64)
                self._examples.setdefault(f"epoch {unit}", f"epoch {unit}")
        serial = (values >= 20_000) & (values < 80_000)
        if serial.any():
            epoch = _EXCEL_EPOCH.astype(np.int64)
            micros[serial] = (
                epoch + np.round(values[serial] * 86_400.0).astype(np.int64) * 1_000_000
            )
            self._examples.setdefault("excel", "excel serial (days since 1899-12-30)")
        if not serial.all():
            self._zones.add("Z")
        unread = (micros == np.iinfo(np.int64).min) & good
        self._bad.append(np.flatnonzero(unread) + self._rows)
        dates: Dates = micros.view("datetime64[us]")
        return dates

    def _extract(self, cells: pa.Array) -> None:
        """Take cells apart by the kind's regular expression."""
        pattern = SHORT_PATTERNS[self.kind]
        struct = pc.extract_regex(cells, pattern)
        if struct.null_count:
            pattern = PATTERNS[self.kind]
            struct = pc.extract_regex(cells, pattern)
        good = np.asarray(struct.is_valid().to_numpy(zero_copy_only=False))
        text = {name: struct.field(name) for name in re.findall(r"\?P<(\w+)>", pattern)}
        time = self._read_clock(text) if "H" in text else np.full(len(cells), _NO_TIME)
        if "zone" in text:
            self._zones.update(zone for zone in pc.unique(text["zone"]).to_pylist() if zone)
        if self.kind == "numbers":
            parts = {name: integers(text[name]) for name in "abc"}
            parts["k"] = to_numpy(pc.cast(pc.utf8_length(text["c"]), pa.int64())).astype(float)
            parts["k"] = np.nan_to_num(parts["k"]).astype(np.int64)
            for name in "abc":
                parts[name] = np.where(good, parts[name], -1)
            self._blocks.append({**parts, "t": time})
        else:
            months = _number_months(text["n"]) if "n" in text else integers(text["m"])
            years = integers(text["Y"])
            years = np.where((years >= 0) & (years < 100), expand_years(years), years)
            days = build_dates(np.where(good, years, -1), months, integers(text["d"]), time)
            good &= ~np.isnat(days)
            self._days.append(days)
        self._note_bad(cells, good)
        compiled = compile_pattern(self.kind)
        timed = good & (time != _NO_TIME)
        for chosen in (timed, good & ~timed):
            if chosen.any():
                cell = cells[int(chosen.argmax())].as_py()
                if (match := compiled.match(cell)) is not None:
                    self._note_example(cell, match)

    def _read_clock(self, text: dict[str, pa.Array]) -> Integers:
        """(rows,) microseconds since midnight; −1 where a cell has no time."""
        hours = integers(text["H"])
        if (hours < 0).all():
            return np.full(len(hours), _NO_TIME)
        if text["p"].null_count < len(hours):
            hours = count_from_midnight(hours, text["p"])
        minutes, seconds = (np.maximum(integers(text[name]), 0) for name in "MS")
        part = pc.utf8_slice_codeunits(pc.utf8_rpad(text["F"], 6, "0"), 0, 6)
        micros = np.maximum(integers(part), 0) + seconds * _MICROS["S"]
        micros += minutes * _MICROS["M"] + hours * _MICROS["H"]
        shown = (hours < 24) & (minutes < 60) & (seconds < 60)
        return np.where(hours < 0, _NO_TIME, np.where(shown, micros, _NO_CLOCK))

    def _note_bad(self, cells: pa.Array, good: NDArray[np.bool_]) -> None:
        if not good.all():
            bad = ~good & ~matches(cells, "^$")
            self._bad.append(np.flatnonzero(bad) + self._rows)

    def _note_example(self, cell: str, match: re.Match[str]) -> None:
        """Keep one cell with a time and one without, to describe the format by."""
        self._examples.setdefault("timed" if match["H"] else "day", cell)

    def _describe(self, order: Order | None) -> str:
        if self.kind == "numbers" and order is None:
            return ""
        if self.kind == "number":
            return " and ".join(self._examples.values())
        forms = [self._examples[key] for key in ("timed", "day") if key in self._examples]
        return " and ".join(describe_format(self.kind, cell, order) for cell in forms)

    def _describe_zone(self) -> str | None:
        if not self._zones:
            return None
        utc = {"Z", "UTC", "GMT", "+00:00", "+0000", "+00"}
        return "UTC" if self._zones <= utc else " and ".join(sorted(self._zones))


def _number_months(names: pa.Array) -> Integers:
    encoded = names.dictionary_encode()
    numbers = np.array([parse_month(name) or -1 for name in encoded.dictionary.to_pylist()] + [-1])
    indices = to_numpy(encoded.indices)
    if indices.dtype.kind == "f":
        indices = np.where(np.isnan(indices), -1, indices).astype(np.int64)
    months: Integers = numbers[indices].astype(np.int64)
    return months
