"""`python -m docs.figures`: the pictures and the numbers of docs/what-is-an-lstm.md.

It measures the model that comes along and draws every picture. `python -m docs.figures train`
first trains again what the page compares, 20 minutes on two cores. All numbers go to
numbers.json beside this file; a test holds the page to them, and them to the program.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from docs.figures import cells, market, pictures, recall
from stockcast.files import replace_file

NUMBERS = Path(__file__).with_name("numbers.json")


def main(arguments: list[str]) -> None:
    """Measure, train if asked to, and draw."""
    found = read_numbers()
    if arguments == ["train"]:
        found |= {"recall": recall.train_all(), "cells": cells.train_cells()}
    window = market.run_window()
    found |= {
        "day": market.take_step(window),
        "gradients": market.follow_gradients(window),
        "gates": market.measure_gates(window),
        "qlike": market.score_held(),
    }
    write_numbers(found)
    pictures.draw_all(window, found["recall"])


def read_numbers() -> dict[str, Any]:
    """Return what was measured last."""
    found: dict[str, Any] = json.loads(NUMBERS.read_text(encoding="utf-8"))
    return found


def write_numbers(found: dict[str, Any]) -> None:
    """Write numbers to six digits, a list a line: more would change from machine to machine."""
    shortened = json.loads(
        json.dumps(found), parse_float=lambda number: float(f"{float(number):.6g}")
    )
    with replace_file(NUMBERS) as temporary:
        lines = json.dumps(shortened, indent=1)
        on_a_line = re.sub(r"\[[^\[\]{}]*\]", lambda found: " ".join(found[0].split()), lines)
        temporary.write_text(on_a_line + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
