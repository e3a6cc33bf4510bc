"""Write the same made-up prices plainly, with semicolons and quotes, and in five ways in turn."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

_NAMES = ("Date", "Open", "High", "Low", "Close", "Volume")
_PREAMBLE = "Historical prices\nCurrency: USD\n\n"


def main() -> None:
    """FOLDER COUNT ROWS: write COUNT files each into FOLDER/plain, FOLDER/odd and FOLDER/mixed."""
    folder, count, rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    days: list[date] = np.busday_offset("2015-01-02", np.arange(rows), roll="forward").tolist()
    for kind in ("plain", "odd", "mixed"):
        (folder / kind).mkdir()
    for number in range(count):
        random = np.random.default_rng(number)
        close = 0.9 * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
        opened = close * np.exp(random.normal(0, 0.005, rows))
        columns = (
            opened,
            np.maximum(opened, close) * 1.01,
            np.minimum(opened, close) * 0.99,
            close,
        )
        volume = random.integers(100_000, 10_000_000, rows).astype(str).tolist()
        long, short = (
            [*([f"{value:.{places}f}" for value in column] for column in columns), volume]
            for places in (6, 3)
        )
        name = f"T{number:05}.csv"
        plain = _join(days, "%Y-%m-%d", long)
        (folder / "plain" / name).write_text(plain)
        (folder / "odd" / name).write_text(_join(days, "%Y-%m-%d", short, ";", '"'))
        mixed = folder / "mixed"
        if number % 5 == 0:
            commas = [[cell.replace(".", ",") for cell in column] for column in long]
            (mixed / name).write_text(_join(days, "%d.%m.%Y", commas, ";"))
        elif number % 5 == 1:
            (mixed / name).write_text(_PREAMBLE + plain)
        elif number % 5 == 2:
            (mixed / name).write_text(_join(days, "%b %d, %Y", long, quote='"'))
        elif number % 5 == 3:
            (mixed / name).write_text(_join(days, "%m/%d/%Y", long))
        else:
            (mixed / f"{name}.gz").write_bytes(gzip.compress(plain.encode()))


def _join(
    days: Sequence[date],
    form: str,
    columns: Sequence[Sequence[str]],
    delimiter: str = ",",
    quote: str = "",
) -> str:
    lines = [_NAMES, *zip([f"{day:{form}}" for day in days], *columns, strict=True)]
    between = quote + delimiter + quote
    return "".join(f"{quote}{between.join(line)}{quote}\n" for line in lines)


if __name__ == "__main__":
    main()
