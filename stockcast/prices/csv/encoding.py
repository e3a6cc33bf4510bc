"""Bytes ─▶ UTF-8 text: what encoding a file is in, and whether it is text at all."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO

from stockcast.errors import UnreadablePrices, option
from stockcast.prices.csv.columns import count_known_names
from stockcast.prices.csv.raw import LONGEST_LINE

_CHUNK = 1 << 20  # bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Where bytes are not UTF-8, the encoding in which most header cells are column names is right.
_LEGACY = (
    *("cp932", "gb18030", "cp949", "big5", "cp1252", "cp1250", "cp1251"),
    *("cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874"),
)
_MARKERS = re.compile(rb"^(?:<{7}|={7}|>{7})(?:[ \r\n]|$)")
_SAVE_AS = "open it in the program it comes from and save it as CSV (UTF-8)"
_MAGIC = (
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it, and name what comes out"),
    (b"Rar!", "a RAR archive", "unpack it, and name what comes out"),
    (b"%PDF", "a PDF, not CSV", "get the figures as CSV from where the PDF comes from"),
    (b"SQLite format 3", "a database, not CSV", "export the table as CSV"),
)


@dataclass(frozen=True)
class Survey:
    """What one pass over a file's bytes tells.

    Attributes:
        sha256: of all bytes.
        encoding: a Python codec name; `utf-8` where the bytes are ASCII.
        size: bytes.
    """

    sha256: str
    encoding: str
    size: int


def survey_bytes(stream: BinaryIO, *, name: str, encoding: str | None = None) -> Survey:
    """Read a whole stream once and tell what its bytes are.

    Args:
        stream: at its start.
        name: the file's name, for messages.
        encoding: what the user says it is; else it is found out.

    Raises:
        UnreadablePrices: empty, no text, or a file of another kind; the message says which.
    """
    digest = hashlib.sha256()
    start = b""
    size = 0
    conflict = False
    utf8 = codecs.getincrementaldecoder("utf-8")()
    odd: bytes | None = None  # the first chunk that is not UTF-8
    nul = False
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        if not size:
            start = chunk[: 1 << 16]
            _refuse_magic(start, name)
        size += len(chunk)
        conflict = conflict or b"<<<<<<<" in chunk or b">>>>>>>" in chunk
        nul = nul or b"\0" in chunk
        if odd is None and not (chunk.isascii() and not utf8.getstate()[0]):
            try:
                utf8.decode(chunk)
            except UnicodeDecodeError:
                odd = chunk
    if not start.strip():
        raise UnreadablePrices(
            f"{name} is empty", hint="check the download; a price CSV has a header and rows"
        )
    if odd is None and utf8.getstate()[0]:
        odd = b""
    found = encoding or _find_encoding(start, odd, name, nul=nul)
    if odd is not None and codecs.lookup(found).name in ("utf-8", "ascii"):
        raise UnreadablePrices(
            f"{name}: not text in {found}", hint=f"leave {option('encoding')} out, or name another"
        )
    _refuse_other_text(start.decode(found, errors="ignore").lstrip("\ufeff \r\n\t"), name)
    if conflict:
        _refuse_conflict(stream, name)
    return Survey(digest.hexdigest(), found, size)


def _refuse_conflict(stream: BinaryIO, name: str) -> None:
    """Refuse a file with Git's conflict markers, and name their lines."""
    stream.seek(0)
    lines = [number for number, line in enumerate(stream, 1) if _MARKERS.match(line[:9])]
    if len(lines) > 1:
        shown = ", ".join(map(str, lines[:8])) + (", …" if len(lines) > 8 else "")
        raise UnreadablePrices(
            f"{name}:{lines[0]}: Git conflict markers (lines {shown})",
            hint="resolve the merge first; both sides' rows are in the file",
        )


def _refuse_magic(start: bytes, name: str) -> None:
    for magic, what, hint in _MAGIC:
        if start.startswith(magic):
            raise UnreadablePrices(f"{name} is {what}", hint=hint)


def _refuse_other_text(text: str, name: str) -> None:
    """Refuse text that is plainly something else: a page, JSON, a notebook."""
    start = text[:4096].lower()
    if start.startswith(("<!doctype", "<html", "<head", "<?xml", "<script", "<body", "<rss")):
        title = re.search(r"<title[^>]*>([^<]{1,80})", text, re.IGNORECASE)
        page = f"a web page ({title[1].strip()!r})" if title else "a web page"
        raise UnreadablePrices(
            f"{name} is {page}, not CSV", hint="the download was answered with a page: get it again"
        )
    if start.startswith(("{", "[")) and re.match(r"[\[{]\s*([\"\[{}\]]|-?\d)", start):
        what = "a Jupyter notebook" if '"nbformat"' in text or '"cells"' in start else "JSON"
        raise UnreadablePrices(f"{name} is {what}, not CSV", hint="ask its source for CSV")


def _find_encoding(start: bytes, odd: bytes | None, name: str, *, nul: bool) -> str:
    """Tell a file's encoding from its start and from the first part that is not UTF-8."""
    for bom, codec in _BOMS:
        if start.startswith(bom):
            return codec
    if nul:
        return _find_utf16(start, name)
    if odd is None:
        return "utf-8"
    evidence = start + odd
    fits = {}
    for codec in _LEGACY:
        text = _decode_or_none(evidence, codec)
        if text is not None:
            fits[codec] = count_known_names(text)
    best = max(fits, key=lambda codec: fits[codec], default=None)
    if best is not None and fits[best] > fits.get("cp1252", 0):
        return best
    if "cp1252" in fits:
        return "cp1252"
    return _guess_encoding(evidence, name)


def _find_utf16(start: bytes, name: str) -> str:
    """UTF-16 without a byte-order mark has a NUL in every second byte of ASCII."""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    raise UnreadablePrices(f"{name} is binary, not a text file", hint=_SAVE_AS)


def _decode_or_none(content: bytes, codec: str) -> str | None:
    """Decode, allowing for a character cut at the end of the evidence."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        text = decoder.decode(content)
    except UnicodeDecodeError:
        return None
    return None if re.search(r"[\x00-\x08\x0e-\x1f\x80-\x9f]", text) else text


def _guess_encoding(evidence: bytes, name: str) -> str:
    from charset_normalizer import from_bytes

    guess = from_bytes(evidence).best()
    if guess is None:
        raise UnreadablePrices(
            f"{name}: its text is in no encoding that fits",
            hint=f"name it with {option('encoding')}",
        )
    return guess.encoding


class Utf8Stream:
    """A file's text as UTF-8 bytes with plain line ends.

    Args:
        stream: the raw bytes, at their start.
        encoding: a Python codec name.
        name: the file's name, for messages.
    """

    def __init__(self, stream: BinaryIO, encoding: str, *, name: str) -> None:
        self._stream = stream
        self._name = name
        self._encoding = encoding
        self._decode = None
        if encoding not in ("utf-8", "ascii"):
            self._decode = codecs.getincrementaldecoder(encoding)(errors="strict")
        self._ahead = b""  # text that is decoded and not yet handed out
        self._held = b""  # line ends that wait for what follows
        self._ended = False

    def peek(self, size: int) -> bytes:
        """Return up to `size` bytes from here without consuming them."""
        self._fill(size)
        return self._ahead[:size]

    def read_lines(self, size: int) -> bytes:
        """Return the next whole lines, about `size` bytes of them; empty at the end.

        Raises:
            UnreadablePrices: a line of more than LONGEST_LINE bytes.
        """
        wanted = size
        while True:
            self._fill(wanted)
            cut = self._ahead.rfind(b"\n") + 1
            if self._ended or cut:
                break
            if wanted > LONGEST_LINE:
                raise UnreadablePrices(
                    f"{self._name}: a line of more than {LONGEST_LINE:,} bytes",
                    hint="this is no table of prices",
                )
            wanted *= 2
        lines = self._ahead if self._ended else self._ahead[:cut]
        self._ahead = self._ahead[len(lines) :]
        return lines

    def skip_lines(self, count: int) -> None:
        """Consume `count` lines."""
        while count and self.peek(1):
            lines = self.read_lines(1 << 16)
            end = 0
            while count and (at := lines.find(b"\n", end)) >= 0:
                end, count = at + 1, count - 1
            self._ahead = (lines[end:] if end else b"") + self._ahead

    def _fill(self, size: int) -> None:
        """Decode until `size` bytes lie ahead, or all there are."""
        parts, length = [self._ahead], len(self._ahead)
        while length < size and not self._ended:
            raw = self._stream.read(max(size - length, 1 << 16))
            self._ended = not raw
            data = self._normalize(raw, final=not raw)
            parts.append(data)
            length += len(data)
        self._ahead = b"".join(parts)

    def _normalize(self, raw: bytes, *, final: bool) -> bytes:
        if self._decode is not None:
            try:
                raw = self._decode.decode(raw, final=final).encode("utf-8", errors="replace")
            except UnicodeError as error:  # UTF-16 without its mark is no UnicodeDecodeError
                reason = getattr(error, "reason", error)
                raise UnreadablePrices(
                    f"{self._name}: not text in {self._encoding}: {reason}",
                    hint=f"name its encoding with {option('encoding')}",
                ) from None
        data = self._held + raw
        self._held = b""
        # An end that may be the first part of CR CR LF waits for the rest.
        if not final and data.endswith(b"\r"):
            kept = data.rstrip(b"\r")
            data, self._held = kept, data[len(kept) :]
        if b"\r" in data:
            data = data.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data
