"""Which engine trains a recipe."""

import sys

import pytest

from stockcast.errors import MissingLibrary
from stockcast.recipe import Recipe
from stockcast.training import engine
from stockcast.training.engine import ENGINES, choose_engine, list_versions, load_engine


@pytest.fixture
def place(monkeypatch):
    """Say what is installed and what the system has."""

    def settle(*, tensorflow=True, device=False, seen=False):
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if not tensorflow:
            monkeypatch.setitem(sys.modules, "tensorflow", None)
        monkeypatch.setattr(engine, "_has_device", lambda: device)
        runtime = type("runtime", (), {"HAS_GPU": seen})
        monkeypatch.setattr(engine, "import_module", lambda _: runtime)

    return settle


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({}, "native"),
        ({"tensorflow": False}, "native"),
        ({"tensorflow": False, "device": True, "seen": True}, "native"),
        ({"device": True}, "native"),
        ({"device": True, "seen": True}, "tensorflow"),
    ],
    ids=str,
)
def test_auto_is_tensorflow_only_where_it_sees_a_gpu(what, expected, place):
    place(**what)
    assert choose_engine(Recipe()) == expected


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_gpu_that_is_hidden_is_none(hidden, place, monkeypatch):
    place(device=True, seen=True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert choose_engine(Recipe()) == "native"


@pytest.mark.parametrize("name", ENGINES)
def test_what_is_asked_for_is_taken(name, place):
    place(device=name == "native", seen=name == "native")
    assert choose_engine(Recipe(engine=name)) == name


def test_tensorflow_that_is_not_there_is_said_with_what_to_do(place):
    place(tensorflow=False)
    with pytest.raises(MissingLibrary, match="needs TensorFlow") as caught:
        choose_engine(Recipe(engine="tensorflow"))
    assert "[tensorflow]" in caught.value.hint
    assert caught.value.exit_code == 2


def test_the_native_engine_loads_no_tensorflow():
    """See also tests/architecture, where whole commands are looked at."""
    import ast
    import inspect

    module = inspect.getmodule(load_engine("native"))
    assert "tensorflow" not in {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Import)
        for alias in node.names
    }


@pytest.mark.parametrize("name", ENGINES)
def test_versions_are_of_all_that_the_bytes_follow_from(name):
    versions = list_versions(name)
    assert set(versions) == {*ENGINES[name].libraries, "numpy"}
    assert all(number[0].isdigit() for number in versions.values())
