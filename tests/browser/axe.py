"""axe-core on an open page: what of WCAG 2.2, levels A and AA, a program can check."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def find_violations(page: Page) -> list[str]:
    """Return each rule that is broken with the first element that breaks it."""
    from axe_playwright_python.sync_playwright import Axe

    # Without preloading: it would fetch the style sheets again, which no file may.
    found = Axe().run(page, options={"runOnly": _TAGS, "preload": False}).response
    assert len(found["passes"]) > 10
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]
