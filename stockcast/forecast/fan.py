"""A forecast and its intervals as a small picture, for notebooks: SVG, drawn without a library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stockcast.prices.history import Numbers

if TYPE_CHECKING:
    from stockcast.forecast.forecaster import Forecast

_WIDTH, _HEIGHT, _MARGIN = 480.0, 160.0, 8.0  # pixels
_COLOUR = "#d55e00"  # Okabe & Ito's vermilion


def draw_fan(forecast: Forecast) -> str:
    """Draw the forecasts after the last price, with the intervals as a fan; wider ones are paler.

    Args:
        forecast: of one cutoff, a row a step.

    Returns:
        an SVG element.
    """
    last = forecast.last_prices[:1]
    lines = {
        level: (np.concatenate([last, lower]), np.concatenate([last, upper]))
        for level, (lower, upper) in forecast.intervals.items()
        if np.isfinite(lower).all() and np.isfinite(upper).all()
    }
    path = np.concatenate([last, forecast.forecast])
    values = np.concatenate([path, *(bound for pair in lines.values() for bound in pair)])
    low, high = float(values.min()), float(values.max())
    across = np.linspace(_MARGIN, _WIDTH - _MARGIN, len(path))

    def place(prices: Numbers) -> list[str]:
        height = (high - prices) / ((high - low) or 1.0) * (_HEIGHT - 2 * _MARGIN) + _MARGIN
        return [f"{x:.1f},{y:.1f}" for x, y in zip(across, height, strict=True)]

    fan = "".join(
        f'<polygon points="{" ".join([*place(upper), *place(lower)[::-1]])}" fill="{_COLOUR}" '
        'fill-opacity="0.2"/>'
        for lower, upper in lines.values()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'width="{_WIDTH:g}" height="{_HEIGHT:g}" role="img" aria-label="the forecast as a fan">'
        f'{fan}<polyline points="{" ".join(place(path))}" fill="none" stroke="{_COLOUR}" '
        'stroke-width="2"/></svg>'
    )
