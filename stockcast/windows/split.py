"""Chronological training, validation and test spans."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.errors import InvalidRecipe, Option, TooShort, command, option
from stockcast.plurals import count_of
from stockcast.recipe import Recipe


@dataclass(frozen=True)
class Spans:
    """Row numbers where the spans end: training, then validation, then test.

    A window belongs to the span that all its targets lie in; its inputs may reach back into the
    span before. So training windows never see a later row, and no row after the training span
    is lost for lack of rows before it.
    """

    train_end: int
    validation_end: int
    rows: int

    def list_starts(self, window: int, horizon: int) -> tuple[NDArray[np.int64], ...]:
        """Return the first row of each training, validation and test window, (windows,) each."""
        edges = (window, self.train_end, self.validation_end, self.rows)
        return tuple(
            np.arange(first - window, max(first, end - horizon + 1) - window)
            for first, end in itertools.pairwise(edges)
        )

    def count_windows(self, window: int, horizon: int) -> tuple[int, ...]:
        """Return the number of training, validation and test windows."""
        return tuple(len(starts) for starts in self.list_starts(window, horizon))


def split_rows(rows: int, recipe: Recipe, *, warmup: int, name: str) -> Spans:
    """Split rows in time order, as the recipe says.

    Args:
        rows: rows that have features.
        recipe: its window, validation and test count.
        warmup: bars before the first of those rows, for the message.
        name: what the data are, for the message.

    Raises:
        TooShort: some span would have no window; the message has both numbers.
        InvalidRecipe: the shares leave nothing to train on, or a number of rows is too small for
            the horizon.
    """
    share = sum(part for part in (recipe.validation, recipe.test) if isinstance(part, float))
    if share >= 1:
        raise InvalidRecipe(
            f"validation {recipe.validation} and test {recipe.test} leave nothing to train on",
            hint="give shares that sum to less than 1",
        )
    steps = count_of(recipe.horizon, "step")
    for span, held in (("validation", recipe.validation), ("test", recipe.test)):
        if isinstance(held, int) and 0 < held < recipe.horizon:
            raise InvalidRecipe(
                f"{span} {held} holds no window that looks {steps} ahead",
                hint=f"give {option(span, recipe.horizon)} or more, or a smaller "
                + option("horizon"),
            )
    validation, test = _count_held_out(rows, recipe)
    if rows - validation - test < recipe.window + recipe.horizon:
        needed = _count_needed(recipe, share)
        validation, test = _count_held_out(needed, recipe)
        raise TooShort(
            f"{name}: {count_of(rows + warmup, 'row')}, at least {needed + warmup:,} are needed: "
            f"{recipe.window + recipe.horizon + warmup:,} to train one window of {recipe.window}, "
            f"{validation:,} for validation, {test:,} for test",
            hint=f"give more history, or a smaller {option('window')}, {option('validation')} or "
            f"{option('test')}; or forecast with the model that comes with the program: "
            + command("predict", "PRICES", Option("model", "pretrained")),
        )
    return Spans(rows - validation - test, rows - test, rows)


def _count_held_out(rows: int, recipe: Recipe) -> tuple[int, int]:
    """Return the rows for validation and for test: whole numbers as they are, shares rounded down.

    A share is at least one window's targets. Shares are rounded down together, not each alone: so
    that one more row of history never takes one from training.
    """
    validation, test = recipe.validation, recipe.test
    least = recipe.horizon
    held_test = _take_share(rows, test, least) if isinstance(test, float) else test
    if not isinstance(validation, float) or not validation:
        return int(validation), held_test
    if not isinstance(test, float):
        return _take_share(rows, validation, least), held_test
    both = max(int(rows * (validation + test)), held_test + least)
    return both - held_test, held_test


def _take_share(rows: int, share: float, least: int) -> int:
    return max(least, int(rows * share)) if share else 0


def _count_needed(recipe: Recipe, share: float) -> int:
    """Return the fewest rows that leave one window to train on; more are then enough too."""
    fixed = sum(part for part in (recipe.validation, recipe.test) if isinstance(part, int))
    wanted = recipe.window + recipe.horizon
    least, most = 0, int((wanted + 2 * recipe.horizon + fixed + 4) / (1 - share)) + 4
    while most - least > 1:
        middle = (least + most) // 2
        if middle - sum(_count_held_out(middle, recipe)) >= wanted:
            most = middle
        else:
            least = middle
    return most
