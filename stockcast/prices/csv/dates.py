"""Date cells ─▶ datetime64: one format and one order for the whole column, judged over all rows.

Cells are taken apart block by block into small integers; which of them is the day is settled at
the end, over every row. Times stay the file's own wall-clock times: an offset is noted, not added.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stockcast.prices import arrow_compute as pc
from stockcast.prices.csv.arrow import extract, integers, matches, to_numpy
from stockcast.prices.csv.calendars import (
    CALENDARS,
    OtherCalendar,
    are_plain_days,
    expand_years,
    find_calendars,
    find_local,
    judge_calendar,
    read_short_years,
)
from stockcast.prices.csv.date_format import (
    OTHER_COMPACT,
    PATTERNS,
    SHORT_PATTERNS,
    compile_pattern,
    describe_format,
)
from stockcast.prices.csv.date_order import build_dates, find_weekdays, judge_order
from stockcast.prices.csv.date_tidying import tidy_date
from stockcast.prices.csv.growing import GrowingColumn
from stockcast.prices.csv.months import parse_month
from stockcast.prices.csv.options import Calendar, Order
from stockcast.prices.csv.times import count_from_midnight
from stockcast.prices.csv.weekdays import parse_weekday
from stockcast.prices.history import Dates

Integers = NDArray[np.int64]

_EXCEL_EPOCH = np.datetime64("1899-12-30T00:00:00.000000")
_NAT = np.iinfo(np.int64).min
_MICROS = {"H": 3_600_000_000, "M": 60_000_000, "S": 1_000_000}
_DAY = 86_400  # seconds
_OWN_ORDER = ("day-name", "name-day", "year-name", "number")
_NO_TIME = -1
_NO_CLOCK = 24 * 3_600_000_000  # a time that no clock shows makes no date
_FIRST_EPOCH, _LAST_SECONDS = 1e8, 4.1e9  # seconds: in 1973 and in 2099
_EPOCH_UNITS = ((1e6, "s"), (1e3, "ms"), (1.0, "µs"), (1e-3, "ns"))  # microseconds each


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
        calendar: the calendar, where it is or can be another than the Gregorian one.
        contrary: rows whose cell names another weekday than its date has.
    """

    dates: Dates
    bad: Integers
    format: str
    rule: str
    timezone: str | None
    choices: tuple[str, ...] = ()
    calendar: OtherCalendar | None = None
    contrary: Integers = field(default_factory=lambda: np.array([], dtype=np.int64))


@dataclass
class DateReader:
    """Takes a column's cells apart, block by block.

    Args:
        kind: what `find_kind` found.
        order: `dmy`, `mdy` or `ymd` if the user says so.
        calendar: whose years they are, if the user says so.
        words: the file's own names, whose language may suggest another calendar.
    """

    kind: str
    order: Order | None = None
    calendar: Calendar | None = None
    words: str = ""
    _blocks: list[dict[str, Integers]] = field(default_factory=list)
    _days: GrowingColumn = field(default_factory=GrowingColumn)
    _bad: list[Integers] = field(default_factory=list)
    _rows: int = 0
    _examples: dict[str, str] = field(default_factory=dict)
    _zones: set[str] = field(default_factory=set)
    # From the row on at which a block begins; only of blocks that have any.
    _calendars: list[tuple[int, NDArray[np.int8]]] = field(default_factory=list)
    _weekdays: list[tuple[int, Integers]] = field(default_factory=list)
    _eras: list[tuple[str, int]] = field(default_factory=list)
    _has_short_years: bool = False

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
        order = None
        choices: tuple[str, ...] = ()
        bad = np.concatenate(self._bad) if self._bad else np.array([], dtype=np.int64)
        if self.kind == "numbers":
            parts = {
                name: np.concatenate([block[name] for block in self._blocks]) for name in "abcktw"
            }
            verdict = judge_order(parts, self.order, codes, self.calendar)
            order, dates = verdict.order, verdict.dates
            rule: str = "given" if self.order is not None else verdict.rule
            choices = tuple(self._describe(choice) for choice in verdict.choices)
            if rule != "ambiguous":
                bad = np.union1d(bad, np.flatnonzero((parts["a"] >= 0) & np.isnat(dates)))
            self._has_short_years = verdict.has_short_years
            self._note_calendars(find_calendars(verdict.years, verdict.calendar), first=0)
        else:
            dates = self._days.finish() if self._rows else np.array([], "datetime64[us]")
            rule = (
                "unique" if self.kind in ("day-name", "name-day", "year-name", "number") else "iso"
            )
        calendar, strangers = self._find_calendar(dates)
        if len(strangers):
            dates[strangers] = np.datetime64("NaT")
            bad = np.union1d(bad, strangers)
        return DateColumn(
            dates=dates,
            bad=bad,
            format=self._describe(order),
            rule=rule,
            timezone=self._describe_zone(),
            choices=choices,
            calendar=calendar,
            contrary=self._list_contrary(dates),
        )

    def list_dated(self) -> NDArray[np.bool_]:
        """(rows,) whether each cell is a date, in whatever order of day and month."""
        if self.kind == "numbers":
            return np.concatenate([block["a"] for block in self._blocks]) >= 0
        dated: NDArray[np.bool_] = ~np.isnat(self._days.finish())
        return dated

    def _find_calendar(self, dates: Dates) -> tuple[OtherCalendar | None, Integers]:
        """Return the column's calendar if it is another one, and the rows of any other than it."""
        nobody = np.array([], dtype=np.int64)
        if self._eras:
            name, row = self._eras[0]
            return OtherCalendar(name, row, str(dates[row])[:10], certain=True), nobody
        known = ~np.isnat(dates)
        if not known.any():
            return None, nobody
        if not self._calendars:
            local = find_local(self.words) if self._has_short_years else None
            if local is None or self.calendar is not None:
                return None, nobody
            return read_short_years(dates, local), nobody
        counted = np.zeros(len(dates), dtype=np.int8)
        for start, codes in self._calendars:
            counted[start : start + len(codes)] = codes
        code = int(np.bincount(counted[known], minlength=len(CALENDARS)).argmax())
        strangers = np.flatnonzero(known & (counted != code))
        if not code:
            return None, strangers
        row = int((known & (counted == code)).argmax())
        words = self.words + ("年" if self.kind == "cjk" else "")
        found = judge_calendar(CALENDARS[code], row, dates[row], words=words, given=self.calendar)
        return found, strangers

    def _list_contrary(self, dates: Dates) -> Integers:
        """Return the rows whose weekday, as the file names it, is not that of their date."""
        rows = [
            start + np.flatnonzero((named >= 0) & (named != find_weekdays(span)) & ~np.isnat(span))
            for start, named in self._weekdays
            for span in [dates[start : start + len(named)]]
        ]
        return np.concatenate(rows) if rows else np.array([], dtype=np.int64)

    def _cast_iso(self, cells: pa.Array) -> Dates | None:
        """Let Arrow parse a block of plain ISO dates; None if there is more to it."""
        if self.calendar not in (None, "gregorian"):
            return None
        first = cells[0].as_py() if len(cells) else ""
        if (match := compile_pattern("iso").match(first)) is None:
            return None
        if match["zone"]:
            pattern = r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})$"
            zones = pc.unique(extract(cells, pattern).field("zone"))
            if zones.null_count:
                return None
            self._zones.update(zones.to_pylist())
            cells = pc.replace_substring_regex(cells, pattern, "")
        try:
            stamps = pc.cast(cells, pa.timestamp("us"))
        except pa.ArrowInvalid:
            return None
        micros = to_numpy(pc.cast(stamps, pa.int64()))
        if self.calendar is None and not are_plain_days(micros):
            return None
        dates: Dates = micros.view("datetime64[us]")
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
        micros = np.full(len(cells), _NAT)
        self._read_epochs(values, micros)
        serial = (values >= 20_000) & (values < 80_000)
        if serial.any():
            epoch = _EXCEL_EPOCH.astype(np.int64)
            micros[serial] = (
                epoch + np.round(values[serial] * float(_DAY)).astype(np.int64) * 1_000_000
            )
            self._examples.setdefault("excel", "excel serial (days since 1899-12-30)")
        self._read_other_compact(cells, micros)
        unread = (micros == _NAT) & good
        self._bad.append(np.flatnonzero(unread) + self._rows)
        dates: Dates = micros.view("datetime64[us]")
        return dates

    def _read_epochs(self, values: NDArray[np.float64], micros: Integers) -> None:
        """Read epochs in the only unit by which they are neither before 1973 nor still to come.

        What is too large for seconds and would be 1970 to 1973 in milliseconds, is that; so on.
        """
        latest = float((np.datetime64("now", "s") + 2 * np.timedelta64(_DAY, "s")).astype(np.int64))
        first = _FIRST_EPOCH
        for factor, unit in _EPOCH_UNITS:
            per_second = 1e6 / factor
            chosen = (values >= first) & (values <= latest * per_second)
            first = _LAST_SECONDS * per_second
            if chosen.any():
                micros[chosen] = np.round(values[chosen] * factor).astype(np.int64)
                self._examples.setdefault(f"epoch {unit}", f"epoch {unit}")
                self._zones.add("Z")

    def _read_other_compact(self, cells: pa.Array, micros: Integers) -> None:
        """Read days such as 1010216, 13911211 and 25550216, which have no marks."""
        struct = extract(cells, OTHER_COMPACT)
        if struct.null_count == len(struct):
            return
        good = np.asarray(struct.is_valid().to_numpy(zero_copy_only=False)) & (micros == _NAT)
        years = np.where(good, integers(struct.field("Y")), -1)
        days = build_dates(
            years,
            integers(struct.field("m")),
            integers(struct.field("d")),
            np.full(len(cells), _NO_TIME),
            self.calendar,
        )
        read = ~np.isnat(days)
        micros[read] = days[read].astype(np.int64)
        self._note_calendars(find_calendars(years, self.calendar), first=self._rows)
        if read.any():
            self._examples.setdefault("compact", "%Y%m%d")

    def _extract(self, cells: pa.Array) -> None:
        """Take cells apart by the kind's regular expression."""
        pattern = SHORT_PATTERNS[self.kind]
        struct = extract(cells, pattern)
        if struct.null_count:
            pattern = PATTERNS[self.kind]
            struct = extract(cells, pattern)
            if struct.null_count:
                cells = self._tidy(cells, np.asarray(struct.is_null()))
                struct = extract(cells, pattern)
        good = np.asarray(struct.is_valid().to_numpy(zero_copy_only=False))
        text = {name: struct.field(name) for name in re.findall(r"\?P<(\w+)>", pattern)}
        time = self._read_clock(text) if "H" in text else np.full(len(cells), _NO_TIME)
        if "zone" in text:
            self._zones.update(zone for zone in pc.unique(text["zone"]).to_pylist() if zone)
        weekdays = self._read_weekdays(text, len(cells))
        if self.kind == "numbers":
            parts = {name: integers(text[name]) for name in "abc"}
            for name in "abc":
                parts[name] = np.where(good, parts[name], -1)
            self._blocks.append({**parts, "k": _count_digits(text["c"]), "t": time, "w": weekdays})
        else:
            good &= self._build(text, good, time)
        self._note_bad(cells, good)
        compiled = compile_pattern(self.kind)
        timed = good & (time != _NO_TIME)
        for chosen in (timed, good & ~timed):
            if chosen.any():
                cell = cells[int(chosen.argmax())].as_py()
                if (match := compiled.match(cell)) is not None:
                    self._note_example(cell, match)

    def _build(
        self, text: dict[str, pa.Array], good: NDArray[np.bool_], time: Integers
    ) -> NDArray[np.bool_]:
        """Build the block's dates of cells that name their year; return which rows have one."""
        months = _number_names(text["n"], parse_month) if "n" in text else integers(text["m"])
        years, digits = np.where(good, integers(text["Y"]), -1), _count_digits(text["Y"])
        short = good & (digits == 2)
        if short.any():
            self._has_short_years = True
            years = np.where(short, expand_years(years, self.calendar), years)
        years[(digits == 4) & (years < 1000)] = -1
        days = build_dates(years, months, integers(text["d"]), time, self.calendar)
        self._days.append(days)
        self._note_calendars(find_calendars(years, self.calendar), first=self._rows)
        return ~np.isnat(days)

    def _tidy(self, cells: pa.Array, unread: NDArray[np.bool_]) -> pa.Array:
        """Write the cells that match no pattern plainly, where that is known."""
        texts = cells.filter(pa.array(unread)).to_pylist()
        tidied = [tidy_date(text) for text in texts]
        for row, tidy in zip(np.flatnonzero(unread), tidied, strict=True):
            if tidy is not None and tidy.calendar is not None:
                self._eras.append((tidy.calendar, self._rows + int(row)))
                break
        plain = [
            text if tidy is None else tidy.text for text, tidy in zip(texts, tidied, strict=True)
        ]
        return pc.replace_with_mask(cells, pa.array(unread), pa.array(plain, pa.string()))

    def _read_weekdays(self, text: dict[str, pa.Array], rows: int) -> Integers:
        """(rows,) the weekday that each cell names, Monday 0; −1 where that is not certain."""
        named = np.full(rows, -1)
        if "w" in text and text["w"].null_count < rows:
            named = _number_names(text["w"], parse_weekday)
            self._weekdays.append((self._rows, named))
        return named

    def _note_calendars(self, codes: NDArray[np.int8], *, first: int) -> None:
        if (codes > 0).any():
            self._calendars.append((first, np.maximum(codes, 0)))

    def _read_clock(self, text: dict[str, pa.Array]) -> Integers:
        """(rows,) microseconds since midnight; −1 where a cell has no time."""
        hours = integers(text["H"])
        if (hours < 0).all():
            return np.full(len(hours), _NO_TIME)
        if "p" in text and text["p"].null_count < len(hours):
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
        zones = {zone[3:] if zone[:3] in ("GMT", "UTC") else zone for zone in self._zones}
        if not zones:
            return None
        utc = {"", "Z", "+00:00", "+0000", "+00"}
        return "UTC" if zones <= utc else " and ".join(sorted(zone or "Z" for zone in zones))


def _count_digits(cells: pa.Array) -> Integers:
    """(rows,) digits of each cell; 0 for null."""
    lengths = to_numpy(pc.cast(pc.utf8_length(cells), pa.int64())).astype(float)
    digits: Integers = np.nan_to_num(lengths).astype(np.int64)
    return digits


def _number_names(names: pa.Array, parse: Callable[[str], int | None]) -> Integers:
    """(rows,) the number of the month or weekday that each cell names; −1 where it names none."""
    encoded = names.dictionary_encode()
    numbers = [parse(name) for name in encoded.dictionary.to_pylist()]
    known = np.array([-1 if number is None else number for number in numbers] + [-1])
    indices = to_numpy(encoded.indices)
    if indices.dtype.kind == "f":
        indices = np.where(np.isnan(indices), -1, indices).astype(np.int64)
    found: Integers = known[indices].astype(np.int64)
    return found
