"""What a file system promises to keep: content and names that were flushed to the disk."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

# A file system that cannot flush a folder says one of these; it keeps names in its own way.
_CANNOT_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES, errno.EPERM}


def flush_file(path: Path) -> None:
    """Have a file's content written to the disk.

    Raises:
        OSError: it could not be written, and is not to be relied on.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        flush_handle(handle)
    finally:
        os.close(handle)


def flush_folder(path: Path) -> None:
    """Have the names in a folder written to the disk, where its file system can.

    Raises:
        OSError: they could not be written.
    """
    try:
        flush_file(path)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            raise


def flush_tree(folder: Path) -> None:
    """Have a folder, all files in it and all folders below it written to the disk.

    Raises:
        OSError: one of them could not be written.
    """
    for inner, _, names in os.walk(folder, topdown=False, onerror=_raise):
        for name in names:
            flush_file(Path(inner, name))
        flush_folder(Path(inner))


def flush_handle(handle: int) -> None:
    """Have what was written to an open file written to the disk."""
    if sys.platform == "darwin":
        import fcntl

        try:  # fsync alone leaves it in the drive's own memory
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _CANNOT_FLUSH:
                raise
        else:
            return
    os.fsync(handle)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each on the disk when this returns."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in reversed(missing):
        flush_folder(one.parent)


def _raise(error: OSError) -> None:
    raise error
