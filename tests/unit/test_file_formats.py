"""docs/file-formats.md says what the files hold that are written now."""

from __future__ import annotations

import json
import re

import pytest

from stockcast.ledger.entry import COLUMNS, LedgerColumns
from stockcast.model.file import serialize_model
from stockcast.model.metadata import Metadata
from stockcast.model.model import Provenance
from stockcast.networks.cells import CELLS
from stockcast.windows.manifest import Manifest
from stockcast.windows.prepared import write_prepared
from stockcast.windows.series import window_history
from tests.support import ROOT

PAGE = (ROOT / "docs" / "file-formats.md").read_text("utf-8")


def list_rows(heading, place=0):
    """Return the names in the first column of a section's table."""
    (section,) = re.findall(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    table = re.findall(r"^\| ---.*\n((?:\|.*\n)+)", section, re.MULTILINE)[place]
    firsts = [line.split("|")[1] for line in table.splitlines()]
    return [name for first in firsts for name in re.findall(r"`([^`]+)`", first)]


@pytest.fixture(scope="module")
def history(make_history):
    return make_history(300)


def test_the_header_of_a_model_file_is_where_the_page_says(history, make_model):
    content = serialize_model(make_model(history))
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0
    header = json.loads(content[8 : 8 + length])
    document = json.loads(header.pop("__metadata__")["stockcast"])
    assert sorted(document) == sorted(list_rows("Its document"))
    names = {re.sub(r"\.\d+\.", ".N.", name) for name in header}
    assert names == set(list_rows("Its tensors")) - {"layers.N.peephole"}
    ends = sorted(one["data_offsets"] for one in header.values())
    assert [start for start, _ in ends] == [0, *(end for _, end in ends[:-1])]
    assert ends[-1][1] == len(content) - 8 - length
    assert {one["dtype"] for one in header.values()} == {"F32"}


def test_the_page_has_every_key_of_the_document_and_of_where_a_model_comes_from():
    assert set(list_rows("Its document")) == set(Metadata.model_fields)
    (row,) = re.findall(r"^\| `provenance` \|(.*)\|$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == set(Provenance.__dataclass_fields__)


def test_the_page_has_the_gates_of_every_cell_in_their_order():
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+, .*?) \| (.*?)\|$", PAGE, re.MULTILINE)
    told = {name: (gates, peepholes.strip()) for name, gates, peepholes in rows}
    assert told == {
        name: (", ".join(cell.gates), ", ".join(cell.peepholes)) for name, cell in CELLS.items()
    }


def test_the_page_has_every_file_and_every_key_of_a_prepared_folder(history, make_model, tmp_path):
    series = window_history(history, make_model(history).recipe)
    (home,) = write_prepared([series], tmp_path / "prepared", materialize=True)
    assert sorted(path.name for path in home.iterdir()) == sorted(list_rows("The prepared folder"))
    assert set(list_rows("The prepared folder", 1)) == set(Manifest.model_fields)


def test_the_page_has_the_columns_of_a_ledger_in_their_order():
    columns = LedgerColumns((80.0,), (5.0,), has_volatility=True)
    shown = [re.sub(r"_P$", "_80", name) for name in list_rows("The ledger")]
    shown = [re.sub(r"^(quantile|shortfall)_80", r"\1_5", name) for name in shown]
    assert tuple(shown) == columns.names
    assert tuple(shown[: len(COLUMNS)]) == COLUMNS
