"""Names of price files."""

import pytest

from stockcast.prices.names import find_stem, list_price_files


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/GOOG.csv", "GOOG"),
        ("GOOG.CSV.GZ", "GOOG"),
        ("BRK.B.csv.bz2", "BRK.B"),
        ("BRK.B.gz", "BRK.B"),
        ("GOOG.zst", "GOOG"),
        ("GOOG.parquet", "GOOG"),
        ("GOOG", "GOOG"),
        ("stdin", "stdin"),
        (".gz", ".gz"),
    ],
)
def test_a_stem_has_no_folder_and_no_ending(name, stem):
    assert find_stem(name) == stem


def test_a_folder_s_files_are_those_of_one_kind_hidden_ones_left_out(tmp_path):
    for name in ("b.csv.xz", "a.CSV", ".c.csv", "d.txt", "e.gz", "f.parquet", "g.xlsx"):
        (tmp_path / name).touch()
    assert list_price_files(tmp_path) == [f"{tmp_path}/a.CSV", f"{tmp_path}/b.csv.xz"]
