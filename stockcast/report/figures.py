"""Matplotlib figures: one style, saved whole, the same picture the same bytes."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stockcast.errors import UsageError, option
from stockcast.files import replace_file
from stockcast.imports import quiet_log, require_extra

require_extra("charts", "a picture or a page")

with quiet_log("matplotlib"):  # that it keeps no cache, where the home is read-only, or fills it
    import matplotlib
    import matplotlib.font_manager

# Okabe & Ito's blue and vermilion, told apart with any colour vision and on both page colours.
ACTUAL, FORECAST = "#0072b2", "#d55e00"
SMALL = 8  # points, of what stands at an axis of one panel among many
_INK = "#0a0b0c"  # stands for the page's own text colour, see `render_svg`
_STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "figure.constrained_layout.use": True,
    "figure.dpi": 150,
    "figure.figsize": (9, 4.5),
    "font.size": 10,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "svg.hashsalt": "stockcast",  # the same picture is the same bytes
}
_ON_PAGE = {
    "axes.edgecolor": _INK,
    "axes.facecolor": "none",
    "axes.labelcolor": _INK,
    "figure.facecolor": "none",
    "legend.labelcolor": _INK,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
}


def check_name(path: Path, formats: tuple[str, ...]) -> None:
    """Refuse a chart's file name before any work is done for it.

    Raises:
        UsageError: its suffix is none of `formats`.
    """
    if path.suffix.lower() not in formats:
        raise UsageError(
            f"{option('chart')} is {str(path)!r}, expected a name that ends in {', '.join(formats)}"
        )


@contextmanager
def make_figure(*, on_page: bool = False, **options: Any) -> Iterator[Any]:
    """Yield an empty figure in the project's style.

    Args:
        on_page: draw without background and in the page's own text colour, for `render_svg`.
        **options: of matplotlib's Figure.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from stockcast.report.one_pass import OnePassFigure

    style = {**_STYLE, **(_ON_PAGE if on_page else {})}
    with matplotlib.rc_context(style), warnings.catch_warnings():
        # A ticker in a script that the font lacks is drawn as boxes; that is all it deserves.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure = OnePassFigure(**options)
        FigureCanvasAgg(figure)
        yield figure


def show_dates(axis: Any) -> None:
    """Let an axis show dates, as few and as short as it can."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(maxticks=6)
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator))


def save_figure(figure: Any, path: Path) -> None:
    """Save a figure, whole or not at all."""
    # A date inside the file would make the same picture different bytes every day.
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    with replace_file(path) as temporary:
        figure.savefig(temporary, metadata=undated.get(path.suffix.lower()))


def round_alike(*numbers: float) -> tuple[str, ...]:
    """Write numbers with as many decimals as the smallest but 0 needs for four digits, up to 8."""
    sizes = (abs(number) for number in numbers if number and math.isfinite(number))
    smallest = min(sizes, default=1.0)
    digits = min(max(0, 3 - math.floor(math.log10(smallest))), 8)
    return tuple(f"{number:,.{digits}f}" for number in numbers)


def render_svg(figure: Any) -> str:
    """Return a figure made `on_page` as an SVG element that takes the page's text colour."""
    file = io.StringIO()
    unsigned = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(file, format="svg", metadata=unsigned)
    text = file.getvalue()
    return text[text.index("<svg") :].replace(_INK, "currentColor")
