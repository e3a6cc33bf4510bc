"""Tables on stderr: figures beside names, and lines of text beside labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from stockcast.cli.output import console

if TYPE_CHECKING:
    from rich.table import Table

    from stockcast.report.tail_wording import Tails


def tabulate(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    names: int = 1,
    wraps: bool = False,
    styles: Sequence[str] = (),
    **more: Any,
) -> Table:
    """Return a table of rows: names, which are folded where they are long, then figures.

    Args:
        titles: of the columns.
        rows: cells as they are shown.
        names: how many columns have names.
        wraps: whether figures may take several lines.
        styles: of each row's first name; those that are missing are plain.
        more: of the table, as Rich names it.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(**{"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), **more})
    for number, title in enumerate(titles):
        if number < names:
            table.add_column(title, overflow="fold")
        else:
            table.add_column(title, justify="right", no_wrap=not wraps)
    for row, style in zip(rows, chain(styles, repeat("")), strict=False):
        table.add_row(Text(row[0], style=style), *row[1:])
    return table


def show_lines(title: str, lines: Iterable[tuple[str, str]]) -> None:
    """Print lines of text beside their labels, under a title."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for label, text in lines:
        table.add_row(Text(label, style="dim"), Text(text))
    console.get_console().print(Text(title, style="bold"))
    console.get_console().print(table)


def show_tails(rows: Sequence[tuple[str, Tails]], explanation: str) -> None:
    """Show how one-sided quantiles held, a row a name; nothing where there are none."""
    from stockcast.report.tail_wording import list_tail_cells, list_tail_titles

    if not rows or not rows[0][1]:
        return
    titles = list_tail_titles([one.quantile for one in rows[0][1]])
    console.say("")
    console.say(explanation)
    cells = [(name, *list_tail_cells(tails)) for name, tails in rows]
    console.show(tabulate(["", *titles], cells, show_edge=False, pad_edge=False))
