"""Runs the examples of the documentation in a folder that has what they name."""

from __future__ import annotations

import doctest
import re
import shutil

from tests.support import ROOT, SAMPLES

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
TRAINS = re.compile(r"\btrain(_many|_pooled)?\(")
"""What an example calls that imports TensorFlow."""


def furnish(folder):
    """Put into a folder what examples name: sample_data/ and models/."""
    (folder / "sample_data").mkdir()
    for path in SAMPLES.glob("*.*"):
        shutil.copy(path, folder / "sample_data")
    shutil.copytree(ROOT / "tests" / "examples" / "models", folder / "models")


def parse_page(text, names, *, place):
    """Return the examples of a page in Markdown; `names` are what they know to begin with."""
    # Read as a text, the end of a block is no output; an ellipsis stands for any text.
    text = re.sub(r"^```.*$", "", text, flags=re.MULTILINE).replace("…", "...")
    return doctest.DocTestParser().get_doctest(text, dict(names), place, place, 0)


def run_examples(test):
    """Run a test of doctest's and return what went wrong, in its words; empty if nothing did."""
    told: list[str] = []
    doctest.DocTestRunner(optionflags=_FLAGS, verbose=False).run(test, out=told.append)
    return "".join(told)
