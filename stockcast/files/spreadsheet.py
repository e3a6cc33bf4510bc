"""Text in a CSV that a spreadsheet might take for a formula."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARK = "'"


def guard_text(text: str) -> str:
    """Return text that a spreadsheet shows instead of running: a ' before a formula's start.

    A text that begins with ' gets one more, so that `unguard_text` gives every text back.
    """
    return _MARK + text if text.startswith((*_FORMULA, _MARK)) else text


def unguard_text(text: str) -> str:
    """Return the text that `guard_text` was given."""
    return text.removeprefix(_MARK)
