"""A figure that is drawn once when it is saved."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine


class OnePassFigure(Figure):
    """A figure whose layout is computed without drawing it.

    To save a figure, matplotlib draws it twice: with its layout engine into nothing, and without
    one into the file. What the first time is for is the engine's work alone.
    """

    def draw(self, renderer: Any) -> None:
        """Draw, or lay out what will be drawn."""
        engine = self.get_layout_engine()
        if engine is None or isinstance(engine, PlaceHolderLayoutEngine):
            super().draw(renderer)
        else:
            engine.execute(self)
