"""gzip, bzip2, xz and Zstandard: what is in them is read, and no more of it than is sound."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile

import pyarrow as pa
import pytest

import stockcast as sc
from stockcast.errors import AmbiguousPrices, UnreadablePrices
from stockcast.prices.containers import packed
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices


def compress_zstd(content):
    stream = io.BytesIO()
    with pa.CompressedOutputStream(pa.PythonFile(stream, "w"), "zstd") as out:
        out.write(content)
        out.flush()
        out.close()
    return stream.getvalue()


def compress_zstd_whole(content):
    return pa.Codec("zstd").compress(content, asbytes=True)


KINDS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": compress_zstd_whole,
}
each_kind = pytest.mark.parametrize("kind", KINDS)


@each_kind
def test_a_compressed_file_is_known_by_its_bytes_and_read_as_what_is_in_it(kind, text, plain, read):
    content = KINDS[kind](text)
    history = read(content)
    assert history.hash_rows() == plain.hash_rows()
    assert (history.lines == plain.lines).all()
    assert history.sources[0].sha256 == hashlib.sha256(content).hexdigest()


@each_kind
def test_it_is_read_from_a_stream_too(kind, text, plain, read_stream):
    assert read_stream(KINDS[kind](text)).hash_rows() == plain.hash_rows()


@each_kind
def test_two_compressed_files_in_a_row_are_one(kind, text, plain, read):
    content = KINDS[kind](text[:900]) + KINDS[kind](text[900:])
    assert read(content).hash_rows() == plain.hash_rows()


@each_kind
def test_a_file_too_large_to_be_kept_is_unpacked_for_each_pass(
    kind, text, plain, read, monkeypatch
):
    monkeypatch.setattr(packed, "_IN_MEMORY", 100)
    assert read(KINDS[kind](text)).hash_rows() == plain.hash_rows()


@each_kind
@pytest.mark.parametrize("kept", [100, 1 << 24], ids=["anew", "kept"])
def test_a_file_that_breaks_off_is_refused(kind, kept, text, read, expect_refusal, monkeypatch):
    monkeypatch.setattr(packed, "_IN_MEMORY", kept)
    content = KINDS[kind](text)
    with expect_refusal(
        UnreadablePrices, f"its {kind} data break off before their end", hint="get it again"
    ):
        read(content[:-9])


@each_kind
def test_damaged_bytes_are_refused(kind, text, read, expect_refusal):
    content = bytearray(KINDS[kind](text))
    for at in range(40, 80):
        content[at] ^= 0x55
    with expect_refusal(UnreadablePrices, f"its {kind} data are damaged", hint="get it again"):
        read(bytes(content))


@pytest.mark.slow
@each_kind
def test_a_file_that_grows_beyond_two_hundred_times_its_size_is_refused(kind, read, expect_refusal):
    bomb = KINDS[kind](b"1" * 5_000_000)
    assert len(bomb) * packed.MOST_GROWTH < 5_000_000
    with expect_refusal(UnreadablePrices, kind, "more than 200 times its size"):
        read(bomb)


def test_nothing_may_grow_beyond_so_many_bytes(text, read, expect_refusal, monkeypatch):
    monkeypatch.setattr(packed, "MOST_BYTES", 1_000)
    with expect_refusal(UnreadablePrices, "more than 200 times its size"):
        read(gzip.compress(text))


@pytest.mark.slow
def test_a_bomb_in_a_bomb_is_no_larger_than_one(read, expect_refusal):
    bomb = gzip.compress(gzip.compress(b"1" * 50_000_000))
    with expect_refusal(UnreadablePrices, "more than 200 times its size"):
        read(bomb)


def test_three_containers_in_each_other_are_opened_and_a_fourth_is_not(
    text, plain, read, expect_refusal
):
    thrice = gzip.compress(bz2.compress(gzip.compress(text)))
    assert read(thrice).hash_rows() == plain.hash_rows()
    with expect_refusal(UnreadablePrices, "packed more than 3 times over"):
        read(gzip.compress(thrice))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_tar_archive_is_called_what_it_is(pack, text, read, expect_refusal):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        info = tarfile.TarInfo("GOOG.csv")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    with expect_refusal(UnreadablePrices, "is a tar archive", hint="unpack it with tar"):
        read(pack(stream.getvalue()), "GOOG.tar.gz")


def test_options_and_questions_are_those_of_what_is_in_it(read, expect_refusal):
    unclear = gzip.compress(b"Date,Close\n03/01/2023,10.5\n04/02/2023,11.0\n")
    with expect_refusal(AmbiguousPrices, "GOOG.csv.gz:2: Date", hint="date_format="):
        read(unclear, "GOOG.csv.gz")
    assert len(read(unclear, "GOOG.csv.gz", date_format="dmy")) == 2


def test_the_ticker_is_the_name_without_both_endings(text, read):
    history = read(gzip.compress(text), "BRK.B.csv.gz")
    assert history.ticker == "BRK.B"
    assert history.name.endswith("BRK.B.csv.gz")


def test_check_says_what_a_file_is_packed_in(text, tmp_path):
    path = tmp_path / "GOOG.csv.gz"
    path.write_bytes(gzip.compress(text))
    (found,) = sc.check(path)
    assert found.verdict == "read"
    assert found.description["container"] == "gzip"
    assert found.description["delimiter"] == ","
    path.write_bytes(text)
    assert sc.check(path)[0].description["container"] is None


def test_conflict_markers_are_found_in_it(read, expect_refusal, monkeypatch):
    monkeypatch.setattr(packed, "_IN_MEMORY", 10)
    lines = b"Date,Close\n<<<<<<< a\n2020-01-01,1\n=======\n2020-01-01,2\n>>>>>>> b\n"
    with expect_refusal(UnreadablePrices, "Git conflict markers (lines 2, 4, 6)"):
        read(gzip.compress(lines))


def test_an_empty_file_in_it_is_empty(read, expect_refusal):
    with expect_refusal(UnreadablePrices, "GOOG.bin is empty"):
        read(gzip.compress(b""))


def test_files_of_one_ticker_are_joined_whatever_they_are_packed_in(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"Ticker,Date,Close\nX,2020-01-01,1\n")
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"Ticker,Date,Close\nX,2020-01-02,2\n"))
    (history,) = read_prices(tmp_path, ReadOptions())
    assert history.columns["close"].tolist() == [1.0, 2.0]
    assert [source.name for source in history.sources] == [
        str(tmp_path / "a.csv"),
        str(tmp_path / "b.csv.gz"),
    ]
