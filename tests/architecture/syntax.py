"""A module's syntax, taken apart once for every rule."""

from __future__ import annotations

import ast
from functools import cache


@cache
def list_nodes(text: str) -> tuple[ast.AST, ...]:
    """Return every node of a source, as `ast.walk` goes through it."""
    return tuple(ast.walk(ast.parse(text)))
