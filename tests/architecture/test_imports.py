"""Who imports whom, checked by import-linter as `make imports` does."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import stockcast
from tests.architecture.syntax import list_nodes

ROOT = Path(stockcast.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))


@pytest.mark.slow
def test_an_import_goes_only_downward():
    lint = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([lint], cwd=ROOT.parent, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_every_public_name_is_there_and_nothing_else_is_promised():
    for name in stockcast.__all__:
        assert getattr(stockcast, name).__name__ == name
    assert set(stockcast._HOMES) == set(stockcast.__all__)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = stockcast.nonsense


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_functions_body_fits_on_a_screen(path):
    for node in list_nodes(path.read_text()):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines <= 40, f"{path}:{node.lineno}: {node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_prints_and_nothing_is_swallowed_below_the_command_line(path):
    if path == ROOT / "cli" / "app.py":
        return
    for node in list_nodes(path.read_text()):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print", f"{path}:{node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert caught not in ("everything", "Exception", "BaseException"), (
                f"{path}:{node.lineno} catches {caught}"
            )


def test_constraints_are_names_and_versions_and_nothing_else():
    lines = (ROOT.parent / "constraints.txt").read_text().splitlines()
    assert len(lines) > 30
    for line in lines:
        name, _, version = line.partition("==")
        assert name, line
        assert version, line
        assert not set(line) & set("/@: +;"), line
