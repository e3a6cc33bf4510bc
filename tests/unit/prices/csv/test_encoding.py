"""Bytes ─▶ UTF-8 lines: encodings, line ends, and what is no text."""

from __future__ import annotations

import hashlib
import io

import pytest

from stockcast.errors import UnreadablePrices
from stockcast.prices.csv.encoding import Utf8Stream, survey_bytes

TEXT = "Date,Close\n2021-03-11,1.5\n"


def survey(content, **options):
    return survey_bytes(io.BytesIO(content), name="data.csv", **options)


class Trickle(io.RawIOBase):
    """Hands out a few bytes at a time, as a pipe may."""

    def __init__(self, content, size):
        self._left = content
        self._size = size

    def read(self, _wanted=-1):
        part, self._left = self._left[: self._size], self._left[self._size :]
        return part


def normalize(content, encoding="utf-8", *, size=None, lines=1 << 16):
    """Return all lines as the stream hands them out."""
    source = io.BytesIO(content) if size is None else Trickle(content, size)
    stream = Utf8Stream(source, encoding, name="data.csv")
    parts = []
    while part := stream.read_lines(lines):
        parts.append(part)
    return b"".join(parts)


def test_a_survey_tells_digest_size_and_encoding():
    content = TEXT.encode()
    told = survey(content)
    assert told.sha256 == hashlib.sha256(content).hexdigest()
    assert told.size == len(content)
    assert told.encoding == "utf-8"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_known_by_its_mark_or_its_zeros(codec):
    assert survey(TEXT.encode(codec)).encoding == codec


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("日付,始値,高値,安値,終値\n2021/3/11,1,2,1,2\n", "cp932"),
        ("日期,开盘价,最高价,最低价,收盘价\n2021/3/11,1,2,1,2\n", "gb18030"),
        ("날짜,시가,고가,저가,종가\n2021/3/11,1,2,1,2\n", "cp949"),
        ("日期,開盤價,最高價,最低價,收盤價\n2021/3/11,1,2,1,2\n", "big5"),
        ("Datum;Eröffnung;Höchst;Tiefst;Schluß\n11.03.2021;1;2;1;2\n", "cp1252"),
        ("Data;Otwarcie;Najwyższy;Najniższy;Zamknięcie\n11.03.2021;1;2;1;2\n", "cp1250"),
        ("Дата;Открытие;Максимум;Минимум;Закрытие\n11.03.2021;1;2;1;2\n", "cp1251"),
    ],
    ids=lambda value: value if ";" not in value and "," not in value else None,
)
def test_an_older_encoding_is_the_one_in_which_the_header_has_known_names(text, codec):
    assert survey(text.encode(codec)).encoding == codec


def test_a_character_over_the_edge_of_two_chunks_is_still_utf8():
    rows = "2021-03-11,é\n" * 200_000
    for shift in range(3):
        content = ("x" * shift + "\n" + rows).encode()
        assert survey(content).encoding == "utf-8"


@pytest.mark.slow
def test_one_odd_byte_far_into_a_file_makes_it_no_utf8():
    content = TEXT.encode() * 100_000 + b"2021-03-12,\xe9\n"
    assert survey(content).encoding == "cp1252"


def test_a_character_cut_off_at_the_end_makes_it_no_utf8():
    assert survey(TEXT.encode() + b"2021-03-12,\xc3").encoding != "utf-8"


def test_what_the_user_says_is_the_encoding():
    assert survey(TEXT.encode(), encoding="cp1251").encoding == "cp1251"


@pytest.mark.parametrize("content", [b"", b"\n", b"  \r\n\t\n"])
def test_nothing_but_space_is_empty(content, expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv is empty"):
        survey(content)


@pytest.mark.slow
def test_conflict_markers_far_into_a_file_are_named_by_their_lines(expect_refusal):
    rows = ["2021-03-11,1.5"] * 200_000
    rows[150_000], rows[150_002], rows[150_004] = "<<<<<<< HEAD", "=======", ">>>>>>> main"
    with expect_refusal(UnreadablePrices, "data.csv:150001: ", "(lines 150001, 150003, 150005)"):
        survey("\n".join(rows).encode())


def test_a_row_of_equals_signs_alone_is_no_conflict():
    assert survey(b"Date,Close\n=======\n2021-03-11,1.5\n").encoding == "utf-8"


@pytest.mark.parametrize("size", [1, 2, 3, 7, None])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r"])
def test_every_line_end_is_one_line_feed_however_the_bytes_come(end, size):
    content = f"a,b{end}1,2{end}".encode()
    assert normalize(content, size=size) == b"a,b\n1,2\n"


@pytest.mark.parametrize("size", [1, 3, None])
@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "gb18030"]
)
def test_text_in_any_encoding_comes_out_as_utf8_without_a_mark(codec, size):
    assert normalize("é,ö\r\n1,2\r\n".encode(codec), codec, size=size) == "é,ö\n1,2\n".encode()


def test_blank_lines_are_kept_for_the_line_numbers():
    assert normalize(b"a\n\n\r\n\nb\n") == b"a\n\n\n\nb\n"


def test_lines_come_whole_in_blocks_of_about_the_size_asked_for():
    content = b"".join(b"%06d,1.5\n" % number for number in range(50_000))
    stream = Utf8Stream(io.BytesIO(content), "utf-8", name="data.csv")
    blocks = []
    while block := stream.read_lines(1000):
        blocks.append(block)
    assert b"".join(blocks) == content
    assert all(block.endswith(b"\n") for block in blocks)


def test_a_last_line_without_an_end_is_handed_out():
    assert normalize(b"a\nb", lines=1) == b"a\nb"


def test_peeking_consumes_nothing():
    stream = Utf8Stream(io.BytesIO(TEXT.encode()), "utf-8", name="data.csv")
    assert stream.peek(4) == b"Date"
    assert stream.read_lines(1 << 16) == TEXT.encode()


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_skipped_lines_are_gone_and_the_next_ones_are_whole(count):
    stream = Utf8Stream(io.BytesIO(b"a\n\nc\nd\n"), "utf-8", name="data.csv")
    stream.skip_lines(count)
    assert stream.read_lines(1 << 16) == [b"a\n\nc\nd\n", b"\nc\nd\n", b"c\nd\n", b"d\n"][count]


def test_skipping_past_the_end_leaves_nothing():
    stream = Utf8Stream(io.BytesIO(b"a\nb"), "utf-8", name="data.csv")
    stream.skip_lines(5)
    assert stream.read_lines(1 << 16) == b""


def test_skipping_many_lines_is_right_over_the_edges_of_blocks():
    content = b"".join(b"%06d\n" % number for number in range(100_000))
    stream = Utf8Stream(io.BytesIO(content), "utf-8", name="data.csv")
    stream.skip_lines(98_765)
    assert stream.read_lines(1 << 16).startswith(b"098765\n")


def test_text_that_breaks_off_in_its_encoding_is_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv: not text in utf-16", hint="encoding="):
        normalize("a,b\n".encode("utf-16-le") + b"\x00", "utf-16-le")


@pytest.mark.slow
def test_a_line_without_an_end_in_sight_is_refused(expect_refusal):
    with expect_refusal(UnreadablePrices, "data.csv: a line of more than", hint="no table"):
        normalize(b"1" * (1 << 25))
