"""Runs the examples of the documentation where they say that they run."""

from __future__ import annotations

import doctest
import re
import shutil
from io import StringIO

from tests.support import ROOT, SAMPLES

_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
TRAINS = re.compile(r"\btrain(_many|_pooled)?\(")
"""What an example calls that imports TensorFlow."""


def furnish(folder):
    """Make a folder what examples expect: sample_data/ and models/."""
    (folder / "sample_data").symlink_to(SAMPLES)
    shutil.copytree(ROOT / "tests" / "examples" / "models", folder / "models")


def run_examples(test):
    """Run a test of doctest's and return what went wrong, in its words; empty if nothing did."""
    told = StringIO()
    runner = doctest.DocTestRunner(optionflags=_FLAGS, verbose=False)
    runner.run(test, out=told.write)
    return told.getvalue()


def parse_examples(text, names, *, place):
    """Return the examples of a text; `names` are what they know to begin with."""
    return doctest.DocTestParser().get_doctest(text, dict(names), place, place, 0)
