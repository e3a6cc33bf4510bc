"""Small workbooks, written cell by cell: no library that writes them is needed."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_EPOCH = datetime.datetime(1899, 12, 30)


def write_xlsx(sheets):
    """Return an .xlsx file's bytes.

    Args:
        sheets: name to rows of cells: text, number, date, datetime or None.
    """
    names = list(sheets)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _list_relations([f"{_RELATIONS}/officeDocument"], ["xl/workbook.xml"]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        + "".join(
            f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
            for at, name in enumerate(names, 1)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _list_relations(
            [f"{_RELATIONS}/worksheet"] * len(names) + [f"{_RELATIONS}/styles"],
            [f"worksheets/sheet{at}.xml" for at in range(1, len(names) + 1)] + ["styles.xml"],
        ),
        # Style 1 is a date, style 2 a date with a time.
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs count="3"><xf numFmtId="0"/>'
        '<xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
    }
    for at, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{at}.xml"] = _write_sheet(rows)
    return pack(parts)


def pack(parts):
    """Return a ZIP archive's bytes of names and contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _list_relations(kinds, targets):
    listed = "".join(
        f'<Relationship Id="rId{at}" Type="{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(zip(kinds, targets, strict=True), 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'


def _write_sheet(rows):
    lines = []
    for number, row in enumerate(rows, 1):
        cells = (
            _write_cell(f"{chr(65 + at)}{number}", cell)
            for at, cell in enumerate(row)
            if cell is not None
        )
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def _write_cell(place, cell):
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    style = 0
    if isinstance(cell, datetime.date):
        style = 2 if isinstance(cell, datetime.datetime) else 1
        cell = _count_days(cell)
    return f'<c r="{place}" s="{style}"><v>{cell!r}</v></c>'


def _count_days(date):
    moment = datetime.datetime(*date.timetuple()[:6])
    return (moment - _EPOCH) / datetime.timedelta(days=1)


def write_ods(sheets):
    """Return an .ods file's bytes; see `write_xlsx`."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(
            f"<table:table-row>{''.join(map(_write_ods_cell, row))}</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(f'xmlns:{one}="{_OPEN}:{one}:1.0"' for one in ("office", "table", "text"))
    return pack(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0"/>',
            "content.xml": f"<office:document-content {spaces}><office:body>"
            f"<office:spreadsheet>{tables}</office:spreadsheet></office:body>"
            "</office:document-content>",
        }
    )


def _write_ods_cell(cell):
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        kind, value = "string", ""
    elif isinstance(cell, datetime.date):
        kind, value = "date", f' office:date-value="{cell.isoformat()}"'
    else:
        kind, value = "float", f' office:value="{cell!r}"'
    return (
        f'<table:table-cell office:value-type="{kind}"{value}>'
        f"<text:p>{escape(str(cell))}</text:p></table:table-cell>"
    )


def write_xls(name, rows):
    """Return an old workbook's bytes (BIFF8), of one sheet with text and numbers."""
    begin, end = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 5, 0, 0, 0, 0), _record(0x0A, b"")
    sheet = struct.pack("<HHHHHHII", 0x809, 16, 0x600, 0x10, 0, 0, 0, 0)
    for number, row in enumerate(rows):
        for at, cell in enumerate(row):
            if isinstance(cell, str):
                text = struct.pack("<HB", len(cell), 0) + cell.encode("latin-1")
                sheet += _record(0x204, struct.pack("<HHH", number, at, 0) + text)
            elif cell is not None:
                sheet += _record(0x203, struct.pack("<HHHd", number, at, 0, cell))
    named = struct.pack("<HBB", 0, len(name), 0) + name.encode("latin-1")
    start = len(begin) + 4 + 4 + len(named) + len(end)
    globals_ = begin + _record(0x85, struct.pack("<I", start) + named) + end
    return _write_compound(globals_ + sheet + end)


def _record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content


def _write_compound(stream):
    """Put a stream named Workbook into a compound file of one FAT sector."""
    stream = stream.ljust(4096, b"\0")  # what is shorter would lie in sectors of another size
    count = -(-len(stream) // 512)
    stream = stream.ljust(512 * count, b"\0")
    last, free = 0xFFFFFFFE, 0xFFFFFFFF
    chain = [0xFFFFFFFD, last, *range(3, count + 2), last]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0)
        + struct.pack("<109I", 0, *[free] * 108)
    )
    entries = [("Root Entry", 5, 1, last, 0), ("Workbook", 2, free, 2, len(stream))]
    directory = b"".join(
        (name + "\0").encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBB", 2 * len(name) + 2, kind, 1)
        + struct.pack("<III", free, free, child)
        + bytes(36)
        + struct.pack("<IQ", first, size)
        for name, kind, child, first, size in entries
    ).ljust(512, b"\0")
    return header + fat + directory + stream
