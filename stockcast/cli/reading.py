"""The options by which a user says what a price file leaves open; the same for every command."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from stockcast.cli.options import option, switch
from stockcast.errors import UsageError

if TYPE_CHECKING:
    from stockcast.prices.options import ReadOptions

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
        Literal["first", "last"] | None,
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
            help="Order of day and month, such as %d/%m/%Y or %m/%d/%Y.",
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
}
_CANONICAL = ("auto", "open", "high", "low", "close", "adj_close")


def takes_read_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options for reading prices; it takes them as one `reading`.

    A `column` of the command's is the header of a column, which the reader then takes for the
    close; for a command with a recipe, only if it is none of the canonical names.
    """
    parameters = dict(inspect.signature(command, eval_str=True).parameters)
    del parameters["reading"]
    has_recipe = "recipe" in parameters
    switches = ("wide", "no_header")
    for name, annotation in _OPTIONS.items():
        parameters[name] = inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=False if name in switches else None,
            annotation=annotation,
        )

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        said = {name: values.pop(name) for name in _OPTIONS}
        column = values.get("column")
        if column is not None and not (has_recipe and column in _CANONICAL):
            said["column"], values["column"] = column, "close"
        command(**values, reading=_build(**said))

    # Typer would look through it.
    del wrapper.__wrapped__
    ordered = sorted(
        parameters.values(), key=lambda one: one.kind is inspect.Parameter.KEYWORD_ONLY
    )
    wrapper.__signature__ = inspect.Signature(ordered)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {name: one.annotation for name, one in parameters.items()}
    return wrapper


def _build(
    *, date_format: str | None, no_header: bool, delimiter: str | None, encoding: str | None,
    **said: Any,
) -> ReadOptions:  # fmt: skip
    import codecs

    from stockcast.prices.options import ReadOptions

    if delimiter is not None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1:
            raise UsageError(f"--delimiter is {delimiter!r}, expected one character, or tab")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise UsageError(
                f"--encoding is {encoding!r}, which is none that Python knows",
                hint="such as utf-8, cp1252, cp932, gb18030",
            ) from None
    if said["decimal"] is not None and said["decimal"] == said["thousands"]:
        raise UsageError(f"--decimal and --thousands are both {said['decimal']!r}")
    order: Any = _parse_order(date_format) if date_format is not None else None
    return ReadOptions(
        date_order=order, header=not no_header, delimiter=delimiter, encoding=encoding, **said
    )


def _parse_order(text: str) -> str:
    """`%d/%m/%Y`, `dd.mm.yyyy` and `dmy` all say day, month, year."""
    letters = re.findall(r"%([dmyYbB])", text) or re.findall(r"([dmyDMY])\1*", text)
    order = "".join("m" if letter in "bB" else letter.lower() for letter in letters)
    if order not in ("dmy", "mdy", "ymd"):
        raise UsageError(
            f"--date-format is {text!r}, expected an order of day, month and year",
            hint="such as %d/%m/%Y, %m/%d/%Y or %Y-%m-%d",
        )
    return order
