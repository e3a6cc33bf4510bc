"""How far prices go, over many tickers: intervals and volatility beside the best yardstick's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stockcast.backtesting.candidates import Candidate
from stockcast.backtesting.spreads import SpreadLosses, average_known, find_yardstick
from stockcast.evaluation.panel import average_ratios, panel_diebold_mariano
from stockcast.evaluation.significance import correct_holm
from stockcast.prices.history import Dates, Numbers


@dataclass(frozen=True)
class PanelSpread:
    """How far one candidate said that the prices of many tickers go, beside a yardstick.

    Attributes:
        yardstick: name of the yardstick that did best; empty where none was among the candidates.
        interval_ratio: geometric mean over tickers of its interval score over the yardstick's.
        qlike_ratio: likewise of QLIKE.
        tighter: tickers on which its interval score is the smaller one.
        p_value: two-sided, of the Diebold-Mariano test on interval scores, totals by date.
        p_holm: the same, raised for all that were held against that yardstick.
    """

    yardstick: str = ""
    interval_ratio: float | None = None
    qlike_ratio: float | None = None
    tighter: int | None = None
    p_value: float | None = None
    p_holm: float | None = None

    def to_row(self) -> dict[str, float | int | str | None]:
        """Return its columns of the table over all tickers."""
        return {
            "how_far_against": self.yardstick or None,
            "interval_ratio": self.interval_ratio,
            "qlike_ratio": self.qlike_ratio,
            "tighter": self.tighter,
            "how_far_p_value": self.p_value,
            "how_far_p_holm": self.p_holm,
        }


class PanelSpreads:
    """Keeps each ticker's mean losses, two numbers a candidate.

    Args:
        candidates: who was tried on each ticker.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = tuple(candidates)
        self._means: list[list[tuple[float, float]]] = []
        self._silent: set[int] = set()

    def add(self, losses: Sequence[SpreadLosses]) -> None:
        """Add a ticker's, one a candidate."""
        self._silent |= find_silent(self._candidates, losses)
        known = find_known(self._candidates, losses)
        self._means.append(
            [(average_known(one.intervals[known]), average_known(one.qlike)) for one in losses]
        )

    def judge(self, dates: Dates, sums: Numbers, *, step: int) -> list[PanelSpread]:
        """Return how each candidate did.

        Args:
            dates: (n,) the dates forecast.
            sums: (n, candidates) interval scores of a date, added up over its tickers.
            step: dates that a forecast reaches over.
        """
        means = np.array(self._means)  # tickers, candidates, (intervals, qlike)
        overall = [average_known(means[:, number, 0]) for number in range(len(self._candidates))]
        place = find_yardstick(self._candidates, overall)
        if place is None:
            return [PanelSpread()] * len(self._candidates)
        gains = sums[:, place, None] - sums
        p_values = [panel_diebold_mariano(dates, one, step=step)[1] for one in gains.T]
        numbers = range(len(self._candidates))
        others = [number for number in numbers if number != place and number not in self._silent]
        corrected = correct_holm(np.array([p_values[number] for number in others]))
        raised = dict(zip(others, corrected, strict=True))
        name = self._candidates[place].name
        found = []
        for number in range(len(self._candidates)):
            if number == place:
                found.append(PanelSpread(name))
                continue
            if number in self._silent:
                found.append(PanelSpread())
                continue
            ratios = means[:, number] / means[:, place]
            intervals, qlike = (one[np.isfinite(one)] for one in ratios.T)
            found.append(
                PanelSpread(
                    name,
                    average_ratios(intervals) if len(intervals) else None,
                    average_ratios(qlike) if len(qlike) else None,
                    int((intervals < 1).sum()),
                    p_values[number],
                    float(raised[number]),
                )
            )
        return found


def find_silent(candidates: Sequence[Candidate], losses: Sequence[SpreadLosses]) -> set[int]:
    """Return the numbers of recorded forecasts without any interval: points alone."""
    return {
        number
        for number, (one, lost) in enumerate(zip(candidates, losses, strict=True))
        if one.is_recorded and not np.isfinite(lost.intervals).any()
    }


def find_known(
    candidates: Sequence[Candidate], losses: Sequence[SpreadLosses]
) -> NDArray[np.bool_]:
    """(n,) where all had an interval that ever have one, so that all are held against the same."""
    silent = find_silent(candidates, losses)
    spoken = [one.intervals for number, one in enumerate(losses) if number not in silent]
    known: NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(spoken), axis=0)
    return known
