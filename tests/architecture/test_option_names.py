"""Options: modules below the command line name them with `errors.option`, never as flags."""

import ast
import re
from pathlib import Path

import pytest

import stockcast
from stockcast.recipe import Recipe
from tests.architecture.syntax import list_nodes

ROOT = Path(stockcast.__file__).parent
# errors.py is where options are written as flags, and __main__.py is the command.
ABOVE = {*(ROOT / "cli").rglob("*.py"), ROOT / "errors.py", ROOT / "__main__.py"}
MODULES = sorted({*ROOT.rglob("*.py")} - ABOVE)
FLAG = re.compile(r"--[a-z]|(?<![^\s(])-[a-z]\b")


def find_flags(text):
    """Yield each string of a module, docstrings included, that has a flag in it."""
    for node in list_nodes(text):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            written = node.value
        elif isinstance(node, ast.JoinedStr):
            written = "".join(
                part.value if isinstance(part, ast.Constant) else "x" for part in node.values
            )
        else:
            continue
        if FLAG.search(written):
            yield written


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_below_the_command_line_names_flags(path):
    assert list(find_flags(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        'hint = "leave --calendar out"',
        'hint = f"--ticker {name}"',
        'place = f"--{name}"',
        'hint = "name another with -m"',
        'hint = "give a smaller " "--window"',
        '"""Read what --column names."""',
    ],
)
def test_the_rule_finds_what_it_forbids(line):
    assert list(find_flags(line))


def test_dashes_that_are_no_flag_are_free():
    assert list(find_flags('_STYLES = ("-", "--", "-.")\nrule = "--" * 20')) == []


def test_every_field_of_a_recipe_has_a_flag_of_train_and_of_backtest():
    """But for the test span, which is what comes after a cutoff, and pooling."""
    import inspect

    from stockcast.cli.commands.backtest import backtest
    from stockcast.cli.commands.train import train

    fields = set(Recipe.model_fields)
    assert fields <= set(inspect.signature(train).parameters)
    assert fields & set(inspect.signature(backtest).parameters) == fields - {"test", "pooled"}


def find_options(text):
    """Yield each name that a module gives to `option` or `Option` as it stands."""
    for node in list_nodes(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in ("option", "Option") and isinstance(first, ast.Constant):
                yield first.value


def list_parameters():
    """Return what Python users can say: parameters of functions, fields of options and recipes."""
    import inspect

    from stockcast.fleet.cluster import Address
    from stockcast.sklearn import LSTMRegressor
    from stockcast.workflows.nixtla import LSTMForecaster

    public = [getattr(stockcast, name) for name in stockcast.__all__]
    public += [LSTMForecaster.predict, LSTMForecaster.cross_validation]
    also = (Address, LSTMRegressor)
    asked = [one for one in (*public, *also) if callable(one) and one is not Recipe]
    return {name for one in asked for name in inspect.signature(one).parameters} | {
        *Recipe.model_fields
    }


def test_every_option_that_a_message_names_is_one_that_python_has_too():
    named = {name for path in MODULES for name in find_options(path.read_text())}
    assert len(named) > 30
    # `debug` is where a worker died: the command then prints all that there is.
    assert named - list_parameters() == {"debug"}
