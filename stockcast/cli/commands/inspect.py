"""`stockcast inspect`: what the gates and memory cells did, and how far back they remember."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stockcast.cli.options.common import Debug, OutputOption, Quiet, Verbose, option, switch
from stockcast.cli.options.dates import parse_date, parse_span
from stockcast.cli.options.loading import load_both
from stockcast.cli.options.reading import takes_read_options
from stockcast.cli.output import console
from stockcast.cli.output.tables import Row, TableFormat, refuse_overwriting, write_table
from stockcast.errors import UsageError
from stockcast.prices.csv.options import ReadOptions

if TYPE_CHECKING:
    from stockcast.forecast.inspection import Inspection


@takes_read_options
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
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
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
    if chart is not None:
        from stockcast.report.gates import check_gates_name

        check_gates_name(chart)

    from stockcast.forecast.inspector import inspect_span, inspect_window

    trained, _, history = load_both(model, prices, reading)
    if span is not None:
        seen = inspect_span(trained, history, start=span[0], end=span[1])
    else:
        seen = inspect_window(trained, history, date=at)
        if at is not None and seen.forecast_date is not None and at > seen.forecast_date:
            console.warn(f"the prices end before {date}; this is their newest window")
    _tell(seen)
    if chart is not None:
        from stockcast.report.gates import draw_gates

        draw_gates(seen, chart)
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


def _tell(seen: Inspection) -> None:
    """Show the layers' mean gates and half-lives on stderr, and say how far back it remembers."""
    if console.quiet:
        return
    from rich import box
    from rich.table import Table

    from stockcast.report import wording

    console.say(f"{wording.name_cells(seen)}: {wording.describe_span(seen)}")
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("layer", justify="right")
    for name in seen.layers[0].gates:
        table.add_column(f"{name} gate", justify="right")
    table.add_column("memory halves in", justify="right")
    for number, layer in enumerate(seen.layers, start=1):
        means = [f"{gate.mean():.2f}" for gate in layer.gates.values()]
        table.add_row(str(number), *means, wording.count_steps(layer.half_life, seen))
    console.get_console().print(table)
    if seen.layers[0].memory is None:
        console.say("a GRU has no memory cell: the update gate keeps the hidden state itself")
    console.say(f"how far back it remembers: {wording.describe_reach(seen)}")
