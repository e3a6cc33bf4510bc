"""Any history survives any container; any bytes in one are a history or a refusal."""

from __future__ import annotations

import bz2
import datetime
import gzip
import io
import lzma

import numpy as np
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stockcast.errors import StockcastError
from stockcast.prices.csv.options import ReadOptions
from stockcast.prices.csv.reader import read_prices
from tests.workbooks import pack, write_ods, write_xlsx

pytestmark = pytest.mark.slow

pytest.importorskip("python_calamine")


def write_parquet(table):
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


def write_feather(table):
    stream = io.BytesIO()
    feather.write_feather(table, stream)
    return stream.getvalue()


def write_ipc(table):
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return stream.getvalue()


def to_rows(table):
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return [table.column_names, *rows]


def to_text(table):
    lines = [",".join(map(str, row)) for row in to_rows(table)]
    return "\n".join([*lines, ""]).encode()


TEXTS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda text: pa.Codec("zstd").compress(text, asbytes=True),
    "zip": lambda text: pack({"prices.csv": text}),
}
TYPED = {
    "Parquet": write_parquet,
    "Feather": write_feather,
    "IPC stream": write_ipc,
    "xlsx": lambda table: write_xlsx({"A": to_rows(table)}),
    "ods": lambda table: write_ods({"A": to_rows(table)}),
}
NUMBERS = st.floats(0.01, 1e6)


@st.composite
def draw_tables(draw):
    """Days, each once, ascending, and columns of prices."""
    days = draw(
        st.lists(
            st.dates(datetime.date(1950, 1, 1), datetime.date(2099, 12, 31)),
            min_size=1,
            max_size=12,
            unique=True,
        )
    )
    names = draw(
        st.lists(st.sampled_from(["Open", "High", "Low", "Adj Close", "Volume"]), unique=True)
    )
    columns = {
        name: draw(st.lists(NUMBERS, min_size=len(days), max_size=len(days)))
        for name in ["Close", *names]
    }
    return pa.table({"Date": sorted(days), **columns})


def check_same(content, table):
    (history,) = read_prices(io.BytesIO(content), ReadOptions(decimal="."))
    assert history.dates.astype("datetime64[D]").tolist() == table["Date"].to_pylist()
    assert len(history.columns) == table.num_columns - 1
    for name, values in history.columns.items():
        header = name.replace("_", " ").title()
        assert values.tolist() == table[header].to_pylist()


@pytest.mark.parametrize("kind", TEXTS)
@given(table=draw_tables())
def test_any_history_survives_being_packed(kind, table):
    check_same(TEXTS[kind](to_text(table)), table)


@pytest.mark.parametrize("kind", TYPED)
@given(table=draw_tables())
def test_any_history_survives_being_typed(kind, table):
    check_same(TYPED[kind](table), table)


def check_reading(content, attempt):
    """A history, or a refusal with a reason; never anything else."""
    outcome = attempt(read_prices, io.BytesIO(content), ReadOptions(on_duplicate="first"))
    if isinstance(outcome, StockcastError):
        assert "file" in str(outcome)
        assert outcome.exit_code == 4
        return
    for history in outcome:
        assert (history.dates[1:] > history.dates[:-1]).all()
        for values in history.columns.values():
            assert len(values) == len(history) > 0
            assert not np.isinf(values).any()


@pytest.mark.parametrize("kind", TEXTS)
@given(content=st.binary(max_size=300))
def test_any_bytes_in_a_container_are_a_history_or_a_refusal(kind, content, attempt):
    check_reading(TEXTS[kind](content), attempt)


MAGIC = {
    "gzip": b"\x1f\x8b\x08",
    "bzip2": b"BZh9",
    "xz": b"\xfd7zXZ\0",
    "zstd": b"\x28\xb5\x2f\xfd",
    "zip": b"PK\x03\x04",
    "Parquet": b"PAR1",
    "Arrow": b"ARROW1\0\0",
    "Feather": b"FEA1",
    "IPC stream": b"\xff\xff\xff\xff",
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}


@pytest.mark.parametrize("kind", MAGIC)
@given(content=st.binary(max_size=300))
def test_any_bytes_behind_the_first_ones_of_a_container_are_refused(kind, content, attempt):
    check_reading(MAGIC[kind] + content, attempt)
    check_reading(MAGIC[kind] + content + MAGIC[kind][:4], attempt)


BARS = pa.table({"Date": [datetime.date(2013, 1, day) for day in (2, 3, 4)], "Close": [1.5, 2, 3]})
FILES = {
    **{kind: pack_text(to_text(BARS) * 3) for kind, pack_text in TEXTS.items()},
    **{kind: write(BARS) for kind, write in TYPED.items()},
}


@pytest.mark.parametrize("kind", FILES)
@given(
    flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=4),
    cut=st.integers(0, 10_000),
)
def test_a_container_with_any_bytes_changed_or_cut_off_is_a_history_or_a_refusal(
    kind, flips, cut, attempt
):
    content = bytearray(FILES[kind])
    for place, change in flips:
        content[place % len(content)] ^= change
    check_reading(bytes(content), attempt)
    check_reading(FILES[kind][: cut % len(content)], attempt)
