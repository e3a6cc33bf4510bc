"""Blocks of the documents: what they run, where, and whether that prints what they say."""

from __future__ import annotations

import fcntl
import math
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
import threading
from dataclasses import dataclass
from pathlib import Path

from tests.inside import run_on
from tests.support import ROOT, SAMPLES

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(
    r"^(?:<!-- (?P<how>not run|one epoch): (?P<why>[^>]+) -->\n+)?"
    r"^```(?P<kind>console|python)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
# What is another number each time, and no finding.
_TIMES = [
    (re.compile(r"\b[\d.,]+ (seconds?|minutes?|days ago)"), r"some \1"),
    (re.compile(r",[\d.]+,(trained|unchanged|rejected|failed)\b"), r",some,\1"),
]
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_NEAR = 0.005  # of a number; what was trained elsewhere differs by that much at most
_COLUMNS = 80  # of the terminal that the documents show
_END = b"\0the end\0"  # of what a command line wrote; none of ours writes a null
_OF_THE_SHELL = re.compile(r"[|&;<>()$`\\\"*?\[\]{}~]")


@dataclass(frozen=True)
class Block:
    """A block of a document.

    Attributes:
        page: the document's name.
        line: where it begins, from 1.
        kind: `console` or `python`.
        text: between the fences.
        how: `not run` or `one epoch`, as a comment above it says; empty: all of it is run.
        why: the comment's reason.
    """

    page: str
    line: int
    kind: str
    text: str
    how: str
    why: str

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The command lines of a console, each with what is shown of its output."""
        joined = re.sub(r"\\\n\s*", "", self.text)
        parts = re.split(r"^\$ (.*)\n", joined, flags=re.MULTILINE)
        assert parts[0] == "", f"{self.page}:{self.line} begins without a prompt"
        return list(zip(parts[1::2], parts[2::2], strict=True))


def read_blocks(page: Path) -> list[Block]:
    """Return the blocks of a document that show commands or Python."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page.name,
            text.count("\n", 0, found.start("text")),
            found["kind"],
            found["text"],
            found["how"] or "",
            found["why"] or "",
        )
        for found in _BLOCK.finditer(text)
    ]


def furnish_page(folder: Path) -> None:
    """Put into a folder what the documents take for granted: prices, and the command itself."""
    (folder / "sample_data").mkdir()
    for path in SAMPLES.glob("*.csv"):
        shutil.copy(path, folder / "sample_data")
    shutil.copy(SAMPLES / "FB.csv", folder / "data.csv")
    shutil.copy(SAMPLES / "MSFT.csv", folder / "another.csv")
    (folder / "prices").mkdir()
    for name in ("AAPL", "IBM"):
        shutil.copy(SAMPLES / f"{name}.csv", folder / "prices")
    (folder / "kurse.csv").write_text(
        "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen\n"
        "11.01.2023;14.812,70;14.952,10;14.801,35;14.947,91;65.120.400\n"
        "12.01.2023;14.983,45;15.121,60;14.946,20;15.058,30;71.984.100\n"
        "13.01.2023;15.062,15;15.104,80;15.003,25;15.086,52;58.743.900\n",
        encoding="utf-8",
    )
    (folder / "docs" / "images").mkdir(parents=True)
    (folder / "bin").mkdir()
    for name, arguments in (("stockcast", "-m stockcast "), ("python", "")):
        command = folder / "bin" / name
        command.write_text(f'#!/bin/sh\nexec {sys.executable} {arguments}"$@"\n')
        command.chmod(0o755)


def run_line(line: str, folder: Path, **env: str) -> tuple[int, str]:
    """Run a command line on a terminal; return its exit code and what is seen there.

    A plain `stockcast …` runs in this process, where its libraries are loaded already, and all
    else in a shell.
    """
    settings = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "TERM": "dumb",
        **env,
    }  # fmt: skip
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, _COLUMNS, 0, 0))
    seen = bytearray()
    reader = threading.Thread(target=_read_to_end, args=(ours, seen), daemon=True)
    reader.start()
    arguments = split_plain(line)
    if arguments is None:
        code = _run_in_shell(line, theirs, folder, settings)
    else:
        code = run_on(theirs, theirs, arguments, stdin=None, cwd=folder, env=settings)
    os.write(theirs, _END)  # helpers of this process may hold the terminal for longer
    reader.join()
    os.close(theirs)
    os.close(ours)
    return code, seen.removesuffix(_END).decode().replace("\r\n", "\n")


def split_plain(line: str) -> list[str] | None:
    """Return the arguments of a command line that is `stockcast …`; None if it takes a shell."""
    if not line.startswith("stockcast ") or _OF_THE_SHELL.search(re.sub("'[^']*'", "", line)):
        return None
    return shlex.split(line, comments=True)[1:]


def _run_in_shell(line: str, terminal: int, folder: Path, env: dict[str, str]) -> int:
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=folder,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    ).returncode


def _read_to_end(descriptor: int, seen: bytearray) -> None:
    while not seen.endswith(_END):
        seen += os.read(descriptor, 65_536)


def find_difference(shown: str, seen: str) -> str:
    """Return where an output is not what a document shows; empty if it is.

    Blanks and line ends count for nothing, a `…` between them stands for any text, and numbers
    that are measured or trained may be a little off.
    """
    words = _split(seen)
    parts: list[list[str]] = [[]]
    for word in _split(shown):
        if word == "…":
            parts.append([])
        else:
            parts[-1].append(word)
    at = 0
    for number, part in enumerate(parts):
        begins = range(at, len(words) - len(part) + 1)
        if number == 0:
            begins = begins[:1]
        elif number == len(parts) - 1:
            begins = begins[-1:]
        begin = next((one for one in begins if _begin_alike(part, words[one:]) == len(part)), None)
        if begin is None:
            return _tell_difference(part, words[at:])
        at = begin + len(part)
    return "" if at == len(words) else f"after it came {' '.join(words[at : at + 12])}"


def _tell_difference(part: list[str], words: list[str]) -> str:
    best = max(range(max(len(words), 1)), key=lambda one: _begin_alike(part, words[one:]))
    same = _begin_alike(part, words[best:])
    shown = " ".join(part[same : same + 8]) or "(the end)"
    return f"shown is {shown}, came {' '.join(words[best + same : best + same + 8]) or '(the end)'}"


def _begin_alike(part: list[str], words: list[str]) -> int:
    """Return how many words at the beginning of both are alike."""
    count = 0
    for one, other in zip(part, words, strict=False):
        if not _is_near(one, other):
            break
        count += 1
    return count


def _split(text: str) -> list[str]:
    for pattern, word in _TIMES:
        text = pattern.sub(word, text)
    text = re.sub(r"(?<=\d)\s%", "%", text)
    return [
        cell
        for word in text.split()
        for cell in (word.split(",") if word.count(",") > 3 else [word])
    ]


def _is_near(shown: str, seen: str) -> bool:
    """Whether a word is another but for rounding: counts and dates have to be the same."""
    if shown == seen:
        return True
    if _NUMBER.sub("0", shown) != _NUMBER.sub("0", seen):
        return False
    pairs = zip(_NUMBER.findall(shown), _NUMBER.findall(seen), strict=True)
    return all(_are_near(*pair, is_share=shown.endswith("%")) for pair in pairs)


def _are_near(shown: str, seen: str, *, is_share: bool) -> bool:
    if "." not in shown and not is_share:
        return shown == seen
    one, other = (float(number.replace(",", "")) for number in (shown, seen))
    last_digit = 10.0 ** -len(shown.partition(".")[2].partition("e")[0])
    return math.isclose(one, other, rel_tol=_NEAR, abs_tol=1.01 * last_digit)
