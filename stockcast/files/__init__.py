"""Files that appear whole or not at all: written, flushed, locked."""

from stockcast.files.replace import (
    check_place,
    refuse_overwriting,
    replace_file,
    replace_folder,
)

__all__ = ["check_place", "refuse_overwriting", "replace_file", "replace_folder"]
