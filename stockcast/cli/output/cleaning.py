"""Text that is only shown, on a terminal that would do what some characters in it say."""

from __future__ import annotations


def clean(text: str) -> str:
    r"""Return text that is only shown: what would move, colour or reorder becomes such as \x1b.

    Names come out of files, and a terminal does what the characters in them say. Line feeds stay.

    Example:
        >>> clean("\x1b[31mred\nnext")
        '\\x1b[31mred\nnext'
    """
    if text.replace("\n", "").isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in "\n\xa0\u202f" else ascii(one)[1:-1] for one in text
    )
