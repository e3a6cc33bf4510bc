"""The lock beside a file; what other processes see of it is in tests/faults."""

from __future__ import annotations

import os

import pytest

from stockcast.errors import OutputError
from stockcast.files.lock import hold_lock


@pytest.fixture
def place(tmp_path):
    return tmp_path / "models" / "GOOG.safetensors"


def test_the_lock_file_is_beside_the_file_and_says_who_has_it(place):
    lock = place.parent / ".GOOG.safetensors.lock"
    with hold_lock(place):
        assert lock.read_text().startswith(f"process {os.getpid()} on {os.uname().nodename}, ")
    assert lock.read_text() == ""
    assert not place.exists()


def test_who_has_the_lock_may_take_it_again(place):
    lock = place.parent / ".GOOG.safetensors.lock"
    with hold_lock(place):
        with hold_lock(place):
            pass
        assert lock.read_text() != ""
    with hold_lock(place):
        pass


def test_a_link_and_what_it_leads_to_have_one_lock(place, tmp_path):
    link = tmp_path / "newest.safetensors"
    link.symlink_to(place)
    with hold_lock(link), hold_lock(place):
        pass
    assert [path.name for path in tmp_path.rglob("*.lock")] == [".GOOG.safetensors.lock"]


def test_the_lock_is_free_after_an_error(place):
    with pytest.raises(KeyError), hold_lock(place):
        raise KeyError
    with hold_lock(place):
        pass


def test_a_folder_that_cannot_be_written_is_an_output_error(tmp_path, expect_refusal):
    (tmp_path / "models").write_text("a file")
    with (
        expect_refusal(OutputError, "cannot write", ".GOOG.safetensors.lock"),
        hold_lock(tmp_path / "models" / "GOOG.safetensors"),
    ):
        pytest.fail("the block ran")


def test_an_error_of_the_block_is_not_taken_for_one_of_the_lock(place):
    with pytest.raises(FileNotFoundError), hold_lock(place):
        place.read_text()
