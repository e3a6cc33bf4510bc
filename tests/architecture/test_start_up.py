"""What each command loads: a light command must not pay for a heavy library."""

import datetime
import json
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import SAMPLES, run_stockcast

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
    print(json.dumps([arguments, loaded]), file=sys.stderr)
"""


def list_loaded(*arguments: object, codes: tuple[str, ...] = ("0", "None")) -> set[str]:
    """Run a command in a process of its own and return the top-level modules that it loaded."""
    run = start_python(LOADED, *map(str, arguments))
    code, *names = run.stderr.splitlines()[-1].split()
    assert code in codes, run.stderr
    return set(names)


def find_first_to_load(names, *commands):
    """Run commands in one process; return the first after which one of `names` is loaded."""
    run = start_python(ALL_LOADED, json.dumps([*commands]))
    assert run.returncode == 0, run.stderr
    seen = [json.loads(line) for line in run.stderr.splitlines() if line.startswith("[[")]
    assert [command for command, _ in seen] == [*commands]
    return next(((one, found) for one, loaded in seen if (found := names & {*loaded})), None)


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


def test_prepare_loads_no_network_and_no_picture(tmp_path):
    loaded = list_loaded("prepare", SAMPLES / "FB.csv", "-o", tmp_path / "out")
    assert not loaded & (HEAVY | {"matplotlib"})


def test_check_loads_no_network_and_no_picture():
    assert not list_loaded("check", SAMPLES / "FB.csv") & (HEAVY | {"matplotlib"})


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


def test_predict_loads_no_network_and_no_picture(small_model):
    loaded = list_loaded("predict", SAMPLES / "FB.csv", "-m", small_model)
    assert not loaded & (HEAVY | {"matplotlib", "scipy", "pandas", "exchange_calendars", "jinja2"})


def test_a_calendar_loads_exchange_calendars_and_auto_does_not(small_model):
    arguments = ["predict", SAMPLES / "FB.csv", "-m", small_model, "--horizon", "3", "--calendar"]
    assert "exchange_calendars" not in list_loaded(*arguments, "auto")
    loaded = list_loaded(*arguments, "XNYS")
    assert "exchange_calendars" in loaded
    assert not loaded & (HEAVY | {"matplotlib"})


@pytest.mark.parametrize("form", ["table", "json"])
def test_show_loads_no_network_and_no_table_library(form, small_model):
    loaded = list_loaded("show", small_model, "--format", form)
    assert not loaded & (HEAVY | {"matplotlib", "scipy", "pandas", "pyarrow", "onnx"})


@pytest.mark.parametrize("to", ["npz", "onnx"])
def test_export_loads_what_its_format_needs_and_no_network(to, small_model, tmp_path):
    loaded = list_loaded("export", small_model, "--to", to, "-o", tmp_path / "model")
    assert not loaded & (HEAVY | {"matplotlib", "scipy", "pandas", "pyarrow", "onnxruntime"})
    assert ("onnx" in loaded) == (to == "onnx")


def test_a_backtest_of_a_trained_model_loads_no_network_and_no_picture(small_model):
    loaded = list_loaded("backtest", SAMPLES / "FB.csv", "-m", small_model, "--check-leakage")
    assert not loaded & (HEAVY | {"matplotlib"})


def test_a_backtest_of_many_tickers_loads_no_network_where_nothing_is_fitted():
    prices = [SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"]
    loaded = list_loaded("backtest", *prices, "--models", "drift", "--overall")
    assert not loaded & (HEAVY | {"matplotlib", "distributed"})


def test_forecasts_made_elsewhere_are_judged_without_a_network_or_frames(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("date,forecast\n2013-02-27,27\n2013-02-28,27.5\n")
    arguments = ["backtest", SAMPLES / "FB.csv", "--forecasts", path, "--models", "drift"]
    assert not list_loaded(*arguments) & (HEAVY | {"matplotlib", "pandas", "llvmlite"})


def test_inspect_loads_no_network_and_no_picture(small_model):
    loaded = list_loaded("inspect", small_model, SAMPLES / "FB.csv", "--summary")
    assert not loaded & (HEAVY | {"matplotlib", "jinja2", "scipy", "pandas"})


@pytest.mark.parametrize("suffix", ["png", "html"])
def test_a_picture_of_the_gates_loads_what_draws_it_and_no_network(suffix, small_model, tmp_path):
    chart = tmp_path / f"gates.{suffix}"
    loaded = list_loaded("inspect", small_model, SAMPLES / "FB.csv", "--chart", chart)
    assert "matplotlib" in loaded
    assert ("jinja2" in loaded) == (suffix == "html")
    assert not loaded & (HEAVY | {"scipy", "pandas"})


def test_a_chart_loads_matplotlib_and_no_network(small_model, tmp_path):
    loaded = list_loaded(
        "predict", SAMPLES / "FB.csv", "-m", small_model, "--chart", tmp_path / "next.png"
    )
    assert "matplotlib" in loaded
    assert not loaded & HEAVY


@pytest.fixture
def ledger(tmp_path, small_model):
    """A ledger with one forecast."""
    path = tmp_path / "ledger.csv"
    run_stockcast("predict", SAMPLES / "FB.csv", "-m", small_model, "--ledger", path)
    return path


def test_recording_a_forecast_loads_no_more_than_predict(small_model, tmp_path):
    loaded = list_loaded(
        "predict", SAMPLES / "FB.csv", "-m", small_model, "--ledger", tmp_path / "ledger.csv",
        "--max-age", "10000d",
    )  # fmt: skip
    assert not loaded & (HEAVY | {"matplotlib", "scipy", "pandas"})


def test_score_loads_no_network_and_no_picture(ledger):
    assert not list_loaded("score", ledger, SAMPLES / "FB.csv") & (HEAVY | {"matplotlib"})


def test_the_chart_of_a_score_loads_matplotlib_and_no_network(ledger, tmp_path):
    loaded = list_loaded("score", ledger, SAMPLES / "FB.csv", "--chart", tmp_path / "score.png")
    assert "matplotlib" in loaded
    assert not loaded & HEAVY


def test_models_and_rollback_load_no_network_and_no_picture(small_model, tmp_path):
    from stockcast.model.store import publish_model

    content = small_model.read_bytes()
    publish_model(content, tmp_path / "FB.safetensors")
    assert not list_loaded("models", tmp_path) & (HEAVY | {"matplotlib", "scipy", "pandas"})
    publish_model(content + b"\0", tmp_path / "FB.safetensors")
    loaded = list_loaded("rollback", tmp_path / "FB.safetensors")
    assert not loaded & (HEAVY | {"matplotlib", "scipy", "pandas"})


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
