"""A price file's bytes, which can be read more than once: a file, or what stdin held."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from stockcast.errors import PricesNotFound, UnreadablePrices
from stockcast.prices.names import find_stem

_IN_MEMORY = 1 << 26  # bytes of a pipe that are kept in memory; the rest goes to a temporary file
_CHUNK = 1 << 20
_LARGEST_PIPE = 1 << 33  # bytes: an endless one must not fill the disk
LONGEST_LINE = 1 << 24  # bytes


@dataclass(frozen=True)
class RawFile:
    """Bytes with a name.

    Attributes:
        name: as the user gave it.
        path: the file; None for a pipe.
        spool: what the pipe held; None for a file.
    """

    name: str
    path: Path | None = None
    spool: BinaryIO | None = None

    @property
    def stem(self) -> str:
        """The name without folders and endings: what a ticker is called that no one names."""
        return find_stem(self.name)

    def hash(self) -> str:
        """Return the SHA-256 of the bytes as they lie there.

        Raises:
            PricesNotFound: the file cannot be read.
        """
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Yield the bytes from their start.

        Raises:
            PricesNotFound: the file is missing, a folder, or cannot be read.
        """
        if self.spool is not None:
            self.spool.seek(0)
            yield self.spool
            return
        path = Path(self.name) if self.path is None else self.path
        if path.is_dir():
            raise PricesNotFound(
                f"{path} is a folder, expected a price file", hint=f"name its files: {path}/*.csv"
            )
        try:
            with path.open("rb") as file:
                yield file
        except FileNotFoundError:
            raise PricesNotFound(
                f"no such file: {path}", hint="check the path, or pass - to read stdin"
            ) from None
        except OSError as error:
            raise PricesNotFound(f"cannot read {path}: {error.strerror or error}") from None

    def close(self) -> None:
        """Let go of what a pipe held."""
        if self.spool is not None:
            self.spool.close()


def spool_pipe(stream: BinaryIO, *, name: str) -> RawFile:
    """Read a pipe once, to its end, and keep what it held.

    Raises:
        UnreadablePrices: it begins with a line of no price CSV's length, it does not end, or
            there is no room for it.
    """
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    size, has_lines = 0, False
    try:
        while chunk := stream.read(_CHUNK):
            spool.write(chunk)
            size += len(chunk)
            has_lines = has_lines or b"\n" in chunk or b"\r" in chunk
            if size > (_LARGEST_PIPE if has_lines else LONGEST_LINE):
                spool.close()
                what = "more" if has_lines else "a line of more"
                raise UnreadablePrices(
                    f"{name}: {what} than {size - len(chunk):,} bytes",
                    hint="is this a table of prices? A file may be as long as it likes"
                    if has_lines
                    else "this is no table of prices",
                )
    except OSError as error:
        spool.close()
        raise UnreadablePrices(f"cannot keep what {name} holds: {error.strerror}") from None
    return RawFile(name, spool=spool)  # type: ignore[arg-type]
