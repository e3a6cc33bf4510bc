from __future__ import annotations

import importlib
import pkgutil

import pytest

from stockcast.cli.output import observer
from stockcast.progress import Event
from stockcast.workflows import events


def list_events():
    for module in pkgutil.iter_modules(events.__path__, f"{events.__name__}."):
        for name, one in vars(importlib.import_module(module.name)).items():
            if isinstance(one, type) and issubclass(one, Event) and one is not Event:
                yield name, one


def test_every_event_can_be_imported_from_the_package():
    found = dict(list_events())
    assert len(found) > 30
    assert sorted(found) == events.__all__ == sorted(events._HOMES)
    for name, one in found.items():
        assert getattr(events, name) is one


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NothingHappened"):
        _ = events.NothingHappened


def test_what_the_command_line_shows_in_its_own_way_are_events():
    assert observer._SHOWN.keys() <= set(events.__all__)


def test_an_event_of_one_sentence_has_one_line():
    assert events.Note("all is well").lines == ["all is well"]
