"""No module of stockcast imports one that imports it, in whichever room, in a call or above."""

import pytest

from tests.architecture.import_graph import MODULES, find_circle, list_imports


@pytest.mark.slow
def test_no_imports_go_in_a_circle():
    graph = {name: list_imports(path.read_text()) - {name} for name, path in MODULES.items()}
    assert sum(map(len, graph.values())) > 500
    assert find_circle(graph) == []


def test_a_circle_is_found_however_long_it_is():
    graph = {"a": {"b", "d"}, "b": {"c"}, "c": {"a"}, "d": set()}
    assert find_circle(graph) == ["a", "b", "c", "a"]
    assert find_circle({**graph, "c": {"d"}}) == []


def test_imports_in_calls_count_and_those_for_types_do_not():
    text = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from stockcast.recipe import Recipe
def build():
    from stockcast.cli.output import console
    from stockcast.errors import UsageError
"""
    assert list_imports(text) == {"stockcast.cli.output.console", "stockcast.errors"}
