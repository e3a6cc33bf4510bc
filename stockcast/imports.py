"""Imports of libraries that bring more than is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hide_modules(*names: str) -> Iterator[None]:
    """Let what is imported meanwhile find that some libraries are not installed.

    Keras imports matplotlib for its galleries and scikit-learn for its wrappers, arch matplotlib
    for its pictures and Polars for formulas: seconds for what nobody here needs. Whoever wants
    those imports them before.
    """
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # as the import system documents it
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
