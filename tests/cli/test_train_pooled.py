"""`stockcast train --pooled`: one model of many tickers, and what the other commands make of it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.support import CONFIGS, run_stockcast

TINY = [
    "--pooled", "--window", "5", "--layers", "1", "--units", "4", "--epochs", "2",
    "--epoch-windows", "200", "--column", "close",
]  # fmt: skip
COLUMNS = [
    "ticker", "model", "rows", "rmse", "last_price_rmse", "skill", "how_far", "seconds", "status",
]  # fmt: skip
GOOD = ["A", "B", "C"]


@pytest.fixture(scope="module")
def write_prices(make_history, to_yahoo):
    def write(folder, names=GOOD):
        folder.mkdir(parents=True, exist_ok=True)
        for seed, name in enumerate(names):
            lines = to_yahoo(make_history(150 + 150 * seed, seed=seed))
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        return folder

    return write


@pytest.fixture(scope="module")
def trained(write_prices, tmp_path_factory):
    """Good and broken tickers in one pool: the run, and its folder."""
    folder = tmp_path_factory.mktemp("pooled")
    prices = write_prices(folder / "prices")
    (prices / "cell.csv").write_text("Date,Close\n2020-01-01,1\n2020-01-02,x\n")
    (prices / "short.csv").write_text("Date,Close\n2020-01-01,1\n2020-01-02,2\n")
    return run_stockcast("train", "prices", *TINY, "-o", "m/pool.safetensors", cwd=folder), folder


@pytest.fixture(scope="module")
def model(trained):
    return trained[1] / "m" / "pool.safetensors"


def read_rows(run):
    return list(csv.DictReader(io.StringIO(run.stdout.decode())))


def read_told(run):
    return " ".join(run.stderr.decode().split())


@pytest.mark.slow
def test_what_can_be_pooled_is_and_what_cannot_is_told_by_its_file(trained, model):
    run, _ = trained
    assert run.returncode == 3, run.stderr.decode()
    rows = read_rows(run)
    assert list(rows[0]) == COLUMNS
    by_ticker = {row["ticker"]: row for row in rows}
    assert sorted(by_ticker) == ["A", "B", "C", "cell", "short"]
    for name in GOOD:
        assert (by_ticker[name]["status"], by_ticker[name]["model"]) == (
            "trained",
            "m/pool.safetensors",
        )
    assert [by_ticker[name]["rows"] for name in GOOD] == ["149", "299", "449"]
    for name in ("cell", "short"):
        assert by_ticker[name] == dict.fromkeys(COLUMNS, "") | {
            "ticker": name,
            "status": "failed",
        }
    told = read_told(run)
    assert "prices/cell.csv:3: Close is 'x'" in told
    assert "prices/short.csv: 2 rows, at least 7 are needed" in told
    assert "2 of 5 tickers failed" in told
    assert "a pool of 3 tickers" in told
    assert model.is_file()
    left = {path.name for path in model.parent.iterdir()}
    assert left == {"pool.safetensors", ".pool.safetensors.lock"}


@pytest.mark.slow
def test_tickers_that_end_before_the_test_span_have_no_figures(trained):
    """A and B end before the newest tenth of C's days."""
    rows = {row["ticker"]: row for row in read_rows(trained[0])}
    assert rows["C"]["skill"] != ""
    assert rows["C"]["rmse"] != ""
    assert rows["A"]["skill"] == rows["A"]["rmse"] == ""


@pytest.mark.slow
def test_nothing_is_left_in_the_folder_for_temporary_files(write_prices, tmp_path):
    write_prices(tmp_path / "prices", ["A"])
    (tmp_path / "temporary").mkdir()
    run = run_stockcast(
        "train", "prices", *TINY, "--window", "200", "-o", "x.safetensors",
        cwd=tmp_path, env={"TMPDIR": str(tmp_path / "temporary")},
    )  # fmt: skip
    assert run.returncode == 4, run.stderr.decode()
    assert "no ticker can be pooled" in read_told(run)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.slow
def test_a_second_run_of_the_same_does_nothing_if_told_so(trained, model):
    before = model.read_bytes()
    run = run_stockcast(
        "train", *(f"prices/{name}.csv" for name in GOOD), *TINY, "--if-changed", "-o",
        "m/pool.safetensors", "--format", "json", cwd=trained[1],
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode()
    rows = json.loads(run.stdout)
    assert [row["status"] for row in rows] == ["unchanged"] * 3
    assert "nothing to do" in read_told(run)
    assert model.read_bytes() == before


@pytest.mark.slow
@pytest.mark.parametrize("form", ["path", "csv"])
def test_a_model_below_the_least_skill_is_exit_6_and_the_old_one_stays(form, trained, model):
    before = model.read_bytes()
    run = run_stockcast(
        "train", "prices/[ABC].csv", *TINY, "--seed", "3", "--min-skill", "0.9", "-o",
        "m/pool.safetensors", "--format", form, cwd=trained[1],
    )  # fmt: skip
    assert run.returncode == 6, run.stderr.decode()
    assert model.read_bytes() == before
    assert "m/pool.safetensors is as it was" in read_told(run)
    if form == "path":
        assert run.stdout == b""
    else:
        rows = read_rows(run)
        assert [(row["model"], row["status"]) for row in rows] == [("", "failed")] * 3
        assert rows[2]["skill"] != ""


@pytest.mark.slow
def test_one_file_from_stdin_is_a_pool_of_one_and_goes_to_the_usual_place(write_prices, tmp_path):
    prices = write_prices(tmp_path / "prices", ["A"]) / "A.csv"
    run = run_stockcast(
        "train", "-", *TINY, "--format", "path", stdin=prices.read_bytes(), cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr.decode()
    assert run.stdout == b"models/pooled.safetensors\n"
    assert "a pool of 1 ticker:" in read_told(run)
    assert "1 tickers" not in read_told(run)
    told = run_stockcast("rollback", "models/pooled.safetensors", cwd=tmp_path)
    assert told.returncode == 5

    again = run_stockcast("train", prices, *TINY, "--seed", "2", cwd=tmp_path)
    assert again.returncode == 0, again.stderr.decode()
    assert [row["ticker"] for row in read_rows(again)] == ["A"]
    back = run_stockcast("rollback", "models/pooled.safetensors", cwd=tmp_path)
    assert back.returncode == 0
    assert "is the model of a pool of 1 ticker trained to" in read_told(back)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "-"], "a model cannot go to stdout"),
        (["-o", "prices"], "a pooled model is one file name it: -o prices/pooled.safetensors"),
        (["-o", "models"], "a pooled model is one file name it: -o models/pooled.safetensors"),
        (["-o", "prices/B.csv"], "prices/B.csv is the price file itself"),
        (["--report", "page.html"], "--report with several tickers"),
        (["--test", "0", "--min-skill", "0"], "--min-skill needs rows held out"),
        (["--resume", "-o", "new.safetensors"], "--resume: there is no snapshot"),
    ],
)
def test_what_makes_no_sense_for_a_pool_is_refused(arguments, told, write_prices, tmp_path):
    prices = write_prices(tmp_path / "prices")
    before = {path.name: path.read_bytes() for path in prices.iterdir()}
    run = run_stockcast("train", "prices/A.csv", "prices/B.csv", *TINY, *arguments, cwd=tmp_path)
    assert run.returncode == 2, run.stderr.decode()
    assert run.stdout == b""
    assert told in read_told(run)
    assert {path.name: path.read_bytes() for path in prices.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".lock"] == ["prices"]


@pytest.mark.slow
def test_a_prepared_folder_is_told_and_the_others_are_pooled(write_prices, tmp_path):
    write_prices(tmp_path / "prices", ["A"])
    prepared = run_stockcast("prepare", "prices/A.csv", "-o", "done", "--window", "5", cwd=tmp_path)
    assert prepared.returncode == 0, prepared.stderr.decode()
    alone = run_stockcast("train", "done", *TINY, cwd=tmp_path)
    assert alone.returncode == 2
    assert "done was prepared for a model of its own" in read_told(alone)
    beside = run_stockcast(
        "train", "done", "prices/A.csv", *TINY, "-o", "x.safetensors", cwd=tmp_path
    )
    assert beside.returncode == 3, beside.stderr.decode()
    assert [row["status"] for row in read_rows(beside)] == ["failed", "trained"]
    assert "done was prepared for a model of its own" in read_told(beside)


def test_a_pooled_recipe_cannot_be_prepared(trained):
    run = run_stockcast(
        "prepare", "prices/A.csv", "-o", "x", "--recipe", CONFIGS / "pooled.toml", cwd=trained[1]
    )
    assert run.returncode == 2
    assert "train --pooled PRICES" in read_told(run)
    assert not (trained[1] / "x").exists()


@pytest.mark.slow
def test_it_forecasts_each_of_its_tickers_and_others(trained, model, write_prices, tmp_path):
    unseen = write_prices(tmp_path / "prices", ["UNSEEN"]) / "UNSEEN.csv"
    for prices, stdin, name in (
        (trained[1] / "prices" / "B.csv", None, "B"),
        (unseen, None, "UNSEEN"),
        ("-", unseen.read_bytes(), "stdin"),
    ):
        run = run_stockcast("predict", prices, "-m", model, stdin=stdin)
        assert run.returncode == 0, run.stderr.decode()
        row = read_rows(run)[0]
        assert row["ticker"] == name
        assert float(row["lower_80"]) < float(row["forecast"]) < float(row["upper_80"])
        assert abs(float(row["forecast"]) / float(row["last_price"]) - 1) < 0.1
        assert "trained on" not in read_told(run)


def test_show_names_the_tickers_and_what_errors_are_shares_of(model):
    run = run_stockcast("show", model)
    told = read_told(run)
    assert "tickers A, B, C" in told
    assert "of a ticker's newest 250 rows" in told
    assert "%, repeating the last price" in told
    entry = json.loads(run_stockcast("show", model, "--format", "json").stdout)
    assert entry["ticker"] is None
    assert entry["provenance"]["tickers"] == ["A", "B", "C"]
    assert entry["recipe"]["pooled"] is True


def test_models_calls_it_a_pool(model):
    run = run_stockcast("models", model.parent, "--format", "table")
    assert "a pool of 3" in read_told(run)
    listed = json.loads(run_stockcast("models", model.parent, "--format", "json").stdout)
    assert [entry["ticker"] for entry in listed] == [None]


def test_backtest_holds_it_against_the_last_price(trained, model):
    prices = trained[1] / "prices" / "C.csv"
    run = run_stockcast("backtest", prices, "-m", model, "--folds", "20")
    assert run.returncode == 0, run.stderr.decode()
    assert {row["ticker"] for row in read_rows(run)} == {"C"}
    assert "trained on" not in read_told(run)


def test_inspect_sees_the_ticker_that_it_is_given(trained, model):
    run = run_stockcast("inspect", model, trained[1] / "prices" / "C.csv")
    assert run.returncode == 0, run.stderr.decode()
    assert "C, LSTM: 5 trading days" in read_told(run)


@pytest.mark.parametrize("to", ["npz", "onnx"])
def test_export_gives_a_graph_of_scaled_windows(to, model, tmp_path):
    run = run_stockcast("export", model, "--to", to, "-o", tmp_path / f"x.{to}")
    assert run.returncode == 0, run.stderr.decode()
    assert (tmp_path / f"x.{to}").stat().st_size > 0


def test_export_with_scaling_gives_a_graph_of_any_tickers_bars(model, tmp_path):
    path = tmp_path / "x.onnx"
    run = run_stockcast("export", model, "--to", "onnx", "--with-scaling", "-o", path)
    assert run.returncode == 0, run.stderr.decode()
    assert "takes 'bars', float64" in read_told(run)
    assert path.stat().st_size > 0


@pytest.mark.slow
def test_stdin_may_hold_many_tickers(trained, model):
    """As a file may: each is forecast by the one model, as it is alone."""
    prices = trained[1] / "prices"
    lines = ["Ticker,Date,Close"]
    for name in GOOD:
        head, *rows = (prices / f"{name}.csv").read_text().splitlines()
        close = head.split(",").index("Close")
        lines += [f"{name},{row.split(',')[0]},{row.split(',')[close]}" for row in rows]
    text = "\n".join(lines).encode() + b"\n"
    together = run_stockcast("predict", "-", "-m", model, stdin=text)
    assert together.returncode == 0, together.stderr.decode()
    alone = [
        read_rows(run_stockcast("predict", prices / f"{one}.csv", "-m", model)) for one in GOOD
    ]
    for row, [other] in zip(read_rows(together), alone, strict=True):
        # Intervals differ: alone a ticker has its highs and lows too.
        assert [row[key] for key in ("ticker", "date", "forecast")] == [
            other[key] for key in ("ticker", "date", "forecast")
        ]


@pytest.mark.slow
def test_a_pool_of_open_columns_forecasts_either(make_history, to_yahoo, tmp_path):
    with_adjusted = to_yahoo(make_history(150))
    head = with_adjusted[0].split(",")
    place = head.index("Adj Close")
    for name, lines in (
        ("both", with_adjusted),
        ("close", [",".join(line.split(",")[:place]) for line in with_adjusted]),
    ):
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    options = [word for word in TINY if word not in ("--column", "close")]
    argv = ["train", "both.csv", "close.csv", *options, "-o", "p.safetensors"]
    run = run_stockcast(*argv, cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    for name, column in (("both", "Adj Close"), ("close", "Close")):
        run = run_stockcast("predict", f"{name}.csv", "-m", "p.safetensors", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
        last = with_adjusted[-1].split(",")[head.index(column)]
        assert float(read_rows(run)[0]["last_price"]) == float(last)
    run = run_stockcast(
        "backtest", "both.csv", "close.csv", "-m", "p.safetensors", "--overall", cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr.decode()
    assert {row["tickers"] for row in read_rows(run)} == {"2"}
