"""A run that dies, or whose disk is full, while it appends to the ledger."""

import pytest

from stockcast.ledger.entry import Entry
from stockcast.ledger.file import append_entries, read_ledger
from tests.faults.support import each_point, kill_after, run_code, run_killed

pytestmark = pytest.mark.process

APPEND = """
import sys
from stockcast.errors import OutputError
from stockcast.ledger.entry import Entry
from stockcast.ledger.file import append_entries
path, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for number in range(first, last):
    entry = Entry("2026-01-02T03:04:05Z", "f" * 64, "FB", "2013-03-01", number, "2013-03-04",
                  100 + number / 7, 27.78)
    try:
        append_entries(path, [entry])
    except OutputError as error:
        sys.exit(str(error))
    with open(path + ".acknowledged", "a") as log:
        print(number, file=log, flush=True)
"""


def make(number):
    return Entry(
        "2026-01-02T03:04:05Z", "f" * 64, "FB", "2013-03-01", number, "2013-03-04",
        100 + number / 7, 27.78,
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path):
    return tmp_path / "ledger.csv"


def read_steps(ledger):
    return [entry.step for entry in read_ledger(ledger).entries]


@each_point("before-append", "half-append", "after-append", "after-ledger")
@pytest.mark.parametrize("known", [0, 3])
def test_a_ledger_whose_writer_died_has_every_row_that_was_there(point, known, ledger):
    append_entries(ledger, [make(step) for step in range(1, known + 1)])
    run_killed(APPEND, ledger, known + 1, known + 2, point=point)
    assert read_steps(ledger)[:known] == list(range(1, known + 1))
    done = append_entries(ledger, [make(known + 1), make(known + 2)])
    assert done.known == (1 if point.startswith("after") else 0)
    assert bool(done.torn) == (point == "half-append")
    ledger_now = read_ledger(ledger)
    assert ledger_now.entries == tuple(make(step) for step in range(1, known + 3))
    assert not ledger_now.torn


def test_a_ledger_whose_writer_died_before_its_header_was_whole_is_begun_again(ledger):
    run_killed(APPEND, ledger, 1, 2, point="half-append")
    content = ledger.read_bytes()
    for length in range(len(content) + 1):
        ledger.write_bytes(content[:length])
        assert append_entries(ledger, [make(1)]).count == 1
        assert read_steps(ledger) == [1]


@pytest.mark.parametrize(
    ("point", "kind"),
    [("before-append", "enospc"), ("half-append", "enospc"), ("after-append", "eio")],
)
def test_a_disk_that_fails_leaves_the_ledger_as_it_was_and_says_so(point, kind, ledger):
    append_entries(ledger, [make(1), make(2)])
    before = ledger.read_bytes()
    run = run_code(APPEND, ledger, 3, 4, fault=f"{point}:1:{kind}")
    assert run.returncode == 1
    assert b"cannot write" in run.stderr
    assert ledger.read_bytes() == before


def test_a_row_that_was_acknowledged_is_there_whenever_its_writer_is_killed(ledger):
    log = ledger.with_name("ledger.csv.acknowledged")
    log.touch()
    told = []
    for moment in (0.02, 0.05, 0.11, 0.17):
        kill_after(APPEND, ledger, len(told) + 1, 100_000, seconds=moment)
        told = [int(line) for line in log.read_text().split()]
        there = read_steps(ledger) if ledger.exists() else []
        assert told == list(range(1, len(told) + 1))
        # One may be there whose number was not written any more.
        assert there in (told, [*told, len(told) + 1])
    assert told
