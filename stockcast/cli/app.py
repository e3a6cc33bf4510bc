"""The `stockcast` command, and the one place where an error becomes an exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType
from typing import Annotated, Any, NoReturn

import typer
import typer.core

from stockcast.cli.output import console
from stockcast.cli.output.terminal import get_terminal, open_terminal
from stockcast.errors import StockcastError

COMMANDS = {
    "check": "Say how price CSVs are read, and what is odd in them.",
    "prepare": "Turn price CSVs into arrays for any other program.",
    "train": "Train a network and say what it is worth.",
    "predict": "Forecast the next trading days as CSV.",
    "backtest": "Walk forward through a price CSV and compare models.",
    "tune": "Search for a recipe and say what the search proves.",
    "show": "Say what a model file is.",
    "export": "Write a model for Keras, ONNX or NumPy.",
    "inspect": "Show what the gates and the memory cells did.",
    "score": "Say what recorded forecasts were worth.",
    "models": "List the models in a folder.",
    "rollback": "Put the model before the present one back.",
    "doctor": "Look at this installation and this machine.",
    "demo": "Train and forecast on a sample that comes along.",
}
"""Every command, in the order in which --help lists them, and what --help says of it."""


def load_command(name: str) -> Callable[..., None]:
    """Return a command's function, and load no other command.

    Example:
        >>> load_command("rollback").__name__
        'rollback'
    """
    command: Callable[..., None] = getattr(import_module(f"stockcast.cli.commands.{name}"), name)
    return command


class _Commands(typer.core.TyperGroup):
    """Loads a command when it is run, and lists them all in plain text.

    Drawing panels would take as long as all the rest.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        names: dict[str, Any] = dict.fromkeys(COMMANDS)
        self.commands = names

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
        alone.command(cmd_name, short_help=COMMANDS[cmd_name])(load_command(cmd_name))
        return typer.main.get_command(alone)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            from stockcast.cli.output.overview import show_overview

            show_overview(COMMANDS)
            raise typer.Exit(2)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self.rich_markup_mode = None
        super().format_help(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app: typer.Typer = typer.Typer(
    name="stockcast",
    cls=_Commands,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(*, value: bool) -> None:
    if value:
        from stockcast import __version__

        typer.echo(f"stockcast {__version__}\n{_list_versions()}")
        raise typer.Exit


def _list_versions() -> str:
    """Return the versions that a model's bytes depend on, without loading what they are of."""
    import platform
    from importlib import metadata

    versions = [f"Python {platform.python_version()}"]
    for name in ("numpy", "llvmlite", "tensorflow"):
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:  # TensorFlow is an extra
            continue
    return ", ".join(versions)


@app.callback()
def stockcast(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the versions.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Turn a price CSV into a forecast CSV, with a four-layer LSTM in the middle.

    stdout carries data only; everything else goes to stderr. Each option can
    also be set in the environment: --batch-size as STOCKCAST_BATCH_SIZE.
    """
    get_terminal().command = context.invoked_subcommand or ""


def main() -> None:
    """Set up this process for the command line, run it, and exit with its code."""
    _open_closed_streams()
    _use_one_blas_thread()
    # What is imported stays: Python would look through it a hundred times for what is gone.
    gc.set_threshold(100_000)
    # Pydantic would read what each installed package says of itself, looking for plugins.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    # What whoever started us ignores, such as nohup's SIGHUP, stays ignored.
    for name in ("SIGTERM", "SIGHUP", "SIGINT"):
        one = getattr(signal, name, None)  # Windows has no SIGHUP
        if one is not None and signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, _end)
    run()


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line in a process that is set up, and exit with its code.

    Args:
        arguments: default: those of the process.

    Raises:
        SystemExit: always.
    """
    with open_terminal() as terminal:
        try:
            code = app(arguments, standalone_mode=False)
        except typer.TyperException as error:
            _show_usage(error, sys.argv[1:] if arguments is None else arguments)
        except StockcastError as error:
            if terminal.debug:
                traceback.print_exc()
            console.show_error(error.raw_message, error.raw_hint, code=error.exit_code)
            sys.exit(error.exit_code)
        except Exception as error:  # noqa: BLE001 — the outermost line
            if terminal.debug:
                traceback.print_exc()
            # Typer has an exception of its own for the end of input.
            cause = error.__cause__ if isinstance(error, typer.Abort) else None
            _show_bug(cause if isinstance(cause, Exception) else error)
    sys.exit(code or 0)


def _show_usage(error: typer.TyperException, arguments: Sequence[str]) -> NoReturn:
    from stockcast.cli.output.usage import asks_for_json, explain_usage

    get_terminal().as_json |= asks_for_json(arguments)
    message, hint = explain_usage(error)
    console.show_error(message, hint, code=error.exit_code)
    sys.exit(error.exit_code)


def _show_bug(error: Exception) -> NoReturn:
    """Say what nobody foresaw, or that files of another project are the cause; and exit."""
    if isinstance(error, ImportError | AttributeError):
        from stockcast.imports import find_clash

        clash = find_clash()
        if clash is not None:
            console.show_error(clash.raw_message, clash.raw_hint, code=clash.exit_code)
            sys.exit(clash.exit_code)
    console.show_error(
        f"a bug in stockcast: {type(error).__name__}: {error}",
        "run it again with --debug and report what it prints",
    )
    sys.exit(1)


def _end(signum: int, frame: FrameType | None) -> None:
    """Leave through every `finally`, so that no half file stays behind; the second time at once."""
    signal.signal(signum, signal.SIG_DFL)
    if signum == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + signum)


def _use_one_blas_thread() -> None:
    """Keep NumPy's products on one thread: they are too small to share.

    More threads only wait for each other, on all cores, and beside other work for seconds. What
    the user has set holds. BLAS reads it when NumPy is imported, which comes later.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        for library in ("OPENBLAS", "MKL", "BLIS"):
            os.environ.setdefault(f"{library}_NUM_THREADS", "1")
        os.environ.setdefault("VECLIB_MAXIMUM_THREADS", "1")


def _open_closed_streams() -> None:
    """Keep files that are opened later from becoming a closed stdin, stdout or stderr."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
