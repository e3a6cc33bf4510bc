"""Imports of libraries that bring more than is needed, or say more."""

from __future__ import annotations

import logging
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


@contextmanager
def quiet_log(name: str) -> Iterator[None]:
    """Let a library's log tell errors alone meanwhile.

    A warning of which nothing follows for the result would stand in the midst of a JSON log, and in
    the mail that cron sends.

    Args:
        name: of its logger, such as `matplotlib`.
    """
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
