"""The options for prices that a network sees beside its ticker's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from stockcast.cli.options.common import option

CovariatesOption = Annotated[
    str | None,
    option(
        "--covariates",
        help="Price files that the network sees beside the prices, such as spx.csv,vix.csv: at "
        "each bar their newest one at or before its date; or a TOML file that lists them.",
        metavar="FILE,…",
    ),
]
CovariateAgeOption = Annotated[
    int,
    option(
        "--covariate-age",
        help="Bars that the newest one of a covariate may be old.",
        min=0,
        metavar="BARS",
    ),
]


def parse_covariates(text: str | None) -> tuple[str, ...]:
    """`spx.csv, vix.csv` ─▶ its files; none if the option was not given."""
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def list_covariate_files(named: tuple[str, ...]) -> list[str]:
    """Return the files of covariates, those among them that a TOML file names."""
    if not named:
        return []
    from stockcast.workflows.covariate_file import is_covariate_file, read_covariate_file

    tables = [read_covariate_file(Path(name)) for name in named if is_covariate_file(name)]
    return [*named, *(str(entry.path) for table in tables for entry in table)]
