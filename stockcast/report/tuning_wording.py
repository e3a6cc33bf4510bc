"""A search in words: its best trial, and the comments of the recipe that it found."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from stockcast.plurals import count_of
from stockcast.recipe import Recipe
from stockcast.tuning.study import TrialRecord
from stockcast.tuning.verdict import SearchVerdict

_WIDTH = 98  # of a comment's line


def describe_best(best: TrialRecord) -> str:
    """Say which trial is the best, what it is and how it did.

    Example:
        >>> describe_best(TrialRecord(4, {"window": 20, "cell": "gru"}, "complete", score=0.998))
        'trial 4 is the best, at 0.9980: window 20, cell gru'
    """
    fields = ", ".join(f"{name} {show_label(value)}" for name, value in best.labels.items())
    score = 0.0 if best.score is None else best.score
    return f"trial {best.number} is the best, at {score:.4f}: {fields}"


def show_label(value: object) -> str:
    """Write a tried value: a number with as many digits as mean something."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def count_states(trials: Sequence[TrialRecord]) -> str:
    """Say how many trials there were, and how many of them were pruned or failed.

    Example:
        >>> count_states([TrialRecord(0, {}, "complete", 1.0), TrialRecord(1, {}, "failed")])
        '2 trials, 1 failed'
    """
    counts = Counter(one.state for one in trials)
    parts = [f"{counts[state]:,} {state}" for state in ("pruned", "failed") if counts[state]]
    return ", ".join([count_of(len(trials), "trial"), *parts])


def word_spread(scores: Sequence[float]) -> str:
    """Say what the best recipe scored with other seeds.

    Example:
        >>> word_spread([1.01, 0.99])
        'with 2 other seeds 0.9900 to 1.0100'
    """
    seeds = count_of(len(scores), "other seed")
    if len(scores) == 1:
        return f"with {seeds} {scores[0]:.4f}"
    return f"with {seeds} {min(scores):.4f} to {max(scores):.4f}"


def write_recipe(
    recipe: Recipe,
    best: TrialRecord,
    trials: Sequence[TrialRecord],
    *,
    seed_scores: Sequence[float] = (),
    verdict: SearchVerdict | None = None,
    facts: Sequence[tuple[str, str]] = (),
) -> str:
    """Return a recipe as TOML, with comments that say how it was found.

    Args:
        recipe: the best one.
        best: the trial that it was.
        trials: all of them.
        seed_scores: its scores on the folds with other seeds.
        verdict: what the search proves; None: it was broken off before its end.
        facts: what the search was, as names and values.
    """
    said = [f"Found by a search of {count_states(trials)}: {describe_best(best)}."]
    said.append(
        "The score is its loss on the folds beside the reference's; below 1 is better, and it was "
        "chosen for it."
    )
    if seed_scores:
        said.append(f"The same {word_spread(seed_scores)}.")
    said += [f"{name[:1].upper()}{name[1:]}: {value}." for name, value in facts]
    if verdict is None:
        said.append("The search was broken off: the test span was not looked at.")
    else:
        said.append(f"Verdict: {verdict.sentence}.")
    lines = [line for one in said for line in textwrap.wrap(one, _WIDTH)]
    return "".join(f"# {line}\n" for line in lines) + "\n" + recipe.to_toml()
