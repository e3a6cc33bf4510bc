"""`pyarrow.compute`, loaded when its first function is called.

Making its functions takes a tenth of what a forecast does, and a plain file needs none of them.

Example:
    >>> from stockcast.prices import arrow_compute as pc
    >>> pc.sum([1, 2, 3]).as_py()
    6
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    found = globals()[name] = getattr(import_module("pyarrow.compute"), name)
    return found
