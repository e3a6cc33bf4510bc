"""Any bytes are a model or a refusal, never another error."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors.numpy import save

from stockcast.errors import StockcastError, UntrustedModel
from stockcast.model.file import load_model, serialize_model
from stockcast.model.model import Model
from tests.strategies import JSON

FLIPS = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), min_size=1, max_size=4)


@pytest.fixture(scope="module", params=[("log-return", 1, 20), ("relative", 3, 5)], ids=str)
def content(request, make_history, make_model):
    target, horizon, residuals = request.param
    model = make_model(
        make_history(), layers=1, units=2, target=target, horizon=horizon, residuals=residuals
    )
    return serialize_model(model)


@pytest.fixture(scope="module")
def check_loading(attempt, scratch):
    path = scratch / "any.safetensors"

    def check(content):
        path.write_bytes(content)
        outcome = attempt(load_model, path)
        if isinstance(outcome, StockcastError):
            assert type(outcome) is UntrustedModel
            assert str(path) in str(outcome)
            return
        assert isinstance(outcome, Model)
        for array in outcome.weights.to_arrays().values():
            assert array.dtype == np.float32
            assert np.isfinite(array).all()
        assert outcome.weights.head_kernel.shape == (2, outcome.recipe.horizon)
        if outcome.calibration is not None:
            scores = outcome.calibration.scores
            assert scores.shape == (outcome.recipe.horizon, outcome.calibration.count)
            assert np.isfinite(scores).all()
            assert (scores >= 0).all()

    return check


@given(anything=st.binary(max_size=300))
def test_any_bytes_are_refused(anything, scratch):
    path = scratch / "any.safetensors"
    path.write_bytes(anything)
    with pytest.raises(UntrustedModel):
        load_model(path)


@given(
    header=st.one_of(JSON.map(json.dumps).map(str.encode), st.binary(max_size=80)), body=st.binary()
)
def test_any_header_is_refused(header, body, scratch):
    path = scratch / "any.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + body)
    with pytest.raises(UntrustedModel):
        load_model(path)


@pytest.mark.slow
@given(text=st.one_of(JSON.map(json.dumps), st.text(max_size=60)))
@example(text="[" * 100_000)
@example(text='{"a":' * 100_000)
@example(text='{"format": ' + "1" * 5000 + "}")
def test_any_metadata_are_refused(text, scratch):
    path = scratch / "any.safetensors"
    path.write_bytes(save({"head.bias": np.zeros(1, np.float32)}, metadata={"stockcast": text}))
    with pytest.raises(UntrustedModel):
        load_model(path)


@pytest.mark.slow
@given(flips=FLIPS)
def test_a_model_with_any_bytes_changed_is_a_model_or_a_refusal(flips, content, check_loading):
    changed = bytearray(content)
    for place, change in flips:
        changed[place % len(content)] ^= change
    check_loading(bytes(changed))


@given(place=st.integers(0, 1 << 20), change=st.integers(1, 255))
def test_a_model_with_a_byte_of_its_metadata_changed_is_a_model_or_a_refusal(
    place, change, content, check_loading
):
    (header,) = struct.unpack("<Q", content[:8])
    changed = bytearray(content)
    changed[8 + place % header] ^= change
    check_loading(bytes(changed))


@given(data=st.data())
def test_a_model_with_a_piece_cut_out_or_put_in_is_a_model_or_a_refusal(
    data, content, check_loading
):
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    piece = data.draw(st.binary(max_size=40))
    check_loading(content[:start] + piece + content[end:])


@pytest.mark.slow
@given(
    place=st.sampled_from(
        [
            "format",
            "ticker",
            "recipe",
            "columns",
            "scalers",
            "provenance",
            "skill",
            "calibration_count",
            "x",
        ]
    ),
    key=st.none()
    | st.text(max_size=6)
    | st.sampled_from(["units", "features", "target", "horizon", "rows", "known_to"]),
    value=JSON,
)
def test_any_value_in_the_metadata_is_a_model_or_a_refusal(
    place, key, value, content, check_loading
):
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    document = json.loads(header["__metadata__"]["stockcast"])
    if key is None or not isinstance(document.get(place), dict):
        document[place] = value
    else:
        document[place][key] = value
    header["__metadata__"]["stockcast"] = json.dumps(document)
    text = json.dumps(header).encode()
    check_loading(struct.pack("<Q", len(text)) + text + content[8 + size :])
