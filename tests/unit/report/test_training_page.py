"""The page of a training: the verdict first, and all that it rests on."""

from __future__ import annotations

import html
from dataclasses import replace

import pytest

from stockcast.evaluation.skill import judge_forecasts
from stockcast.forecast.held_out import forecast_held_out
from stockcast.prices.findings import Finding
from stockcast.recipe import Recipe, describe_field
from stockcast.report.training_page import write_training_page
from stockcast.windows.series import window_history

pytestmark = pytest.mark.slow

LOSSES = {"loss": [1.0, 0.9, 0.8], "val": [0.9, 0.8, 0.85]}
FINDINGS = (Finding("gap", 3, "a gap of <3> bars"),)


@pytest.fixture(scope="module")
def write(make_history, make_model, tmp_path_factory):
    """Write the page of a model with random weights and return its text."""

    def write_one(*, losses=LOSSES, findings=FINDINGS, **fields):
        history = make_history(300)
        model = make_model(history, **fields)
        series = window_history(history, model.recipe)
        held = forecast_held_out(model, series)
        if held is not None:
            of_step = held.select(held.steps == model.recipe.horizon)
            skill = judge_forecasts(of_step.actual, of_step.forecast, of_step.last_prices)
            model = replace(model, skill=skill)
        path = tmp_path_factory.mktemp("page") / "page.html"
        write_training_page(model, series, path, losses=losses, findings=findings)
        return model, path.read_text(encoding="utf-8")

    return write_one


@pytest.fixture(scope="module")
def written(write):
    """A model whose page has every part, and that page."""
    return write()


def test_the_verdict_is_the_lead(written):
    model, page = written
    lead = html.unescape(page.partition('<p class="lead">')[2].partition("</p>")[0])
    assert lead.startswith(f"Verdict: {model.skill.verdict}. Its forecasts were off by ")


def test_every_part_has_its_place(written):
    _, page = written
    for heading in (
        "Predicted against real",
        "How far it moves",
        "Against the last price, over time",
        "How far off",
        "Did the intervals hold?",
        "How training went",
        "What was found in the data",
        "Recipe",
        "Where it comes from",
    ):
        assert f">{heading}</h2>" in page, heading
    assert page.count("<svg") == page.count('role="img"') == 6
    assert "a gap of &lt;3&gt; bars" in page


def test_every_field_of_the_recipe_is_there_with_what_it_is(written):
    page = html.unescape(written[1])
    for name in Recipe.model_fields:
        assert f'<th scope="row">{name}</th>' in page
        assert f"<td>{describe_field(name)}</td>" in page


def test_provenance_names_the_digest_of_the_prices(written):
    model, page = written
    assert model.provenance.data_sha256 in page
    assert model.provenance.known_to in page


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize(
    "fields", [{"horizon": 5}, {"target": "price"}, {"validation": 0}], ids=str
)
def test_models_of_other_recipes_have_a_page_too(write, fields):
    _, page = write(**fields)
    assert "Predicted against real" in page
    ahead = "5 steps ahead" if "horizon" in fields else "one step ahead"
    assert f"Each was forecast {ahead}" in page


def test_without_a_held_out_span_the_page_says_that_nothing_was_judged(write):
    _, page = write(test=0)
    assert "Verdict: not judged" in page
    assert "Predicted against real" not in page
    assert page.count("<svg") == 1


@pytest.mark.usefixtures("unarranged")
def test_without_losses_there_is_no_curve_of_them(write):
    _, page = write(losses={})
    assert "How training went" in page
    assert page.count("<svg") == 5


@pytest.mark.usefixtures("unarranged")
@pytest.mark.parametrize(
    ("findings", "said"), [((), "Nothing odd was found"), (None, "The prices came prepared")]
)
def test_no_findings_and_no_look_are_two_things(write, findings, said):
    assert said in write(findings=findings)[1]
