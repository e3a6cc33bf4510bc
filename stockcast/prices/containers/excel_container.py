"""Workbooks: .xlsx, .xls and .ods, by python-calamine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from stockcast.prices.containers.packed import open_anywhere
from stockcast.prices.containers.protocol import ReadInside
from stockcast.prices.containers.zip_container import ERRORS
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.raw import RawFile
from stockcast.prices.csv.table import PriceTable

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {"xl/workbook.xml", "content.xml"}


class _Workbook:
    place = 15
    in_parts = False

    def fits(self, raw: RawFile, start: bytes) -> bool:
        if start.startswith(_OLE):
            return True
        if not start.startswith(b"PK\x03\x04"):
            return False
        with open_anywhere(raw) as stream:
            try:
                return bool(_PARTS & set(zipfile.ZipFile(stream).namelist()))
            except ERRORS:
                return False  # a damaged ZIP file, which is the next one's to refuse

    def read(self, raw: RawFile, options: ReadOptions, inside: ReadInside) -> Iterator[PriceTable]:
        from stockcast.prices.containers.workbooks import read_workbook

        return read_workbook(raw, options, inside)


CONTAINER = _Workbook()
