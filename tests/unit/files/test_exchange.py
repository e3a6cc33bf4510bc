"""Two names that change places."""

from __future__ import annotations

from stockcast.files.exchange import exchange_paths


def test_two_folders_change_places(tmp_path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(name)
    assert exchange_paths(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "name").read_text() == "other"
    assert (tmp_path / "other" / "name").read_text() == "one"


def test_what_is_not_there_is_not_exchanged(tmp_path):
    (tmp_path / "one").mkdir()
    assert not exchange_paths(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one").is_dir()
