"""The options by which a user says what a price file leaves open; the same for every command."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from stockcast.cli.options.common import option, switch
from stockcast.cli.options.groups import Decorator, option_group
from stockcast.prices.csv.options import Keep, ReadOptions

_PANEL = "Reading prices (where the file cannot say)"
_OPTIONS: dict[str, Any] = {
    "ticker": Annotated[
        str | None,
        option(
            "--ticker",
            help="Which ticker of a file with a ticker column; without one, what to call it.",
            metavar="NAME",
            rich_help_panel=_PANEL,
        ),
    ],
    "on_duplicate": Annotated[
        Keep | None,
        option(
            "--on-duplicate",
            help="Which row to keep where a date stands twice with different prices.",
            rich_help_panel=_PANEL,
        ),
    ],
    "wide": Annotated[
        bool,
        switch(
            "--wide",
            help="Every column, or group of columns with one suffix, is a ticker.",
            rich_help_panel=_PANEL,
        ),
    ],
    "date_column": Annotated[
        str | None,
        option(
            "--date-column",
            help="Header of the date column.",
            metavar="NAME",
            rich_help_panel=_PANEL,
        ),
    ],
    "date_format": Annotated[
        str | None,
        option(
            "--date-format",
            help="Order of day and month, such as %d/%m/%Y; or buddhist, jalali, roc: a calendar.",
            metavar="FORMAT",
            rich_help_panel=_PANEL,
        ),
    ],
    "decimal": Annotated[
        Literal[".", ","] | None,
        option("--decimal", help="Decimal mark.", rich_help_panel=_PANEL),
    ],
    "thousands": Annotated[
        Literal[".", ",", " ", "'"] | None,
        option("--thousands", help="Mark between groups of digits.", rich_help_panel=_PANEL),
    ],
    "delimiter": Annotated[
        str | None,
        option(
            "--delimiter",
            help="Between cells: , ; | or tab.",
            metavar="MARK",
            rich_help_panel=_PANEL,
        ),
    ],
    "encoding": Annotated[
        str | None,
        option(
            "--encoding",
            help="Such as utf-8, cp1252, cp932, gb18030.",
            metavar="NAME",
            rich_help_panel=_PANEL,
        ),
    ],
    "no_header": Annotated[
        bool,
        switch("--no-header", help="The first line is data.", rich_help_panel=_PANEL),
    ],
    "sheet": Annotated[
        str | None,
        option(
            "--sheet",
            help="Which sheet of a workbook with several.",
            metavar="NAME",
            rich_help_panel=_PANEL,
        ),
    ],
    "member": Annotated[
        str | None,
        option(
            "--member",
            help="Which file of a ZIP archive with several.",
            metavar="NAME",
            rich_help_panel=_PANEL,
        ),
    ],
}
_HEADER: dict[str, Any] = {
    "column": Annotated[
        str | None,
        option(
            "--column",
            help="Header of the one column to read as the close.",
            metavar="NAME",
            rich_help_panel=_PANEL,
        ),
    ]
}


def _build(*, no_header: bool, delimiter: str | None, **said: Any) -> ReadOptions:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter or "", delimiter)
    return ReadOptions(header=not no_header, delimiter=delimiter, **said)


# Where a recipe has a column too, its option says both: see `apply_column`.
takes_read_options: Decorator = option_group("reading", {**_OPTIONS, **_HEADER}, _build)
takes_read_options_beside_recipe: Decorator = option_group("reading", _OPTIONS, _build)
