"""A model's place: the newest model there, earlier ones kept beside it, one writer at a time.

    models/GOOG.safetensors                      the newest
    models/.history/GOOG/000007.safetensors      the one before it
    models/.history/GOOG/000006.safetensors      the one before that
    models/.history/GOOG/undone.safetensors      the one that the last rollback left
    models/.GOOG.safetensors.lock                who is writing

Each step is a link or a rename, so that a run that dies between any two leaves the place with a
whole model, the old or the new one, and every earlier one that was to be kept. Reading takes no
lock and never waits.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from stockcast.errors import ModelNotFound, OutputError, option
from stockcast.files import replace_file
from stockcast.files.disk import flush_folder, make_folder
from stockcast.files.faults import reach
from stockcast.files.lock import hold_lock
from stockcast.files.replace import explain_failure, follow_links
from stockcast.files.temporary import name_temporary, remove_leftovers
from stockcast.model.file import load_model, serialize_model
from stockcast.model.model import Model

SUFFIX = ".safetensors"
KEEP = 3  # earlier models, by default
_HISTORY = ".history"
_UNDONE = f"undone{SUFFIX}"


def publish_model(
    model: Model | bytes,
    path: str | Path,
    *,
    keep: int = KEEP,
    wait: float = 0,
    on_wait: Callable[[str], None] | None = None,
) -> None:
    """Put a model in its place, and the one that was there into its history.

    A model of the same bytes as the one that is there changes nothing.

    Args:
        model: the model, or the bytes of its file.
        path: its place.
        keep: earlier models to keep; older ones are removed.
        wait: seconds to wait for another run that writes there.
        on_wait: called with who that is, before waiting.

    Raises:
        Locked: another run writes there.
        OutputError: it cannot be written; what was there stays.
    """
    content = model if isinstance(model, bytes) else serialize_model(model)
    place = follow_links(Path(path))
    with hold_lock(place, wait=wait, on_wait=on_wait):
        if not _holds(place, content):
            # The new model is written whole before anything that is there is touched.
            with replace_file(place) as temporary:
                temporary.write_bytes(content)
                reach("before-keep")
                _keep_present(place)
                reach("after-keep")
            reach("before-prune")
        _prune(place, keep)


def roll_back(
    path: str | Path, *, wait: float = 0, on_wait: Callable[[str], None] | None = None
) -> Model:
    """Put the newest earlier model back into its place, and return it.

    The model that was there becomes `undone.safetensors` in the history, until the next rollback.

    Raises:
        ModelNotFound: there is no earlier model.
        UntrustedModel: the earlier model is damaged; nothing is changed.
        Locked: another run writes there.
        OutputError: it cannot be written.
    """
    place = follow_links(Path(path))
    _require_earlier(place, path)  # before a lock file is made beside nothing
    with hold_lock(place, wait=wait, on_wait=on_wait):
        earlier = _require_earlier(place, path)
        model = load_model(earlier[-1])
        try:
            if place.exists():
                _copy_name(place, _folder_of(place) / _UNDONE)
            for twin in set(_list_kept(place)) - set(earlier):
                twin.unlink()
            reach("before-restore")
            earlier[-1].rename(place)
            reach("after-restore")
            flush_folder(place.parent)
            flush_folder(_folder_of(place))
        except OSError as error:
            raise explain_failure(Path(path), error) from error
        return model


def _require_earlier(place: Path, path: str | Path) -> list[Path]:
    earlier = list_earlier(place)
    if not earlier:
        raise ModelNotFound(
            f"there is no model before {path} to go back to",
            hint=f"train keeps the last ones of each model that it replaces: {option('keep', 3)}",
        )
    return earlier


def list_earlier(path: str | Path) -> list[Path]:
    """Return the files of the models that a place held before, the oldest first."""
    place = follow_links(Path(path))
    kept = _list_kept(place)
    # A run that died between keeping the present model and replacing it left it in both.
    return kept[:-1] if kept and _same_content(kept[-1], place) else kept


def _folder_of(place: Path) -> Path:
    name = place.stem if place.suffix == SUFFIX else place.name
    return place.parent / _HISTORY / name


def _list_kept(place: Path) -> list[Path]:
    numbered = (one for one in _folder_of(place).glob(f"*{SUFFIX}") if one.stem.isdecimal())
    return sorted(numbered, key=lambda one: int(one.stem))


def _keep_present(place: Path) -> None:
    """Give the model that is there a second name, in its history, unless it has one."""
    kept = _list_kept(place)
    if not place.exists() or (kept and _same_content(kept[-1], place)):
        return
    number = int(kept[-1].stem) + 1 if kept else 1
    _copy_name(place, _folder_of(place) / f"{number:06d}{SUFFIX}")


def _copy_name(source: Path, target: Path) -> None:
    """Let `target` be `source` too, at once and on the disk; what it was before is gone."""
    make_folder(target.parent)
    remove_leftovers(target.parent)
    temporary = name_temporary(target)
    try:
        os.link(source, temporary)
    except OSError:  # a file system without links
        with replace_file(target) as copy:
            copy.write_bytes(source.read_bytes())
        return
    try:
        temporary.replace(target)
        flush_folder(target.parent)
    finally:  # where both were the same file already, renaming one to the other does nothing
        temporary.unlink(missing_ok=True)


def _prune(place: Path, keep: int) -> None:
    """Remove all earlier models but the newest `keep`."""
    for old in _list_kept(place)[: -keep or None]:
        try:
            old.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"cannot remove {old}: {error.strerror}") from error


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _same_content(one: Path, other: Path) -> bool:
    return other.is_file() and (one.samefile(other) or _holds(one, other.read_bytes()))
