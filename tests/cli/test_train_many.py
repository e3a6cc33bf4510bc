"""`stockcast train` of many tickers: a model each, in processes of their own."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from tests.fleet_work import start_cluster, write_certificates
from tests.support import CONFIGS, run_stockcast

pytestmark = pytest.mark.slow

TINY = ["--recipe", CONFIGS / "fast.toml", "--epochs", "2", "--window", "5", "--units", "4"]
COLUMNS = [
    "ticker", "model", "rows", "rmse", "last_price_rmse", "skill", "how_far", "seconds", "status",
]  # fmt: skip
GOOD = ["A", "B", "C"]


@pytest.fixture(scope="module")
def write_prices(make_history, to_yahoo):
    def write(folder, *, broken=False):
        folder.mkdir(parents=True, exist_ok=True)
        for seed, name in enumerate(GOOD):
            lines = to_yahoo(make_history(120, seed=seed))
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        if broken:
            (folder / "cell.csv").write_text("Date,Close\n2020-01-01,1\n2020-01-02,x\n")
            (folder / "short.csv").write_text("Date,Close\n2020-01-01,1\n2020-01-02,2\n")
            (folder / "still.csv").write_text(
                "Date,Close\n" + "".join(f"{line.split(',')[0]},5\n" for line in lines[1:])
            )
        return folder

    return write


@pytest.fixture(scope="module")
def trained(write_prices, tmp_path_factory):
    """Good and broken tickers trained in two processes: the run, and its folder."""
    folder = tmp_path_factory.mktemp("many")
    write_prices(folder / "prices", broken=True)
    return run_stockcast("train", "prices/*.csv", *TINY, "--jobs", "2", cwd=folder), folder


def read_rows(run):
    return {row["ticker"]: row for row in csv.DictReader(io.StringIO(run.stdout.decode()))}


def read_models(folder):
    return {path.stem: path.read_bytes() for path in folder.glob("*.safetensors")}


def test_what_can_be_trained_is_and_what_cannot_is_told(trained):
    run, folder = trained
    assert run.returncode == 3, run.stderr.decode()
    rows = read_rows(run)
    assert list(rows["A"]) == COLUMNS
    assert {name: row["status"] for name, row in rows.items()} == {
        **dict.fromkeys(GOOD, "trained"),
        **dict.fromkeys(("cell", "short", "still"), "failed"),
    }
    assert rows["A"]["rows"] == "120"
    assert float(rows["A"]["skill"]) == pytest.approx(
        1 - float(rows["A"]["rmse"]) / float(rows["A"]["last_price_rmse"])
    )
    assert read_models(folder / "models").keys() == set(GOOD)
    text = run.stderr.decode()
    assert "prices/cell.csv:3: Close is 'x'" in text
    assert "prices/short.csv" in text
    assert "prices/still.csv" in text
    assert "error: 3 of 6 tickers failed" in text


def test_where_all_failed_for_one_reason_the_exit_code_is_that_reasons(trained, tmp_path):
    prices = trained[1] / "prices"
    broken = [prices / f"{name}.csv" for name in ("cell", "short", "still")]
    run = run_stockcast("train", *broken, *TINY, "--jobs", "1", "-o", tmp_path)
    assert run.returncode == 4, run.stderr.decode()
    assert "error: 3 of 3 tickers failed" in run.stderr.decode()
    low = run_stockcast(
        "train", prices / "A.csv", prices / "B.csv", *TINY, "--min-skill", "0.9", "--jobs", "1",
        "-o", tmp_path,
    )  # fmt: skip
    assert low.returncode == 6, low.stderr.decode()
    both = run_stockcast(
        "train", prices / "A.csv", broken[0], *TINY, "--min-skill", "0.9", "--jobs", "1",
        "-o", tmp_path,
    )  # fmt: skip
    assert both.returncode == 3, both.stderr.decode()


def test_a_second_run_trains_only_what_is_new_failed_or_changed(
    trained, tmp_path, make_history, to_yahoo
):
    folder = trained[1]
    again = tmp_path / "again"
    subprocess.run(["cp", "-r", folder, again], check=True)
    before = {path: path.stat().st_mtime_ns for path in (again / "models").glob("*.safetensors")}
    lines = to_yahoo(make_history(120, seed=9))
    for name in ("B", "cell", "short", "still", "new"):
        (again / "prices" / f"{name}.csv").write_text("\n".join(lines) + "\n")
    run = run_stockcast("train", "prices", *TINY, "--jobs", "1", "--if-changed", cwd=again)
    assert run.returncode == 0, run.stderr.decode()
    status = {name: row["status"] for name, row in read_rows(run).items()}
    unchanged = {name for name, one in status.items() if one == "unchanged"}
    assert unchanged == {"A", "C"}
    assert len(status) == 7
    after = {path: path.stat().st_mtime_ns for path in before}
    assert {path.stem for path in before if before[path] == after[path]} == unchanged


def test_one_process_makes_the_same_bytes_as_two(trained, tmp_path):
    run = run_stockcast(
        "train", trained[1] / "prices", *TINY, "--jobs", "1", "-o", tmp_path, "--format", "jsonl"
    )
    assert run.returncode == 3
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(rows) == 6
    assert read_models(tmp_path) == read_models(trained[1] / "models")


def test_one_file_of_many_tickers_and_a_prepared_folder_are_many_too(
    make_history, to_yahoo, tmp_path
):
    lines = ["Ticker,Date,Open,High,Low,Close,Adj Close,Volume"]
    for seed, name in enumerate(("BRK/B", "BRK_B")):
        lines += [f"{name},{line}" for line in to_yahoo(make_history(120, seed=seed))[1:]]
    (tmp_path / "long.csv").write_text("\n".join(lines) + "\n")
    run = run_stockcast("train", "long.csv", *TINY, "--jobs", "1", "--format", "path", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    models = read_models(tmp_path / "models")
    assert len(models) == 2
    assert set(run.stdout.decode().split()) == {f"models/{name}.safetensors" for name in models}
    shaping = [*TINY[:2], "--window", "5"]
    assert run_stockcast("prepare", "long.csv", *shaping, "-o", "p", cwd=tmp_path).returncode == 0
    more = ["--epochs", "2", "--units", "4", "--jobs", "1", "-o", "again"]
    prepared = run_stockcast("train", "p", *more, cwd=tmp_path)
    assert prepared.returncode == 0, prepared.stderr.decode()
    assert read_models(tmp_path / "again") == models


def test_of_one_file_only_the_tickers_whose_own_rows_changed_are_trained_again(
    make_history, to_yahoo, tmp_path
):
    rows = {name: to_yahoo(make_history(120, seed=seed)) for seed, name in enumerate(GOOD)}

    def train(**fewer):
        """Write all into one file, of some tickers fewer rows, and train what changed."""
        lines = [f"Ticker,{rows['A'][0]}"]
        for name, own in rows.items():
            lines += [f"{name},{line}" for line in own[1 : len(own) - fewer.get(name, 0)]]
        (tmp_path / "long.csv").write_text("\n".join(lines) + "\n")
        run = run_stockcast("train", "long.csv", *TINY, "--jobs", "1", "--if-changed", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
        return {name: row["status"] for name, row in read_rows(run).items()}

    assert set(train(B=1).values()) == {"trained"}
    assert train() == {"A": "unchanged", "B": "trained", "C": "unchanged"}


def test_a_ticker_that_stands_in_two_files_is_trained_once(write_prices, tmp_path):
    folder = write_prices(tmp_path / "a")
    (tmp_path / "b").mkdir()
    (folder / "A.csv").rename(tmp_path / "b" / "A.csv")
    (folder / "B.csv").rename(folder / "A.csv")
    run = run_stockcast("train", "a/A.csv", "b/A.csv", *TINY, "--jobs", "1", cwd=tmp_path)
    assert run.returncode == 3
    assert "b/A.csv: A is in a/A.csv already" in run.stderr.decode()
    assert [line.split(",")[-1] for line in run.stdout.decode().split()[1:]] == [
        "trained", "failed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("when", "jobs"),
    [("while processes start", 2), ("when the first is done", 2), ("when the first is done", 1)],
)
def test_ctrl_c_ends_every_process_and_leaves_what_is_done(when, jobs, write_prices, tmp_path):
    prices = write_prices(tmp_path / "prices")
    for number in range(60):
        (prices / f"Z{number}.csv").write_bytes((prices / "A.csv").read_bytes())
    argv = [
        sys.executable, "-m", "stockcast", "train", "prices", *map(str, TINY), "--jobs", str(jobs),
        "--epochs", "600", "--patience", "0", "--format", "path",
    ]  # fmt: skip
    process = subprocess.Popen(
        argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    done = []
    try:
        if when == "when the first is done":
            done.append(process.stdout.readline().decode())
        while len(list_session(process.pid)) < 2 + jobs:  # this one, Python's own helper, workers
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
        assert process.returncode == 130
        assert b"Traceback" not in errors
        assert re.search(
            rb"interrupted: \d+ of 63 files done; the same command with --if-changed goes on",
            errors,
        )
        deadline = time.monotonic() + 10
        while left := list_session(process.pid):
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
    finally:
        process.kill()
        process.wait()
    done += rest.decode().splitlines()
    assert len(done) < 63
    assert {f"models/{name}.safetensors" for name in read_models(tmp_path / "models")} == {
        line.strip() for line in done
    }


def list_session(number):
    """Return the processes of a session that are alive."""
    run = subprocess.run(
        ["ps", "-e", "-o", "sess=,pid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in run.stdout.splitlines()]
    return [pid for session, pid, state in rows if session == str(number) and state[0] != "Z"]


LOADED = """
import sys
from stockcast.cli.app import main
sys.argv[0] = "stockcast"
try:
    main()
except SystemExit as end:
    print(end.code, file=sys.stderr)
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("prices", "jobs", "loaded", "absent"),
    [
        ("prices/A.csv", 1, "llvmlite", "distributed"),
        ("prices", 1, "concurrent", "llvmlite"),
        ("prices", 2, "distributed", "llvmlite"),
    ],
)
def test_the_engine_is_where_the_work_is_done(prices, jobs, loaded, absent, write_prices, tmp_path):
    write_prices(tmp_path / "prices")
    run = subprocess.run(
        [sys.executable, "-c", LOADED, "train", prices, *map(str, TINY), "--jobs", str(jobs)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    modules = run.stderr.splitlines()[-1].split()
    assert loaded in modules, run.stderr
    assert absent not in modules


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-o", "model.safetensors"], "name a folder"),
        (["--report", "page.html"], "--report"),
        (["--warm-start", "m.safetensors"], "--warm-start"),
        (["--jobs", "2", "--cluster", "tcp://127.0.0.1:1"], "--jobs with --cluster"),
        (["--cluster", "tcp://example.org:1"], "--insecure"),
        (["--cluster", "tls://127.0.0.1:1"], "--tls-ca"),
        (["--timeout", "soon"], "--timeout"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_makes_no_sense_for_many_is_refused(arguments, told, write_prices, tmp_path):
    write_prices(tmp_path / "prices")
    run = run_stockcast("train", "prices", *arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert told in " ".join(run.stderr.decode().split())
    assert not (tmp_path / "models").exists()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return write_certificates(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def tls_cluster(tmp_path_factory, certificates):
    """The address of a scheduler with two workers, on which both sides show certificates."""
    options = ["--protocol", "tls"]
    for name, flag in (("ca", "--tls-ca-file"), ("cert", "--tls-cert"), ("key", "--tls-key")):
        options += [flag, str(certificates[name])]
    with start_cluster(tmp_path_factory.mktemp("cluster"), *options) as address:
        yield address


def name_files(certificates):
    return [word for name, path in certificates.items() for word in (f"--tls-{name}", path)]


def test_a_cluster_makes_the_same_bytes(trained, tls_cluster, certificates, tmp_path):
    run = run_stockcast(
        "train", trained[1] / "prices", *TINY, "-o", tmp_path, "--cluster", tls_cluster,
        *name_files(certificates),
    )  # fmt: skip
    assert run.returncode == 3, run.stderr.decode()
    assert read_models(tmp_path) == read_models(trained[1] / "models")


def test_the_certificate_of_another_authority_is_refused(trained, tls_cluster, tmp_path):
    others = write_certificates(tmp_path / "theirs")
    run = run_stockcast(
        "train", trained[1] / "prices", *TINY, "-o", tmp_path / "models", "--cluster", tls_cluster,
        *name_files(others),
    )  # fmt: skip
    assert run.returncode == 2
    text = " ".join(run.stderr.decode().split())
    assert f"no connection to {tls_cluster}" in text
    assert "are the certificates its own?" in text


def test_an_open_cluster_on_this_machine_makes_the_same_bytes(trained, tmp_path):
    with start_cluster(tmp_path, workers=1) as address:
        assert address.startswith("tcp://127.0.0.1:")
        run = run_stockcast(
            "train", trained[1] / "prices", *TINY, "-o", tmp_path / "models", "--cluster", address
        )
    assert run.returncode == 3, run.stderr.decode()
    assert read_models(tmp_path / "models") == read_models(trained[1] / "models")


def test_a_reader_that_has_seen_enough_does_not_end_the_training(write_prices, tmp_path):
    write_prices(tmp_path / "prices")
    argv = [sys.executable, "-m", "stockcast", "train", "prices", *map(str, TINY), "--jobs", "1"]
    with subprocess.Popen(
        argv, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline().startswith(b"ticker,")
        process.stdout.close()
        assert b"3 trained" in process.stderr.read()
        assert process.wait(timeout=300) == 0
    assert read_models(tmp_path / "models").keys() == set(GOOD)


@pytest.mark.parametrize("prices", ["prices", "prices/*.csv"])
def test_a_folder_with_one_file_has_its_model_in_a_folder_too(prices, write_prices, tmp_path):
    write_prices(tmp_path / "prices")
    for name in GOOD[1:]:
        (tmp_path / "prices" / f"{name}.csv").unlink()
    run = run_stockcast("train", prices, "-o", "models", *TINY, "--no-yardsticks", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    header, row = run.stdout.decode().splitlines()
    assert header.split(",") == COLUMNS
    assert row.startswith("A,models/A.safetensors,")
    assert run_stockcast("predict", prices, "-m", "models", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("output", "exists", "written"),
    [
        ("models", True, "models/A.safetensors"),
        ("models/", False, "models/A.safetensors"),
        ("model", False, "model"),
    ],
)
def test_one_file_s_model_goes_into_a_folder_that_is_named(
    output, exists, written, write_prices, tmp_path
):
    write_prices(tmp_path / "prices")
    if exists:
        (tmp_path / "models").mkdir()
    one = ["train", "prices/A.csv", "-o", output, *TINY, "--no-yardsticks", "-q"]
    run = run_stockcast(*one, cwd=tmp_path)
    assert (run.returncode, run.stdout.decode()) == (0, f"{written}\n"), run.stderr.decode()
    assert (tmp_path / written).is_file()
