"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import stat

import pytest

from stockcast.errors import OutputError
from stockcast.files import check_place, disk, replace_file, replace_folder


class PowerCut(Exception):
    """What goes wrong while a file is being written."""


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def write_half_a_file(path, error):
    with replace_file(path) as temporary:
        temporary.write_text("half")
        raise error


def write_half_a_folder(path, error):
    with replace_folder(path) as temporary:
        (temporary / "new.npy").write_text("half")
        raise error


def list_names(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_a_file_appears_with_what_was_written(tmp_path):
    with replace_file(tmp_path / "a.csv") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.csv").read_text() == "new"
    assert list_names(tmp_path) == ["a.csv"]


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with replace_file(path) as temporary:
        temporary.write_text("half")
        assert path.read_text() == "old"
        temporary.write_text("new")
    assert path.read_text() == "new"


def test_who_reads_the_old_file_meanwhile_reads_all_of_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with path.open() as reader:
        with replace_file(path) as temporary:
            temporary.write_text("new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [PowerCut, KeyboardInterrupt, SystemExit])
def test_the_old_file_stays_and_no_temporary_one_when_the_block_raises(tmp_path, error):
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(error):
        write_half_a_file(path, error)
    assert path.read_text() == "old"
    assert list_names(tmp_path) == ["a.csv"]


def test_no_file_is_left_when_there_was_none_and_the_block_raises(tmp_path):
    with pytest.raises(PowerCut):
        write_half_a_file(tmp_path / "a.csv", PowerCut)
    assert list_names(tmp_path) == []


def test_a_missing_folder_is_made_for_a_file(tmp_path):
    with replace_file(tmp_path / "deep" / "down" / "a.csv") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "deep" / "down" / "a.csv").read_text() == "new"


def test_a_temporary_file_keeps_the_suffix_and_hides(tmp_path):
    with replace_file(tmp_path / "chart.svg") as temporary:
        assert temporary.suffix == ".svg"
        assert temporary.name.startswith(".")
        assert temporary.parent == tmp_path


@pytest.mark.usefixtures("usual_umask")
def test_a_written_file_is_as_readable_as_any_other(tmp_path):
    with replace_file(tmp_path / "a.csv") as temporary:
        temporary.write_text("new")
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o644


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path, expect_refusal):
    (tmp_path / "models").mkdir()
    with (
        expect_refusal(OutputError, tmp_path / "models", "is a folder"),
        replace_file(tmp_path / "models"),
    ):
        pytest.fail("the block ran")
    assert list_names(tmp_path) == ["models"]


def test_a_file_in_the_place_of_a_folder_is_an_output_error(tmp_path, expect_refusal):
    (tmp_path / "models").write_text("a file")
    path = tmp_path / "models" / "a.csv"
    with (
        expect_refusal(OutputError, f"cannot write {path}", hint="name another place"),
        replace_file(path),
    ):
        pytest.fail("the block ran")


def test_a_system_error_in_the_block_is_an_output_error(tmp_path, expect_refusal):
    with (
        expect_refusal(OutputError, tmp_path / "a.csv", "No space left"),
        replace_file(tmp_path / "a.csv"),
    ):
        raise OSError(28, "No space left on device")
    assert list_names(tmp_path) == []


def test_a_folder_appears_with_what_was_written(tmp_path):
    with replace_folder(tmp_path / "prepared") as temporary:
        (temporary / "a.npy").write_text("new")
    assert list_names(tmp_path) == ["a.npy", "prepared"]


def test_a_folder_replaces_the_whole_old_one(tmp_path):
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / "old.npy").write_text("old")
    with replace_folder(tmp_path / "prepared") as temporary:
        (temporary / "new.npy").write_text("new")
        assert list_names(tmp_path / "prepared") == ["old.npy"]
    assert list_names(tmp_path) == ["new.npy", "prepared"]


@pytest.mark.parametrize("error", [PowerCut, KeyboardInterrupt])
def test_the_old_folder_stays_and_no_temporary_one_when_the_block_raises(tmp_path, error):
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / "old.npy").write_text("old")
    with pytest.raises(error):
        write_half_a_folder(tmp_path / "prepared", error)
    assert list_names(tmp_path) == ["old.npy", "prepared"]
    assert (tmp_path / "prepared" / "old.npy").read_text() == "old"


@pytest.mark.usefixtures("usual_umask")
def test_a_written_folder_is_as_readable_as_any_other(tmp_path):
    with replace_folder(tmp_path / "prepared"):
        pass
    assert stat.S_IMODE((tmp_path / "prepared").stat().st_mode) == 0o755


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path, expect_refusal):
    (tmp_path / "a").write_text("a file")
    path = tmp_path / "a" / "prepared"
    with (
        expect_refusal(OutputError, f"cannot write {path}", hint="name another place"),
        replace_folder(path),
    ):
        pytest.fail("the block ran")


def test_a_missing_parent_is_made_for_a_folder(tmp_path):
    with replace_folder(tmp_path / "deep" / "prepared") as temporary:
        (temporary / "a.npy").write_text("new")
    assert list_names(tmp_path / "deep") == ["a.npy", "prepared"]


def test_a_device_is_written_to_and_never_replaced(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with replace_file(pipe) as temporary:
            temporary.write_text("a,b\n")
        assert os.read(reader, 100) == b"a,b\n"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a.csv").symlink_to(tmp_path / "elsewhere" / "b.csv")
    with replace_file(tmp_path / "a.csv") as temporary:
        assert temporary.parent == tmp_path / "elsewhere"
        temporary.write_text("new")
    assert (tmp_path / "a.csv").is_symlink()
    assert (tmp_path / "elsewhere" / "b.csv").read_text() == "new"


def test_a_place_that_is_a_device_is_a_place(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    check_place(tmp_path / "pipe.csv")
    assert (tmp_path / "pipe.csv").is_fifo()


def test_who_may_read_the_old_file_may_read_the_new_one(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")
    path.chmod(0o640)
    with replace_file(path) as temporary:
        temporary.write_text("new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_is_flushed_before_it_has_its_name_and_the_folder_after(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    told = []

    def flush(handle):
        told.append((stat.S_ISDIR(os.fstat(handle).st_mode), path.exists()))

    monkeypatch.setattr(disk, "flush_handle", flush)
    with replace_file(path) as temporary:
        temporary.write_text("new")
    assert told == [(False, False), (True, True)]


def test_a_file_that_cannot_be_flushed_does_not_take_the_old_ones_place(
    tmp_path, monkeypatch, expect_refusal
):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def flush(handle):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "flush_handle", flush)
    with expect_refusal(OutputError, "Input/output error"), replace_file(path) as temporary:
        temporary.write_text("new")
    assert path.read_text() == "old"
    assert list_names(tmp_path) == ["a.csv"]


def test_a_file_in_the_place_of_a_folder_stays(tmp_path, expect_refusal):
    path = tmp_path / "prepared"
    path.write_text("a file")
    with expect_refusal(OutputError, path, "is a file"), replace_folder(path):
        pytest.fail("the block ran")
    assert path.read_text() == "a file"


def test_a_place_that_was_checked_is_as_it_was(tmp_path):
    check_place(tmp_path / "deep" / "down" / "a.csv")
    assert list_names(tmp_path) == []
