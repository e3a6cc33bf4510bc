"""Terminal sessions as pictures: docs/images/screens/*.svg, drawn from real runs by Rich.

    make screens

Each command runs in a folder of its own, on a terminal of 80 columns. The pictures need no
network: of Rich's format the fonts that a browser would fetch are left out. Paths of this machine
are shown below `~`, and figures of it (`doctor`) are this machine's.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "images" / "screens"
COLUMNS = 80
SCREENS = {
    "overview": ["stockcast"],
    "check": ["stockcast check sample_data/GOOG.csv"],
    "train": ["stockcast train sample_data/IBM.csv --recipe fast"],
    "predict": ["stockcast predict sample_data/IBM.csv --horizon 5 --level 80 | cut -d, -f2-6"],
    "backtest": ["stockcast backtest sample_data/IBM.csv --models har,drift -o walk.csv"],
    "doctor": ["stockcast doctor"],
}
"""Each picture's command lines; they run one after the other in one folder."""

_FONTS = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", _FONTS
)
_CODE = re.compile(r"\x1b\[\??([\d;]*)([A-Za-z])")


def draw_screens(folder: Path) -> None:
    """Run all commands, and write a picture of each into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        furnish(Path(place))
        for name, lines in SCREENS.items():
            seen = [(line, run_line(line, Path(place))) for line in lines]
            (folder / f"{name}.svg").write_text(draw_screen(name, seen, Path(place)))
            print(f"{folder.relative_to(ROOT)}/{name}.svg", file=sys.stderr)


def furnish(place: Path) -> None:
    """Put sample prices and the command where the command lines look for them."""
    (place / "bin").mkdir()
    command = place / "bin" / "stockcast"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m stockcast "$@"\n')
    command.chmod(0o755)
    (place / "sample_data").mkdir()
    for path in (ROOT / "sample_data").glob("*.csv"):
        shutil.copy(path, place / "sample_data")


def run_line(line: str, place: Path) -> str:
    """Return what a command line leaves on a terminal, colours and all."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    settings = {
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
    }  # fmt: skip
    with subprocess.Popen(
        ["bash", "-c", line],
        cwd=place,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        seen = bytearray()
        try:
            while part := os.read(ours, 65_536):
                seen += part
        except OSError:  # how Linux tells that nobody is left to write
            pass
    os.close(ours)
    return show_lines(seen.decode())


def show_lines(text: str) -> str:
    """Return the lines that are there at the end: bars that were drawn over and wiped are not."""
    lines, at, place = [""], 0, 0
    text = text.replace("\r\n", "\n")
    while place < len(text):
        code = _CODE.match(text, place)
        if code is not None and code[2] == "A":
            at = max(at - int(code[1] or 1), 0)
        elif code is not None and code[2] == "K":
            lines[at] = ""
        elif code is not None and code[2] == "m":
            lines[at] += code[0]
        elif code is None and text[place] == "\n":
            at += 1
            lines += [""] * (at + 1 - len(lines))
        elif code is None and text[place] == "\r":
            lines[at] = ""  # what comes is drawn over it
        elif code is None:
            lines[at] += text[place]
        place = place + 1 if code is None else code.end()
    return "\n".join(lines).rstrip()


def draw_screen(name: str, seen: list[tuple[str, str]], place: Path) -> str:
    """Return command lines with what they printed as an SVG."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line, output in seen:
        console.print(Text.assemble(("$ ", "bright_black"), (line, "bold")))
        shown = output.replace(str(place), "~").replace(str(ROOT), "~/stockcast")
        console.print(Text.from_ansi(shown), end="\n\n" if line != seen[-1][0] else "\n")
    svg = console.export_svg(
        title="stockcast", theme=MONOKAI, code_format=_FORMAT, unique_id=f"screen-{name}"
    )
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


if __name__ == "__main__":
    draw_screens(FOLDER)
