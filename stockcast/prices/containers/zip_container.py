"""ZIP: an archive of one price file, or of several of which one is named."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from stockcast.errors import AmbiguousPrices, UnreadablePrices, option, quote
from stockcast.plurals import count_of
from stockcast.prices.containers.packed import PackedFile, name_container, open_anywhere, unpack
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile, spool_pipe
from stockcast.prices.csv.table import PriceTable
from stockcast.prices.names import COMPRESSED, ENDINGS

ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
    OSError, ValueError, OverflowError,
)  # fmt: skip
"""What a damaged archive raises, by the part of it that is damaged."""

_ENCRYPTED = 1  # a bit of a member's flags
_SHOWN = 8


class _Zip:
    place = 16  # behind workbooks, which are ZIP archives too
    in_parts = False

    def fits(self, raw: RawFile, start: bytes) -> bool:  # noqa: ARG002 — every container is asked so
        return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        with closing(_make_seekable(raw)) as archive:
            member = choose_member(list_members(archive), raw.name, options.member)

            def open_inside(packed: BinaryIO) -> BinaryIO:
                return cast("BinaryIO", zipfile.ZipFile(packed).open(member.filename))

            with closing(unpack(archive, "ZIP", open_inside, ERRORS)) as unpacked:
                for table in inside(unpacked, options):
                    yield name_container(table, f"zip: {member.filename}")


def list_members(raw: RawFile) -> list[zipfile.ZipInfo]:
    """Return the files in an archive, without folders and what systems put beside files.

    Raises:
        UnreadablePrices: its directory is damaged, or there is no file in it.
    """
    with open_anywhere(raw) as stream:
        try:
            listed = zipfile.ZipFile(stream).infolist()
        except ERRORS as error:
            raise UnreadablePrices(
                f"{raw.name}: this ZIP file cannot be read: {error}",
                hint="it was not written or downloaded to its end: get it again",
            ) from None
    members = [one for one in listed if not one.is_dir() and not _is_hidden(one.filename)]
    if not members:
        raise UnreadablePrices(f"{raw.name} is a ZIP file with nothing in it", hint="get it again")
    return members


def choose_member(
    members: Sequence[zipfile.ZipInfo], name: str, wanted: str | None
) -> zipfile.ZipInfo:
    """Return the file that is meant: the one that is named, or the only one that can hold prices.

    Args:
        members: at least one.
        name: of the archive, for messages.
        wanted: its name in the archive, or the last part of that; None: not said.

    Raises:
        AmbiguousPrices: there are several.
        UnreadablePrices: none of them is called so, or it is encrypted.
    """
    fitting = [one for one in members if _can_hold_prices(one.filename)] or list(members)
    if wanted is not None:
        fitting = [one for one in members if one.filename == wanted] or [
            one for one in members if PurePosixPath(one.filename).name == wanted
        ]
    shown = ", ".join(repr(one.filename) for one in (fitting or members)[:_SHOWN])
    shown += ", …" if len(fitting or members) > _SHOWN else ""
    if not fitting:
        raise UnreadablePrices(
            f"{name}: no file {wanted!r} in this ZIP file, found {shown}",
            hint=f"name one of these with {option('member')}",
        )
    first = fitting[0].filename
    if len(fitting) > 1:
        count = count_of(len(fitting), "file")
        raise AmbiguousPrices(
            f"{name}: {count} in this ZIP file could be the prices: {shown}",
            hint=f"say which: {option('member', first, shown=quote(first))}",
        )
    if fitting[0].flag_bits & _ENCRYPTED:
        raise UnreadablePrices(
            f"{name}: {first!r} in this ZIP file is encrypted",
            hint="unpack it with its password, and name what comes out",
        )
    return fitting[0]


def _make_seekable(raw: RawFile) -> RawFile:
    """Return an archive in which one can go about; what is unpacked for each pass is kept."""
    if not isinstance(raw, PackedFile) or raw.opener is None:
        return raw
    with raw.open() as stream:
        kept = spool_pipe(stream, name=raw.name)
    return PackedFile(raw.name, spool=kept.spool, packed_size=raw.packed_size, depth=raw.depth)


def _is_hidden(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        "__MACOSX" in path.parts
        or path.name.startswith(".")
        or path.name.lower() in ("thumbs.db", "desktop.ini")
    )


def _can_hold_prices(name: str) -> bool:
    path = PurePosixPath(name.lower())
    return path.suffix in ENDINGS or path.suffix in COMPRESSED


CONTAINER = _Zip()
