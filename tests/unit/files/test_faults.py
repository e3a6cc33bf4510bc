"""Faults on purpose: where, when, and that a slip in asking for one is an error."""

from __future__ import annotations

import errno

import pytest

from stockcast.errors import OutputError, UsageError
from stockcast.files import faults, replace_file
from stockcast.files.faults import reach


@pytest.fixture(autouse=True)
def forget():
    """Count each test's points from the start."""
    faults._reached.clear()
    yield
    faults._reached.clear()


@pytest.fixture
def ask(monkeypatch):
    return lambda text: monkeypatch.setenv(faults.VARIABLE, text)


def test_without_the_variable_nothing_happens(ask, tmp_path):
    ask("")
    with replace_file(tmp_path / "a.csv") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.csv").read_text() == "new"


@pytest.mark.parametrize("kind", ["enospc", "eio"])
def test_a_disk_fails_from_the_wanted_time_on(kind, ask):
    ask(f"after-write:3:{kind}")
    for point in ("after-write", "before-write", "after-write"):
        reach(point)
    for _ in range(2):
        with pytest.raises(OSError) as caught:  # noqa: PT011 — any disk error
            reach("after-write")
        assert caught.value.errno == getattr(errno, kind.upper())


def test_a_fault_in_the_writing_is_an_output_error(ask, tmp_path, expect_refusal):
    ask("before-rename:1:enospc")
    with (
        expect_refusal(OutputError, tmp_path / "a.csv", "No space left"),
        replace_file(tmp_path / "a.csv") as temporary,
    ):
        temporary.write_text("new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["before-rename", "before-renam:1:kill", "before-rename:x:kill", "after-write:1:burn"]
)
def test_what_is_not_of_the_form_is_refused(text, ask, expect_refusal):
    ask(text)
    with expect_refusal(UsageError, repr(text), hint="before-rename"):
        reach("before-rename")
