"""`read_prices` of large files beside pandas, which gets their format as arguments, and `zcat`."""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.comparison import Comparison, take_turns
from benchmarks.prices import write_german_prices, write_prices
from benchmarks.processes import PYTHON, BenchmarkError, Usage, read_output, run_process

_ROWS = 5_000_000
_GERMAN_ROWS = 1_000_000
_ROUNDS = 7
_CONTAINER_ROUNDS = 3
_REACH = 3
_PARQUET_REACH = 2
_GZIP_REACH = 1.3
_ODD_FILES, _ODD_ROWS, _MIXED_ROWS = 1_000, 1_250, 250
_ODD_ROUNDS = 5
_ODD_REACH = 2
_MB = 1e6  # bytes
_OURS = """
import sys
from stockcast.prices.csv.reader import read_prices
histories = read_prices([sys.argv[1]])
"""
_OUR_MANY = """
import sys, glob
from stockcast.prices.csv.reader import read_prices
for path in sorted(glob.glob(sys.argv[1])):
    read_prices([path])
"""
_OUR_SUM = "import math; print(math.fsum(h.columns['close'].sum() for h in histories))"
_RIVAL = "import sys, pandas; frame = pandas.read_csv(sys.argv[1], {})"
_RIVAL_SUM = "; print(frame['{}'].sum())"


def compare_large() -> list[Comparison]:
    """Five million rows in the plainest layout."""
    known = "parse_dates=['Date']"
    return _compare("read-large", write_prices, _ROWS, _RIVAL.format(known), "Close")


def compare_large_locale() -> list[Comparison]:
    """A million rows in which dates and numbers have to be recognized by looking."""
    known = "sep=';', decimal=',', parse_dates=['Datum'], date_format='%d.%m.%Y'"
    return _compare(
        "read-large-locale", write_german_prices, _GERMAN_ROWS, _RIVAL.format(known), "Schluss"
    )


def compare_parquet() -> list[Comparison]:
    """Five million rows of typed columns beside `pandas.read_parquet`."""
    pack = "import sys, pandas; pandas.read_csv(sys.argv[1], parse_dates=['Date'])"

    def write(path: Path, *, rows: int) -> None:
        with _write_beside(path, rows) as plain:
            run_process(PYTHON, "-c", f"{pack}.to_parquet(sys.argv[2])", plain, str(path))

    read = "import sys, pandas; frame = pandas.read_parquet(sys.argv[1])"
    return _compare(
        "read-parquet",
        write,
        _ROWS,
        read,
        "Close",
        rounds=_CONTAINER_ROUNDS,
        reach=_PARQUET_REACH,
        against="`read_parquet`",
    )


def compare_gzip() -> list[Comparison]:
    """Five million rows as `.csv.gz` beside the same as CSV and, before that, `zcat`."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "prices.csv"
        print(f"read-gzip: writing {_ROWS:,} made-up rows", file=sys.stderr)
        write_prices(plain, rows=_ROWS)
        packed = f"{plain}.gz"
        run_process("gzip", "-k", str(plain))
        ours = read_output(PYTHON, "-c", _OURS + _OUR_SUM, packed)
        if ours != read_output(PYTHON, "-c", _OURS + _OUR_SUM, str(plain)):
            raise BenchmarkError(f"read-gzip: the closes of {packed} add up to {ours}")

        def run_plain() -> float:
            unpacking = run_process("zcat", packed).seconds
            return unpacking + run_process(PYTHON, "-c", _OURS, str(plain)).seconds

        sides = {
            "ours": lambda: run_process(PYTHON, "-c", _OURS, packed).seconds,
            "rival": run_plain,
        }
        figures = take_turns("read-gzip (s)", sides, rounds=_CONTAINER_ROUNDS)
    return [
        Comparison(
            f"`read-gzip`: {_ROWS:,} rows, the process, against `zcat` and the plain file's",
            figures["ours"],
            figures["rival"],
            "s",
            "cost",
            _GZIP_REACH,
        )
    ]


def compare_odd() -> list[Comparison]:
    """A thousand files that are odd in one way, and in five ways in turn, beside plain ones.

    Processor time of whole processes, which read all of them, less that of reading five.
    """
    return [
        _compare_odd("odd", _ODD_ROWS, "with ';', quotes and three decimals"),
        _compare_odd(
            "mixed",
            _MIXED_ROWS,
            "with decimal commas, a preamble, two kinds of dates, or gzip, in turn",
        ),
    ]


def _compare_odd(kind: str, rows: int, what: str) -> Comparison:
    with tempfile.TemporaryDirectory() as folder:
        run_process(
            PYTHON, "-m", "benchmarks.workers.write_odd", folder, str(_ODD_FILES), str(rows)
        )
        sides = {
            side: partial(_measure_many, str(Path(folder) / name))
            for side, name in (("ours", kind), ("rival", "plain"))
        }
        figures = take_turns(f"read-odd, {kind} (s)", sides, rounds=_ODD_ROUNDS)
    title = f"`read-odd`: {_ODD_FILES:,} files of {rows:,} rows {what}, processor time, "
    return Comparison(
        title + "against as many plain ones",
        figures["ours"],
        figures["rival"],
        "s",
        "cost",
        _ODD_REACH,
    )


def _measure_many(folder: str) -> float:
    all_ = run_process(PYTHON, "-c", _OUR_MANY, f"{folder}/*").processor
    return all_ - run_process(PYTHON, "-c", _OUR_MANY, f"{folder}/T0000[0-4].csv*").processor


@contextmanager
def _write_beside(path: Path, rows: int) -> Iterator[str]:
    """Write made-up prices as CSV beside a path, for as long as they are needed."""
    plain = path.with_suffix(".plain.csv")
    write_prices(plain, rows=rows)
    yield str(plain)
    plain.unlink()


def _compare(
    name: str,
    write: Callable[..., None],
    rows: int,
    read: str,
    close: str,
    *,
    rounds: int = _ROUNDS,
    reach: float = _REACH,
    against: str = "`read_csv`",
) -> list[Comparison]:
    """Return two rows of the table: seconds and peak memory of whole processes."""
    usages: dict[str, list[Usage]] = {"ours": [], "rival": []}
    with tempfile.TemporaryDirectory() as folder:
        prices = str(Path(folder) / "prices.csv")
        print(f"{name}: writing {rows:,} made-up rows", file=sys.stderr)
        write(Path(prices), rows=rows)
        _check_same(name, prices, read + _RIVAL_SUM.format(close))

        def run(side: str, code: str) -> float:
            usages[side].append(run_process(PYTHON, "-c", code, prices))
            return usages[side][-1].seconds

        sides = {"ours": lambda: run("ours", _OURS), "rival": lambda: run("rival", read)}
        take_turns(f"{name} (s)", sides, rounds=rounds)
    ours, rival = usages["ours"], usages["rival"]
    title = f"`{name}`: {rows:,} rows"
    return [
        Comparison(
            f"{title}, the process, against {against}'s",
            tuple(usage.seconds for usage in ours),
            tuple(usage.seconds for usage in rival),
            "s",
            "cost",
            reach,
        ),
        Comparison(
            f"{title}, its peak, against {against}'s",
            tuple(usage.peak / _MB for usage in ours),
            tuple(usage.peak / _MB for usage in rival),
            "MB",
            "cost",
            reach,
        ),
    ]


def _check_same(name: str, prices: str, rival: str) -> None:
    """Raise unless both read the same closes; it is each side's warm-up, too."""
    ours = float(read_output(PYTHON, "-c", _OURS + _OUR_SUM, prices))
    theirs = float(read_output(PYTHON, "-c", rival, prices))
    if not math.isclose(ours, theirs, rel_tol=1e-9):
        raise BenchmarkError(f"{name}: our closes add up to {ours}, the rival's to {theirs}")
