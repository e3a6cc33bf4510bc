"""Compressed bytes as a file that can be read more than once, and never grows without bound."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import BinaryIO

from stockcast.errors import UnreadablePrices
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile, spool_pipe
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.history import Source

MOST_GROWTH = 200
"""How many times its size a packed file may grow to; prices grow 3 to 20 times."""

MOST_BYTES = 20 * 10**9
"""What a packed file may grow to, however large it is."""

_ALWAYS_ALLOWED = 1 << 20  # bytes: so much harms nobody, and a tiny file may grow by any factor
_IN_MEMORY = 1 << 24  # bytes that are unpacked once and kept; more is unpacked for each pass
_DEEPEST = 3  # containers in each other
_CHUNK = 1 << 20

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True)
class PackedFile(RawFile):
    """What a container holds, unpacked anew whenever it is opened.

    Attributes:
        opener: opens it at its start.
        packed_size: bytes of the outermost file.
        depth: of how many containers it came out.
    """

    opener: Opener | None = None
    packed_size: int = 0
    depth: int = 1

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Yield the bytes from their start.

        Raises:
            UnreadablePrices: they are damaged, or more than they may be.
        """
        if self.opener is None:
            with super().open() as stream:
                yield stream
            return
        with closing(self.opener()) as stream:
            yield stream


@dataclass(frozen=True)
class Compression:
    """A container of one compressed file, such as gzip.

    Attributes:
        name: what messages call it.
        place: containers are asked in this order.
        magic: what its files begin with.
        decompress: opens a stream of compressed bytes for reading what is in it; several
            compressed files in a row are one.
        errors: what damaged bytes raise, beside EOFError where they break off.
    """

    name: str
    place: int
    magic: bytes
    decompress: Callable[[BinaryIO], BinaryIO]
    errors: tuple[type[Exception], ...]
    in_parts = False

    def fits(self, raw: RawFile, start: bytes) -> bool:  # noqa: ARG002 — every container is asked so
        """Whether a file begins as this kind does."""
        return start.startswith(self.magic)

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        """Yield the tables of what is in it; see `Container`."""

        def open_inside(packed: BinaryIO) -> BinaryIO:
            return self.decompress(packed)

        unpacked = unpack(raw, self.name, open_inside, self.errors)
        with closing(unpacked):
            for table in inside(unpacked, options):
                yield name_container(table, self.name)


def unpack(
    raw: RawFile,
    what: str,
    open_inside: Callable[[BinaryIO], BinaryIO],
    errors: tuple[type[Exception], ...],
) -> PackedFile:
    """Return what a container holds as a file: in memory if it is small.

    Args:
        raw: the container.
        what: what messages call its kind.
        open_inside: opens what is in it, given the container's bytes.
        errors: what damaged bytes raise.

    Raises:
        UnreadablePrices: it is damaged, grows too much, or too many are in each other.
    """
    size = measure_size(raw)
    depth = raw.depth + 1 if isinstance(raw, PackedFile) else 1
    if depth > _DEEPEST:
        raise UnreadablePrices(
            f"{raw.name} is packed more than {_DEEPEST} times over", hint="unpack it first"
        )

    def reopen() -> BinaryIO:
        return _Unpacking(_Inside(raw, what, open_inside, errors, limit_growth(size)))

    unpacked = PackedFile(raw.name, raw.path, opener=reopen, packed_size=size, depth=depth)
    with unpacked.open() as stream:
        start = stream.read(_IN_MEMORY)
        if stream.read(1):
            return unpacked
    return replace(unpacked, spool=io.BytesIO(start), opener=None)


def limit_growth(size: int) -> int:
    """Return how many bytes may come out of a packed file of so many."""
    return min(MOST_BYTES, max(_ALWAYS_ALLOWED, MOST_GROWTH * size))


def refuse_growth(name: str, what: str) -> UnreadablePrices:
    """Return the error of a file that grows beyond `limit_growth`."""
    return UnreadablePrices(
        f"{name}: what is in this {what} file is more than {MOST_GROWTH} times its size, or than "
        f"{MOST_BYTES // 10**9} GB",
        hint="no table of prices is so large and so uniform; if it is one, unpack it first",
    )


def measure_size(raw: RawFile) -> int:
    """Return a file's bytes; of what is in a container those of the outermost file."""
    if isinstance(raw, PackedFile):
        return raw.packed_size
    with raw.open() as stream:
        return stream.seek(0, os.SEEK_END)


@contextmanager
def open_anywhere(raw: RawFile) -> Iterator[BinaryIO]:
    """Yield a file's bytes such that one can seek in them.

    Raises:
        UnreadablePrices: there is no room to unpack it.
    """
    with raw.open() as stream:
        if stream.seekable():
            yield stream
            return
        with closing(spool_pipe(stream, name=raw.name)) as spooled, spooled.open() as whole:
            yield whole


def name_container(table: PriceTable, name: str) -> PriceTable:
    """Say of a table what it came out of, before what it says already; `source` is left open."""
    inner = table.reading.container
    name = "".join(one if one.isprintable() else "?" for one in name)
    container = name if inner is None else f"{name}, {inner}"
    reading = replace(table.reading, container=container)
    return replace(table, reading=reading, source=Source(table.source.name, ""))


class Borrowed(io.RawIOBase):
    """A stream of another's: whoever is done with this one, such as Arrow, does not close that."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It is read, and never written."""
        return True

    def seekable(self) -> bool:
        """As the other is."""
        return self._stream.seekable()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._stream.tell()


class _Inside(io.RawIOBase):
    """The bytes in a container: counted, and what goes wrong told as a refusal."""

    def __init__(
        self,
        raw: RawFile,
        what: str,
        open_inside: Callable[[BinaryIO], BinaryIO],
        errors: tuple[type[Exception], ...],
        limit: int,
    ) -> None:
        self._raw = raw
        self._what = what
        self._open_inside = open_inside
        self._errors = errors
        self._limit = limit
        self._begin()

    def _begin(self) -> None:
        self._count = 0
        self._file = self._raw.open()
        stream = self._file.__enter__()
        with self._explained():
            self._stream = self._open_inside(stream)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except EOFError:
            raise UnreadablePrices(
                f"{self._raw.name}: its {self._what} data break off before their end",
                hint="it was not written or downloaded to its end: get it again",
            ) from None
        except self._errors as error:
            detail = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise UnreadablePrices(
                f"{self._raw.name}: its {self._what} data are damaged: {detail}",
                hint="get it again",
            ) from None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with self._explained():
            data = self._stream.read(min(len(buffer), _CHUNK))
        self._count += len(data)
        if self._count > self._limit:
            raise refuse_growth(self._raw.name, self._what)
        buffer[: len(data)] = data
        return len(data)

    def tell(self) -> int:
        return self._count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if (offset, whence) != (0, os.SEEK_SET):
            raise io.UnsupportedOperation("only back to the start")
        self._end()
        self._begin()
        return 0

    def _end(self) -> None:
        self._stream.close()
        self._file.__exit__(None, None, None)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_stream"):
            self._end()
        super().close()


class _Unpacking(io.BufferedReader):
    """A stream that can go back to its start and nowhere else."""

    def __init__(self, inside: _Inside) -> None:
        super().__init__(inside, _CHUNK)

    def seekable(self) -> bool:
        return False
