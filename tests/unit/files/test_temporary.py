"""Temporary names tell whose they are, and those of dead runs are removed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stockcast.files import replace_file
from stockcast.files.temporary import identify_host, name_temporary, remove_leftovers


@pytest.fixture(scope="module")
def dead():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(timeout=60)
    return process.pid


def name_of(pid, *, stem=".GOOG", host=None, token="0123abcd", suffix=".safetensors"):
    return f"{stem}.stockcast-{pid}-{host or identify_host()}-{token}{suffix}"


def test_a_temporary_name_has_the_process_and_the_host_and_is_new_each_time(tmp_path):
    names = {name_temporary(tmp_path / "GOOG.safetensors").name for _ in range(20)}
    assert len(names) == 20
    for name in names:
        assert name.startswith(f".GOOG.stockcast-{os.getpid()}-{identify_host()}-")
        assert name.endswith(".safetensors")


@pytest.mark.parametrize("stem", ["x" * 250, "ü" * 125, "株" * 80], ids=["ascii", "ü", "株"])
def test_a_name_as_long_as_any_may_be_has_a_temporary_one(stem, tmp_path):
    path = tmp_path / f"{stem}.csv"
    with replace_file(path) as temporary:
        assert len(os.fsencode(temporary.name)) <= 255
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_what_a_dead_run_left_is_removed_by_the_next_write_in_the_folder(tmp_path, dead):
    (tmp_path / name_of(dead)).write_text("half")
    (tmp_path / name_of(dead, stem=".prepared", suffix="")).mkdir()
    (tmp_path / name_of(dead, stem=".prepared", suffix="") / "a.npy").write_text("half")
    with replace_file(tmp_path / "other.csv") as temporary:
        temporary.write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["other.csv"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pid": os.getpid()}, id="our own"),
        pytest.param({"pid": os.getppid()}, id="of a live run"),
        pytest.param({"pid": 1}, id="of another user's run"),
        pytest.param({"host": "00000000"}, id="of another host"),
        pytest.param({"stem": "GOOG"}, id="not hidden"),
        pytest.param({"token": "0123abc"}, id="short token"),
        pytest.param({"token": "0123ABCD"}, id="large letters"),
        pytest.param({"suffix": ".safetensors.bak"}, id="two suffixes"),
        pytest.param({"pid": "007"}, id="no process number"),
        pytest.param({"pid": "99999999999999999999"}, id="a number too large"),
    ],
)
def test_nothing_else_is_removed(change, tmp_path, dead):
    name = name_of(**{"pid": dead, **change})
    (tmp_path / name).write_text("precious")
    remove_leftovers(tmp_path)
    assert (tmp_path / name).exists()


def test_a_link_of_such_a_name_is_left_alone(tmp_path, dead):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "precious").touch()
    (tmp_path / name_of(dead)).symlink_to(tmp_path / "folder")
    remove_leftovers(tmp_path)
    assert (tmp_path / name_of(dead) / "precious").exists()


def test_a_folder_that_is_missing_has_no_leftovers(tmp_path):
    remove_leftovers(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_folder_of_thousands_is_looked_through_now_and_then_only(tmp_path, dead, monkeypatch):
    for number in range(2_001):
        (tmp_path / f"T{number}").touch()
    first, second = (tmp_path / name_of(dead, token=f"0123abc{number}") for number in range(2))
    first.touch()
    remove_leftovers(tmp_path)
    assert not first.exists()
    second.touch()
    remove_leftovers(tmp_path)
    assert second.exists()
    monkeypatch.setattr("stockcast.files.temporary._WHILE", 0.0)
    remove_leftovers(tmp_path)
    assert not second.exists()
