"""gzip: one file, or several in a row, which are one."""

from __future__ import annotations

import gzip
import zlib
from typing import BinaryIO, cast

from stockcast.prices.containers.packed import Compression


def _open(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", gzip.GzipFile(fileobj=packed, mode="rb"))


CONTAINER = Compression("gzip", 10, b"\x1f\x8b", _open, (OSError, zlib.error))
