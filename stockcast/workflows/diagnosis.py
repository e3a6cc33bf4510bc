"""Diagnosis: what this installation and this machine can do, and what is wrong with them."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from stockcast import __version__
from stockcast.errors import StockcastError, Style, option, render_options
from stockcast.imports import DISTRIBUTION, EXTRAS, find_clash, find_missing
from stockcast.markup import render_table

if TYPE_CHECKING:
    import pandas as pd

State = Literal["ok", "note", "wrong"]

_LIBRARIES = ("numpy", "pandas", "pyarrow", "llvmlite", "scipy", "arch")
_USES = {
    "charts": "charts and pages",
    "cluster": "many tickers in several processes, Dask",
    "excel": "workbooks",
    "onnx": "export to ONNX",
    "sklearn": "LSTMRegressor",
    "tensorflow": "a GPU, .keras files",
    "tune": "a search",
}  # of each extra
_LEAST_FREE = 200e6  # bytes


@dataclass(frozen=True)
class DoctorCheck:
    """One thing that was looked at.

    Attributes:
        name: of it.
        state: `ok`; `note`, where something is missing that not all need; or `wrong`.
        found: what was found.
        advice: what to do about it; empty where it is well.
    """

    name: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What was found of an installation and its machine.

    Attributes:
        checks: one a thing that was looked at.
    """

    checks: tuple[DoctorCheck, ...]

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return all(one.state != "wrong" for one in self.checks)

    def list_rows(self, style: Style = "python") -> list[dict[str, str]]:
        """Return a row a check.

        Args:
            style: how sentences name options: as Python or the command line writes them.
        """
        return [
            {key: render_options(text, style) for key, text in vars(one).items()}
            for one in self.checks
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a row a check."""
        import pandas as pd

        return pd.DataFrame(self.list_rows())

    def _repr_html_(self) -> str:
        return render_table(self.list_rows())


def doctor(folder: str | Path = "models") -> Diagnosis:
    """Look at the installation, the processor, and the places where files go.

    Nothing is changed: what is written to try a folder is removed again.

    Args:
        folder: where models are, or will be.

    Example:
        >>> [one.name for one in doctor("models").checks][:3]
        ['stockcast', 'import path', 'libraries']
    """
    looks: tuple[Callable[[], DoctorCheck], ...] = (
        _look_at_version,
        _look_at_import_path,
        _look_at_libraries,
        _look_at_extras,
        _look_at_processor,
        _look_at_graphics,
        _look_at_pretrained,
        lambda: _look_at_folder("models' folder", Path(folder)),
        lambda: _look_at_folder("temporary files", Path(tempfile.gettempdir())),
        _look_at_time_zones,
        _look_at_calendars,
    )
    return Diagnosis(tuple(look() for look in looks))


def _look_at_version() -> DoctorCheck:
    machine = f"{platform.system()} on {platform.machine()}"
    python = f"Python {platform.python_version()}, {machine}"
    return DoctorCheck("stockcast", "ok", f"{__version__} in {Path(__file__).parents[1]}, {python}")


def _look_at_import_path() -> DoctorCheck:
    clash = find_clash()
    if clash is not None:
        return DoctorCheck("import path", "wrong", clash.raw_message, clash.raw_hint)
    return DoctorCheck("import path", "ok", f"{DISTRIBUTION} alone has it")


def _look_at_libraries() -> DoctorCheck:
    missing = [name for name in _LIBRARIES if not _find_version(name)]
    found = ", ".join(f"{name} {_find_version(name)}" for name in _LIBRARIES if name not in missing)
    if missing:
        return DoctorCheck(
            "libraries",
            "wrong",
            f"not installed: {', '.join(missing)}",
            f"install {DISTRIBUTION} again, in an environment of its own",
        )
    return DoctorCheck("libraries", "ok", found)


def _look_at_extras() -> DoctorCheck:
    lack = [name for name in EXTRAS if find_missing(name)]
    found = ", ".join(name for name in EXTRAS if name not in lack) or "none"
    if not lack:
        return DoctorCheck("extras", "ok", found)
    uses = ", ".join(f"{name} ({_USES[name]})" for name in lack)
    return DoctorCheck(
        "extras",
        "note",
        f"{found}; not installed: {uses}",
        f"where you need it: pip install '{DISTRIBUTION}[{','.join(lack)}]'",
    )


def _look_at_processor() -> DoctorCheck:
    from stockcast.networks.kernel.machine import detect_machine

    machine = detect_machine()
    cores = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    threads = os.environ.get("OMP_NUM_THREADS", "")
    found = (
        f"{machine.processor}, {32 * machine.tiles.width} bits wide, {allowed} of {cores} cores"
        + (f", OMP_NUM_THREADS is {threads}" if threads else "")
    )
    return DoctorCheck("processor", "ok", found)


def _look_at_graphics() -> DoctorCheck:
    """Look for a GPU without loading TensorFlow, which would take seconds."""
    has_card = Path("/dev/nvidia0").exists() or shutil.which("nvidia-smi") is not None
    if not has_card:
        return DoctorCheck("GPU", "ok", "none; training is on the processor")
    if _find_version("tensorflow"):
        return DoctorCheck("GPU", "ok", f"there is one; {option('engine', 'auto')} uses it")
    return DoctorCheck(
        "GPU",
        "note",
        "there is one, and TensorFlow is not installed, so training is on the processor",
        f"to use it: pip install '{DISTRIBUTION}[tensorflow]'",
    )


def _look_at_pretrained() -> DoctorCheck:
    from stockcast.model.file import load_model
    from stockcast.model.pretrained import NAME, PRETRAINED

    try:
        model = load_model(PRETRAINED)
    except StockcastError as error:
        return DoctorCheck(
            "pretrained model", "wrong", error.raw_message, f"install {DISTRIBUTION} again"
        )
    return DoctorCheck("pretrained model", "ok", f"{NAME}: {model.name}")


def _look_at_folder(name: str, folder: Path) -> DoctorCheck:
    """Try what a training does in a folder: write, flush, rename, lock."""
    place = _find_existing(folder)
    try:
        _try_writing(place)
    except (OSError, StockcastError) as error:
        reason = error.raw_message if isinstance(error, StockcastError) else error.strerror
        return DoctorCheck(
            name,
            "wrong",
            f"{place}: {reason}",
            "give it the right to write, more room, or take another folder on a local disk",
        )
    free = shutil.disk_usage(place).free
    where = str(place) if place == folder else f"{folder} will be made in {place}"
    found = f"{where}: writes, flushes and locks; {free / 1e9:,.1f} GB free"
    if free < _LEAST_FREE:
        return DoctorCheck(name, "wrong", found, "make room there")
    return DoctorCheck(name, "ok", found)


def _find_existing(folder: Path) -> Path:
    """Return the folder, or the nearest above it that is there."""
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if one.is_dir())


def _try_writing(folder: Path) -> None:
    from stockcast.files import replace_file
    from stockcast.files.lock import hold_lock

    with tempfile.TemporaryDirectory(prefix=".stockcast-doctor-", dir=folder) as inner:
        file = Path(inner) / "tried"
        with hold_lock(file), replace_file(file) as temporary:
            temporary.write_bytes(b"tried")


def _look_at_time_zones() -> DoctorCheck:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    now = datetime.now(UTC)
    try:
        there = now.astimezone(ZoneInfo("America/New_York"))
    except ZoneInfoNotFoundError:
        return DoctorCheck(
            "time zones",
            "wrong",
            "none are known",
            "pip install tzdata, or the system's package of that name",
        )
    here = now.astimezone()
    return DoctorCheck(
        "time zones", "ok", f"here {here:%Y-%m-%d %H:%M %Z}, in New York {there:%H:%M %Z}"
    )


def _look_at_calendars() -> DoctorCheck:
    import numpy as np

    from stockcast.prices.exchange import find_exchange

    today = np.datetime64("now", "D")
    try:
        following = find_exchange("XNYS")(today + np.arange(-40, 1), 20)
    except StockcastError as error:
        return DoctorCheck(
            "calendars", "wrong", error.raw_message, "pip install -U exchange_calendars"
        )
    found = f"exchange_calendars {_find_version('exchange_calendars')}, next session of XNYS "
    return DoctorCheck("calendars", "ok", f"{found}{following[0].astype('datetime64[D]')}")


def _find_version(name: str) -> str:
    """Return a distribution's version; empty where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
