"""`python -m benchmarks.installs WHEEL`: what an install takes, light and whole, as Markdown."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.processes import ROOT

_PRICES = ROOT / "sample_data" / "FB.csv"
_COMMANDS = (
    ("train", str(_PRICES), "--recipe", "fast", "-q"),
    ("predict", str(_PRICES), "-q"),
    ("backtest", str(_PRICES), "--models", "drift", "-q"),
)


def main(wheel: str) -> None:
    """Install the wheel in fresh environments, with and without extras, and try it there."""
    print("| install | libraries | MB | seconds |\n| --- | --: | --: | --: |")
    for extras in ("", "[charts]", "[all]"):
        with tempfile.TemporaryDirectory() as folder:
            began = time.monotonic()
            programs = _install(f"{wheel}{extras}", Path(folder) / "venv")
            seconds = time.monotonic() - began
            for command in _COMMANDS:
                subprocess.run(
                    [programs / "stockcast", *command],
                    cwd=folder,
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
            site = next((Path(folder) / "venv" / "lib").glob("python*/site-packages"))
            libraries = len(list(site.glob("*.dist-info")))
            size = sum(path.stat().st_blocks * 512 for path in site.rglob("*") if path.is_file())
            name = f"`pip install 'stockcast-lstm{extras}'`"
            print(f"| {name} | {libraries} | {size / 1e6:.0f} | {seconds:.0f} |", flush=True)


def _install(what: str, folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    programs = folder / "bin"
    pip = [sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet"]
    constraints = ["--disable-pip-version-check", "-c", ROOT / "constraints.txt"]
    subprocess.run([*pip, *constraints, what], check=True)
    return programs


if __name__ == "__main__":
    main(sys.argv[1])
