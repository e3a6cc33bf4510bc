"""What a search proves: never more than its folds and its test span agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stockcast.evaluation.reality_check import superior_predictive_ability
from stockcast.evaluation.significance import diebold_mariano_of_gains
from stockcast.evaluation.skill import CHANCE, format_p_value, format_percent
from stockcast.plurals import count_of
from stockcast.prices.history import Numbers
from stockcast.tuning.study import TrialRecord
from stockcast.tuning.trial import Objective, TrialLosses

_REFERENCES = {"which-way": "repeating the last price", "how-far": "its own path"}
_LOSSES = {"which-way": "RMSE", "how-far": "QLIKE"}


@dataclass(frozen=True)
class SearchVerdict:
    """Whether the best of all trials is better than its reference.

    Attributes:
        objective: which loss.
        trials: that were counted: all whose forecasts were looked at.
        fold_gain: 1 − the best trial's loss / the reference's on the folds; it was chosen for it.
        fold_p_value: Hansen's, of all trials together: how often so many would look this good
            by luck.
        test_gain: the same on the test span, which no trial saw.
        test_p_value: two-sided, of the Diebold-Mariano test there.
    """

    objective: Objective
    trials: int
    fold_gain: float
    fold_p_value: float
    test_gain: float
    test_p_value: float

    @property
    def is_better(self) -> bool:
        """Whether the folds say so, all trials counted, and the test span says so too."""
        return (
            self.fold_p_value < CHANCE
            and self.fold_gain > 0
            and self.test_p_value < CHANCE
            and self.test_gain > 0
        )

    @property
    def sentence(self) -> str:
        """What follows, never kinder than the numbers."""
        if self.fold_gain == 0 and self.test_gain == 0:
            return (
                f"no different from {_REFERENCES[self.objective]}, which the best of "
                f"{count_of(self.trials, 'trial')} does in effect: nothing else held good"
            )
        loss, reference = _LOSSES[self.objective], _REFERENCES[self.objective]
        folds = (
            f"on the folds the best of {count_of(self.trials, 'trial')} had "
            f"{_word_gain(loss, self.fold_gain)}"
        )
        counted = f"all of them counted, {format_p_value(self.fold_p_value)}"
        test = (
            f"on the test span, which no trial saw, {_word_gain(loss, self.test_gain)} "
            f"({format_p_value(self.test_p_value)})"
        )
        if self.is_better:
            return f"better than {reference}: {folds}, more than luck ({counted}), and {test}"
        luck = "more than luck" if self.fold_p_value < CHANCE else "no more than luck"
        return f"no better than {reference}: {folds}, {luck} ({counted}); {test}"


def _word_gain(loss: str, gain: float) -> str:
    percent = format_percent(abs(gain))
    if percent == "0.0 %":
        return f"the same {loss}"
    return f"{percent} {'lower' if gain > 0 else 'higher'} {loss}"


def judge_search(
    records: Sequence[TrialRecord],
    best: TrialRecord,
    test: TrialLosses,
    objective: Objective,
    *,
    step: int,
) -> SearchVerdict:
    """Judge a search by its trials' losses on the folds, and by the best one's on the test span.

    Args:
        records: of all trials.
        best: of the best of them.
        test: what the best lost on the test span.
        objective: which loss.
        step: bars ahead that were forecast.
    """
    complete = [one for one in records if one.state == "complete"]
    gains = np.column_stack([one.reference - one.losses for one in complete])
    return SearchVerdict(
        objective=objective,
        trials=len(complete),
        fold_gain=1.0 - (best.score or 0.0),
        fold_p_value=superior_predictive_ability(gains, step=step),
        test_gain=1.0 - test.score(objective),
        test_p_value=_test_gains(test.reference - test.losses, step),
    )


def _test_gains(gains: Numbers, step: int) -> float:
    return diebold_mariano_of_gains(gains, step=step)[1]
