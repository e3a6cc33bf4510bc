"""What `backtest` prints is what `stockcast.backtest` returns."""

import json
import math

import pytest

import stockcast as sc
from stockcast.prices.history import format_date
from tests.support import SAMPLES, run_stockcast, write_untrained_model

pytestmark = pytest.mark.slow

FB, GOOG = SAMPLES / "FB.csv", SAMPLES / "GOOG.csv"
HERE = sc.Executor(jobs=1)
DRIFT = ["drift", "moving-average:5"]
NAMED = (["--models", ",".join(DRIFT)], {"models": DRIFT})
# Each option that changes the result: flags, and the same from Python.
CASES = {
    "folds": (["--folds", "20"], {"cutoffs": sc.CutoffOptions(folds=20)}),
    "start": (["--start", "2013-02-16"], {"cutoffs": sc.CutoffOptions(start="2013-02-16")}),
    "step": (["--folds", "9", "--step", "4"], {"cutoffs": sc.CutoffOptions(folds=9, step=4)}),
    "train rows": (
        ["--folds", "9", "--train-rows", "30"],
        {"cutoffs": sc.CutoffOptions(folds=9, train_rows=30)},
    ),
    "levels": (
        ["--folds", "9", "--level", "50", "--level", "90"],
        {"cutoffs": sc.CutoffOptions(folds=9), "levels": (0.9, 0.5)},
    ),
    "no levels": (
        ["--folds", "9", "--level", "none"],
        {"cutoffs": sc.CutoffOptions(folds=9), "levels": ()},
    ),
    "horizon": (
        ["--folds", "9", "--horizon", "3"],
        {"cutoffs": sc.CutoffOptions(folds=9), "overrides": {"horizon": 3}},
    ),
    "column": (
        ["--folds", "9", "--column", "Open"],
        {"cutoffs": sc.CutoffOptions(folds=9), "overrides": {"column": "Open"}},
    ),
    "leakage": (
        ["--folds", "9", "--check-leakage"],
        {"cutoffs": sc.CutoffOptions(folds=9), "check_leakage": True},
    ),
    "by default": ([], {}),
}


def simplify(value):
    """Return a value as JSON has it."""
    if value is None or isinstance(value, str | bool):
        return value
    if hasattr(value, "to_datetime64"):
        return format_date(value.to_datetime64())
    return None if math.isnan(value) else value


def to_rows(rows):
    return [{name: simplify(value) for name, value in row.items()} for row in rows]


def list_forecasts(result):
    return to_rows(result.to_frame().to_dict("records"))


def run(*arguments, code=0, **more):
    done = run_stockcast("backtest", *arguments, "--format", "json", **more)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout), done.stderr.decode()


@pytest.mark.parametrize(("flags", "asked"), CASES.values(), ids=CASES)
def test_one_ticker_is_the_same_from_python(flags, asked):
    printed, told = run(FB, *NAMED[0], *flags)
    result = sc.backtest(FB, **NAMED[1], **asked)
    assert printed == {
        "forecasts": list_forecasts(result), "models": to_rows(result.list_figures()),
    }  # fmt: skip
    assert told.endswith(f"{result.conclusion}\n")


@pytest.mark.parametrize(("flags", "asked"), CASES.values(), ids=CASES)
def test_many_tickers_are_the_same_from_python(flags, asked):
    printed, told = run(FB, GOOG, *NAMED[0], *flags)
    result = sc.backtest([FB, GOOG], **NAMED[1], **asked)
    assert printed == {
        "forecasts": list_forecasts(result),
        "tickers": to_rows(result.list_figures()),
        "overall": to_rows(result.list_overall()),
    }
    assert told.endswith(f"{result.conclusion}\n")
    assert (f"{result.replayed:,} cutoffs of 2 tickers" in told) == (result.replayed > 0)


@pytest.mark.parametrize("prices", [[FB], [FB, GOOG]], ids=["one", "many"])
def test_a_summary_is_the_same_from_python(prices):
    printed, _ = run(*prices, *NAMED[0], "--folds", "9", "--summary")
    result = sc.backtest(prices, **NAMED[1], cutoffs=sc.CutoffOptions(folds=9), summary=True)
    assert printed["models" if len(prices) == 1 else "tickers"] == to_rows(result.list_figures())
    assert "forecasts" not in printed
    assert result.forecasts == ()


@pytest.mark.parametrize("prices", [[FB], [FB, GOOG]], ids=["one", "many"])
def test_figures_over_all_are_the_same_from_python(prices):
    printed, told = run(*prices, *NAMED[0], "--folds", "9", "--overall")
    result = sc.backtest(prices, **NAMED[1], cutoffs=sc.CutoffOptions(folds=9), overall=True)
    assert printed == {"overall": to_rows(result.list_overall())}
    assert told.endswith(f"{result.conclusion}\n")


def test_what_is_said_of_the_file_is_the_same_from_python():
    printed, _ = run(FB, *NAMED[0], "--folds", "9", "--ticker", "OTHER")
    reading = sc.ReadOptions(ticker="OTHER")
    result = sc.backtest(FB, **NAMED[1], cutoffs=sc.CutoffOptions(folds=9), reading=reading)
    assert {row["ticker"] for row in printed["forecasts"]} == {"OTHER"}
    assert printed["forecasts"] == list_forecasts(result)


def test_trained_models_are_the_same_from_python(tmp_path):
    first = write_untrained_model(tmp_path / "a.safetensors", FB)
    second = write_untrained_model(tmp_path / "b.safetensors", FB, cell="gru")
    printed, _ = run(FB, "-m", first, "-m", second)
    result = sc.backtest(FB, model=[first, second])
    assert printed["forecasts"] == list_forecasts(result)
    assert printed["models"] == to_rows(result.list_figures())


def test_what_fails_and_what_does_not_is_the_same_from_python(tmp_path):
    short = tmp_path / "short.csv"
    short.write_text("Date,Close\n2020-01-01,1\n2020-01-02,2\n")
    printed, told = run(short, FB, *NAMED[0], "--folds", "9", code=3)
    result = sc.backtest([short, FB], **NAMED[1], cutoffs=sc.CutoffOptions(folds=9))
    assert printed["tickers"] == to_rows(result.list_figures())
    (failed,) = result.failures
    assert f"error: {failed.error}\n  {failed.error.hint}\n" in told
    assert failed.source == str(short)


@pytest.mark.slow
@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize("prices", [[FB], [FB, GOOG]], ids=["one", "many"])
def test_a_page_is_the_same_from_python(prices, tmp_path):
    theirs, ours = tmp_path / "theirs.html", tmp_path / "ours.html"
    run(*prices, *NAMED[0], "--folds", "40", "--report", theirs)
    sc.backtest(prices, **NAMED[1], cutoffs=sc.CutoffOptions(folds=40), report=ours)
    assert ours.read_bytes() == theirs.read_bytes()


def test_what_is_refused_is_refused_with_the_same_class():
    for flags, asked in (
        (["--folds", "192"], {"cutoffs": sc.CutoffOptions(folds=192)}),
        (["--start", "2014-01-01"], {"cutoffs": sc.CutoffOptions(start="2014-01-01")}),
        (["--models", "none.toml"], {"models": ["none.toml"]}),
    ):
        done = run_stockcast("backtest", FB, *NAMED[0], *flags)
        with pytest.raises(sc.StockcastError) as caught:
            sc.backtest(FB, **{**NAMED[1], **asked})
        assert caught.value.exit_code == done.returncode


@pytest.mark.slow
def test_recipes_trained_anew_are_the_same_from_python():
    fields = {"layers": 1, "units": 4, "window": 10, "epochs": 2, "target": "relative"}
    flags = [part for name, value in fields.items() for part in (f"--{name}", str(value))]
    asked = {"cutoffs": sc.CutoffOptions(folds=6, refit=4), "overrides": fields}
    flags += ["--folds", "6", "--refit", "4", "--models", "default,gru"]
    printed, _ = run(FB, *flags)
    result = sc.backtest(FB, ["default", "gru"], **asked)
    assert printed["forecasts"] == list_forecasts(result)
    assert printed["models"] == to_rows(result.list_figures())
    printed, _ = run(FB, GOOG, *flags, "--jobs", "1")
    result = sc.backtest([FB, GOOG], ["default", "gru"], executor=HERE, **asked)
    assert printed["forecasts"] == list_forecasts(result)
    assert printed["overall"] == to_rows(result.list_overall())


@pytest.mark.slow
def test_a_pooled_recipe_is_the_same_from_python(tmp_path):
    recipe = tmp_path / "pool.toml"
    recipe.write_text("pooled = true\nwindow = 5\nlayers = 1\nunits = 3\nepochs = 2\n")
    printed, told = run(FB, GOOG, "--models", f"drift,{recipe}", "--folds", "9")
    result = sc.backtest([FB, GOOG], ["drift", str(recipe)], cutoffs=sc.CutoffOptions(folds=9))
    assert "is trained once, on the" in told
    assert printed["overall"] == to_rows(result.list_overall())
    assert printed["forecasts"] == list_forecasts(result)
