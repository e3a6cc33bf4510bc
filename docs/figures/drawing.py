"""SVG as strings: text stays text, colours follow the reader's scheme, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]
WIDTH = 480  # narrow, so that a telephone can show it without a glass
_SHOWN = 560  # pixels on a wide page: text is then as large as the page's
_PAGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{shown}"
 height="{tall}" role="img" font-family="system-ui, sans-serif" font-size="14">
<title>{title}</title>
<style>
.ground {{ fill: #fff }}
.ink {{ stroke: #1f2328; fill: none }} .open {{ stroke: #1f2328; fill: #fff }}
.text {{ fill: #1f2328 }} .quiet {{ fill: #59636e }}
.rule {{ stroke: #d1d9e0; fill: none }}
.a {{ stroke: #0072b2; fill: none }} .at {{ fill: #0072b2 }}
.b {{ stroke: #b34700; fill: none }} .bt {{ fill: #b34700 }}
.c {{ stroke: #00775a; fill: none }} .ct {{ fill: #00775a }}
@media (prefers-color-scheme: dark) {{
.ground, .open {{ fill: #0d1117 }} .ink, .open {{ stroke: #e6edf3 }}
.text {{ fill: #e6edf3 }} .quiet {{ fill: #9198a1 }}
.rule {{ stroke: #3d444d }} .a {{ stroke: #58a6ff }} .at {{ fill: #58a6ff }}
.b {{ stroke: #f0883e }} .bt {{ fill: #f0883e }} .c {{ stroke: #3fb950 }} .ct {{ fill: #3fb950 }}
}}
</style>
<rect width="{width}" height="{height}" rx="6" class="ground"/>
{body}
</svg>
"""


def page(title: str, height: int, body: Iterable[str]) -> str:
    """Return a picture of the common width."""
    tall = round(height * _SHOWN / WIDTH)
    lines = "\n".join(body)
    return _PAGE.format(
        width=WIDTH, height=height, shown=_SHOWN, tall=tall, title=title, body=lines
    )


def text(kind: str, x: float, y: float, words: str, *, anchor: str = "start") -> str:
    """Write words, their baseline at y."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{words}</text>'


def line(kind: str, *points: Point, width: float = 2.0, dashes: str = "") -> str:
    """Draw a line through points."""
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{way}" class="{kind}" stroke-width="{width}"{dashed}/>'


def arrow(kind: str, *points: Point, width: float = 2.0, dashes: str = "") -> str:
    """Draw a line with a tip at its last point; its last piece is upright or level."""
    (from_x, from_y), (x, y) = points[-2:]
    across = np.sign(x - from_x), np.sign(y - from_y)
    back_x, back_y = x - 8 * across[0], y - 8 * across[1]
    tip = (
        (back_x - 6 * across[1], back_y - 6 * across[0]),
        (x, y),
        (back_x + 6 * across[1], back_y + 6 * across[0]),
    )
    return line(kind, *points, width=width, dashes=dashes) + line(kind, *tip, width=width)


def valve(x: float, y: float) -> str:
    """Draw a valve as plumbers do."""
    triangles = f"M{x - 12} {y - 12} L{x + 12} {y + 12} L{x + 12} {y - 12} L{x - 12} {y + 12} Z"
    return f'<path d="{triangles}" class="open" stroke-width="2"/>'


def junction(x: float, y: float, sign: str = "+") -> str:
    """Draw a circle with a sign in it."""
    circle = f'<circle cx="{x}" cy="{y}" r="12" class="open" stroke-width="2"/>'
    return circle + text("text", x, y + 5, sign, anchor="middle")


@dataclass(frozen=True)
class Axes:
    """Where a chart's values lie.

    Attributes:
        left, top, width, height: of the plot.
        across: first and last value from left to right.
        up: lowest and highest value; of a logarithmic scale their powers of ten.
        is_log: whether heights are powers of ten.
    """

    left: float
    top: float
    width: float
    height: float
    across: tuple[float, float]
    up: tuple[float, float]
    is_log: bool = False

    def place(self, x: float, y: float) -> Point:
        """Return where a value lies; one beyond the scale lies on its edge."""
        high = np.log10(max(y, 1e-300)) if self.is_log else y
        share = (float(np.clip(high, *self.up)) - self.up[0]) / (self.up[1] - self.up[0])
        along = (x - self.across[0]) / (self.across[1] - self.across[0])
        return self.left + self.width * along, self.top + self.height * (1 - share)

    def draw_rules(self, heights: Sequence[tuple[float, str]]) -> list[str]:
        """Draw level rules with their names at the left."""
        drawn = []
        for value, name in heights:
            _, y = self.place(self.across[0], value)
            drawn.append(line("rule", (self.left, y), (self.left + self.width, y), width=1))
            drawn.append(text("quiet", self.left - 6, y + 5, name, anchor="end"))
        return drawn

    def name_across(self, values: Iterable[float], title: str) -> list[str]:
        """Write values below the plot, and what they are."""
        under = self.top + self.height + 18
        named = [
            text("quiet", self.place(value, 1)[0], under, f"{value:g}", anchor="middle")
            for value in values
        ]
        return [
            *named,
            text("quiet", self.left + self.width / 2, under + 20, title, anchor="middle"),
        ]

    def draw(self, kind: str, ys: Sequence[float], *, width: float = 2.0, dashes: str = "") -> str:
        """Draw a curve of values a step apart, the first one at 0."""
        points = [self.place(step, y) for step, y in enumerate(ys)]
        return line(kind, *points, width=width, dashes=dashes)


def power(exponent: int) -> tuple[float, str]:
    """Return a power of ten and its name on a scale."""
    if exponent == 0:
        return 1.0, "1"
    sign = "−" if exponent < 0 else ""
    name = f'10<tspan dy="-6" font-size="10">{sign}{abs(exponent)}</tspan>'
    return 10.0**exponent, name
