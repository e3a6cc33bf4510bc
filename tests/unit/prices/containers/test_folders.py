"""Folders: of files in any container, and of Parquet files that are one table."""

from __future__ import annotations

import datetime
import gzip
import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stockcast as sc
from stockcast.prices.containers import typed_files
from stockcast.prices.csv.reader import iterate_prices
from stockcast.workflows.sources import Sources, list_paths

DAYS = [datetime.date(2013, 1, day) for day in (2, 3, 4, 7)]


def write_bars(path, closes, *, days=DAYS, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = {"Date": days[: len(closes)], "Close": closes, **columns}
    pq.write_table(pa.table(table), path)
    return path


def sum_up(histories):
    return {history.ticker: history.columns["close"].tolist() for history in histories}


@pytest.fixture
def hive(tmp_path):
    write_bars(tmp_path / "ticker=AAPL" / "part-0.parquet", [1.0, 2.0])
    write_bars(tmp_path / "ticker=AAPL" / "part-1.parquet", [3.0], days=DAYS[2:])
    write_bars(tmp_path / "ticker=BRK%2FB" / "part-0.parquet", [5.0, 6.0])
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / "ticker=AAPL" / ".part-0.parquet.crc").write_bytes(b"x")
    return tmp_path


def test_a_folder_a_ticker_names_the_ticker(hive):
    histories = sc.read_prices(hive)
    assert sum_up(histories) == {"AAPL": [1.0, 2.0, 3.0], "BRK/B": [5.0, 6.0]}
    assert list_paths([hive]) == [str(hive)]


def test_a_ticker_s_source_is_its_own_files(hive):
    first, second = sc.read_prices(hive)
    path = hive / "ticker=BRK%2FB" / "part-0.parquet"
    assert second.sources[0].name == str(path)
    assert second.sources[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert first.sources[0].name == str(hive)
    (hive / "ticker=BRK%2FB" / "part-0.parquet").unlink()
    (again,) = sc.read_prices(hive)
    assert again.sources == first.sources


def test_only_the_ticker_that_is_wanted_is_read(hive):
    (hive / "ticker=AAPL" / "part-0.parquet").rename(hive / "moved")
    (history,) = sc.read_prices(hive, sc.ReadOptions(ticker="BRK/B"))
    assert history.ticker == "BRK/B"
    with pytest.raises(sc.StockcastError, match="no ticker 'X', found AAPL, BRK/B"):
        sc.read_prices(hive, sc.ReadOptions(ticker="X"))


def test_other_folders_are_no_columns(tmp_path):
    for year, closes in (("2012", [1.0, 2.0]), ("2013", [3.0, 4.0])):
        days = [day.replace(year=int(year)) for day in DAYS]
        path = tmp_path / f"year={year}" / "x.parquet"
        write_bars(path, closes, days=days, symbol=["A", "B"])
    assert sum_up(sc.read_prices(tmp_path)) == {"A": [1.0, 3.0], "B": [2.0, 4.0]}


@pytest.mark.parametrize("most", [1, 3, 1_000])
def test_however_many_are_read_together_each_ticker_is_whole(most, tmp_path, monkeypatch):
    monkeypatch.setattr(typed_files, "MOST_ROWS", most)
    path = write_bars(tmp_path / "x.parquet", [1.0, 2.0, 3.0, 4.0], ticker=["B", "A", "B", "A"])
    second, first = iterate_prices(str(path))
    assert sum_up([second, first]) == {"B": [1.0, 3.0], "A": [2.0, 4.0]}
    assert (second.lines.tolist(), first.lines.tolist()) == ([2, 4], [3, 5])


def test_tickers_come_one_at_a_time(hive):
    read = Sources([str(hive)]).read_all()
    assert next(read).name == "AAPL"
    (hive / "ticker=BRK%2FB" / "part-0.parquet").write_bytes(b"PAR1 gone")
    last = next(read)
    assert isinstance(last.content, sc.StockcastError)
    assert next(read, None) is None


def test_a_ticker_that_has_to_be_judged_as_text_spoils_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr(typed_files, "MOST_ROWS", 1)
    path = write_bars(
        tmp_path / "x.parquet", [1.0, 2.0, 3.0, float("inf")], ticker=["A", "A", "B", "B"]
    )
    (first,) = sc.read_prices(path, sc.ReadOptions(ticker="A"))
    assert sum_up([first]) == {"A": [1.0, 2.0]}
    with pytest.raises(sc.StockcastError, match="inf"):
        sc.read_prices(path)


def test_files_with_a_column_of_tickers_are_one_table(tmp_path):
    write_bars(tmp_path / "a.parquet", [1.0, 2.0], ticker=["A", "B"])
    write_bars(tmp_path / "b.parquet", [3.0, 4.0], days=DAYS[2:], ticker=["A", "B"])
    assert list_paths([tmp_path]) == [str(tmp_path)]
    assert sum_up(sc.read_prices(tmp_path)) == {"A": [1.0, 3.0], "B": [2.0, 4.0]}


def test_files_without_one_are_a_ticker_each(tmp_path):
    write_bars(tmp_path / "A.parquet", [1.0, 2.0])
    write_bars(tmp_path / "B.parquet", [3.0])
    assert [history.ticker for history in sc.read_prices(tmp_path)] == ["A", "B"]
    assert [one.verdict for one in sc.check(tmp_path)] == ["read", "read"]


def test_types_may_differ_between_files(tmp_path):
    write_bars(tmp_path / "ticker=A" / "x.parquet", [1, 2])
    write_bars(tmp_path / "ticker=B" / "x.parquet", [1.5, 2.5], Volume=[1, 2])
    first, second = sc.read_prices(tmp_path)
    assert sum_up([first, second]) == {"A": [1.0, 2.0], "B": [1.5, 2.5]}


def test_check_describes_the_folder(hive):
    (found,) = sc.check(hive)
    assert found.verdict == "read"
    assert found.description["container"] == "Parquet"
    assert [one["ticker"] for one in found.description["tickers"]] == ["AAPL", "BRK/B"]
    assert found.description["rows_total"] == 5


def test_beside_csv_files_no_others_are_meant(tmp_path):
    (tmp_path / "A.csv").write_bytes(b"Date,Close\n2020-01-01,1\n")
    (tmp_path / "B.csv.gz").write_bytes(gzip.compress(b"Date,Close\n2020-01-01,1\n"))
    write_bars(tmp_path / "C.parquet", [1.0])
    (tmp_path / "notes.xlsx").touch()
    assert [history.ticker for history in sc.read_prices(tmp_path)] == ["A", "B"]
    (tmp_path / "A.csv").unlink()
    (tmp_path / "B.csv.gz").unlink()
    assert list_paths([tmp_path]) == [str(tmp_path / "C.parquet")]
    (tmp_path / "C.parquet").unlink()
    assert list_paths([tmp_path]) == [str(tmp_path / "notes.xlsx")]
