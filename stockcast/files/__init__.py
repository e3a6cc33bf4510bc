"""Files that appear whole or not at all: written, flushed, locked, and told whose they are."""

from stockcast.files.replace import check_place, replace_file, replace_folder

__all__ = ["check_place", "replace_file", "replace_folder"]
