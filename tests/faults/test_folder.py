"""A run that dies while it writes a folder."""

import pytest

from stockcast.files import replace_folder
from tests.faults.support import each_point, list_leftovers, run_killed

pytestmark = pytest.mark.process

REPLACE = """
import sys
from pathlib import Path
from stockcast.files import replace_folder
with replace_folder(Path(sys.argv[1])) as folder:
    (folder / "a.npy").write_text("new")
    (folder / "b.npy").write_text("new")
"""
# A file system that cannot exchange two names, such as a network's.
SLOW = "import stockcast.files.replace as r\nr.exchange_paths = lambda *_: False\n" + REPLACE


def write_old(path):
    with replace_folder(path) as folder:
        (folder / "a.npy").write_text("old")
        (folder / "b.npy").write_text("old")


def read_folder(path):
    return {file.name: file.read_text() for file in path.iterdir()}


def all_of(text):
    return {"a.npy": text, "b.npy": text}


@each_point("before-write", "after-write", "before-rename", "after-rename", "after-replace")
def test_a_folder_is_the_old_one_or_the_new_one_whenever_its_writer_dies(point, tmp_path):
    path = tmp_path / "prepared"
    write_old(path)
    run_killed(REPLACE, path, point=point)
    assert read_folder(path) == all_of("new" if point.startswith("after-re") else "old")
    write_old(path)
    assert read_folder(path) == all_of("old")
    assert list_leftovers(tmp_path) == []


def test_without_exchange_the_next_run_puts_back_what_a_dead_one_had_moved(tmp_path):
    path = tmp_path / "prepared"
    write_old(path)
    run_killed(SLOW, path, point="after-rename")
    assert not path.exists()
    run_killed(SLOW, path, point="after-write")
    assert read_folder(path) == all_of("old")
    run_killed(SLOW, path, point="after-rename", number=2)
    assert read_folder(path) == all_of("new")
    write_old(path)
    assert read_folder(path) == all_of("old")
    assert list_leftovers(tmp_path) == []
