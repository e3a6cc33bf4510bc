"""What `demo` tells beside what its commands tell: each command, and what to try next."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.cli.output import console
from stockcast.cli.output.overview import show_commands
from stockcast.imports import find_missing

if TYPE_CHECKING:
    from stockcast.workflows.events.models import DemoStep


def show_step(step: DemoStep) -> None:
    """Show a command as it is typed, and what it does, as a comment."""
    console.say("")
    console.say(f"$ {step.call}", style="bold cyan")
    console.say(f"# {step.meaning}")


def show_what_next(folder: Path) -> None:
    """Show commands to go on with, in the folder of the demo and with prices of one's own."""
    if console.is_quiet() or console.is_json():
        return
    place = shlex.quote(str(folder))
    chart, words = "", ""
    if find_missing("charts") is None:
        chart, words = " --chart next.png", ", and draw how far the price may be from here"
    console.say("")
    console.say(f"All of it is in {place}/. Next:", style="bold")
    show_commands(
        {
            f"cd {place}": "Stay where the sample is.",
            f"stockcast predict GOOG.csv -m GOOG.safetensors --horizon 5{chart}": (
                f"Look five sessions ahead{words}."
            ),
            "stockcast backtest GOOG.csv -m GOOG.safetensors --models drift --summary": (
                "See what it would have said on each day since it was trained."
            ),
            "stockcast train prices.csv": "Do it with prices of your own, from any provider.",
        }
    )
