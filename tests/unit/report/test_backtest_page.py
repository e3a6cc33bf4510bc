"""The page of a backtest: figures by hand, and pictures of those that matter."""

from __future__ import annotations

import numpy as np
import pytest

from stockcast.report.backtest_page import PageModel, write_backtest_page
from tests.page_models import make_page_models

pytestmark = pytest.mark.slow

FACTS = [("ticker", "MADEUP"), ("cutoffs", "80")]


@pytest.fixture
def write(tmp_path):
    def write_one(models):
        path = tmp_path / "page.html"
        write_backtest_page(path, models, title="MADEUP: models", lead="So it is.", facts=FACTS)
        return path.read_text(encoding="utf-8")

    return write_one


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of three models."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    models = make_page_models()
    write_backtest_page(path, models, title="MADEUP: models", lead="So it is.", facts=FACTS)
    return path.read_text(encoding="utf-8")


def test_the_lead_the_figures_and_the_verdicts_stand_first(page):
    assert '<p class="lead">So it is.</p>' in page
    row = page.partition('<th scope="row">good</th>')[2].partition("</tr>")[0]
    assert "<td>50 % less</td>" in row  # half of each move is an error half as large
    assert "<td>100 %</td>" in row  # of directions
    assert "the good one" in page
    assert '<th scope="row">cutoffs</th><td>80</td>' in page


def test_the_last_price_is_in_the_table_and_has_no_picture(page):
    row = page.partition('<th scope="row">last-price</th>')[2].partition("</tr>")[0]
    assert row.count("<td>–</td>") == 2
    assert ">last-price</h2>" not in page
    assert page.count("<svg") == 1 + 2 * 3


@pytest.mark.usefixtures("unarranged")
def test_several_steps_ahead_are_compared_step_by_step(write):
    page = write(make_page_models(horizon=3)[:2])
    assert ">Step by step ahead</h2>" in page
    assert "80 forecasts a model, 3 steps ahead" in page


@pytest.mark.usefixtures("unarranged")
def test_what_has_not_come_true_is_left_out(write):
    models = make_page_models()[:2]
    pending = models[0].actual.copy()
    pending[-10:] = np.nan
    page = write([PageModel(**{**vars(model), "actual": pending}) for model in models])
    assert "70 forecasts a model" in page


@pytest.mark.usefixtures("unarranged")
def test_models_without_intervals_have_a_page_too(write):
    models = make_page_models()[:2]
    page = write([PageModel(**{**vars(model), "intervals": {}}) for model in models])
    assert "within 80 %" not in page
    assert page.count("<svg") == 1 + 2


def test_the_last_price_alone_has_a_page_without_pictures(write):
    assert "<svg" not in write(make_page_models()[1:2])


@pytest.mark.usefixtures("unarranged")
def test_of_many_models_the_first_four_have_pictures(write):
    good, last, bad = make_page_models()
    many = [PageModel(**{**vars(good), "name": f"good {number}"}) for number in range(6)]
    page = write([*many, last, bad])
    assert ">good 3</h2>" in page
    assert ">good 4</h2>" not in page
    assert '<th scope="row">good 5</th>' in page
