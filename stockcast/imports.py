"""Imports of libraries that bring more than is needed, say more, or that an extra brings."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from stockcast.errors import MissingLibrary, NameClash

DISTRIBUTION = "stockcast-lstm"
"""The name to install by; `stockcast` on the package index is another project."""

EXTRAS: dict[str, tuple[str, ...]] = {
    "charts": ("matplotlib", "jinja2"),
    "cluster": ("distributed", "cryptography"),
    "excel": ("python_calamine",),
    "onnx": ("onnx",),
    "sklearn": ("sklearn",),
    "tensorflow": ("tensorflow",),
    "tune": ("optuna",),
}
"""What each extra brings, by the names of its modules."""

_CALLED = {
    "optuna": "Optuna",
    "python_calamine": "python-calamine",
    "sklearn": "scikit-learn",
    "tensorflow": "TensorFlow",
}  # where that is not the name of its module


def find_missing(extra: str) -> str | None:
    """Return the first module of an extra that is not installed; None where it is all there."""
    return next((name for name in EXTRAS[extra] if find_spec(name) is None), None)


def require_extra(extra: str, what: str, *, otherwise: str = "") -> None:
    """Refuse what an extra is needed for, where it is not installed.

    Args:
        extra: one of EXTRAS.
        what: needs it, the subject of a sentence.
        otherwise: another way, for the hint.

    Raises:
        MissingLibrary: it is not.
    """
    missing = find_missing(extra)
    if missing is not None:
        install = f"pip install '{DISTRIBUTION}[{extra}]'"
        raise MissingLibrary(
            f"{what} needs {_CALLED.get(missing, missing)}, which is not installed",
            hint=f"{install}; {otherwise}" if otherwise else install,
        )


def find_clash() -> NameClash | None:
    """Find out whether another project has overwritten this package's files, or removed them.

    The package index has another project called stockcast, which installs the same import path.
    Every installed distribution is looked at: this is for when something is wrong already.
    """
    from importlib import metadata

    known = {name.lower() for name in metadata.packages_distributions().get("stockcast", ())}
    others = sorted(known - {DISTRIBUTION})
    if others:
        return NameClash(
            f"{' and '.join(others)} installs a package stockcast too: they overwrite each other",
            hint=f"pip uninstall {' '.join(others)} {DISTRIBUTION}, "
            f"then install {DISTRIBUTION} again",
        )
    start = Path(__file__).with_name("__init__.py")
    if not start.exists():
        return NameClash(
            f"{start} is gone, as when another project called stockcast is uninstalled",
            hint=f"pip uninstall {DISTRIBUTION}, then install it again",
        )
    return None


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
