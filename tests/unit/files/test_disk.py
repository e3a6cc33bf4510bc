"""Flushing: what cannot be written is an error, what cannot be flushed is not."""

from __future__ import annotations

import errno
import os

import pytest

from stockcast.files import disk


@pytest.fixture
def fail(monkeypatch):
    def fail_with(number):
        def refuse(handle):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(disk, "flush_handle", refuse)

    return fail_with


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_file_or_folder_that_the_disk_refuses_is_an_error(number, fail, tmp_path):
    (tmp_path / "a").touch()
    fail(number)
    for flush, path in ((disk.flush_file, tmp_path / "a"), (disk.flush_folder, tmp_path)):
        with pytest.raises(OSError, match=os.strerror(number)):
            flush(path)


def test_a_file_system_that_cannot_flush_folders_is_none(fail, tmp_path):
    fail(errno.EINVAL)
    disk.flush_folder(tmp_path)


def test_every_file_and_folder_of_a_tree_is_flushed(monkeypatch, tmp_path):
    (tmp_path / "deep" / "down").mkdir(parents=True)
    files = [tmp_path / "a", tmp_path / "deep" / "b", tmp_path / "deep" / "down" / "c"]
    for file in files:
        file.touch()
    flushed = []
    monkeypatch.setattr(
        disk, "flush_handle", lambda handle: flushed.append(os.fstat(handle).st_ino)
    )
    disk.flush_tree(tmp_path)
    everything = [tmp_path, *tmp_path.rglob("*")]
    assert sorted(flushed) == sorted(path.stat().st_ino for path in everything)
    assert flushed[-1] == tmp_path.stat().st_ino


def test_each_folder_that_is_made_is_flushed_into_the_one_above(monkeypatch, tmp_path):
    flushed = []
    monkeypatch.setattr(disk, "flush_folder", flushed.append)
    disk.make_folder(tmp_path / "deep" / "down")
    assert flushed == [tmp_path, tmp_path / "deep"]
    assert (tmp_path / "deep" / "down").is_dir()
    disk.make_folder(tmp_path / "deep" / "down")
    assert len(flushed) == 2
