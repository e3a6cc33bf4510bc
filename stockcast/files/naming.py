"""A file's name for a ticker: text from a stranger, which may hold anything."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 120  # bytes; what is put before and after it has room in a name


def name_safely(ticker: str) -> str:
    """Return a name without folders, hidden files or odd characters; empty if there is none.

    A ticker that is not its own name has eight digits of its SHA-256 behind it, so that no other
    one has the same name: `BRK_B` stays, `BRK/B` becomes `BRK_B-82f67012`. The name depends on
    the ticker alone and not on what others there are.
    """
    name = re.sub(r"[^\w.^=-]", "_", ticker).strip(".")
    name = name.encode("utf-8", "replace")[:_LONGEST].decode("utf-8", "ignore")
    if name in ("", ticker):
        return name
    digest = hashlib.sha256(ticker.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{name}-{digest[:8]}"
