"""What `stockcast` says when it is given no command: where to begin."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from stockcast import __version__
from stockcast.cli.output import console

_FIRST = {
    "train": "stockcast train prices.csv",
    "predict": "stockcast predict prices.csv",
    "backtest": "stockcast backtest prices.csv",
}
_NEXT = {
    "stockcast demo": "No prices at hand? Try it on a sample.",
    "stockcast --help": "List all commands.",
    "stockcast train --help": "Explain one of them.",
}
_ROOM = 40  # columns that a sentence needs beside a command


def show_overview(commands: Mapping[str, str]) -> None:
    """Show the three commands to begin with, and where to read on.

    Args:
        commands: what each command does, by its name.
    """
    title = f"stockcast {__version__}: a price CSV in, a forecast CSV out"
    first = {typed: commands[name] for name, typed in _FIRST.items()}
    if console.is_json():
        for line in (title, *(f"{typed}: {does}" for typed, does in (first | _NEXT).items())):
            console.say(line)
        return
    console.say(title, style="bold")
    console.say("")
    show_commands(first, _NEXT)


def show_commands(*blocks: Mapping[str, str]) -> None:
    """Show commands with what each does, below it where there is no room beside it.

    Args:
        blocks: a sentence by what is typed; a blank line is between two blocks.
    """
    from rich.text import Text

    width = console.get_console().width
    beside = max(len(typed) for block in blocks for typed in block) + 5
    is_below = beside + _ROOM > width
    indent = 4 if is_below else beside
    for number, block in enumerate(blocks):
        if number:
            console.say("")
        for typed, does in block.items():
            lines = textwrap.wrap(does, max(width - 1 - indent, 20))
            text = Text("  ").append(typed, style="cyan")
            if not is_below:
                text.append(" " * (indent - len(text)) + lines.pop(0))
            text.append("".join(f"\n{' ' * indent}{line}" for line in lines))
            console.get_console().print(text)
