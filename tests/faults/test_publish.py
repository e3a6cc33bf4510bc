"""A run that dies, or whose disk is full, while it publishes a model or rolls one back."""

import pytest

from stockcast.model.file import load_model, serialize_model
from stockcast.model.store import list_earlier, publish_model, roll_back
from tests.faults.support import each_point, list_leftovers, run_code, run_killed

pytestmark = pytest.mark.process

PUBLISH = """
import sys
from pathlib import Path
from stockcast.errors import OutputError
from stockcast.model.store import publish_model
try:
    publish_model(Path(sys.argv[1]).read_bytes(), sys.argv[2], keep=3)
except OutputError as error:
    sys.exit(str(error))
"""
ROLL_BACK = """
import sys
from stockcast.errors import OutputError
from stockcast.model.store import roll_back
try:
    roll_back(sys.argv[1])
except OutputError as error:
    sys.exit(str(error))
"""
BEFORE = ("before-write", "before-keep", "after-keep", "after-write", "before-rename")
AFTER = ("after-rename", "after-replace", "before-prune")


@pytest.fixture(scope="module")
def versions(make_history, make_model):
    """The bytes of six models that differ."""
    history = make_history()
    return [serialize_model(make_model(history, weight_seed=seed)) for seed in range(6)]


@pytest.fixture
def place(tmp_path, versions):
    """A place with version 3 in it, and 0, 1 and 2 in its history."""
    path = tmp_path / "models" / "MADEUP.safetensors"
    for content in versions[:4]:
        publish_model(content, path, keep=3)
    return path


@pytest.fixture
def newest(tmp_path, versions):
    """Version 4, in a file."""
    path = tmp_path / "new.bin"
    path.write_bytes(versions[4])
    return path


def read_all(place):
    """Return the model in its place, and those before it, the newest first."""
    return [path.read_bytes() for path in (place, *reversed(list_earlier(place)))]


def backwards(versions, last, first):
    return [versions[number] for number in range(last, first - 1, -1)]


@each_point(*BEFORE, *AFTER)
def test_a_publisher_that_dies_leaves_the_old_model_or_the_new_one(
    point, place, newest, versions, tmp_path
):
    run_killed(PUBLISH, newest, place, point=point)
    load_model(place)
    present = 4 if point in AFTER else 3
    assert read_all(place) == backwards(versions, present, 0)
    publish_model(versions[5], place, keep=3)
    expected = [versions[5], *backwards(versions, present, present - 2)]
    assert read_all(place) == expected
    assert list_leftovers(tmp_path) == []


@each_point("after-keep", "before-prune")
def test_after_a_publisher_died_a_rollback_goes_to_the_model_before(point, place, newest, versions):
    run_killed(PUBLISH, newest, place, point=point)
    roll_back(place)
    present = 4 if point in AFTER else 3
    assert read_all(place) == backwards(versions, present - 1, 0)


@pytest.mark.parametrize(
    ("point", "kind"), [*((point, "enospc") for point in BEFORE), ("before-rename", "eio")]
)
def test_a_disk_that_fails_leaves_the_old_model_and_says_so(
    point, kind, place, newest, versions, tmp_path
):
    run = run_code(PUBLISH, newest, place, fault=f"{point}:1:{kind}")
    assert run.returncode == 1
    assert b"cannot write" in run.stderr
    assert {"enospc": b"No space left", "eio": b"nput/output error"}[kind] in run.stderr
    assert read_all(place) == backwards(versions, 3, 0)
    assert list_leftovers(tmp_path) == []


@each_point("before-restore", "after-restore")
def test_a_rollback_that_dies_leaves_the_present_model_or_the_one_before(
    point, place, versions, tmp_path
):
    run_killed(ROLL_BACK, place, point=point)
    present = 2 if point == "after-restore" else 3
    assert read_all(place) == backwards(versions, present, 0)
    undone = place.parent / ".history" / "MADEUP" / "undone.safetensors"
    assert undone.read_bytes() == versions[3]
    roll_back(place)
    assert read_all(place) == backwards(versions, present - 1, 0)
    assert undone.read_bytes() == versions[present]
    assert list_leftovers(tmp_path) == []


def test_where_the_file_system_has_no_links_a_publisher_that_dies_loses_nothing(
    place, newest, versions, tmp_path
):
    without = "import os\ndef refuse(*_): raise PermissionError\nos.link = refuse\n" + PUBLISH
    run_killed(without, newest, place, point="before-rename")  # of the copy
    assert read_all(place) == backwards(versions, 3, 0)
    run_killed(without, newest, place, point="before-rename", number=2)
    assert read_all(place) == backwards(versions, 3, 0)
    run_code(without, newest, place)
    assert read_all(place) == backwards(versions, 4, 1)
    assert list_leftovers(tmp_path) == []
    assert place.stat().st_nlink == 1
