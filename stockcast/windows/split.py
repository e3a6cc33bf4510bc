"""Chronological training, validation and test spans."""

from __future__ import annotations

import math
from dataclasses import dataclass

from stockcast.errors import InvalidRecipe, TooShort
from stockcast.recipe import Recipe


@dataclass(frozen=True)
class Spans:
    """Row numbers where the spans end: training, then validation, then test.

    A window belongs to the span that its target lies in; its inputs may reach back into the
    span before. So training windows never see a later row, and no row after the training span
    is lost for lack of rows before it.
    """

    train_end: int
    validation_end: int
    rows: int

    def count_windows(self, window: int) -> tuple[int, int, int]:
        """Return the number of training, validation and test windows."""
        return (
            self.train_end - window,
            self.validation_end - self.train_end,
            self.rows - self.validation_end,
        )


def split_rows(rows: int, recipe: Recipe, *, warmup: int, name: str) -> Spans:
    """Split rows in time order, as the recipe says.

    Args:
        rows: rows that have features.
        recipe: its window, validation and test count.
        warmup: bars before the first of those rows, for the message.
        name: what the data are, for the message.

    Raises:
        TooShort: some span would have no window; the message has both numbers.
        InvalidRecipe: the shares leave nothing to train on.
    """
    shares = [part for part in (recipe.validation, recipe.test) if isinstance(part, float)]
    if sum(shares) >= 1:
        raise InvalidRecipe(
            f"validation {recipe.validation} and test {recipe.test} leave nothing to train on",
            hint="give shares that sum to less than 1",
        )
    if _count_training(rows, recipe) <= recipe.window:
        needed = _count_needed(recipe, sum(shares))
        validation, test = _count_rows(needed, recipe.validation), _count_rows(needed, recipe.test)
        raise TooShort(
            f"{name}: {rows + warmup} rows, at least {needed + warmup} are needed: "
            f"{recipe.window + 1 + warmup} to train one window of {recipe.window}, "
            f"{validation} for validation, {test} for test",
            hint="give more history, or a smaller --window, --validation or --test",
        )
    train_end = _count_training(rows, recipe)
    return Spans(train_end, train_end + _count_rows(rows, recipe.validation), rows)


def _count_rows(rows: int, part: float) -> int:
    """Rows in a span: `part` itself if it is a whole number, else that share, at least one."""
    if isinstance(part, int):
        return part
    return max(1, int(rows * part)) if part else 0


def _count_training(rows: int, recipe: Recipe) -> int:
    return rows - _count_rows(rows, recipe.validation) - _count_rows(rows, recipe.test)


def _count_needed(recipe: Recipe, share: float) -> int:
    """Return the fewest rows that give the training span one window."""
    fixed = sum(part for part in (recipe.validation, recipe.test) if isinstance(part, int))
    needed = max(1, math.floor((recipe.window + 1 + fixed) / (1 - share)) - 2)
    while _count_training(needed, recipe) <= recipe.window:
        needed += 1
    return needed
