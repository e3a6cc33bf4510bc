"""Every error of the command line: exit code, what, where, what now; and nothing on stdout."""

from pathlib import Path

import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

HEADER = "Date,Open,High,Low,Close,Adj Close,Volume\n"


def make_rows(count, price="{day}"):
    return "".join(
        f"2020-{1 + day // 28:02d}-{1 + day % 28:02d},1,2,1,{price.format(day=day + 1)},"
        f"{price.format(day=day + 1)},5\n"
        for day in range(count)
    )


GOOD = HEADER + make_rows(200)

# name: (content, arguments after the file, exit code, parts of stderr)
BROKEN = {
    "empty": ("", [], 4, ["is empty"]),
    "header only": (HEADER, [], 4, ["a header and no rows"]),
    "no date column": ("Open,Close\n1,2\n", [], 4, [":1: no date column", "'Open', 'Close'"]),
    "no price column": ("Date,Volume\n2020-01-01,2\n", [], 4, [":1: no price column"]),
    "text for a number": (
        GOOD.replace(",3,3,5", ",3,three,5"), [], 4, [":4: Adj Close is 'three', expected a number"]
    ),
    "not a date": (GOOD.replace("2020-01-05", "5 Jan"), [], 4, [":6: Date is '5 Jan'"]),
    "ragged": (GOOD.replace(",5,5,5\n", ",5\n"), [], 4, [":6: 5 cells in this row, expected 7"]),
    "too short": (HEADER + make_rows(50), [], 4, ["50 rows", "at least 77 are needed", "--window"]),
    "constant": (HEADER + make_rows(200, "7"), [], 4, ["never changes on the training span"]),
    "a hole": (GOOD.replace(",9,9,5", ",9,,5"), [], 4, [":10: adj_close is missing", "--column"]),
    "zero": (GOOD.replace(",9,9,5", ",9,0,5"), [], 4, [":10: adj_close is 0", "--target price"]),
    "duplicates": (
        GOOD + "2020-01-09,1,2,1,8,8,5\n", [], 4,
        [":202: 2020-01-09 stands here and at", ":10", "--on-duplicate first"],
    ),
    "binary": ("ab\0\0cd\0\n", [], 4, ["is binary, not a text file"]),
    "no such column": (
        GOOD.replace("Adj Close", "x"), ["--column", "adj_close"], 4, ["no adj_close column"]
    ),
    "no such ticker": (GOOD.replace("Volume", "Ticker"), ["--ticker", "NO"], 4, ["'NO', found 5"]),
    "column not seen": (
        GOOD, ["--features", "open,high", "--column", "close"], 2, ["not among the features"]
    ),
    "bad span": (GOOD, ["--test", "some"], 2, ["--test is 'some'", "0.1"]),
    "nothing left": (GOOD, ["--test", "0.5", "--validation", "0.5"], 2, ["nothing to train on"]),
    "bad window": (GOOD, ["--window", "0"], 2, ["--window is 0"]),
    "bad feature": (GOOD, ["--features", "open,vwap"], 2, ["--features", "volume"]),
    "unknown recipe": (
        GOOD, ["--recipe", "clasic"], 2, ["no recipe 'clasic'", "'classic'? there are default"],
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("command", ["prepare", "train"])
def test_a_broken_input_is_refused_before_anything_is_written(tmp_path, command, name):
    content, arguments, code, parts = BROKEN[name]
    prices = tmp_path / "data.csv"
    prices.write_text(content)
    run = run_stockcast(command, prices, "-o", tmp_path / "out", *arguments)
    message = " ".join(run.stderr.decode().split())
    assert run.returncode == code, message
    assert run.stdout == b""
    for part in parts:
        assert part in message
    assert "Traceback" not in message
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda path: None, "no such file"),
        (Path.mkdir, "is a folder"),
    ],
    ids=["missing", "folder"],
)
def test_a_price_file_that_is_none_is_exit_4(tmp_path, make, part, small_model):
    path = tmp_path / "data.csv"
    make(path)
    run = run_stockcast("predict", path, "-m", small_model)
    assert run.returncode == 4
    assert part in run.stderr.decode()


@pytest.mark.parametrize("kept", [0, 7, 100, 2000, -1])
def test_a_truncated_model_is_exit_5(tmp_path, small_model, kept):
    path = tmp_path / "cut.safetensors"
    path.write_bytes(small_model.read_bytes()[:kept])
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", path)
    assert run.returncode == 5
    assert run.stdout == b""
    assert str(path) in run.stderr.decode().replace("\n", "")


def test_a_foreign_model_is_exit_5(tmp_path):
    import numpy as np
    from safetensors.numpy import save_file

    path = tmp_path / "foreign.safetensors"
    save_file({"weights": np.zeros(3)}, path)
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", path)
    assert run.returncode == 5
    assert b"is not a stockcast model" in run.stderr


def test_a_missing_model_is_exit_5_and_says_how_to_get_one(tmp_path):
    run = run_stockcast("predict", SAMPLES / "FB.csv", cwd=tmp_path)
    assert run.returncode == 5
    assert b"no model file models/FB.safetensors" in run.stderr
    assert b"stockcast train" in run.stderr


def test_prices_from_stdin_need_a_named_model():
    run = run_stockcast("predict", "-", stdin=b"")
    assert run.returncode == 2
    assert b"-m" in run.stderr


def test_too_little_history_for_one_window_is_exit_4(tmp_path, small_model):
    path = tmp_path / "short.csv"
    path.write_text("".join((SAMPLES / "FB.csv").read_text().splitlines(keepends=True)[:15]))
    run = run_stockcast("predict", path, "-m", small_model)
    assert run.returncode == 4
    assert b"14 rows, this model needs 21" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--from", "yesterday"], "--from is 'yesterday'"),
        (["--to", "2013-01-01"], "--to without --from"),
        (["--from", "2014-01-01"], "no bar from 2014-01-01"),
        (["--chart", "chart.gif"], ".png, .svg, .pdf"),
        (["--format", "xml"], "xml"),
        (["--no-such-option"], "--no-such-option"),
    ],
    ids=str,
)
def test_wrong_usage_of_predict_is_exit_2(small_model, arguments, part):
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model, *arguments)
    assert run.returncode == 2
    assert run.stdout == b""
    assert part in run.stderr.decode()


@pytest.mark.slow
def test_a_span_too_near_the_start_names_the_first_date_that_works(small_model):
    run = run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model, "--from", "2012-05-30")
    assert run.returncode == 4
    assert b"start at 2012-06-19 or later" in run.stderr
    again = run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model, "--from", "2012-06-19")
    assert again.returncode == 0


def test_a_recipe_with_an_unknown_key_names_file_and_nearest_key(tmp_path):
    recipe = tmp_path / "mine.toml"
    recipe.write_text("windw = 30\n")
    run = run_stockcast("train", SAMPLES / "FB.csv", "--recipe", recipe)
    assert run.returncode == 2
    text = " ".join(run.stderr.decode().split())
    assert "mine.toml: unknown key 'windw'" in text
    assert "did you mean 'window'?" in text


def test_several_tickers_each_fail_for_themselves(tmp_path):
    path = tmp_path / "both.csv"
    path.write_text("Ticker,Date,Close\nA,2020-01-01,1\nB,2020-01-01,2\n")
    run = run_stockcast("train", path, "-o", tmp_path / "models")
    assert run.returncode == 4  # for one reason: the prices
    assert run.stdout.count(b",failed\n") == 2
    assert b"both.csv (A)" in run.stderr
    assert b"2 of 2 tickers failed" in run.stderr


def test_debug_is_the_only_way_to_a_traceback(tmp_path):
    run = run_stockcast("predict", tmp_path / "no.csv", "-m", "no", "--debug")
    assert run.returncode == 4
    assert b"Traceback" in run.stderr
    run = run_stockcast("predict", tmp_path / "no.csv", "-m", "no", env={"STOCKCAST_DEBUG": "1"})
    assert b"Traceback" in run.stderr


def test_notes_on_the_data_are_said_and_quiet_keeps_them(tmp_path):
    model = write_untrained_model(tmp_path / "m.safetensors", SAMPLES / "FB.csv")
    head, *rows = (SAMPLES / "FB.csv").read_text().splitlines(keepends=True)
    prices = tmp_path / "newest.csv"
    prices.write_text(head + "".join(reversed(rows)) + rows[0])
    run = run_stockcast("predict", prices, "-m", model, "-q")
    assert run.returncode == 0
    text = run.stderr.decode()
    assert "sorted" in text
    assert "repeats a date" in text


@pytest.mark.process
def test_a_closed_stdout_is_an_error_and_not_a_bug(small_model):
    import subprocess
    import sys

    command = f"{sys.executable} -m stockcast predict {SAMPLES / 'FB.csv'} -m {small_model} >&-"
    run = subprocess.run(["bash", "-c", command], capture_output=True)
    assert run.returncode == 8
    assert b"stdout" in run.stderr


@pytest.mark.process
def test_a_closed_stderr_does_not_matter(small_model):
    import subprocess
    import sys

    command = f"{sys.executable} -m stockcast predict {SAMPLES / 'FB.csv'} -m {small_model} 2>&-"
    run = subprocess.run(["bash", "-c", command], capture_output=True)
    assert run.returncode == 0
    assert run.stdout.startswith(b"ticker,date,step,forecast,")


def test_a_result_never_overwrites_the_prices_or_another_result(tmp_path, small_model):
    prices = tmp_path / "FB.csv"
    content = (SAMPLES / "FB.csv").read_bytes()
    prices.write_bytes(content)
    run = run_stockcast("predict", prices, "-m", small_model, "-o", prices)
    assert run.returncode == 2
    assert b"is the price file itself" in run.stderr
    assert prices.read_bytes() == content
    both = tmp_path / "both.pdf"
    run = run_stockcast("predict", prices, "-m", small_model, "-o", both, "--chart", both)
    assert run.returncode == 2
    assert not both.exists()


def test_a_missing_price_file_is_said_before_a_missing_model(tmp_path):
    run = run_stockcast("predict", tmp_path / "no.csv")
    assert run.returncode == 4
    assert b"no such file" in run.stderr


def test_a_span_that_ends_before_it_begins_is_wrong_usage(small_model):
    run = run_stockcast(
        "predict",
        SAMPLES / "FB.csv",
        "-m",
        small_model,
        "--from",
        "2013-02-01",
        "--to",
        "2013-01-01",
    )
    assert run.returncode == 2
    assert b"--to 2013-01-01 is before --from 2013-02-01" in run.stderr


def test_a_model_of_another_ticker_is_told(small_model):
    run = run_stockcast("predict", SAMPLES / "IBM.csv", "-m", small_model)
    assert run.returncode == 0
    assert b"was trained on FB, and sees IBM here" in run.stderr.replace(b"\n", b" ")


@pytest.mark.parametrize("output", ["-", "file/m.safetensors"])
def test_a_model_that_cannot_be_written_is_refused_before_training(tmp_path, output):
    (tmp_path / "file").write_text("in the way")
    run = run_stockcast("train", SAMPLES / "FB.csv", "-o", output, cwd=tmp_path)
    assert run.returncode == (2 if output == "-" else 8)
    assert b"epoch" not in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_misspelt_command_is_answered_with_the_nearest():
    run = run_stockcast("trian")
    assert run.returncode == 2
    assert b"no such command trian\n  did you mean train?" in run.stderr
