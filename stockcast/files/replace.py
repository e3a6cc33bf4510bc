"""Writing files so that they appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stockcast.errors import OutputError, UsageError
from stockcast.files.disk import flush_file, flush_folder, flush_tree, make_folder
from stockcast.files.exchange import exchange_paths
from stockcast.files.faults import reach
from stockcast.files.temporary import name_temporary, remove_leftovers


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which becomes `path` when the block ends well.

    Whatever happens and whenever, `path` is the old file or the new one, whole. The folder is
    made if it is missing; a link is followed. When the block raises, the old file stays and the
    temporary one is gone; what a killed run leaves, a later one in the same folder removes.
    A device or a pipe, such as /dev/null, is written to and never replaced.

    Raises:
        OutputError: the folder or file cannot be written.
    """
    target = follow_links(path)
    temporary: Path | None = None
    try:
        make_folder(target.parent)
        _refuse_folder(target, path)
        if _is_device(target):
            with tempfile.TemporaryDirectory() as folder:
                yield Path(folder) / target.name
                target.write_bytes((Path(folder) / target.name).read_bytes())
            return
        remove_leftovers(target.parent)
        temporary = _create_file(target)
        reach("before-write")
        yield temporary
        reach("after-write")
        if target.exists():  # the new file is as readable as the old one
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        flush_file(temporary)
        reach("before-rename")
        temporary.replace(target)
        reach("after-rename")
        flush_folder(target.parent)
        reach("after-replace")
    except OSError as error:
        raise explain_failure(path, error) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`, which becomes `path` when the block ends well.

    Where the file system can exchange two names at once, `path` is the old folder or the new
    one at any moment. Where it cannot, a run killed between two renames leaves the old one
    under another name, and the next run puts it back.

    Raises:
        OutputError: the folder cannot be written.
    """
    target = follow_links(path)
    temporary: Path | None = None
    try:
        make_folder(target.parent)
        remove_leftovers(target.parent)
        if target.exists() and not target.is_dir():
            raise OutputError(f"{path} is a file, expected a folder to write to")
        aside = target.with_name(f".{target.name}.stockcast-aside")
        _put_back(aside, target)
        temporary = name_temporary(target)
        temporary.mkdir()
        reach("before-write")
        yield temporary
        reach("after-write")
        flush_tree(temporary)
        reach("before-rename")
        if not target.exists():
            temporary.rename(target)
        elif not exchange_paths(temporary, target):
            target.rename(aside)
            reach("after-rename")
            temporary.rename(target)
        reach("after-rename")
        flush_folder(target.parent)
        shutil.rmtree(aside, ignore_errors=True)
        reach("after-replace")
    except OSError as error:
        raise explain_failure(path, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def check_place(path: Path) -> None:
    """Raise now, before any work is done for it, if a file cannot be written there.

    Raises:
        OutputError: it cannot.
    """
    target = follow_links(path)
    missing = [one for one in (target.parent, *target.parent.parents) if not one.exists()]
    try:
        _refuse_folder(target, path)
        if _is_device(target):
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        _create_file(target).unlink()
        for folder in missing:  # a run that fails later leaves nothing behind
            folder.rmdir()
    except OSError as error:
        raise explain_failure(path, error) from error


def follow_links(path: Path) -> Path:
    """Return the file that a path stands for, there or not; a link itself is never replaced."""
    return Path(os.path.realpath(path))


def explain_failure(path: Path, error: OSError) -> OutputError:
    """Return the error that says a path cannot be written, and why."""
    return OutputError(
        f"cannot write {path}: {error.strerror or error}",
        hint="name another place, or free space and permissions there",
    )


def _refuse_folder(target: Path, path: Path) -> None:
    if target.is_dir():
        raise OutputError(f"{path} is a folder, expected a file name to write to")


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def _create_file(target: Path) -> Path:
    temporary = name_temporary(target)
    os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return temporary


def _put_back(aside: Path, target: Path) -> None:
    """Undo the first of two renames of a run that died before the second."""
    if aside.is_dir() and not target.exists():
        aside.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def refuse_overwriting(source: str | Path, *outputs: Path | None, kind: str = "price") -> None:
    """Refuse to write over the file that is read, or two results into one file.

    Raises:
        UsageError: an output is the input or another output.
    """
    places = [path for path in outputs if path is not None and str(path) != "-"]
    for number, path in enumerate(places):
        if _are_same(Path(source), path):
            raise UsageError(f"{path} is the {kind} file itself", hint="name another file")
        if any(_are_same(other, path) for other in places[:number]):
            raise UsageError(f"{path} is named twice", hint="name another file")


def _are_same(one: Path, other: Path) -> bool:
    """Whether two paths are of one file, which may not be there yet."""
    states = [_find_state(path) for path in (one, other)]
    if states[0] is None and states[1] is None:
        return one.resolve() == other.resolve()
    return states[0] == states[1]


def _find_state(path: Path) -> tuple[int, int] | None:
    """Return what no other file has; None where there is none. Links resolved by hand are slow."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
