"""`--column`, of train and of predict: a field, or a header that the model remembers."""

import csv
import io

import pytest

from stockcast.model.file import load_model
from tests.support import CONFIGS, SAMPLES, run_stockcast

pytestmark = pytest.mark.slow

FB = SAMPLES / "FB.csv"
QUICK = ["--recipe", CONFIGS / "fast.toml", "--epochs", "1", "-q"]


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    """Train on a file with a column of its own."""
    lines = FB.read_text().splitlines()
    prices = tmp_path_factory.mktemp("columns") / "FB.csv"
    rows = [f"{line},{float(line.split(',')[4]) * 10:.2f}" for line in lines[1:]]
    prices.write_text("\n".join([f"{lines[0]},Ten Times", *rows]) + "\n")

    def run(column):
        model = prices.with_name(f"{column.replace(' ', '_')}.safetensors")
        trained = run_stockcast("train", prices, *QUICK, "--column", column, "-o", model)
        assert trained.returncode == 0, trained.stderr.decode()
        return prices, model

    return run


def predict_last_price(prices, model, *arguments):
    run = run_stockcast("predict", prices, "-m", model, "-q", *arguments)
    assert run.returncode == 0, run.stderr.decode()
    return float(next(csv.DictReader(io.StringIO(run.stdout.decode())))["last_price"])


@pytest.mark.parametrize("column", ["open", "Open", "Adj Close"])
def test_a_header_that_names_a_price_outright_is_that_price(train, column):
    prices, model = train(column)
    expected = {"open": 27.05, "adj_close": 27.78}[column.lower().replace(" ", "_")]
    assert load_model(model).columns.header is None
    assert predict_last_price(prices, model) == expected


def test_predict_reads_the_column_that_the_model_was_trained_on(train):
    prices, model = train("Ten Times")
    assert load_model(model).columns.header == "Ten Times"
    assert predict_last_price(prices, model) == 277.8
    assert predict_last_price(prices, model, "--column", "ten times") == 277.8
    run = run_stockcast("predict", prices, "-m", model, "--column", "Close")
    assert run.returncode == 5
    assert b"forecasts Ten Times, not Close" in run.stderr


def test_a_column_that_the_model_does_not_forecast_is_refused(small_model):
    run = run_stockcast("predict", FB, "-m", small_model, "--column", "Open")
    assert run.returncode == 5
    assert b"forecasts adj_close, not Open" in run.stderr
    run = run_stockcast("predict", FB, "-m", small_model, "--column", "Adj Close")
    assert run.returncode == 0
