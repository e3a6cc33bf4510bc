"""A bar that counts tickers and the rows that come meanwhile share a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
from stockcast.cli.output.ticker_progress import TickerBar
from stockcast.cli.output.rows import RowWriter

with TickerBar("train", 3) as count:
    writer = RowWriter(("ticker", "rows"), "csv")
    for ticker in "ABC":
        count.begin()
        writer.write({"ticker": ticker, "rows": 7})
        count.finish(failed=False)
"""
ERASED = "\x1b[2K"


def run_in_terminal(program):
    """Return all that a program writes to a terminal that is both its stdout and its stderr."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=theirs, stderr=theirs, env=environment
    ) as process:
        os.close(theirs)
        parts = []
        while part := read_part(ours):
            parts.append(part)
    os.close(ours)
    assert process.returncode == 0
    return b"".join(parts).decode("utf-8")


def read_part(terminal):
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # as Linux says that the other end is closed
        return b""


def test_no_row_stands_behind_a_bar():
    written = run_in_terminal(PROGRAM)
    assert "0/3 done" in written
    for row in ("A,7", "B,7", "C,7"):
        before = written.partition(row)[0]
        assert "done" not in before.rpartition(ERASED)[2], row


def test_the_bar_is_gone_at_the_end():
    assert "done" not in run_in_terminal(PROGRAM).rpartition(ERASED)[2]
