"""Temporary files beside their target, named for the run that writes them."""

from __future__ import annotations

import hashlib
import math
import os
import platform
import re
import secrets
import shutil
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

_MANY = 2_000  # entries in a folder
_WHILE = 60.0  # seconds
_LOOKED: dict[str, float] = {}  # folder of many ─▶ when this process looked through it
_LONGEST = 255  # bytes in a file's name
_NAME = re.compile(
    r"\..*\.stockcast-(?P<pid>[1-9]\d{0,9})-(?P<host>[0-9a-f]{8})-[0-9a-f]{8}(?:\.[^.]*)?",
    re.DOTALL,
)


def name_temporary(path: Path) -> Path:
    """Return a new hidden name beside `path`, which tells the process and host that write it.

    The suffix stays last: matplotlib and others choose a format by it.
    """
    tag = f".stockcast-{os.getpid()}-{identify_host()}-{secrets.token_hex(4)}{path.suffix}"
    room = _LONGEST - 1 - len(os.fsencode(tag))
    stem = path.stem.encode("utf-8", "ignore")[:room].decode("utf-8", "ignore")
    return path.with_name(f".{stem}{tag}")


def remove_leftovers(folder: Path) -> None:
    """Remove the temporary files and folders in `folder` whose process is dead.

    Only names that `name_temporary` makes count, only those of this host, and never this
    process's own. A number that a new process has been given keeps its leftover for another day.
    A folder of thousands is looked through once a minute: a run that fills it with models would
    spend its time on that.
    """
    now = time.monotonic()
    if now - _LOOKED.get(str(folder), -math.inf) < _WHILE:
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count == _MANY:
                _LOOKED[str(folder)] = now
            if _is_leftover(entry.name):
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path, ignore_errors=True)
                    elif entry.is_file(follow_symlinks=False):
                        Path(entry.path).unlink()


@cache
def identify_host() -> str:
    """Return eight hex digits for where process numbers mean the same: host and container."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # no containers of this kind here
        space = ""
    name = f"{platform.node()} {space}"
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def _is_leftover(name: str) -> bool:
    found = _NAME.fullmatch(name)
    if found is None or found["host"] != identify_host():
        return False
    pid = int(found["pid"])
    return pid != os.getpid() and not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # where os.kill ends a process and asks nothing
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # another user's; or no process number at all
        return True
    return True
