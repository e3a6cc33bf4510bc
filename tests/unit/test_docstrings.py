"""The examples in docstrings give what they say, in a folder with sample_data/ and models/."""

from __future__ import annotations

import doctest
import re
from importlib import import_module

import pytest

from tests.doctests import TRAINS, furnish, run_examples
from tests.support import ROOT

pytestmark = pytest.mark.slow


def find_examples(text):
    return re.findall(r"^\s*(?:>>>|\.\.\.) (.*)", text, re.MULTILINE)


def list_modules():
    """Return the modules that have examples; those that train are marked slow."""
    found = []
    for path in sorted((ROOT / "stockcast").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^\s*>>> ", text, re.MULTILINE):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            marks = [pytest.mark.slow] if TRAINS.search(" ".join(find_examples(text))) else []
            found.append(pytest.param(name, id=name.removeprefix("stockcast."), marks=marks))
    return found


@pytest.mark.parametrize("name", list_modules())
def test_the_examples_of_a_module_print_what_they_say(name, tmp_path, monkeypatch):
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    tests = [test for test in doctest.DocTestFinder().find(import_module(name)) if test.examples]
    assert tests
    for test in tests:
        assert run_examples(test) == ""


def test_no_example_is_skipped():
    for path in (ROOT / "stockcast").rglob("*.py"):
        assert "doctest:" not in path.read_text(encoding="utf-8"), path
