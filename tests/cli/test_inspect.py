"""`stockcast inspect` as a process of its own."""

import csv
import io
import json
import subprocess
import sys

import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

FB = SAMPLES / "FB.csv"
LSTM = ["input_gate", "forget_gate", "output_gate", "cell", "hidden"]
GRU = ["update_gate", "reset_gate", "hidden"]
CELLS = dict.fromkeys(["lstm", "peephole", "cifg", "cifg-peephole"], LSTM) | {"gru": GRU}


def read_csv(stdout):
    assert b"\r" not in stdout
    return list(csv.DictReader(io.StringIO(stdout.decode())))


def inspect(*arguments, **options):
    run = run_stockcast("inspect", *arguments, **options)
    assert run.returncode == 0, run.stderr
    return run


@pytest.mark.parametrize("cell", CELLS)
def test_every_gate_of_every_unit_at_each_step_is_a_row(tmp_path, cell):
    model = write_untrained_model(tmp_path / "m.safetensors", FB, cell=cell)
    run = inspect(model, FB)
    rows = read_csv(run.stdout)
    assert list(rows[0]) == ["layer", "unit", "timestep", "date", *CELLS[cell]]
    assert len(rows) == 2 * 8 * 20
    keys = [(int(row["layer"]), int(row["unit"]), int(row["timestep"])) for row in rows]
    assert keys == sorted(set(keys))
    assert keys[0] == (1, 1, 1)
    assert keys[-1] == (2, 8, 20)
    assert (rows[0]["date"], rows[19]["date"]) == ("2013-02-01", "2013-03-01")
    gates = [float(row[name]) for row in rows for name in CELLS[cell] if name.endswith("_gate")]
    assert 0 < min(gates) < max(gates) < 1
    assert (b"a GRU has no memory cell" in run.stderr) == (cell == "gru")


def test_coupled_gates_are_one_another_s_rest(tmp_path):
    model = write_untrained_model(tmp_path / "m.safetensors", FB, cell="cifg")
    for row in read_csv(inspect(model, FB).stdout):
        assert float(row["input_gate"]) + float(row["forget_gate"]) == pytest.approx(1)


def test_the_window_before_a_date_is_looked_at(small_model):
    run = inspect(small_model, FB, "--date", "2013-01-23")
    dates = [row["date"] for row in read_csv(run.stdout)[:20]]
    assert dates[-1] == "2013-01-22"
    assert b"seen for the forecast of 2013-01-23" in run.stderr


@pytest.mark.slow
def test_a_date_on_a_weekend_means_the_next_bar(small_model):
    saturday, monday = (
        inspect(small_model, FB, "--date", date).stdout for date in ("2013-01-26", "2013-01-28")
    )
    assert saturday == monday


@pytest.mark.slow
def test_a_date_after_the_prices_is_the_newest_window_and_a_note(small_model):
    run = inspect(small_model, FB, "-q", "--date", "2020-01-01")
    assert run.stdout == inspect(small_model, FB).stdout
    assert run.stderr.startswith(b"note: the prices end before 2020-01-01")


def test_a_span_has_each_date_after_its_own_window(small_model):
    run = inspect(small_model, FB, "--from", "2013-02-23", "--to", "2013-02-28")
    rows = read_csv(run.stdout)
    assert [row["date"] for row in rows[:4]] == [f"2013-02-{day}" for day in (25, 26, 27, 28)]
    assert {row["timestep"] for row in rows} == {"20"}
    assert len(rows) == 2 * 8 * 4
    assert b"each at the end of its own window of 20" in run.stderr


@pytest.mark.slow
def test_a_summary_is_a_row_a_layer(small_model):
    rows = read_csv(inspect(small_model, FB, "--summary").stdout)
    assert [row["layer"] for row in rows] == ["1", "2"]
    states = read_csv(inspect(small_model, FB).stdout)
    first = [float(row["forget_gate"]) for row in states if row["layer"] == "1"]
    assert float(rows[0]["forget_gate"]) == pytest.approx(sum(first) / len(first))
    assert float(rows[0]["memory_half_life"]) > 0
    assert 1 <= int(rows[0]["half_within"]) <= 20


def test_the_memory_is_a_row_a_step_back(small_model):
    rows = read_csv(inspect(small_model, FB, "--memory").stdout)
    assert list(rows[0]) == [
        "steps_back",
        "timestep",
        "sensitivity",
        "kept_layer_1",
        "kept_layer_2",
    ]
    assert [int(row["steps_back"]) for row in rows] == list(range(1, 21))
    assert [int(row["timestep"]) for row in rows] == list(range(20, 0, -1))
    kept = [float(row["kept_layer_1"]) for row in rows]
    assert kept[0] == 1
    assert kept == sorted(kept, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("what", ["--summary", "--memory"])
def test_json_has_the_same_numbers_as_csv(small_model, form, what):
    expected = read_csv(inspect(small_model, FB, what).stdout)
    text = inspect(small_model, FB, what, "--format", form).stdout.decode()
    rows = json.loads(text) if form == "json" else [json.loads(line) for line in text.splitlines()]
    assert [list(row) for row in rows] == [list(row) for row in expected]
    for row, other in zip(rows, expected, strict=True):
        assert list(row.values()) == [float(cell) if cell else None for cell in other.values()]


def test_a_gru_s_summary_has_no_memory_cell(tmp_path):
    model = write_untrained_model(tmp_path / "m.safetensors", FB, cell="gru")
    (row, _) = read_csv(inspect(model, FB, "--summary").stdout)
    assert list(row)[:4] == ["layer", "update_gate", "reset_gate", "mean_abs_hidden"]


@pytest.mark.slow
def test_a_pipe_gives_the_same_as_the_file_and_quiet_says_nothing(small_model):
    pipe = inspect(small_model, "-", "-q", stdin=FB.read_bytes())
    assert pipe.stdout == inspect(small_model, FB).stdout
    assert pipe.stderr == b""


@pytest.mark.process
def test_head_ends_the_pipe_quietly(small_model):
    command = (
        f"set -o pipefail; {sys.executable} -m stockcast inspect -q {small_model} {FB} "
        "--from 2012-08-01 | head -1"
    )
    run = subprocess.run(["bash", "-c", command], capture_output=True)
    assert run.returncode == 0
    assert run.stdout.decode() == ",".join(["layer", "unit", "timestep", "date", *LSTM]) + "\n"
    assert run.stderr == b""


def test_the_terminal_is_told_each_layer_s_gates_and_how_far_back_it_remembers(small_model):
    told = inspect(small_model, FB, "--summary").stderr.decode()
    assert "FB, LSTM: 20 trading days, 2013-02-01 to 2013-03-01" in told
    assert "memory halves in" in told
    assert "trading days\n" in told
    assert "how far back it remembers: what counts most is" in told


@pytest.mark.slow
def test_bars_that_are_not_daily_are_called_bars(tmp_path):
    times = [(day, hour) for day in range(1, 11) for hour in range(9, 17)]
    rows = [f"2024-01-{day:02} {hour:02}:00,{100 + day + hour % 5}" for day, hour in times]
    prices = tmp_path / "hourly.csv"
    prices.write_text("\n".join(["Date,Close", *rows]) + "\n")
    model = write_untrained_model(tmp_path / "m.safetensors", prices)
    run = inspect(model, prices, "--date", "2024-01-09 12:00")
    assert b" bars" in run.stderr
    assert b"trading day" not in run.stderr
    assert read_csv(run.stdout)[19]["date"] == "2024-01-09T11:00:00"


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("suffix", ["png", "svg", "html"])
def test_a_chart_is_drawn_and_stdout_stays_data(tmp_path, suffix):
    model = write_untrained_model(tmp_path / "FB.safetensors", FB, layers=1)
    chart, rows = tmp_path / f"gates.{suffix}", tmp_path / "rows.csv"
    run = inspect(model, FB, "--summary", "--chart", chart, "-o", rows)
    assert run.stdout == b""
    assert len(read_csv(rows.read_bytes())) == 1
    start = {"png": b"\x89PNG", "svg": b"<?xml", "html": b"<!doctype html>"}[suffix]
    assert chart.read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--date", "2013-01-01", "--from", "2013-01-01"], 2, "--date and --from"),
        (["--to", "2013-01-01"], 2, "--to without --from"),
        (["--from", "2013-02-01", "--to", "2013-01-01"], 2, "is before --from"),
        (["--summary", "--memory"], 2, "--summary and --memory"),
        (["--date", "soon"], 2, "--date is 'soon', expected a date such as"),
        (["--date", "2013-01-01T10:00+01:00"], 2, "has a time zone"),
        (["--chart", "gates.pdf"], 2, "expected a name that ends in .png, .svg, .html"),
        (["--from", "2013-03-02"], 2, "has no bar from 2013-03-02"),
        (["--date", "2012-06-01"], 4, "start at 2012-06-19 or later"),
        (["--from", "2012-06-01"], 4, "start at 2012-06-18 or later"),
        (["--column", "open"], 5, "forecasts adj_close, not open"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_mistake_is_named_with_its_exit_code(tmp_path, small_model, arguments, code, message):
    run = run_stockcast("inspect", small_model, FB, *arguments, cwd=tmp_path)
    assert run.returncode == code
    assert message in run.stderr.decode()
    assert run.stdout == b""
    assert list(tmp_path.iterdir()) == []


def test_neither_the_prices_nor_the_model_are_written_over(tmp_path, small_model):
    prices, model = tmp_path / "FB.csv", tmp_path / "FB.png"
    prices.write_bytes(FB.read_bytes())
    model.write_bytes(small_model.read_bytes())
    for target, message in ((prices, b"the price file itself"), (model, b"the model file itself")):
        run = run_stockcast("inspect", model, prices, "-o", target)
        assert run.returncode == 2
        assert message in run.stderr
    assert run_stockcast("inspect", model, prices, "--chart", model).returncode == 2
    assert prices.read_bytes() == FB.read_bytes()
    assert model.read_bytes() == small_model.read_bytes()
