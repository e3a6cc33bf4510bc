import pytest

from stockcast.errors import PricesNotFound
from stockcast.workflows.sources import list_paths


@pytest.fixture
def folder(tmp_path):
    for name in ("b.csv", "a.CSV", "notes.txt", ".hidden.csv", "deep/c.csv"):
        path = tmp_path / "prices" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "prices"


def test_a_folder_is_its_csv_files_in_order(folder):
    assert list_paths([str(folder)]) == [f"{folder}/a.CSV", f"{folder}/b.csv"]


def test_a_pattern_is_expanded_and_no_file_is_meant_twice(folder):
    paths = list_paths([f"{folder}/*.csv", f"{folder}/**/*.csv"])
    assert paths == [f"{folder}/b.csv", f"{folder}/deep/c.csv"]


def test_a_name_with_a_bracket_is_a_file_if_there_is_one(tmp_path):
    path = tmp_path / "prices[1].csv"
    path.touch()
    assert list_paths([str(path)]) == [str(path)]


def test_stdin_a_missing_file_and_an_empty_folder_are_left_to_the_reader(tmp_path):
    (tmp_path / "empty").mkdir()
    named = ["-", "none.csv", str(tmp_path / "empty")]
    assert list_paths(named) == named


def test_a_prepared_folder_is_one_thing(tmp_path):
    (tmp_path / "GOOG").mkdir()
    (tmp_path / "GOOG" / "manifest.json").touch()
    assert list_paths([str(tmp_path)]) == [str(tmp_path)]


def test_a_pattern_that_matches_nothing_is_refused(tmp_path, expect_refusal):
    with expect_refusal(PricesNotFound, f"no file matches {tmp_path}/*.csv"):
        list_paths([f"{tmp_path}/*.csv"])
