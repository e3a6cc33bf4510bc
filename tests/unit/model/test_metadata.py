"""The JSON document inside a model file."""

from __future__ import annotations

import json

import pytest

from stockcast.errors import UntrustedModel
from stockcast.model.metadata import Metadata, parse_metadata


@pytest.fixture(scope="module", params=[{}, {"residuals": 0}, {"horizon": 3}], ids=str)
def model(request, make_history, make_model):
    return make_model(make_history(), **request.param)


@pytest.fixture
def text(model):
    return json.dumps(Metadata.from_model(model).model_dump(mode="json"))


def test_metadata_survive_their_json(model, text):
    metadata = parse_metadata(text, where="a model")
    assert metadata.to_model(model.weights, model.calibration) == model


def test_metadata_have_everything_of_a_model_but_its_arrays(model, text):
    arrays = {"weights", "calibration"}
    assert json.loads(text).keys() == {*vars(model), "format", "calibration_count"} - arrays


def test_metadata_know_how_many_scores_there_are(model, text):
    count = json.loads(text)["calibration_count"]
    assert count == (model.calibration.count if model.calibration else None)


def test_a_wrong_document_is_refused_by_where_it_stands(text, expect_refusal):
    with expect_refusal(UntrustedModel, "a model: recipe.window"):
        parse_metadata(text.replace('"window": 8', '"window": 0'), where="a model")


def test_metadata_cannot_be_changed(text):
    metadata = parse_metadata(text, where="a model")
    with pytest.raises(ValueError, match="frozen"):
        metadata.ticker = "IBM"
