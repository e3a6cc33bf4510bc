"""The options of recipes are what the fields say of themselves."""

import inspect

import pytest

from stockcast.cli.app import load_command
from stockcast.cli.options.recipes import _collect_overrides, takes_recipe_fields
from stockcast.errors import UsageError
from stockcast.recipe import ABOUT, PRESETS, Shapes, list_fields
from tests.support import run_stockcast


def list_taken(command):
    """Return the recipe fields among a command's parameters, in their order."""
    return [name for name in inspect.signature(load_command(command)).parameters if name in ABOUT]


def test_train_has_an_option_for_every_field():
    assert sorted(list_taken("train")) == sorted(ABOUT)


def test_prepare_has_the_fields_that_shape_data_alone():
    assert sorted(list_taken("prepare")) == sorted(list_fields(Shapes.DATA))


def test_a_backtest_has_all_but_the_test_span_and_pooling():
    assert sorted(set(ABOUT) - set(list_taken("backtest"))) == ["pooled", "test"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["train", "prepare", "backtest"])
def test_help_shows_what_each_field_says_of_itself(command):
    shown = run_stockcast(command, "--help", env={"COLUMNS": "400"}).stdout.decode()
    for name in list_taken(command):
        line = next(line for line in shown.splitlines() if f" --{name.replace('_', '-')} " in line)
        assert ABOUT[name].help in line
        assert (ABOUT[name].metavar or "") in line


@pytest.mark.slow
@pytest.mark.parametrize("command", ["train", "prepare"])
def test_help_names_every_preset(command):
    shown = run_stockcast(command, "--help", env={"COLUMNS": "400"}).stdout.decode()
    line = next(line for line in shown.splitlines() if " --recipe " in line)
    assert ", ".join(PRESETS) in line


def test_a_command_is_handed_only_what_was_given():
    got = {}

    @takes_recipe_fields
    def command(*, overrides):
        got.update(overrides)

    command(**dict.fromkeys(ABOUT) | {"units": 0, "pooled": False})
    assert got == {"units": 0, "pooled": False}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("features", "open, close,,volume ", ("open", "close", "volume")),
        ("features", "", ()),
        ("validation", "0.25", 0.25),
        ("test", "250", 250),
        ("test", "1", 1),
        ("column", "Close/Last", "Close/Last"),
    ],
)
def test_text_becomes_what_the_field_takes(name, text, value):
    found = _collect_overrides(**{name: text})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("name", ["validation", "test"])
def test_a_span_that_is_no_number_is_refused_by_its_flag(name):
    with pytest.raises(UsageError, match=f"--{name} is 'some', expected a share"):
        _collect_overrides(**{name: "some"})
