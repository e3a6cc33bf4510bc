"""PriceHistory: one ticker's clean, ascending bars."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import UnreadablePrices, option
from stockcast.plurals import count_of
from stockcast.prices.findings import Finding
from stockcast.prices.names import find_stem

if TYPE_CHECKING:
    import pandas as pd

    from stockcast.prices.covariates import Covariates
    from stockcast.prices.market import Market

Dates = NDArray[np.datetime64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Source:
    """A file that a history came from: its name as the user gave it, and its bytes' SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Headers:
    """What a file itself calls its columns of numbers.

    Attributes:
        line: line number of the header; 0 if there is no file.
        names: canonical name to the header that is read as it.
        numeric: all that could be the price: no dates, no volume, no percents beside prices.
        unknown: those of `numeric` whose name says nothing.
        percents: canonical names whose cells are percents.
        proposal: the one that by its numbers could be the close, where none is called so.
        reason: what makes it so, as a sentence.
    """

    line: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    numeric: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    percents: tuple[str, ...] = ()
    proposal: str | None = None
    reason: str = ""


NO_HEADERS = Headers()


@dataclass(frozen=True)
class PriceHistory:
    """One ticker's bars, ascending, each date once.

    Attributes:
        ticker: what the data call it, else the file's stem.
        dates: (rows,) datetime64[us].
        columns: canonical name (open high low close adj_close volume) to (rows,) float64, in
            price units (volume in shares); NaN where the file has no value.
        findings: what was found on the way in.
        sources: where the bars came from.
        lines: (rows,) line number of each bar in its file.
        files: (rows,) index into `sources` of each bar's file.
        header: the header that the user named to be read as the close, or None.
        market: what all tickers did on dates, these bars' and others; None where it is not known.
        headers: what the file itself calls its columns.
        covariates: other prices that are seen beside these; None: there are none.
    """

    ticker: str
    dates: Dates
    columns: dict[str, Numbers]
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    lines: NDArray[np.int32]
    files: NDArray[np.int16]
    header: str | None = None
    market: Market | None = None
    headers: Headers = NO_HEADERS
    covariates: Covariates | None = None

    def __len__(self) -> int:
        return len(self.dates)

    def __repr__(self) -> str:
        span = (
            f", {format_date(self.dates[0])} to {format_date(self.dates[-1])}" if len(self) else ""
        )
        return f"<PriceHistory of {self.ticker}: {count_of(len(self), 'row')}{span}>"

    @property
    def name(self) -> str:
        """What to call the data in a message: the files' names, and the ticker if they differ."""
        first = self.sources[0].name
        name = first if len(self.sources) == 1 else f"{first} and {len(self.sources) - 1} more"
        return name if self.ticker == find_stem(first) else f"{name} ({self.ticker})"

    def locate(self, row: int) -> str:
        """Return `file:line` of a bar, for messages."""
        return f"{self.sources[self.files[row]].name}:{self.lines[row]}"

    def hash_rows(self) -> str:
        """Return the SHA-256 of the bars as they were read, whatever else is in their files."""
        names = sorted(self.columns)
        digest = hashlib.sha256(json.dumps([self.header, names]).encode("ascii"))
        for array in (self.dates, *(self.columns[name] for name in names)):
            digest.update(np.ascontiguousarray(array).view(np.uint8).data)
        return digest.hexdigest()

    def select(self, rows: NDArray[np.int64], *findings: Finding) -> PriceHistory:
        """Return the bars at `rows`, in that order, with more findings."""
        return replace(
            self,
            dates=self.dates[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            findings=(*self.findings, *findings),
            lines=self.lines[rows],
            files=self.files[rows],
        )

    def cut(self, rows: slice) -> PriceHistory:
        """Return the bars of some rows, nothing copied."""
        return replace(
            self,
            dates=self.dates[rows],
            columns={name: values[rows] for name, values in self.columns.items()},
            lines=self.lines[rows],
            files=self.files[rows],
        )

    def require_columns(self, names: Sequence[str]) -> None:
        """Raise unless the history has these columns.

        Raises:
            UnreadablePrices: it lacks one.
        """
        for name in names:
            if name not in self.columns:
                raise UnreadablePrices(
                    f"{self.name}: no {name} column, found {', '.join(self.columns)}",
                    hint=f"name one of these with {option('column')}",
                )

    def to_frame(self) -> pd.DataFrame:
        """Return the bars as a DataFrame indexed by date."""
        import pandas as pd

        return pd.DataFrame(self.columns, index=pd.DatetimeIndex(self.dates, name="date"))


def combine_sha256(sources: Sequence[Source]) -> str:
    """Return the one file's SHA-256, or that of all the files' digests in order."""
    digests = [source.sha256 for source in sources]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(digests).encode("ascii")).hexdigest()


def format_date(date: np.datetime64) -> str:
    """Write a date as ISO 8601, with the time only where it is not midnight."""
    text = str(date.astype("datetime64[us]"))
    day, _, time = text.partition("T")
    if time == "00:00:00.000000":
        return day
    return f"{day}T{time.removesuffix('.000000')}"
