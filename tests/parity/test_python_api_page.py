"""The examples of docs/python-api.md are run, and the page has every public name."""

from __future__ import annotations

import doctest
import re
import shutil

import pytest

import stockcast
from tests.support import ROOT, SAMPLES

PAGE = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_example_of_the_page_gives_what_it_says(tmp_path, monkeypatch):
    (tmp_path / "sample_data").mkdir()
    for path in SAMPLES.glob("*.csv"):
        shutil.copy(path, tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    # Read as a page, the end of a block is no output; an ellipsis stands for any text.
    text = re.sub(r"^```.*$", "", PAGE, flags=re.MULTILINE).replace("…", "...")
    test = doctest.DocTestParser().get_doctest(text, {}, "python-api.md", "python-api.md", 0)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    said: list[str] = []
    results = doctest.DocTestRunner(optionflags=flags).run(test, out=said.append)
    assert results.attempted > 30
    assert not results.failed, "".join(said)


@pytest.mark.parametrize("name", stockcast.__all__)
def test_the_page_has_every_public_name(name):
    assert re.search(rf"^\| `{name}` \| .+ \|$", PAGE, flags=re.MULTILINE)
