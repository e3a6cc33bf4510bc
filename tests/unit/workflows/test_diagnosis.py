"""What doctor finds: here that all is well, and what is made to be wrong."""

from __future__ import annotations

import sys

import pytest

import stockcast as sc
from stockcast.workflows import diagnosis as looks

pytestmark = pytest.mark.slow


def find(diagnosis, name):
    (one,) = (check for check in diagnosis.checks if check.name == name)
    return one


def test_here_all_is_well_and_nothing_is_left_behind(tmp_path):
    found = sc.doctor(tmp_path)
    assert found.is_well, found.list_rows()
    assert list(tmp_path.iterdir()) == []
    assert found.to_frame()["name"].is_unique
    assert "cores" in find(found, "processor").found
    assert find(found, "pretrained model").found == "pretrained: a pool of 120 tickers"
    assert "next session of XNYS 20" in find(found, "calendars").found


def test_a_folder_that_is_not_there_yet_is_tried_where_it_will_be(tmp_path):
    one = find(sc.doctor(tmp_path / "deep" / "models"), "models' folder")
    assert one.state == "ok"
    assert f"will be made in {tmp_path}" in one.found
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_no_files_is_wrong():
    one = find(sc.doctor("/proc/self"), "models' folder")
    assert one.state == "wrong"
    assert one.advice


def test_another_distribution_with_the_same_import_path_is_wrong(tmp_path, monkeypatch):
    other = tmp_path / "stockcast-0.2.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: stockcast\nVersion: 0.2\n")
    (other / "top_level.txt").write_text("stockcast\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = sc.doctor(tmp_path)
    one = find(found, "import path")
    assert not found.is_well
    assert one.found.startswith("stockcast installs a package stockcast too")
    assert one.advice.startswith("pip uninstall stockcast stockcast-lstm")


def test_a_missing_extra_is_a_note_with_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    one = find(sc.doctor(), "extras")
    assert one.state == "note"
    assert one.advice == "where you need it: pip install 'stockcast-lstm[tune]'"


def test_a_missing_library_is_wrong(monkeypatch):
    monkeypatch.setattr(looks, "_LIBRARIES", ("numpy", "no-such-library"))
    assert find(sc.doctor(), "libraries").found == "not installed: no-such-library"
