"""The documentation site, opened as files: readable, searchable, without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.browser.axe import find_violations
from tests.support import ROOT

pytest.importorskip("zensical")

pytestmark = pytest.mark.slow

MAIN = ("index", "first-forecast", "reference/train", "cells")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site that `make docs` would build, warnings being errors."""
    folder: Path = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


@pytest.fixture
def show(browser, site):
    """Open a page of the site; `wrong` and `asked` have what went wrong and what was fetched."""
    opened = []

    def open_one(name, *, width=1400, scheme="light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(page)
        page.wrong, page.asked = [], []
        page.on(
            "console",
            lambda said: said.type in ("error", "warning") and page.wrong.append(said.text),
        )
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((site / f"{name}.html").as_uri())
        return page

    yield open_one
    for page in opened:
        page.close()


def test_no_page_asks_the_network_for_anything(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        text = re.sub(r"<pre.*?</pre>|<code.*?</code>", "", page.read_text("utf-8"), flags=re.S)
        parts = re.findall(r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*>", text)
        assert len(parts) > 3, page
        assert [one for one in parts if re.search(r"(src|href)=\"?(https?:)?//", one)] == [], page
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text("utf-8"))


def test_no_program_and_nothing_that_made_a_picture_is_published(site):
    assert [path for path in site.rglob("*") if path.suffix in (".py", ".pyc")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("name", MAIN)
def test_a_page_is_whole_and_breaks_no_rule_of_wcag(name, width, scheme, show):
    page = show(name, width=width, scheme=scheme)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert find_violations(page) == []
    assert page.wrong == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_two_schemes_are_two(show):
    grounds = {
        show("index", scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2


@pytest.mark.parametrize("name", ["index", "reference/train"])
def test_search_finds_peephole_and_leads_to_it(name, show):
    page = show(name)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    page.locator("input[placeholder=Search]:focus").wait_for()
    page.keyboard.type("peephole")
    page.locator("a[href*='peephole-gates-that-see-the-memory']").first.click()
    page.wait_for_url("**/cells.html*")
    assert page.wrong == []


def test_the_keyboard_goes_from_top_to_bottom_and_can_skip_to_the_text(show):
    page = show("first-forecast")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")
    tops = []
    for _ in range(8):
        tops.append(page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
        page.keyboard.press("Tab")
    assert len(set(tops)) > 3
    # The button of a block of code stands a little above its line.
    assert all(later > before - 40 for before, later in pairwise(tops))
