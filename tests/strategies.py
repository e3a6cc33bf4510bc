"""What more than one property draws from."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from stockcast.networks.cells import CELLS
from stockcast.recipe import COLUMNS


def examples(count: int, **more: Any) -> settings:
    """Try so many examples in the profile `ci`, and more or fewer in one that is so by itself."""
    return settings(max_examples=max(1, count * settings().max_examples // 100), **more)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)

TARGETS = st.sampled_from(["price", "log-return", "relative"])

# Fields of small recipes of every kind, whose forecast column is the close.
SMALL_RECIPES = st.fixed_dictionaries(
    {
        "column": st.just("close"),
        "features": st.lists(st.sampled_from(COLUMNS), unique=True, max_size=3).map(
            lambda names: tuple(names) if "close" in names else (*names, "close")
        ),
        "target": TARGETS,
        "horizon": st.integers(1, 5),
        "window": st.integers(1, 12),
        "cell": st.sampled_from(sorted(CELLS)),
        "layers": st.integers(1, 2),
        "units": st.integers(1, 3),
        "validation": st.sampled_from([0, 0.1, 0.25, 8]),
        "test": st.sampled_from([0, 0.1, 0.25, 8]),
    }
)
