"""Which container a file is, told by its first bytes; found by the names of this room's modules."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from stockcast.prices import containers
from stockcast.prices.containers.protocol import Container
from stockcast.prices.csv.raw import RawFile

START = 1 << 9  # bytes: a tar archive says that it is one at 257
_TEXT_MAGIC = (b"PK", b"BZh", b"PAR1", b"ARROW1", b"FEA1")  # what could be text by its bytes


@cache
def list_containers() -> tuple[Container, ...]:
    """Return every container, in the order in which they are asked."""
    found: list[Container] = [
        import_module(f"{containers.__name__}.{module.name}").CONTAINER
        for module in pkgutil.iter_modules(containers.__path__)
        if module.name.endswith("_container")
    ]
    return tuple(sorted(found, key=lambda one: one.place))


def find_container(raw: RawFile) -> Container | None:
    """Return the container that a file is; None for text, or what the reader of text refuses.

    Raises:
        PricesNotFound: the file is missing, or cannot be read.
    """
    start = b""
    if raw.path is None or not raw.path.is_dir():
        with raw.open() as stream:
            start = stream.read(START)
        if start.isascii() and b"\0" not in start and not start.startswith(_TEXT_MAGIC):
            return None  # nearly every file is text
    return next((one for one in list_containers() if one.fits(raw, start)), None)
