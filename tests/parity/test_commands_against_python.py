"""What a command prints is what its function returns, for each option that changes the result."""

from __future__ import annotations

import csv
import io
import json
import shutil

import numpy as np
import pytest

import stockcast as sc
from tests.support import SAMPLES, run_stockcast

FB, GOOG = SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"


def run(*arguments, cwd=None):
    done = run_stockcast(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def run_json(*arguments, cwd=None):
    return json.loads(run(*arguments, "--format", "json", cwd=cwd))


def plain(value):
    """As JSON has it."""
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def list_rows(frame):
    return [
        {name: plain(value) for name, value in zip(frame.columns, row, strict=True)}
        for row in frame.astype(object).itertuples(index=False)
    ]


PREDICT = {
    "plain": ([], {}),
    "horizon": (["--horizon", "4"], {"horizon": 4}),
    "levels": (["--level", "50", "--level", "90"], {"levels": (0.5, 0.9)}),
    "no levels": (["--level", "none"], {"levels": ()}),
    "calendar": (["--horizon", "9", "--calendar", "XNYS"], {"horizon": 9, "calendar": "XNYS"}),
    "span": (
        ["--from", "2013-01-01", "--to", "2013-02-01"],
        {"start": "2013-01-01", "end": "2013-02-01"},
    ),
    "age": (["--max-age", "10000d"], {"max_age": 10_000 * 86_400}),
}


@pytest.mark.slow
@pytest.mark.parametrize(("flags", "options"), PREDICT.values(), ids=PREDICT)
def test_a_forecast_is_the_same_from_python(flags, options, small_model):
    printed = run_json("predict", FB, "-m", small_model, *flags)
    frame = sc.predict(small_model, FB, **options).to_frame()
    for name in ("date", "last_date"):
        frame[name] = frame[name].dt.strftime("%Y-%m-%d")
    returned = list_rows(frame)
    for row in printed:
        assert row.pop("model") == str(small_model)
    if "start" not in options:
        for row in returned:
            assert row.pop("actual") is None
    assert printed == returned


def test_a_recorded_forecast_is_the_same_from_python(small_model, tmp_path):
    ledgers = [tmp_path / "theirs.csv", tmp_path / "ours.csv"]
    run("predict", FB, "-m", small_model, "--ledger", ledgers[0])
    sc.predict(small_model, FB, ledger=ledgers[1])
    theirs, ours = (list(csv.DictReader(io.StringIO(one.read_text()))) for one in ledgers)
    for row in (*theirs, *ours):
        assert row.pop("made_at")
    assert theirs == ours


def test_many_forecasts_are_the_same_from_python(small_model, tmp_path):
    (tmp_path / "models").mkdir()
    for name in ("FB", "GOOG"):
        shutil.copy(small_model, tmp_path / "models" / f"{name}.safetensors")
    done = run_stockcast(
        "predict", FB, GOOG, "none.csv", "-m", "models", "--format", "json", cwd=tmp_path
    )
    assert done.returncode == 3
    printed = json.loads(done.stdout)
    outcomes = list(sc.predict_many([FB, GOOG, "none.csv"], tmp_path / "models"))
    assert [one.ticker for one in outcomes] == ["FB", "GOOG", "none"]
    assert isinstance(outcomes[2].error, sc.StockcastError)
    returned = [one.prediction.forecast.forecast[0] for one in outcomes[:2]]
    assert [row["forecast"] for row in printed] == returned


INSPECT = {
    "window": ([], {}, "states"),
    "date": (["--date", "2013-01-15"], {"date": "2013-01-15"}, "states"),
    "span": (
        ["--from", "2013-01-15", "--to", "2013-01-31"],
        {"start": "2013-01-15", "end": "2013-01-31"},
        "states",
    ),
    "summary": (["--summary"], {}, "summary"),
    "memory": (["--memory"], {}, "memory"),
}


@pytest.mark.parametrize(("flags", "options", "kind"), INSPECT.values(), ids=INSPECT)
def test_an_inspection_is_the_same_from_python(flags, options, kind, small_model):
    printed = run_json("inspect", small_model, FB, *flags)
    assert printed == list(sc.inspect(small_model, FB, **options).list_rows(kind))


@pytest.fixture
def ledger(small_model, tmp_path):
    """Forecasts of 40 days, each recorded from the bars before it."""
    path, (history,) = tmp_path / "ledger.csv", sc.read_prices(FB)
    for known in range(len(history) - 40, len(history)):
        sc.predict(small_model, history.select(np.arange(known)), ledger=path)
    return path


@pytest.mark.slow
def test_scores_are_the_same_from_python(ledger):
    scores = sc.score(ledger, FB)
    assert run_json("score", ledger, FB) == list_rows(scores.to_frame())
    assert scores.to_frame()["scored"].tolist() == [40, 40, 20]
    assert scores.failure is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flag", "value"),
    [("fail_below_skill", 0.9), ("fail_below_skill", -9.0), ("fail_coverage", 90.0)],
)
def test_a_standard_is_missed_the_same_from_python(flag, value, ledger):
    failure = sc.score(ledger, FB, **{flag: value}).failure
    done = run_stockcast("score", ledger, FB, f"--{flag.replace('_', '-')}", str(value))
    assert done.returncode == (0 if failure is None else failure.exit_code)
    assert done.stdout  # the scores all the same
    assert (failure is None) == (value != 0.9)


def test_a_file_is_read_the_same_from_python(write_csv):
    odd = write_csv(["Datum;Schluss", "28.02.2013;1.234,5", "01.03.2013;x"], "odd.csv")
    done = run_stockcast("check", FB, odd, "--format", "json")
    assert done.returncode == 4
    found = sc.check([FB, odd], style="command-line")
    assert json.loads(done.stdout) == json.loads(json.dumps([one.description for one in found]))
    assert [one.verdict for one in found] == ["read", "refuse"]


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        ([], {}),
        (["--materialize"], {"materialize": True}),
        (["--recipe", "classic"], {"recipe": "classic"}),
        (["--window", "20", "--horizon", "3"], {"window": 20, "horizon": 3}),
        (["--column", "open"], {"column": "open"}),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_a_prepared_folder_is_the_same_from_python(flags, options, tmp_path):
    printed = run_json("prepare", FB, "-o", tmp_path / "theirs", *flags)
    (done,) = sc.prepare(FB, tmp_path / "ours", **options)
    assert [{**done.to_row(), "path": str(tmp_path / "theirs")}] == printed
    names = {path.name for path in (tmp_path / "theirs").iterdir()}
    assert names == {path.name for path in (tmp_path / "ours").iterdir()}
    for name in names:
        assert (tmp_path / "ours" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()


@pytest.mark.parametrize(
    ("to", "flags", "options"),
    [("npz", [], {}), ("onnx", [], {}), ("onnx", ["--with-scaling"], {"with_scaling": True})],
)
def test_an_export_is_the_same_from_python(to, flags, options, small_model, tmp_path):
    theirs, ours = tmp_path / f"theirs.{to}", tmp_path / f"ours.{to}"
    assert run("export", small_model, "-o", theirs, *flags) == f"{theirs}\n"
    done = sc.export(small_model, path=ours, **options)
    assert (done.format, done.path) == (to, ours)
    assert ours.read_bytes() == theirs.read_bytes() == done.content
    assert sc.export(sc.load_model(small_model), to, **options).path is None


def test_a_model_is_described_the_same_from_python(small_model):
    described = sc.describe_model(small_model)
    assert run_json("show", small_model) == json.loads(
        json.dumps(described.to_dict("command-line"))
    )


def test_the_last_layer_has_a_unit_a_step_ahead(make_history, make_model, tmp_path):
    path = tmp_path / "m.safetensors"
    sc.save_model(make_model(make_history(), horizon=5), path)
    assert sc.describe_model(path).layers[-1].units == 5


def test_models_are_listed_the_same_from_python(small_model, tmp_path):
    shutil.copy(small_model, tmp_path / "FB.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    done = run_stockcast("models", tmp_path, "--format", "json")
    assert done.returncode == 5
    returned = [stored.to_dict("command-line") for stored in sc.list_models(tmp_path)]
    printed = json.loads(done.stdout)
    for row in (*printed, *returned):
        assert row.pop("age_days") >= 0
    assert printed == json.loads(json.dumps(returned))


@pytest.mark.slow
def test_a_model_is_rolled_back_the_same_from_python(make_history, make_model, tmp_path):
    history = make_history()
    places = tmp_path / "theirs.safetensors", tmp_path / "ours.safetensors"
    for place in places:
        for seed in (1, 2):
            sc.publish_model(make_model(history, weight_seed=seed), place)
    assert run("rollback", places[0]) == f"{places[0]}\n"
    sc.rollback(places[1])
    assert places[0].read_bytes() == places[1].read_bytes()


def test_a_rollback_of_nothing_leaves_nothing(tmp_path):
    with pytest.raises(sc.StockcastError, match="no model before"):
        sc.rollback(tmp_path / "none.safetensors")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["chart", "ledger"])
def test_a_forecast_does_not_go_over_its_model(option, small_model, tmp_path):
    path = tmp_path / "m.png"
    shutil.copy(small_model, path)
    with pytest.raises(sc.StockcastError, match="is the model file itself"):
        sc.predict(path, FB, **{option: path})
    assert path.read_bytes() == small_model.read_bytes()
    done = run_stockcast("predict", FB, "-m", path, "-o", path)
    assert done.returncode == 2
    assert path.read_bytes() == small_model.read_bytes()
