"""xz: one file, or several in a row, which are one."""

from __future__ import annotations

import lzma

from stockcast.prices.containers.packed import Compression

CONTAINER = Compression("xz", 12, b"\xfd7zXZ\0", lzma.LZMAFile, (lzma.LZMAError, MemoryError))
