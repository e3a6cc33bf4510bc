"""One-file HTML pages: no script, no request, light and dark, readable on a phone and on paper."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from stockcast.errors import UsageError, option
from stockcast.files import check_place, replace_file
from stockcast.imports import require_extra


@dataclass(frozen=True)
class Picture:
    """An inline picture.

    Attributes:
        svg: an SVG element, made by `figures.render_svg`.
        alt: what it shows, in words.
        caption: shown under it.
        least_width: in rem; on a page narrower than this it is scrolled, not shrunk.
    """

    svg: str
    alt: str
    caption: str = ""
    least_width: int = 40


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        caption: what it is of.
        head: the columns' names.
        rows: cells, as they are to be read.
        words: whether cells are words, which begin at the left, and not numbers.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: bool = False


@dataclass(frozen=True)
class Section:
    """A part of a page: a heading, paragraphs, then pictures and tables.

    Attributes:
        heading: its heading.
        paragraphs: plain text.
        parts: in the order of the page.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    parts: tuple[Picture | Table, ...] = ()


def check_page(path: Path) -> None:
    """Refuse a page's file before any work is done for it.

    Raises:
        UsageError: its name does not end in .html.
        MissingLibrary: what draws it is not installed.
        OutputError: it cannot be written there.
    """
    require_extra("charts", option("report"))
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{option('report')} is {str(path)!r}, expected a name that ends in .html")
    check_place(path)


def write_page(path: Path, *, title: str, lead: str, sections: list[Section]) -> None:
    """Write a page, whole or not at all.

    Args:
        path: of the HTML file.
        title: its heading.
        lead: the one sentence to read first.
        sections: in the order of the page.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("stockcast.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["picture"] = lambda part: isinstance(part, Picture)
    numbers = itertools.count(1)
    environment.filters["inline"] = lambda svg: _prefix_ids(svg, f"p{next(numbers)}-")
    text = environment.get_template("page.html").render(title=title, lead=lead, sections=sections)
    with replace_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _prefix_ids(svg: str, prefix: str) -> str:
    """Make the ids of a picture its own: all pictures of a page share one space of names."""
    svg = re.sub(r'\bid="', f'id="{prefix}', svg)
    return re.sub(r'(url\(|href=")#', rf"\1#{prefix}", svg)
