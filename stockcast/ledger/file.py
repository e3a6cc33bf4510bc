"""A ledger's file: a CSV that only grows, a row a forecast.

A row is there for good once `append_entries` has returned: the bytes are on the disk. A run that
dies while it appends can leave a torn last row; nobody saw that one, and the next run
removes it before it appends its own.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from stockcast.errors import LedgerError, option
from stockcast.files.disk import flush_folder, flush_handle
from stockcast.files.faults import reach
from stockcast.files.lock import hold_lock
from stockcast.files.replace import explain_failure, follow_links
from stockcast.files.spreadsheet import format_rows, guard_text
from stockcast.ledger.entry import (
    COLUMNS,
    Entry,
    Key,
    LedgerColumns,
    Levels,
    from_cells,
    parse_columns,
    to_cells,
)

_PRICES_ALONE = LedgerColumns()
WAIT = 60.0  # seconds; another run has the lock for an instant


@dataclass(frozen=True)
class Appended:
    """What an append did.

    Attributes:
        count: rows appended.
        known: forecasts that the ledger had already.
        torn: the torn last row of a run that died, which was removed; empty if there was none.
    """

    count: int
    known: int
    torn: str


@dataclass(frozen=True)
class Ledger:
    """What a ledger holds: its columns, its entries, and whether the last is torn."""

    columns: LedgerColumns
    entries: tuple[Entry, ...]
    torn: bool

    @property
    def levels(self) -> Levels:
        """Of the intervals, in percent."""
        return self.columns.levels


def append_entries(
    path: str | Path,
    entries: Sequence[Entry],
    *,
    columns: LedgerColumns = _PRICES_ALONE,
    wait: float = WAIT,
    on_wait: Callable[[str], None] | None = None,
) -> Appended:
    """Append forecasts to a ledger, which is begun if it is missing; they are there for good.

    A forecast that it has already (ticker, cutoff, step and model are the same) is left out, so
    that a run may be repeated.

    Args:
        path: the ledger.
        entries: the forecasts, each with the bounds of `columns`.
        columns: the first append fixes them in the header. A ledger that was begun without
            volatility goes on without.
        wait: seconds to wait for another run that appends.
        on_wait: called with who that is, before waiting.

    Raises:
        LedgerError: the file is no ledger, or one of other levels or quantiles; it stays as it is.
        Locked: another run has it for longer than `wait`.
        OutputError: it cannot be written; it has no part of any row of this call.
    """
    path = Path(path)
    target = follow_links(path)
    rows = [_to_row(entry, columns, path) for entry in entries]
    with hold_lock(target, wait=wait, on_wait=on_wait, may_ask=False):
        try:
            handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                appended = _append(handle, rows, columns, path)
            finally:
                os.close(handle)
            flush_folder(target.parent)
            reach("after-ledger")
        except OSError as error:
            raise explain_failure(path, error) from error
    return appended


def read_ledger(path: str | Path) -> Ledger:
    """Read a ledger, without waiting for who appends to it; a torn last row is left out.

    Raises:
        LedgerError: there is none, or a row is not what it must be.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LedgerError(
            f"cannot read {path}: {error.strerror or error}",
            hint=f"predict {option('ledger', shown='FILE')} writes one",
        ) from None
    end = _find_end(content)
    columns, lines = _read_lines(content, end, path)
    entries = []
    for number, line in enumerate(lines, start=2):
        try:
            entries.append(from_cells(_split(line), columns))
        except ValueError as error:
            raise LedgerError(
                f"{path}:{number}: {error}", hint="put that row right, or take it out"
            ) from None
    return Ledger(columns, tuple(entries), torn=end < len(content))


def _to_row(entry: Entry, columns: LedgerColumns, path: Path) -> tuple[Key, list[str]]:
    """Return an entry's key and cells, which `read_ledger` will be able to read."""
    cells = to_cells(entry, columns)
    line = format_rows([cells]).removesuffix("\n")
    try:
        if "\n" in line or _split(line) != cells:
            raise ValueError(f"ticker is {entry.ticker!r}, which has a line break")
        return from_cells(cells, columns).key, cells
    except ValueError as error:
        raise LedgerError(f"this forecast cannot stand in {path}: {error}") from None


def _append(
    handle: int, new: Sequence[tuple[Key, list[str]]], columns: LedgerColumns, path: Path
) -> Appended:
    with open(handle, "rb", closefd=False) as file:
        content = file.read()
    end = _find_end(content)
    begun, lines = _read_lines(content, end, path)
    if end and begun != replace(columns, has_volatility=begun.has_volatility):
        raise LedgerError(
            f"{path} was begun {begun.description}, and these forecasts are {columns.description}",
            hint="forecast with the same levels and quantiles, or begin another file: "
            + option("ledger", shown="FILE"),
        )
    columns = begun if end else columns
    known = _find_known({key for key, _ in new}, lines, columns)
    width = len(columns.names)  # volatility stands last
    fresh = {key: cells[:width] for key, cells in new if key not in known}
    if end < len(content):
        os.ftruncate(handle, end)
    header = [] if end else [columns.names]
    _write(handle, format_rows([*header, *fresh.values()]).encode("utf-8"), end)
    torn = content[end:].decode("utf-8", "replace").rstrip("\0")
    return Appended(len(fresh), len(new) - len(fresh), torn)


def _write(handle: int, content: bytes, end: int) -> None:
    """Append bytes, all or none of them unless the process dies."""
    half = len(content) // 2
    try:
        reach("before-append")
        _write_all(handle, content[:half])
        reach("half-append")
        _write_all(handle, content[half:])
        reach("after-append")
        flush_handle(handle)
    except OSError:
        with suppress(OSError):
            os.ftruncate(handle, end)
            flush_handle(handle)
        raise


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _find_end(content: bytes) -> int:
    """Return where the last whole row ends.

    What follows is torn, or zeros: a machine that loses its power may leave such.
    """
    return content.rstrip(b"\0").rfind(b"\n") + 1


def _read_lines(content: bytes, end: int, path: Path) -> tuple[LedgerColumns, list[str]]:
    """Return a ledger's columns, and each line after its header.

    No cell has a line feed in it, so that a line with a stray quotation mark spoils no other.

    Raises:
        LedgerError: it is not a ledger.
    """
    first = ",".join(COLUMNS).encode()
    if not end and first.startswith(content.rstrip(b"\0")[: len(first)]):
        return _PRICES_ALONE, []  # empty, or torn inside its header
    try:
        header, *lines = content[:end].decode("utf-8-sig").split("\n")[:-1]
        return parse_columns(_split(header)), lines
    except ValueError:
        raise LedgerError(
            f"{path} is there and is not a ledger",
            hint=f"a ledger's first line is {','.join(COLUMNS)}, and its intervals",
        ) from None


def _split(line: str) -> list[str]:
    """Return a line's cells; none if it has none or is no line of a CSV."""
    try:
        return next(csv.reader([line.removesuffix("\r")]), [])
    except csv.Error:
        return []


def _find_known(wanted: set[Key], lines: Sequence[str], columns: LedgerColumns) -> set[Key]:
    """Return which of the keys are in the lines; one that cannot be read is no reason to stop."""
    # Only lines with a cutoff and a model that are wanted are taken apart: a ledger may be long.
    cutoffs = {cutoff for _, cutoff, _, _ in wanted}
    models = {guard_text(model) for *_, model in wanted}
    found = set()
    for line in lines:
        if any(one in line for one in models) and any(one in line for one in cutoffs):
            with suppress(ValueError):
                found.add(from_cells(_split(line), columns).key)
    return wanted & found
