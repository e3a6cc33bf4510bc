"""Writing files so that they appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stockcast.errors import OutputError


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`, which becomes `path` when the block ends well.

    The folder is made if it is missing. When the block raises, the old file stays and the
    temporary one is gone.

    A device or a pipe, such as /dev/null, is written to and never replaced.

    Raises:
        OutputError: the folder or file cannot be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise OutputError(f"{path} is a folder, expected a file name to write to")
        if path.exists() and not path.is_file():
            with tempfile.TemporaryDirectory() as folder:
                yield Path(folder) / path.name
                path.write_bytes((Path(folder) / path.name).read_bytes())
            return
        # The suffix stays last: matplotlib and others choose a format by it.
        handle, name = tempfile.mkstemp(
            prefix=f".{path.stem}.", suffix=path.suffix, dir=path.parent
        )
        os.close(handle)
        temporary = Path(name)
        yield temporary
        _flush_to_disk(temporary)
        temporary.chmod(0o666 & ~_current_umask())
        temporary.replace(path)
        _flush_to_disk(path.parent)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def replace_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`, which becomes `path` when the block ends well.

    Raises:
        OutputError: the folder cannot be written.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        yield temporary
        temporary.chmod(0o777 & ~_current_umask())
        for file in temporary.rglob("*"):
            _flush_to_disk(file)
        old = temporary.with_name(temporary.name + ".old")
        if path.exists():
            path.rename(old)
        temporary.rename(path)
        _flush_to_disk(path.parent)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def check_place(path: Path) -> None:
    """Raise now, before any work is done for it, if a file cannot be written there.

    Raises:
        OutputError: it cannot.
    """
    missing = [folder for folder in (path.parent, *path.parent.parents) if not folder.exists()]
    try:
        if path.is_dir():
            raise OutputError(f"{path} is a folder, expected a file name to write to")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=f".{path.stem}.", dir=path.parent):
            pass
        for folder in missing:  # a run that fails later leaves nothing behind
            folder.rmdir()
    except OSError as error:
        raise _cannot_write(path, error) from error


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"cannot write {path}: {error.strerror or error}",
        hint="name another place with -o, or free space and permissions there",
    )


def _flush_to_disk(path: Path) -> None:
    """Have the system write a file's or folder's content to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot flush a folder
            os.fsync(handle)
    finally:
        os.close(handle)


def _current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
