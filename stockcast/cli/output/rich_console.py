"""The console on stderr, for whatever is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from stockcast.cli.output.cleaning import clean
from stockcast.cli.output.stream import LastingStream


def open_console(stream: LastingStream) -> Console:
    """Return a console that shows every text as it is, markup and all."""
    return _Console(
        file=cast("IO[str]", stream),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=not stream.isatty(),
    )


class _Console(Console):
    """Cleans every text on its way, in a table's cell too."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        if isinstance(renderable, str):
            renderable = clean(renderable)
        elif (
            isinstance(renderable, Text) and (plain := clean(renderable.plain)) != renderable.plain
        ):
            renderable = Text(plain, style=renderable.style, end=renderable.end)
        return super().render(renderable, options)
