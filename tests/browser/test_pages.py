"""Pages as a browser shows them: readable in light and dark, on a phone, by keyboard, offline."""

from __future__ import annotations

import pytest

from tests.browser.axe import find_violations
from tests.browser.conftest import KINDS

pytestmark = pytest.mark.slow

# The contrast ratio of WCAG 2.2 for every piece of text, from the colours as they are rendered.
CONTRASTS = """
() => {
  const parse = text => {
    const numbers = text.match(/[\\d.]+/g).map(Number);
    return [...numbers.slice(0, 3), numbers.length > 3 ? numbers[3] : 1];
  };
  const linear = part => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) =>
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const groundOf = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return null;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (!text || ['STYLE', 'style', 'metadata'].includes(element.tagName)) continue;
    if (element.closest('metadata, defs, style')) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const ground = groundOf(element);
    const [high, low] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
    found.push([text.slice(0, 40), (high + 0.05) / (low + 0.05)]);
  }
  return found;
}
"""


@pytest.fixture
def show(browser, pages):
    """Open a page and return it; what went wrong meanwhile is in `page.wrong`."""
    opened = []

    def open_one(kind, *, width=1280, scheme="light"):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(page)
        page.wrong = []
        page.on("console", lambda message: page.wrong.append(message.text))
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(pages[kind].as_uri())
        return page

    yield open_one
    for page in opened:
        page.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_opens_without_a_complaint_and_asks_the_network_for_nothing(
    kind, scheme, show, pages
):
    page = show(kind, scheme=scheme)
    assert page.wrong == []
    outside = [url for url in page.asked if not url.startswith("data:")]
    assert outside == [pages[kind].as_uri()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_ground(kind, scheme, show):
    contrasts = show(kind, scheme=scheme).evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert [pair for pair in contrasts if pair[1] < 4.5] == []


def test_the_two_schemes_are_two(show):
    grounds = {
        show("training", scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    }
    assert len(grounds) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_says_what_it_shows(kind, show):
    page = show(kind)
    alone = page.evaluate(
        "[...document.querySelectorAll('svg')].filter(svg => {"
        " const holder = svg.closest('[role=img]');"
        " return !holder || holder.getAttribute('aria-label').length < 20; }).length"
    )
    assert alone == 0
    assert page.evaluate("document.querySelectorAll('img:not([alt])').length") == 0
    assert page.evaluate("document.querySelectorAll('svg').length") >= 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_has_a_caption_and_heads(kind, show):
    page = show(kind)
    captions = page.evaluate(
        "[...document.querySelectorAll('table')].map(table => table.caption?.textContent ?? '')"
    )
    assert captions
    assert all(captions)
    assert page.evaluate("document.querySelectorAll('thead th:not([scope=col])').length") == 0
    assert page.evaluate("document.querySelectorAll('tbody th:not([scope=row])').length") == 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_elements_share_an_id(kind, show):
    ids = show(kind).evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_scrolls_the_page_down_and_never_sideways(kind, show):
    page = show(kind, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.body.scrollWidth") <= 390


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_reaches_all_that_scrolls(kind, show):
    page = show(kind, width=390)
    wide = page.evaluate(
        "[...document.querySelectorAll('*')].filter(one =>"
        " one.scrollWidth > one.clientWidth + 1 &&"
        " ['auto', 'scroll'].includes(getComputedStyle(one).overflowX)).length"
    )
    assert wide >= 1
    reached = set()
    for _ in range(page.evaluate("document.querySelectorAll('[tabindex], a').length")):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        )
    missed = page.evaluate(
        "reached => [...document.querySelectorAll('*')].filter((one, place) =>"
        " one.scrollWidth > one.clientWidth + 1 &&"
        " ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) &&"
        " !reached.includes(place)).length",
        list(reached),
    )
    assert missed == 0
    page.keyboard.press("ArrowRight")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.parametrize("kind", KINDS)
def test_on_paper_a_page_is_dark_on_white_whatever_the_screen_was(kind, show):
    page = show(kind, scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    contrasts = page.evaluate(CONTRASTS)
    assert [pair for pair in contrasts if pair[1] < 4.5] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [400, 1400])
def test_a_page_breaks_no_rule_of_wcag(kind, width, show):
    for scheme in ("light", "dark"):
        assert find_violations(show(kind, width=width, scheme=scheme)) == []
