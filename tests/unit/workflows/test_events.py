from __future__ import annotations

import ast
import inspect

import pytest

from stockcast.cli.output import observer
from stockcast.workflows import events
from tests.support import list_events


def test_every_event_can_be_imported_from_the_package_and_type_checkers_know_it():
    found = dict(list_events())
    assert len(found) > 30
    for name, one in found.items():
        assert getattr(events, name) is one
    assert set(found) <= set(dir(events))
    tree = ast.parse(inspect.getsource(events))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    assert {alias.name for node in block.body for alias in node.names} == set(found)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NothingHappened"):
        _ = events.NothingHappened


def test_what_the_command_line_shows_in_its_own_way_are_events():
    assert observer._SHOWN.keys() <= set(dict(list_events()))


def test_an_event_of_one_sentence_has_one_line():
    assert events.Note("all is well").lines == ["all is well"]
