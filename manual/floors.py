"""A Mermaid flowchart as rows of boxes, drawn while the site is built; no page loads Mermaid."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

_NODE = re.compile(r'^\s*(\w+)\["(.*)"\]\s*$', re.MULTILINE)


def draw_floors(source: str, *_: Any, **__: Any) -> str:
    r"""Draw a flowchart of nodes and arrows: a row a floor, an arrow's end below its start.

    It is what `pymdownx.superfences` asks for to format a fence.

    Args:
        source: Mermaid's text; a node is `name["HTML"]`, an arrow `a & b --> c`.

    Example:
        >>> draw_floors('flowchart TD\n a["A"]\n b["B"]\n a --> b')
        '<div class="floors"><div><p>A</p></div><div><p>B</p></div></div>'
    """
    nodes = dict(_NODE.findall(source))
    floors = dict.fromkeys(nodes, 0)
    arrows = _list_arrows(source)
    # Once a node is enough to reach the lowest of any chain of arrows.
    for _round in nodes:
        for start, end in arrows:
            floors[end] = max(floors[end], floors[start] + 1)
    rows = [
        "".join(f"<p>{nodes[name]}</p>" for name in nodes if floors[name] == floor)
        for floor in range(max(floors.values(), default=-1) + 1)
    ]
    return f'<div class="floors">{"".join(f"<div>{row}</div>" for row in rows)}</div>'


def _list_arrows(source: str) -> list[tuple[str, str]]:
    arrows = []
    for line in source.splitlines():
        if "-->" in line and "[" not in line:
            ends = [part.replace(" ", "").split("&") for part in line.split("-->")]
            arrows += [
                (start, end)
                for starts, following in pairwise(ends)
                for start in starts
                for end in following
            ]
    return arrows
