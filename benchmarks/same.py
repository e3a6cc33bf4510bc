"""Does this version do byte for byte what an earlier one did? Runs the same command lines on both.

    git worktree add ../before <commit>
    make same BASE=../before

`command_lines.txt` holds the lines. What each prints, its exit code and the files of its folder are
compared; times are left out. Differences are printed, and the exit code is 1 if there are any.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = Path(__file__).with_name("command_lines.txt")
_TIMES = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d+(\.\d+)? ?(ms|s|seconds?|min|h)\b"), "<seconds>"),
    (re.compile(r'"(seconds|time|pid)": ?[^,}]+'), r'"\1": <time>'),
    (re.compile(r",\d+(\.\d+)?,(trained|unchanged|rejected|failed)"), r",<seconds>,\2"),
    (re.compile(r"\d+(\.\d+)? (tickers|files) a second"), "<rate>"),
]
_LONGEST = 120  # seconds


@dataclass(frozen=True)
class Section:
    """Command lines that run one after the other in a folder of their own."""

    name: str
    lines: tuple[str, ...]


def read_sections(path: Path = LINES) -> Iterator[Section]:
    """Read the command lines: `# name` begins a section."""
    for part in re.split(r"^# ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, *lines = part.splitlines()
        yield Section(name.strip(), tuple(line for line in lines if line.strip()))


def fill_folder(folder: Path) -> None:
    """Put the price files there that the command lines name."""
    samples = ROOT / "sample_data"
    for name in ("FB", "GOOG", "IBM"):
        header, *rows = (samples / f"{name}.csv").read_text().splitlines()
        (folder / f"{name}.csv").write_text("\n".join([header, *rows[-190:]]) + "\n")
    rows = (folder / "FB.csv").read_text().splitlines()
    dates, closes = [r.split(",")[0] for r in rows[1:]], [r.split(",")[4] for r in rows[1:]]
    files = {
        "two.csv": rows[:3],
        "empty.csv": [],
        "head.csv": rows[:1],
        "text.csv": ["hello", "world"],
        "dup.csv": [*rows[:150], *rows[140:]],
        "hole.csv": [r if n % 50 else r.replace(r.split(",")[4], "") for n, r in enumerate(rows)],
        "wrong.csv": [*rows[:100], "2012-13-45,1,2,3,4,5,6", *rows[100:]],
        "flat.csv": ["Date,Close", *(f"{date},10" for date in dates)],
        "long.csv": [
            "ticker,date,close",
            *(f"AAA,{d},{c}" for d, c in zip(dates, closes, strict=True)),
            *(f"BBB,{d},{float(c) * 2:.4f}" for d, c in zip(dates, closes, strict=True)),
        ],
        "kurse.csv": [
            "Datum;Schluss",
            *(
                f"{d[8:]}.{d[5:7]}.{d[:4]};{c.replace('.', ',')}"
                for d, c in zip(dates, closes, strict=True)
            ),
        ],
    }
    for name, lines in files.items():
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    (folder / "prices").mkdir()
    for name in ("FB", "GOOG", "IBM"):
        shutil.copy(folder / f"{name}.csv", folder / "prices")
    (folder / "tiny.toml").write_text("epochs = 2\nunits = 4\nlayers = 2\nwindow = 10\n")
    (folder / "bad.toml").write_text("epochs = -2\n")
    (folder / "odd.toml").write_text("eposch = 2\n")


def run_section(section: Section, source: Path, python: str) -> list[str]:
    """Run a section's lines with the package in `source`; return what there is to compare."""
    report: list[str] = []
    with tempfile.TemporaryDirectory(prefix="same-") as place:
        folder = Path(place)
        fill_folder(folder)
        for line in section.lines:
            report += [f"$ {line}", *_run_line(line, folder, source, python)]
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                report.append(f"{path.relative_to(folder)} {_digest(path)}")
        return [text.replace(place, "<folder>") for text in report]


def _run_line(line: str, folder: Path, source: Path, python: str) -> list[str]:
    words = shlex.split(line)
    environment = {**os.environ, "PYTHONPATH": str(source), "COLUMNS": "100", "TERM": "dumb"}
    while "=" in words[0] and words[0].split("=")[0].isupper():
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    stdin = subprocess.DEVNULL
    if "<" in words:
        at = words.index("<")
        stdin = (folder / words[at + 1]).open("rb")  # type: ignore[assignment]
        words = words[:at]
    done = subprocess.run(
        [python, "-m", "stockcast", *words],
        cwd=folder,
        env=environment,
        stdin=stdin,
        capture_output=True,
        timeout=_LONGEST,
        check=False,
    )
    parts = [f"exit {done.returncode}"]
    for name, content in (("out", done.stdout), ("err", done.stderr)):
        text = content.decode(errors="replace")
        parts += [f"{name}: {_without_times(one)}" for one in text.splitlines()]
    return parts


def _without_times(text: str) -> str:
    for pattern, word in _TIMES:
        text = pattern.sub(word, text)
    return text


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix in {".csv", ".json", ".html", ".svg", ".jsonl"}:
        content = _without_times(content.decode(errors="replace")).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def main() -> int:
    """Run the sections on both versions and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", type=Path, help="folder of the earlier version")
    parser.add_argument("--keep", type=Path, help="folder in which the earlier results are kept")
    parser.add_argument("--here", type=Path, default=ROOT, help="folder of this version")
    parser.add_argument("--only", default="", help="pattern of sections' names")
    chosen = parser.parse_args()
    different = lines = 0
    for section in read_sections():
        if not re.search(chosen.only, section.name):
            continue
        kept = chosen.keep / f"{section.name}.txt" if chosen.keep else None
        if kept and kept.is_file():
            before = kept.read_text().splitlines()
        else:
            before = run_section(section, chosen.base.resolve(), sys.executable)
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text("\n".join(before))
        after = run_section(section, chosen.here.resolve(), sys.executable)
        lines += len(section.lines)
        found = list(difflib.unified_diff(before, after, "before", "after", lineterm="", n=4))
        different += bool(found)
        sys.stdout.write(f"{section.name}: {'different' if found else 'the same'}\n")
        sys.stdout.write("".join(f"    {text}\n" for text in found))
        sys.stdout.flush()
    sys.stdout.write(f"{lines} command lines, {different} sections differ\n")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
