"""`stockcast models`: the models in a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockcast.cli.options.common import ReportFormatOption, takes_common_options
from stockcast.cli.output import console
from stockcast.cli.output.tables import choose_format, write_table
from stockcast.durations import format_duration
from stockcast.errors import ModelError

if TYPE_CHECKING:
    from stockcast.model.listing import StoredModel

_COLUMNS = (
    "model", "ticker", "trained_to", "skill", "verdict", "bytes", "written_at", "age_days",
    "earlier", "problem",
)  # fmt: skip


@takes_common_options
def models(
    folder: Annotated[
        Path, typer.Argument(help="A folder of models.", metavar="DIR", show_default=True)
    ] = Path("models"),
    form: ReportFormatOption = None,
) -> None:
    """List the models in a folder: whose, trained to when, of what skill, how large and how old.

    Exit 5 if one of them cannot be trusted; the others are listed all the same.
    """
    from stockcast.model.listing import list_models

    stored = list_models(folder)
    data = choose_format(form)
    if data is None:
        _show(stored)
    else:
        write_table((one.to_dict("command-line") for one in stored), data, columns=_COLUMNS)
    if not stored:
        console.say(f"no models in {folder}")
    for one in stored:
        if one.problem:
            console.show_error(one.problem, code=ModelError.exit_code)
    if any(one.problem for one in stored):
        raise typer.Exit(ModelError.exit_code)


def _show(all_stored: list[StoredModel]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if console.is_quiet() or not all_stored:
        return
    if console.is_json():
        for one in all_stored:
            console.say(str(one.path), **one.to_dict("command-line"))
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("model", "ticker", "trained to"):
        table.add_column(name, overflow="fold")
    for name in ("skill", "size", "age", "earlier"):
        table.add_column(name, justify="right", no_wrap=True)
    for stored in all_stored:
        row = stored.to_dict()
        skill = "–" if row["skill"] is None else f"{100 * row['skill']:+.1f} %"
        table.add_row(
            Text(stored.path.name, style="red" if stored.problem else ""),
            Text(stored.model.name if stored.model else "–"),
            row["trained_to"] or "–",
            skill,
            f"{stored.size / 1000:,.0f} kB",
            format_duration(max(0.0, stored.age)),
            str(stored.earlier),
        )
    console.show(table)
