"""ZIP archives: the one file that is meant, or a question."""

from __future__ import annotations

import gzip
import hashlib
import zipfile

import pytest

import stockcast as sc
from stockcast.errors import AmbiguousPrices, UnreadablePrices
from tests.workbooks import pack

OTHER = b"Date,Close\n2020-01-01,1\n"


@pytest.mark.parametrize(
    "beside",
    [
        {},
        {"__MACOSX/._GOOG.csv": b"\0\5\x16\7", ".DS_Store": b"x", "a/": b"", "Thumbs.db": b"x"},
        {"README.md": b"# Prices", "LICENSE": b"MIT"},
    ],
    ids=["alone", "beside what systems leave", "beside what is no table"],
)
def test_the_only_file_that_can_hold_prices_is_read(beside, text, plain, read, read_stream):
    content = pack({**beside, "data/GOOG.csv": text})
    history = read(content, "GOOG.zip")
    assert history.hash_rows() == plain.hash_rows()
    assert history.sources[0].sha256 == hashlib.sha256(content).hexdigest()
    assert read_stream(content).hash_rows() == plain.hash_rows()


def test_a_file_without_an_ending_is_read_if_it_is_alone(text, plain, read):
    assert read(pack({"prices": text})).hash_rows() == plain.hash_rows()


@pytest.mark.parametrize("member", ["a/GOOG.csv", "GOOG.csv"])
def test_of_several_files_the_one_that_is_named_is_read(member, text, plain, read, expect_refusal):
    content = pack({"a/GOOG.csv": text, "a/FB.csv": OTHER})
    with expect_refusal(
        AmbiguousPrices, "2 files in this ZIP file", "'a/GOOG.csv', 'a/FB.csv'", hint="member="
    ):
        read(content)
    assert read(content, member=member).hash_rows() == plain.hash_rows()


def test_a_name_that_is_there_twice_is_asked_about(read, expect_refusal):
    content = pack({"a/x.csv": OTHER, "b/x.csv": OTHER})
    with expect_refusal(AmbiguousPrices, "'a/x.csv', 'b/x.csv'"):
        read(content, member="x.csv")


def test_a_file_that_is_not_there_is_refused_with_those_that_are(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "no file 'c.csv'", "found 'a.csv'", hint="member="):
        read(pack({"a.csv": OTHER}), member="c.csv")


def test_check_asks_about_several_files(tmp_path):
    path = tmp_path / "two.zip"
    path.write_bytes(pack({"a.csv": OTHER, "b.csv": OTHER}))
    (found,) = sc.check(path, style="command-line")
    assert found.verdict == "ask"
    assert found.description["hint"] == "say which: --member 'a.csv'"
    (found,) = sc.check(path, reading=sc.ReadOptions(member="b.csv"))
    assert (found.verdict, found.description["container"]) == ("read", "zip: b.csv")


def test_a_hostile_name_is_only_shown(text, tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(pack({"../../\x1b[31mx.csv": text}))
    (found,) = sc.check(path)
    assert found.description["container"] == "zip: ../../?[31mx.csv"
    assert [one.name for one in tmp_path.iterdir()] == ["x.zip"]


def test_an_encrypted_file_is_refused(read, expect_refusal):
    content = bytearray(pack({"a.csv": OTHER}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    with expect_refusal(UnreadablePrices, "'a.csv' in this ZIP file is encrypted", hint="password"):
        read(bytes(content))


def test_an_archive_that_breaks_off_is_refused(text, read, expect_refusal):
    with expect_refusal(UnreadablePrices, "cannot be read", hint="get it again"):
        read(pack({"a.csv": text})[:-30])


def test_an_archive_with_nothing_in_it_is_refused(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "with nothing in it"):
        read(pack({}))


@pytest.mark.slow
def test_a_file_that_grows_too_much_is_refused_whatever_the_directory_says(read, expect_refusal):
    content = bytearray(pack({"a.csv": b"2020-01-01,1.5\n" * 1_000_000}))
    with expect_refusal(UnreadablePrices, "ZIP", "more than 200 times its size"):
        read(bytes(content))


def test_a_compressed_file_in_an_archive_is_opened_too(text, plain, read):
    content = pack({"GOOG.csv.gz": gzip.compress(text)})
    history = read(content)
    assert history.hash_rows() == plain.hash_rows()


def test_an_archive_in_a_compressed_file_is_opened_too(text, plain, read):
    assert read(gzip.compress(pack({"GOOG.csv": text}))).hash_rows() == plain.hash_rows()


def test_a_method_that_python_does_not_know_is_refused(text, read, expect_refusal):
    content = bytearray(pack({"a.csv": text}))
    for signature, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + at] = 9  # Deflate64
    assert zipfile.ZIP_DEFLATED != 9
    with expect_refusal(UnreadablePrices, "its ZIP data are damaged"):
        read(bytes(content))
