"""Only the module of scalers tells their kinds apart: all others ask the scaler."""

import ast
from pathlib import Path

import pytest

import stockcast
from stockcast.windows import scaling
from tests.architecture.syntax import list_nodes

ROOT = Path(stockcast.__file__).parent
CLASSES = {
    name
    for name, one in vars(scaling).items()
    if isinstance(one, type) and issubclass(one, scaling.Scaler | scaling.Scale)
}
KINDS = {*scaling.KINDS, "recent"}
MODULES = sorted({*ROOT.rglob("*.py")} - {Path(scaling.__file__)})


def find_questions(text):
    """Yield each line that asks for a scaler's class, or compares with a kind's name."""
    for node in list_nodes(text):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            asked = CLASSES
            found = {getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(node.args[1])}
        elif isinstance(node, ast.Compare):
            # "relative" is also a recipe's target, which `windows.features` goes by.
            if "target" in ast.unparse(node):
                continue
            asked = KINDS
            found = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
        else:
            continue
        if asked & found:
            yield f"{node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_but_that_of_scalers_tells_them_apart(path):
    assert list(find_questions(path.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "isinstance(scaler, MinMax)",
        "isinstance(scaler, (scaling.Relative, int))",
        "isinstance(scaler, MinMax | PerWindow)",
        "issubclass(kind, FittedScaler)",
        "scaler.kind == 'relative'",
        "'min-max' in kinds",
    ],
)
def test_the_rule_finds_what_it_forbids(line):
    assert list(find_questions(line))


def test_every_class_of_a_scaler_is_known_to_the_rule():
    assert {"MinMax", "Deviation", "Relative", "PerWindow"} <= CLASSES
