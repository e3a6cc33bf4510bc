"""xz: one file, or several in a row, which are one."""

from __future__ import annotations

import lzma
from typing import BinaryIO, cast

from stockcast.prices.containers.packed import Compression


def _open(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", lzma.LZMAFile(packed))


CONTAINER = Compression("xz", 12, b"\xfd7zXZ\0", _open, (lzma.LZMAError, MemoryError))
