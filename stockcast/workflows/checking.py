"""Checking: price files ─▶ how each is read, and what is found in it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from stockcast.errors import MissingLibrary, PricesNotFound, Style, render_options
from stockcast.prices.csv.describe import describe_file
from stockcast.prices.csv.options import NO_ANSWERS, ReadOptions
from stockcast.prices.csv.reader import open_raw
from stockcast.workflows.sources import list_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


@dataclass(frozen=True)
class CheckedFile:
    """How a price file is read, and what is found in it.

    Attributes:
        description: all of it, as plain values: `file`, `verdict`, `why` and `hint`, the encoding,
            delimiter, dates, decimal mark and columns, `tickers` (a dict a ticker) and `findings`
            (a dict a finding); of a file that cannot be read the first four alone.
    """

    description: dict[str, Any]

    @property
    def file(self) -> str:
        """Its path."""
        return str(self.description["file"])

    @property
    def verdict(self) -> Literal["read", "ask", "refuse"]:
        """Whether it can be read, leaves a question open, or cannot be read."""
        verdict: Literal["read", "ask", "refuse"] = self.description["verdict"]
        return verdict

    @property
    def findings(self) -> list[str]:
        """What is odd in it, in sentences."""
        return [found["message"] for found in self.description.get("findings", [])]

    def to_frame(self) -> pd.DataFrame:
        """Return a row a ticker: its rows, dates and closes; none if the file cannot be read."""
        import pandas as pd

        return pd.DataFrame(self.description.get("tickers", []))


def check(
    prices: str | Path | Sequence[str | Path],
    *,
    reading: ReadOptions = NO_ANSWERS,
    style: Style = "python",
) -> list[CheckedFile]:
    """Say how price files are read, and what is found in them.

    A file that cannot be read is described too, and raises nothing.

    Args:
        prices: price files, patterns, folders.
        reading: answers to what the files leave open.
        style: how sentences name options: as Python or the command line writes them.

    Returns:
        a description a file.

    Raises:
        PricesNotFound: a pattern matches nothing.

    Example:
        >>> (found,) = check("sample_data/FB.csv")
        >>> found.verdict, found.description["date_format"]
        ('read', '%Y-%m-%d')
    """
    return [CheckedFile(_describe(path, reading, style)) for path in list_paths(prices)]


def _describe(path: str, reading: ReadOptions, style: Style) -> dict[str, Any]:
    with closing(open_raw(path)) as raw:
        try:
            return describe_file(raw, reading, style=style)
        except (PricesNotFound, MissingLibrary) as error:
            texts = {"why": error.raw_message, "hint": error.raw_hint}
            texts = {key: render_options(text, style) for key, text in texts.items()}
            return {"file": path, "verdict": "refuse", **texts}
