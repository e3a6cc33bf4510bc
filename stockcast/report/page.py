"""One-file HTML pages: no script, no request, light and dark, readable on a phone and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stockcast.files import replace_file


@dataclass(frozen=True)
class Picture:
    """An inline picture.

    Attributes:
        svg: an SVG element, made by `figures.render_svg`.
        alt: what it shows, in words.
        caption: shown under it.
    """

    svg: str
    alt: str
    caption: str = ""


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes:
        caption: what it is of.
        head: the columns' names.
        rows: cells, as they are to be read.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


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
    text = environment.get_template("page.html").render(title=title, lead=lead, sections=sections)
    with replace_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
