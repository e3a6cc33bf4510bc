"""One-file pages: what is written, and that nothing in it can be taken for markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stockcast.errors import OutputError, UsageError
from stockcast.report.page import Picture, Section, Table, check_page, write_page

SVG = (
    '<svg id="a"><defs><path id="b"/></defs><g clip-path="url(#b)"><use xlink:href="#b"/></g></svg>'
)


@pytest.fixture
def write(tmp_path):
    def write_one(*parts, title="A title", lead="A lead"):
        path = tmp_path / "page.html"
        write_page(path, title=title, lead=lead, sections=[Section("A part", ("Told.",), parts)])
        return path.read_text(encoding="utf-8")

    return write_one


def test_text_is_text_whatever_it_holds(write):
    hostile = '<script>alert("&")</script>'
    table = Table(hostile, (hostile,), ((hostile,),))
    page = write(Picture(SVG, hostile, hostile), table, title=hostile, lead=hostile)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 9


def test_each_picture_keeps_its_ids_to_itself(write):
    page = write(Picture(SVG, "one"), Picture(SVG, "two"))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for prefix in ("p1-", "p2-"):
        assert f'href="#{prefix}b"' in page
        assert f"url(#{prefix}b)" in page


def test_words_begin_at_the_left_and_numbers_end_at_the_right(write):
    assert '<table class="words">' in write(Table("words", ("a",), (("b",),), words=True))
    assert "<table>" in write(Table("numbers", ("a",), (("1",),)))


def test_a_page_asks_for_nothing_and_runs_nothing(write):
    page = write(Picture(SVG, "one"), Table("a", ("b",), (("c",),)))
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)
    assert "<script" not in page


@pytest.mark.parametrize("name", ["a.html", "a.HTML", "b.c.htm"])
def test_a_page_s_name_ends_in_html(name, tmp_path):
    check_page(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.pdf", "a", "html", "a.html.csv"])
def test_a_page_s_name_with_another_end_is_refused(name, expect_refusal):
    with expect_refusal(UsageError, "report=", repr(name), ".html"):
        check_page(Path(name))


def test_a_page_in_a_place_that_cannot_be_is_refused(tmp_path, expect_refusal):
    (tmp_path / "file").write_text("")
    with expect_refusal(OutputError, tmp_path / "file" / "a.html"):
        check_page(tmp_path / "file" / "a.html")
