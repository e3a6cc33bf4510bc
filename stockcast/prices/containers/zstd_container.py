"""Zstandard, by Arrow's codec: the standard library has none before Python 3.14."""

from __future__ import annotations

import io
from typing import BinaryIO

from stockcast.prices.containers.packed import Borrowed, Compression


class _Frames(io.RawIOBase):
    """Frames in a row, decompressed."""

    def __init__(self, packed: BinaryIO) -> None:
        import pyarrow as pa

        self._inner = pa.CompressedInputStream(pa.PythonFile(Borrowed(packed), "r"), "zstd")

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            EOFError: the last frame breaks off.
            OSError: a frame is damaged.
        """
        try:
            data: bytes = self._inner.read(size)
        except OSError as error:
            if "runcated" in str(error):
                raise EOFError from None
            raise
        return data


def _open(packed: BinaryIO) -> BinaryIO:
    return _Frames(packed)  # type: ignore[return-value]


CONTAINER = Compression("zstd", 13, b"\x28\xb5\x2f\xfd", _open, (OSError,))
