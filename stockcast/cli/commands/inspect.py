"""`stockcast inspect`: what the gates and memory cells did, and how far back they remember."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockcast.cli.options.common import OutputOption, option, switch, takes_common_options
from stockcast.cli.options.dates import parse_date, parse_span
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output.observer import StderrObserver
from stockcast.cli.output.tables import Row, TableFormat, write_table
from stockcast.errors import UsageError
from stockcast.files import refuse_overwriting
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.forecast.inspection import Inspection


@takes_read_options
@takes_common_options
def inspect(
    model: Annotated[Path, typer.Argument(help="A model file.", metavar="MODEL")],
    prices: Annotated[str, typer.Argument(help="A CSV file, or - for stdin.", metavar="PRICES")],
    date: Annotated[
        str | None,
        option(
            "--date",
            help="Look at the window before this date. Default: the newest window.",
            metavar="DATE",
        ),
    ] = None,
    start: Annotated[
        str | None,
        option("--from", help="Look at each date from here on instead.", metavar="DATE"),
    ] = None,
    end: Annotated[str | None, option("--to", help="Last date looked at.", metavar="DATE")] = None,
    chart: Annotated[
        Path | None, option("--chart", help="Draw it: .png, .svg or .html", metavar="FILE")
    ] = None,
    summary: Annotated[bool, switch("--summary", help="One line a layer.")] = False,
    memory: Annotated[
        bool,
        switch("--memory", help="One line a step back: how much it counts, how much is kept."),
    ] = False,
    output: OutputOption = None,
    form: Annotated[TableFormat, option("--format", help="How the rows are written.")] = "csv",
    *,
    reading: ReadOptions,
) -> None:
    """Show what the gates and the memory cells did, and how far back the network remembers.

    Writes every gate of every unit at each step of a window as CSV; with
    --from, at the end of each date's own window. Needs no TensorFlow.
    """
    span = parse_span(start, end)
    if span is not None and date is not None:
        raise UsageError("--date and --from", hint="give one window or one span")
    if summary and memory:
        raise UsageError("--summary and --memory", hint="give one of them")
    at = parse_date("--date", date) if date else None
    refuse_overwriting(prices, output, chart)
    refuse_overwriting(str(model), output, chart, kind="model")
    from stockcast.workflows.inspection import inspect as inspect_model

    first, last = span or (None, None)
    seen = inspect_model(
        model, prices, date=at, start=first, end=last, chart=chart, reading=reading,
        observer=StderrObserver(),
    )  # fmt: skip
    describe = _summarize if summary else _describe_memory if memory else _describe_states
    write_table(describe(seen), form, output)


def _describe_states(seen: Inspection) -> Iterator[Row]:
    """Yield a row a layer, unit and step: every gate, the memory cell, the hidden state."""
    from stockcast.prices.history import format_date

    dates = [format_date(date) for date in seen.dates]
    for number, layer in enumerate(seen.layers, start=1):
        states = {f"{name}_gate": gate for name, gate in layer.gates.items()}
        if layer.memory is not None:
            states["cell"] = layer.memory
        states["hidden"] = layer.hidden
        for unit in range(layer.hidden.shape[1]):
            columns = [state[:, unit].tolist() for state in states.values()]
            for step, values in enumerate(zip(*columns, strict=True)):
                yield {
                    "layer": number,
                    "unit": unit + 1,
                    "timestep": int(seen.timesteps[step]),
                    "date": dates[step],
                    **dict(zip(states, values, strict=True)),
                }


def _summarize(seen: Inspection) -> Iterator[Row]:
    """Yield a row a layer: mean openness of each gate, and how fast its memory fades."""
    for number, layer in enumerate(seen.layers, start=1):
        cell = {} if layer.memory is None else {"mean_abs_cell": float(abs(layer.memory).mean())}
        yield {
            "layer": number,
            **{f"{name}_gate": float(gate.mean()) for name, gate in layer.gates.items()},
            **cell,
            "mean_abs_hidden": float(abs(layer.hidden).mean()),
            "memory_half_life": layer.half_life,
            "gradient_half_life": seen.gradient_half_life,
            "half_within": seen.half_within,
        }


def _describe_memory(seen: Inspection) -> Iterator[Row]:
    """Yield a row a step back: the forecast's sensitivity to it, and what each layer has kept."""
    window = len(seen.sensitivity)
    for step in reversed(range(window)):
        yield {
            "steps_back": window - step,
            "timestep": step + 1,
            "sensitivity": float(seen.sensitivity[step]),
            **{
                f"kept_layer_{number}": float(layer.fade[step])
                for number, layer in enumerate(seen.layers, start=1)
            },
        }
