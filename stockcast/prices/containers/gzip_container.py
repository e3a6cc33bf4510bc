"""gzip: one file, or several in a row, which are one."""

from __future__ import annotations

import gzip
import zlib

from stockcast.prices.containers.packed import Compression

CONTAINER = Compression(
    "gzip", 10, b"\x1f\x8b", lambda packed: gzip.GzipFile(fileobj=packed), (OSError, zlib.error)
)
