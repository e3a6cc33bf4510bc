"""Model files from Python: what one is, and the one before put back."""

from __future__ import annotations

import fcntl
import hashlib
import json

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import Locked, ModelNotFound, UntrustedModel
from stockcast.workflows.events import ModelRestored, Waiting


@pytest.fixture
def publish(make_history, make_model, tmp_path):
    """Publish one model after the other in one place; return it."""

    def publish_all(*seeds, **fields):
        path = tmp_path / "m.safetensors"
        for seed in seeds:
            sc.publish_model(make_model(make_history(), weight_seed=seed, **fields), path)
        return path

    return publish_all


def read_kernel(model):
    return model.weights.layers[0].kernel


@pytest.mark.parametrize("horizon", [1, 5])
def test_the_head_has_a_unit_a_step_ahead(horizon, publish):
    found = sc.describe_model(publish(1, horizon=horizon))
    head = found.layers[-1]
    assert (head.name, head.inputs, head.units) == ("dense", 4, horizon)
    assert head.parameters == 4 * horizon + horizon


def test_layers_and_their_weights_are_counted(publish):
    path = publish(1)
    found = sc.describe_model(path)
    first, second, head = found.layers
    assert (first.inputs, first.units) == (1, 4)
    assert first.parameters == 4 * 4 * (1 + 4 + 1)  # four gates: input, state and bias each
    assert second.parameters == 4 * 4 * (4 + 4 + 1)
    assert found.parameters == first.parameters + second.parameters + head.parameters
    content = path.read_bytes()
    assert (found.size, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_a_description_is_plain_values(publish):
    found = sc.describe_model(publish(1))
    described = json.loads(json.dumps(found.to_dict()))
    assert described["ticker"] == "MADEUP"
    assert described["layers"][0]["units"] == 4
    assert described["parameters"] == found.parameters


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelNotFound):
        sc.describe_model(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(UntrustedModel):
        sc.describe_model(tmp_path / "bad.safetensors")


def test_a_folder_lists_its_models_with_how_many_earlier_ones_and_what_is_wrong(publish):
    path = publish(1, 2, 3)
    (path.parent / "bad.safetensors").write_bytes(b"nothing")
    bad, good = sc.list_models(path.parent)
    assert (good.path, good.earlier, good.problem) == (path, 2, "")
    assert good.model.ticker == "MADEUP"
    assert bad.model is None
    assert bad.problem


def test_the_model_before_is_put_back_and_returned(publish, make_history, make_model, heard):
    path = publish(1, 2)
    restored = sc.rollback(path, observer=heard)
    expected = make_model(make_history(), weight_seed=1)
    np.testing.assert_array_equal(read_kernel(restored), read_kernel(expected))
    np.testing.assert_array_equal(read_kernel(sc.load_model(path)), read_kernel(expected))
    (event,) = heard.events
    assert isinstance(event, ModelRestored)
    assert (event.path, event.left) == (path, 0)
    assert event.text.endswith("again; 0 earlier ones are left")


def test_a_place_without_an_earlier_model_is_refused_and_has_no_lock_file(publish, tmp_path):
    path = publish(1)
    for left in path.parent.glob(".*.lock"):
        left.unlink()
    before = path.read_bytes()
    for place in (path, tmp_path / "none.safetensors", tmp_path / "no" / "folder.safetensors"):
        with pytest.raises(ModelNotFound, match="no model before"):
            sc.rollback(place)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_another_run_that_writes_there_is_waited_for_and_told_of(publish, heard):
    path = publish(1, 2)
    before = path.read_bytes()
    with path.with_name(f".{path.name}.lock").open("a") as other:
        fcntl.flock(other, fcntl.LOCK_EX)  # as another process would have it
        with pytest.raises(Locked):
            sc.rollback(path, observer=heard)
        assert heard.events == []
        with pytest.raises(Locked):
            sc.rollback(path, lock_wait=0.01, observer=heard)
    assert heard.kinds == [Waiting]
    assert path.read_bytes() == before
    sc.rollback(path)
    assert path.read_bytes() != before
