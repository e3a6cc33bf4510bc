"""docs/python-api.md is whole, true, and runs."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re

import pytest

import stockcast
from stockcast import errors
from stockcast.progress import Observer
from stockcast.recipe import Recipe
from tests.doctests import TRAINS, furnish, parse_page, run_examples
from tests.support import ROOT, list_events

TEXT = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
PARTS = {
    found[1]: found[2] for found in re.finditer(r"^## (.+)\n((?:(?!## ).*\n)*)", TEXT, re.MULTILINE)
}
ENTRIES = {
    found[1]: found[2]
    for part in PARTS.values()
    for found in re.finditer(r"^### (.+)\n((?:(?!### ).*\n)*)", part, re.MULTILINE)
}
VALUES = {
    found[1]: found[2] for found in re.finditer(r"\*\*`(\w+)`\*\*((?:(?!\*\*`|\n##)[\s\S])*)", TEXT)
}
PUBLIC = {name: getattr(stockcast, name) for name in stockcast.__all__}
FUNCTIONS = [name for name, one in PUBLIC.items() if inspect.isfunction(one)]
BUILT = ["CutoffOptions", "Executor", "ForecastRequest", "PublishPolicy", "ReadOptions"]
RETURNED = [
    name for name, one in PUBLIC.items() if dataclasses.is_dataclass(one) and name not in BUILT
]


def read_table(text):
    """Return the first table's rows: the name in the first cell to the code in the second."""
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    lines = table[0].splitlines()[2:] if table else []
    rows = [re.split(r"(?<!\\)\|", line)[1:3] for line in lines]
    return {name.strip("`*— "): cell.strip("` ") for name, cell in rows}


def list_sections():
    """Return the parts of the page that have examples; those that train are marked slow."""
    parts, beginning = [], TEXT.partition("\n## ")[0]
    for name, text in {"Beginning": beginning, **PARTS}.items():
        if ">>>" in text:
            marks = [pytest.mark.slow] if TRAINS.search(text) else []
            parts.append(pytest.param(text, id=name, marks=marks))
    return parts


@pytest.mark.slow
@pytest.mark.parametrize("text", list_sections())
def test_the_examples_of_a_section_print_what_the_page_says(text, tmp_path, monkeypatch):
    furnish(tmp_path)
    monkeypatch.chdir(tmp_path)
    test = parse_page(text, {"sc": stockcast}, place="python-api.md")
    assert len(test.examples) > 0
    assert run_examples(test) == ""


def test_examples_without_prompts_are_python():
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        ast.parse(block)


def test_the_contents_list_every_heading_in_its_order():
    contents = re.findall(r"^( *)- \[(.+)\]\(#(.+)\)$", PARTS["Contents"], re.MULTILINE)
    headings = re.findall(r"^(##+) (.+)$", TEXT, re.MULTILINE)
    assert [(len(indent), name) for indent, name, _ in contents] == [
        (2 * len(marks) - 4, name) for marks, name in headings if name != "Contents"
    ]
    for _, name, anchor in contents:
        assert anchor == name.lower().replace(" ", "-")


def test_every_link_into_the_page_leads_to_a_heading():
    anchors = {name.lower().replace(" ", "-") for name in (*PARTS, *ENTRIES)}
    links = re.findall(r"\]\(#([^)]+)\)", TEXT)
    assert set(links) <= anchors


@pytest.mark.parametrize("name", stockcast.__all__)
def test_every_public_name_is_described(name):
    assert name in ENTRIES or name in VALUES


@pytest.mark.parametrize("name", FUNCTIONS + BUILT)
def test_a_table_has_every_parameter_with_its_default(name):
    parameters = inspect.signature(PUBLIC[name]).parameters.values()
    described = read_table(ENTRIES[name])
    assert list(described) == [one.name for one in parameters]
    for parameter, default in zip(parameters, described.values(), strict=True):
        if parameter.default is parameter.empty:
            assert default == ""
        elif inspect.isfunction(parameter.default):
            assert default == parameter.default.__name__
        else:
            value = eval(default, dict(PUBLIC))
            is_silent = type(value) is type(parameter.default) is Observer
            assert is_silent or value == parameter.default


def test_a_table_has_every_field_of_a_recipe_with_its_default():
    described = read_table(ENTRIES["Recipe"])
    assert {name: ast.literal_eval(text) for name, text in described.items()} == {
        name: field.default for name, field in Recipe.model_fields.items()
    }


@pytest.mark.parametrize("name", RETURNED)
def test_a_table_has_every_attribute_of_what_is_returned(name):
    fields = {field.name for field in dataclasses.fields(PUBLIC[name])}
    described = read_table(VALUES.get(name) or ENTRIES[name])
    assert fields <= set(described)
    for attribute in described:
        assert attribute in fields or hasattr(PUBLIC[name], attribute)


def test_a_table_has_every_event_with_its_fields():
    kinds = dict(list_events())
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (`.+`) \|$", ENTRIES["Event"], re.MULTILINE)
    assert {name: set(re.findall(r"\w+", fields)) for name, fields in rows} == {
        name: {field.name for field in dataclasses.fields(one)} for name, one in kinds.items()
    }


def test_a_table_has_every_error_with_its_exit_code():
    kinds = {
        name: str(one.exit_code)
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, errors.StockcastError)
    }
    del kinds["StockcastError"]
    assert read_table(PARTS["Errors"].partition("a class below another")[2]) == kinds
