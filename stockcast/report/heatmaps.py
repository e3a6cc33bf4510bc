"""Heat maps of units over time: a unit a row, a step a column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from stockcast.networks.cells import Array
from stockcast.report.figures import SMALL

_COMMON = (0.001, 0.999)  # quantiles; one wild day must not turn all others grey
_LEAST_RANGE = 0.05  # of openness; smaller differences are not made to look large
_PANEL_PIXELS = 250  # about the width of a panel


def draw_heatmaps(
    row: Any, values: list[Array], *, colours: str, limits: tuple[float, float]
) -> None:
    """Draw (steps, units) arrays on a row of axes, with one colour scale beside them."""
    for axes, value in zip(row, values, strict=True):
        axes.grid(visible=False)
        image = axes.imshow(
            value[:, _order_units(value)].T,
            aspect="auto",
            origin="lower",
            cmap=colours,
            vmin=limits[0],
            vmax=limits[1],
            extent=(-0.5, len(value) - 0.5, 0, 1),
            # One day among thousands must not fall between two pixels.
            interpolation="nearest" if len(value) <= _PANEL_PIXELS else "auto",
        )
    bar = row[-1].figure.colorbar(
        image, ax=list(row), fraction=0.012, pad=0.005, extend="both", extendfrac=0.02
    )
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL)
    bar.set_label("colour: each unit", fontsize=SMALL)


def find_range(gates: list[Array]) -> tuple[float, float]:
    """Return limits of the colours: the gates' own range but for the rarest, never a point."""
    low, high = np.quantile(np.concatenate(gates, axis=None), _COMMON)
    spare = max(0.0, _LEAST_RANGE - (high - low)) / 2
    return float(low - spare), float(high + spare)


def find_most(memories: list[Array]) -> float:
    """Return the largest magnitude but for the rarest, or 1 where all is zero."""
    return float(np.quantile(np.abs(np.concatenate(memories, axis=None)), _COMMON[1])) or 1.0


def _order_units(values: Array) -> NDArray[np.integer]:
    """Sort (steps, units) by the units' loadings on the first principal component.

    Units that move together come to lie together, so that what moves them shows as a stripe.
    """
    loadings = np.linalg.svd(values - values.mean(), full_matrices=False)[2][0]
    return np.argsort(loadings * (np.sign(loadings.sum()) or 1.0))
