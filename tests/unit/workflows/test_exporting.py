"""Exporting from Python: a model's bytes and what they take, with a file or without."""

from __future__ import annotations

import io
import shutil

import numpy as np
import pytest

import stockcast as sc
from stockcast.errors import ModelNotFound, UsageError
from stockcast.workflows.events import ModelExported


@pytest.fixture
def place(small_model, tmp_path):
    """A copy of the model in a folder of its own."""
    return shutil.copy(small_model, tmp_path / "FB.safetensors")


def test_a_file_is_written_beside_the_model_where_none_is_named(place, tmp_path):
    done = sc.export(place, "npz")
    assert (done.format, done.path) == ("npz", tmp_path / "FB.npz")
    assert done.path.read_bytes() == done.content


def test_a_model_in_memory_is_exported_into_bytes_alone(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = sc.load_model(place)
    done = sc.export(model, "npz")
    assert done.path is None
    assert [path.name for path in tmp_path.iterdir()] == ["FB.safetensors"]
    kernels = [
        array
        for name, array in np.load(io.BytesIO(done.content)).items()
        if array.shape == model.weights.layers[0].kernel.shape and "kernel" in name
    ]
    np.testing.assert_array_equal(kernels[0], model.weights.layers[0].kernel)


def test_the_suffix_says_the_format(place, tmp_path):
    assert sc.export(place, path=tmp_path / "net.npz").format == "npz"


def test_an_observer_hears_what_the_file_takes_and_gives(place, heard):
    done = sc.export(place, "npz", observer=heard)
    assert heard.events == [ModelExported("npz", done.interface)]
    assert heard.events[0].text == f"npz: {done.interface}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "export to what?"),
        ({"to": "pickle"}, "pickle"),
        ({"path": "net.bin"}, "does not say what to export to"),
        ({"to": "npz", "path": "net.onnx"}, "contradict each other"),
        ({"path": "FB.npz"}, "is the model file itself"),
    ],
    ids=["nothing", "unknown", "suffix", "two", "itself"],
)
def test_a_file_that_cannot_be_meant_is_refused_and_not_written(
    arguments, told, place, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    place = place.rename("FB.npz")
    before = place.read_bytes()
    with pytest.raises(UsageError, match=told.replace("?", r"\?")) as caught:
        sc.export(place, **arguments)
    assert "--" not in str(caught.value) + caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["FB.npz"]
    assert place.read_bytes() == before


def test_a_model_that_is_not_there_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ModelNotFound):
        sc.export(tmp_path / "none.safetensors", "npz")
    assert not list(tmp_path.iterdir())
