"""What each command loads: a light command must not pay for a heavy library."""

import datetime
import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import SAMPLES, run_stockcast, write_untrained_model

pytestmark = pytest.mark.process

# And llvmlite where nothing is trained.
HEAVY = {"tensorflow", "keras", "sklearn", "dask", "arch", "statsmodels"}
NUMBERS = {"numpy", "pandas", "pyarrow", "pydantic", "scipy", "matplotlib", "safetensors"}

LOADED = """
import sys
from stockcast.cli.app import main
sys.argv[0] = "stockcast"
try:
    main()
except SystemExit as end:
    code = end.code
print(code, *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
ALL_LOADED = """
import json, sys
from stockcast.cli.app import main
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["stockcast", *arguments]
    try:
        main()
    except SystemExit as end:
        assert not end.code, arguments
    loaded = sorted({name.partition(".")[0] for name in sys.modules})
    print(json.dumps([arguments, loaded]), file=sys.stderr, flush=True)
"""


def list_loaded(*arguments: object, codes: tuple[str, ...] = ("0", "None")) -> set[str]:
    """Run a command in a process of its own and return the top-level modules that it loaded."""
    run = start_python(LOADED, *map(str, arguments))
    code, *names = run.stderr.splitlines()[-1].split()
    assert code in codes, run.stderr
    return set(names)


def list_loaded_in_turn(*commands):
    """Run commands in one process; return what is loaded after each, by it or one before it."""
    commands = [[str(word) for word in command] for command in commands]
    run = start_python(ALL_LOADED, json.dumps(commands))
    assert run.returncode == 0, run.stderr
    seen = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("[[")]
    assert [command for command, _ in seen] == commands
    return [set(loaded) for _, loaded in seen]


def find_first_to_load(names, *commands):
    """Run commands in one process; return the first after which one of `names` is loaded."""
    loaded = list_loaded_in_turn(*commands)
    pairs = zip(commands, loaded, strict=True)
    return next(((one, found) for one, seen in pairs if (found := names & seen)), None)


def test_the_overview_loads_neither_numbers_nor_networks():
    assert not list_loaded(codes=("2",)) & (HEAVY | NUMBERS)


def start_python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        # Typer would ask for the shell that this process was started from, which may be any.
        env={**os.environ, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"},
    )


def test_help_and_version_load_neither_numbers_nor_networks():
    assert find_first_to_load(HEAVY | NUMBERS, ["--help"], ["--version"]) is None


def test_a_commands_help_loads_nothing_but_what_typer_itself_needs():
    """Typer 0.29 builds its parameters with pydantic."""
    commands = [
        ["prepare", "--help"],
        ["train", "--help"],
        ["predict", "--help"],
        ["show", "--help"],
        ["export", "--help"],
        ["score", "--help"],
        ["models", "--help"],
        ["rollback", "--help"],
        ["backtest", "--help"],
        ["tune", "--help"],
        ["inspect", "--help"],
        ["demo", "--help"],
        ["--show-completion", "bash"],
    ]
    assert find_first_to_load(HEAVY | NUMBERS - {"pydantic"}, *commands) is None


def test_what_is_loaded_by_one_of_several_commands_is_found():
    commands = ["--version"], ["check", str(SAMPLES / "FB.csv")], ["--help"]
    command, found = find_first_to_load({"numpy", "tensorflow"}, *commands)
    assert (command, found) == (commands[1], {"numpy"})


@pytest.mark.parametrize(
    ("arguments", "own"),
    [(["--help"], set()), (["rollback", "--help"], {"stockcast.cli.commands.rollback"})],
    ids=["--help", "rollback --help"],
)
def test_only_the_module_of_the_command_that_runs_is_loaded(arguments, own):
    code = LOADED.replace('name.partition(".")[0]', "name")
    run = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    names = run.stderr.splitlines()[-1].split()
    assert "stockcast.cli.app" in names
    assert {name for name in names if name.startswith("stockcast.cli.commands.")} == own


NO_PICTURE = HEAVY | {"matplotlib"}
NO_TABLES = NO_PICTURE | {"scipy", "pandas"}


@pytest.fixture
def written(small_model, tmp_path):
    """A folder with models that can be rolled back, recorded forecasts, and some made elsewhere."""
    from stockcast.model.store import publish_model

    another = write_untrained_model(tmp_path / "another", SAMPLES / "FB.csv", units=4)
    for version in (another, small_model):
        publish_model(version.read_bytes(), tmp_path / "models" / "FB.safetensors")
    (tmp_path / "mine.csv").write_text("date,forecast\n2013-02-27,27\n2013-02-28,27.5\n")
    return tmp_path


def test_what_trains_nothing_loads_no_network_and_no_picture(small_model, written):
    """In one process, from what may load least: what one may not, none before it may either."""
    fb, model = SAMPLES / "FB.csv", ("-m", small_model)
    no_arrow = NO_TABLES | {"pyarrow", "onnxruntime", "onnx"}
    no_page = NO_TABLES | {"jinja2", "onnx"}
    no_frames = NO_PICTURE | {"pandas", "llvmlite"}
    drift = ["--models", "drift"]
    ledger = written / "ledger.csv"
    steps = [
        (["show", small_model, "--format", "table"], no_arrow),
        (["show", small_model, "--format", "json"], no_arrow),
        (["export", small_model, "--to", "npz", "-o", written / "model.npz"], no_arrow),
        (["models", written / "models"], NO_TABLES),
        (["rollback", written / "models" / "FB.safetensors"], NO_TABLES),
        (["predict", fb, *model], no_page | {"exchange_calendars"}),
        (["predict", fb, *model, "--ledger", ledger, "--max-age", "10000d"], no_page),
        (["inspect", small_model, fb, "--summary"], no_page),
        (["backtest", fb, "--forecasts", written / "mine.csv", *drift], no_frames),
        (["check", fb], NO_PICTURE),
        (["prepare", fb, "-o", written / "out"], NO_PICTURE),
        (["score", ledger, fb], NO_PICTURE),
        (["backtest", fb, *model, "--check-leakage"], NO_PICTURE),
        (["backtest", fb, SAMPLES / "GOOG.csv", *drift, "--overall"], NO_PICTURE | {"distributed"}),
    ]
    loaded = list_loaded_in_turn(*(command for command, _ in steps))
    found = [
        (command, seen & absent)
        for (command, absent), seen in zip(steps, loaded, strict=True)
        if seen & absent
    ]
    assert found == []


def test_an_export_to_onnx_loads_what_the_format_needs_and_no_network(small_model, tmp_path):
    loaded = list_loaded("export", small_model, "--to", "onnx", "-o", tmp_path / "model")
    assert "onnx" in loaded
    assert not loaded & (NO_TABLES | {"pyarrow", "onnxruntime"})


def test_a_picture_loads_what_draws_it_and_no_network(small_model, written):
    """In one process, from what may load least."""
    fb, model, ledger = SAMPLES / "FB.csv", ("-m", small_model), written / "ledger.csv"
    run_stockcast("predict", fb, *model, "--ledger", ledger)
    png, page, chart, score = list_loaded_in_turn(
        ["inspect", small_model, fb, "--chart", written / "gates.png"],
        ["inspect", small_model, fb, "--chart", written / "gates.html"],
        ["predict", fb, *model, "--chart", written / "next.png"],
        ["score", ledger, fb, "--chart", written / "score.png"],
    )
    assert "matplotlib" in png
    assert not png & (HEAVY | {"scipy", "pandas", "jinja2"})
    assert "jinja2" in page
    assert not page & (HEAVY | {"scipy", "pandas"})
    assert not (chart | score) & HEAVY


def test_a_parquet_file_is_checked_without_pandas_and_without_what_opens_workbooks(tmp_path):
    bars = {"Date": [datetime.date(2013, 1, day) for day in (2, 3, 4)], "Close": [1.5, 2.0, 2.5]}
    pq.write_table(pa.table(bars), tmp_path / "x.parquet")
    loaded = list_loaded("check", tmp_path / "x.parquet")
    assert "pyarrow" in loaded
    assert not loaded & (HEAVY | {"matplotlib", "pandas", "python_calamine"})


TRAINING = ["--layers", "1", "--units", "2", "--window", "5", "--epochs", "1"]


def test_training_loads_neither_tensorflow_nor_what_draws(tmp_path):
    arguments = [*TRAINING, "--no-yardsticks", "-o", tmp_path / "m.safetensors"]
    loaded = list_loaded("train", SAMPLES / "FB.csv", *arguments)
    assert "llvmlite" in loaded
    assert not loaded & (HEAVY | {"distributed", "matplotlib", "pandas", "jinja2", "onnx"})


def test_a_verdict_beside_garch_loads_neither_pictures_nor_polars(tmp_path):
    arguments = [*TRAINING, "-o", tmp_path / "m.safetensors"]
    loaded = list_loaded("train", SAMPLES / "FB.csv", *arguments)
    assert "arch" in loaded
    assert not loaded & {"tensorflow", "keras", "distributed", "matplotlib", "polars", "onnx"}


def test_a_backtest_that_fits_loads_neither_tensorflow_nor_what_draws():
    loaded = list_loaded("backtest", SAMPLES / "FB.csv", *TRAINING, "--folds", "1")
    assert "llvmlite" in loaded
    assert not loaded & (HEAVY | {"distributed", "matplotlib", "pandas", "jinja2", "onnx"})


def test_a_search_loads_neither_tensorflow_nor_what_draws(tmp_path):
    space = tmp_path / "space.toml"
    space.write_text("dropout = [0.1, 0.2]\n")
    # In a process of its own trials are trained: this one only asks and judges.
    loaded = list_loaded(
        "tune", SAMPLES / "FB.csv", *TRAINING, "--space", space, "--trials", "2", "--folds", "1",
        "--seeds", "0", "-o", tmp_path / "best.toml",
    )  # fmt: skip
    assert "optuna" in loaded
    assert not loaded & {"tensorflow", "keras", "sklearn", "matplotlib", "polars", "distributed"}


@pytest.mark.slow
def test_tensorflow_is_loaded_where_it_is_asked_for_and_brings_nothing_that_draws(tmp_path):
    arguments = [*TRAINING, "--engine", "tensorflow", "-o", tmp_path / "m.safetensors"]
    loaded = list_loaded("train", SAMPLES / "FB.csv", *arguments)
    assert {"tensorflow", "keras"} <= loaded
    assert not loaded & {"llvmlite", "matplotlib", "sklearn", "distributed"}


def test_a_calendar_loads_exchange_calendars_and_auto_does_not(small_model):
    arguments = ["predict", SAMPLES / "FB.csv", "-m", small_model, "--horizon", "3", "--calendar"]
    assert "exchange_calendars" not in list_loaded(*arguments, "auto")
    loaded = list_loaded(*arguments, "XNYS")
    assert "exchange_calendars" in loaded
    assert not loaded & (HEAVY | {"matplotlib"})


def test_a_forecast_of_a_plain_file_loads_no_judge_of_others_and_nothing_of_trainings(small_model):
    """Each of these takes as long as the forecast itself."""
    code = LOADED.replace('name.partition(".")[0]', "name")
    run = start_python(code, "predict", str(SAMPLES / "FB.csv"), "-m", str(small_model))
    loaded = set(run.stderr.splitlines()[-1].split())
    assert "stockcast.prices.csv.plain" in loaded
    assert not loaded & {
        "numpy.ma",
        "pyarrow.compute",
        "rich.console",  # stderr is a pipe here
        "stockcast.prices.csv.judges",
        "stockcast.workflows.events.training",
    }


def test_importing_the_package_loads_the_standard_library_alone():
    code = "import sys, stockcast; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name.partition(".")[0] for name in run.stdout.split()} & (HEAVY | NUMBERS)


ESTIMATOR = """
import sys
import numpy as np
from stockcast.sklearn import LSTMRegressor
X = np.linspace(0, 1, 120).reshape(20, 6)
LSTMRegressor(layers=1, units=2, epochs=1).fit(X, X[:, 0]).predict(X)
print(*sys.modules)
"""
FORECASTER = """
import sys
import pandas as pd
import stockcast
days = pd.bdate_range("2013-01-01", periods=60)
df = pd.DataFrame({"unique_id": "A", "ds": days, "y": range(100, 160)})
df["y"] += df["y"] % 3
stockcast.LSTMForecaster("B", layers=1, units=2, window=5, epochs=1).fit(df).predict(2, level=[80])
print(*sys.modules)
"""


def list_loaded_by(code):
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in run.stdout.split()}


def test_the_estimator_loads_scikit_learn_and_neither_tensorflow_nor_what_draws():
    loaded = list_loaded_by(ESTIMATOR)
    assert {"sklearn", "llvmlite"} <= loaded
    assert not loaded & (HEAVY - {"sklearn"} | {"matplotlib", "distributed"})


def test_the_forecaster_for_frames_loads_no_scikit_learn():
    assert not list_loaded_by(FORECASTER) & (HEAVY | {"matplotlib", "distributed"})
