"""bzip2: one file, or several in a row, which are one."""

from __future__ import annotations

import bz2

from stockcast.prices.containers.packed import Compression

CONTAINER = Compression("bzip2", 11, b"BZh", bz2.BZ2File, (OSError,))
