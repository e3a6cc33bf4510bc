"""bzip2: one file, or several in a row, which are one."""

from __future__ import annotations

import bz2
from typing import BinaryIO, cast

from stockcast.prices.containers.packed import Compression


def _open(packed: BinaryIO) -> BinaryIO:
    return cast("BinaryIO", bz2.BZ2File(packed))


CONTAINER = Compression("bzip2", 11, b"BZh", _open, (OSError,))
