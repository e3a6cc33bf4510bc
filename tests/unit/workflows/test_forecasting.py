"""Forecasting from Python: what is asked of a model, and the events."""

from __future__ import annotations

import pytest

import stockcast as sc
from stockcast.errors import TooFewResiduals, UsageError
from stockcast.workflows.events import Warned
from stockcast.workflows.forecasting import require_levels
from stockcast.workflows.policies import ForecastRequest
from tests.support import SAMPLES


def test_levels_that_a_model_has_the_residuals_for_pass_in_silence(make_history, make_model, heard):
    model = make_model(make_history(), residuals=19)
    require_levels(model, ForecastRequest(), heard)
    require_levels(model, ForecastRequest(levels=(0.8, 0.95)), heard)
    assert heard.events == []


@pytest.mark.parametrize(
    ("residuals", "levels", "needed"),
    [(18, (0.95,), 19), (18, (0.8, 0.95), 19), (100, (0.995,), 199), (0, (0.8,), 4)],
)
def test_a_level_asked_for_with_too_few_residuals_is_refused_with_the_number_needed(
    residuals, levels, needed, make_history, make_model, heard, expect_refusal
):
    model = make_model(make_history(), residuals=residuals)
    with expect_refusal(TooFewResiduals, f"{100 * levels[-1]:g}", str(needed), hint="validation"):
        require_levels(model, ForecastRequest(levels=levels), heard)


@pytest.mark.parametrize("residuals", [0, 3, 18])
def test_the_default_levels_are_only_said_to_be_missing(residuals, make_history, make_model, heard):
    require_levels(make_model(make_history(), residuals=residuals), ForecastRequest(), heard)
    (event,) = heard.events
    assert isinstance(event, Warned)
    assert "empty" in event.text


def test_no_levels_need_no_residuals(make_history, make_model, heard):
    require_levels(make_model(make_history(), residuals=0), ForecastRequest(levels=()), heard)
    assert heard.events == []


def predict_over(model, prices, output):
    sc.predict(model, prices, chart=output)


def record_over(model, prices, output):
    sc.predict(model, prices, ledger=output)


def inspect_over(model, prices, output):
    sc.inspect(model, prices, chart=output)


@pytest.mark.parametrize("kind", ["model", "price"])
@pytest.mark.parametrize("work", [predict_over, record_over, inspect_over])
def test_nothing_is_written_over_what_is_read(work, kind, small_model, tmp_path, expect_refusal):
    model, prices = tmp_path / "model.png", tmp_path / "prices.png"
    model.write_bytes(small_model.read_bytes())
    prices.write_bytes((SAMPLES / "FB.csv").read_bytes())
    output = model if kind == "model" else prices
    before = output.read_bytes()
    with expect_refusal(UsageError, f"{output} is the {kind} file itself", hint="another file"):
        work(model, prices, output)
    assert output.read_bytes() == before


def test_a_chart_and_a_ledger_are_two_files(small_model, tmp_path, expect_refusal):
    path = tmp_path / "both.png"
    with expect_refusal(UsageError, f"{path} is named twice"):
        sc.predict(small_model, SAMPLES / "FB.csv", chart=path, ledger=path)
    assert not path.exists()
