"""The engines that train recipes, loaded before the clock of a ticker runs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext

from stockcast.progress import SILENT, Observer
from stockcast.recipe import Recipe


def check_engine(recipe: Recipe | None) -> None:
    """Refuse a recipe that asks for an engine that is not installed, before anything is read.

    Raises:
        MissingLibrary: it does.
    """
    if recipe is not None and recipe.engine != "auto":
        from stockcast.training.engine import choose_engine

        choose_engine(recipe)


def load_engines(recipes: Iterable[Recipe], observer: Observer = SILENT) -> None:
    """Import what trains recipes, and say so where it takes long.

    TensorFlow takes seconds, so what can fail early comes before this.

    Raises:
        MissingLibrary: a recipe asks for TensorFlow, which is not installed.
    """
    from stockcast.training.engine import choose_engine, load_engine

    for name in sorted({choose_engine(recipe) for recipe in recipes}):
        with nullcontext() if name == "native" else observer.waiting("loading TensorFlow"):
            load_engine(name)
