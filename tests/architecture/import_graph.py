"""Who imports whom within stockcast, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import stockcast

ROOT = Path(stockcast.__file__).parent


def name_module(path: Path) -> str:
    """Return a source file's dotted name."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_module(path): path for path in sorted(ROOT.rglob("*.py"))}


def list_imports(text: str) -> set[str]:
    """Return stockcast's modules that a source imports, in calls too, but not for types alone."""
    found = set()
    for node in _walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names if one.name in MODULES}
        elif isinstance(node, ast.ImportFrom) and (node.module or "") in MODULES:
            names = (f"{node.module}.{one.name}" for one in node.names)
            found |= {name if name in MODULES else node.module for name in names}
    return found


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs: all below a node but the branches for type checkers."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for one in child.orelse:
                yield one
                yield from _walk(one)
            continue
        yield child
        yield from _walk(child)


def find_circle(graph: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle, the first one again at the end."""
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        path.append(name)
        for other in sorted(graph.get(name, ())):
            if circle := visit(other):
                return circle
        path.pop()
        done.add(name)
        return []

    for name in sorted(graph):
        if circle := visit(name):
            return circle
    return []
