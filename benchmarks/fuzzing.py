"""Bad input for every reader, by hypothesis: only stockcast's own errors may come of it."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import safetensors
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from benchmarks.soaking import PRICES, ROOT, SMALL, Count, run, time_run
from stockcast.backtesting.recorded_file import make_recorded, read_text_table
from stockcast.errors import StockcastError
from stockcast.ledger.file import read_ledger
from stockcast.model.file import load_model
from stockcast.prices.csv.reader import open_raw, read_prices
from stockcast.recipe import load_recipe
from stockcast.training.checkpoint import Checkpoint, place_checkpoint
from stockcast.tuning.space import make_space

_AT_ONCE = 10_000  # cases that hypothesis tells apart, which it keeps in memory
_SPACE = b"dropout = [0.1, 0.2]\nlearning_rate = { from = 0.0003, to = 0.01, log = true }\n"


@dataclass(frozen=True)
class Reader:
    """Something that reads a file, and a file that it reads.

    Attributes:
        name: what it reads.
        read: it, given a path; any error but a StockcastError is a fault of ours.
        suffix: of the file.
        good: what a good file holds.
    """

    name: str
    read: Callable[[Path], object]
    suffix: str
    good: bytes


def make_readers(folder: Path) -> list[Reader]:
    """Make one good file of each kind that stockcast reads."""
    place, ledger = folder / "m.safetensors", folder / "l.csv"
    # The third file that a training writes would be its third snapshot; two are there.
    run("train", PRICES, *SMALL, "--checkpoint-every", 1, "-o", place, fault="before-rename:3:kill")
    snapshot, key = place_checkpoint(place).read_bytes(), _find_key(place_checkpoint(place))
    time_run("train", PRICES, *SMALL, "-o", place, "-q")
    time_run("predict", PRICES, "-m", place, "--ledger", ledger, "-q")
    recipe = (ROOT / "configs" / "default.toml").read_bytes()
    text = b"".join(PRICES.read_bytes().splitlines(keepends=True)[:60])
    forecasts = b"date,forecast,lower_95,upper_95\n2012-06-01,28.1,26,30.5\n2012-06-04,27,25,29\n"
    return [
        Reader("models", load_model, ".safetensors", place.read_bytes()),
        Reader("snapshots", partial(_load_snapshot, key=key), ".checkpoint", snapshot),
        Reader("recipes", load_recipe, ".toml", recipe),
        Reader("spaces of a search", _read_space, ".toml", _SPACE),
        Reader("ledgers", read_ledger, ".csv", ledger.read_bytes()),
        Reader("recorded forecasts", _read_recorded, ".csv", forecasts),
        *(Reader(kind, read_prices, suffix, good) for kind, suffix, good in _pack(text)),
    ]


def _pack(text: bytes) -> list[tuple[str, str, bytes]]:
    frame = pd.read_csv(io.BytesIO(text), parse_dates=[0])
    parquet, feather = io.BytesIO(), io.BytesIO()
    frame.to_parquet(parquet)
    frame.to_feather(feather)
    european = text.replace(b",", b";").replace(b".", b",")
    return [
        ("prices", ".csv", text),
        ("prices with ; and ,", ".csv", european),
        ("gzip", ".csv.gz", gzip.compress(text, mtime=0)),
        ("bzip2", ".csv.bz2", bz2.compress(text)),
        ("xz", ".csv.xz", lzma.compress(text)),
        ("zstd", ".csv.zst", pa.Codec("zstd").compress(text, asbytes=True)),
        ("Parquet", ".parquet", parquet.getvalue()),
        ("Feather", ".feather", feather.getvalue()),
    ]


def _read_space(path: Path) -> object:
    return make_space(path, {"fast": "fast"}, {})


def _find_key(snapshot: Path) -> str:
    with safetensors.safe_open(snapshot, framework="numpy") as file:
        document = json.loads(file.metadata()["stockcast-checkpoint"])
    return str(document["key"])


def _load_snapshot(path: Path, key: str) -> object:
    notes: list[str] = []
    if Checkpoint(path, key, note=notes.append).load() is None:
        raise StockcastError(notes[0])
    return None


def _read_recorded(path: Path) -> object:
    return make_recorded(read_text_table(open_raw(path)), stem="any")


def feed(folder: Path, reader: Reader, cases: int) -> Count:
    """Feed a reader with as many bad files; what is no StockcastError is lost.

    Runs in any process; readers of one folder must differ in name.
    """
    count, path = Count(), folder / f"{reader.name}{reader.suffix}"
    for number in range(0, cases, _AT_ONCE):
        _try_some(count, reader, path, min(_AT_ONCE, cases - number), number)
    return count


def _try_some(count: Count, reader: Reader, path: Path, cases: int, number: int) -> None:
    good = reader.good
    places = st.integers(0, len(good)) | st.integers(0, min(200, len(good)))

    @seed(number)
    @settings(max_examples=cases, deadline=None, database=None, phases=[Phase.generate])
    @given(places, places, st.binary(max_size=60), st.integers(0, 9))
    def attempt(start: int, end: int, piece: bytes, kind: int) -> None:
        first, last = sorted((start, end))
        # Mostly a few bytes replaced; else a piece cut out, or other bytes altogether.
        last = min(last, first + len(piece)) if kind < 7 else last
        path.write_bytes(piece if kind == 9 else good[:first] + piece + good[last:])
        count.runs += 1
        try:
            reader.read(path)
        except StockcastError:
            count.faults += 1

    try:
        attempt()
    except BaseException as error:
        count.expect(False, f"{reader.name}: {type(error).__name__}: {error}")
        if not isinstance(error, Exception):
            raise
