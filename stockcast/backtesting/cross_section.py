"""Many tickers' backtests, added up as they come: who is better than the last price, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stockcast.backtesting.candidates import REFERENCE, Candidate
from stockcast.backtesting.judge import REPEATS, Judgement, correct_families
from stockcast.backtesting.panel_spreads import PanelSpread, PanelSpreads, find_known
from stockcast.backtesting.spreads import SpreadJudgement, SpreadLosses
from stockcast.backtesting.ticker import TickerResult, TickerScore
from stockcast.evaluation.conformal import format_level
from stockcast.evaluation.panel import (
    add_up,
    average_ratios,
    count_overlap,
    panel_diebold_mariano,
    pool_skill,
)
from stockcast.evaluation.skill import CHANCE, word_verdict
from stockcast.evaluation.value_at_risk import TailsOfMany, add_up_tails
from stockcast.prices.history import Dates, Numbers


@dataclass(frozen=True)
class CrossSectionScore:
    """How one candidate did over all tickers that could be judged.

    Attributes:
        candidate: who.
        tickers: judged: those whose price moved.
        forecasts: of those tickers.
        ratio: geometric mean over tickers of RMSE / RMSE of the last price; 1 is as good.
        skill: 1 − RMSE / RMSE of the last price over all forecasts, errors in shares of the last
            price; above 0 is better. None if no ticker was judged.
        p_value: two-sided, of the Diebold-Mariano test on totals by date.
        p_holm: the same, raised for all models that were tried.
        better: tickers on which it was better than the last price, by more than chance after all
            that was tried on any ticker.
        worse: likewise worse.
        tried: comparisons that were allowed for: tickers times models of its kind.
        coverage: level to the share of prices within the interval; NaN where none had one.
        spread: how far it said that prices go, beside a yardstick.
        tails: how each one-sided quantile held over these tickers.
    """

    candidate: Candidate
    tickers: int
    forecasts: int
    ratio: float
    skill: float | None
    p_value: float
    p_holm: float
    better: int
    worse: int
    tried: int
    coverage: dict[float, float]
    spread: PanelSpread
    tails: tuple[TailsOfMany, ...] = ()

    @property
    def is_reference(self) -> bool:
        """Whether it is the last price itself."""
        return self.candidate.is_reference

    @property
    def neither(self) -> int:
        """Tickers on which it was no different."""
        return self.tickers - self.better - self.worse

    def to_row(self) -> dict[str, float | int | str | None]:
        """Return the row of figures over all tickers."""
        rows: dict[str, float | int | str | None] = {
            "model": self.candidate.name,
            "tickers": self.tickers,
            "forecasts": self.forecasts,
            "ratio": self.ratio,
            "skill": self.skill,
            "p_value": self.p_value,
            "p_holm": self.p_holm,
            "better": self.better,
            "worse": self.worse,
            "neither": self.neither,
            "comparisons": self.tried,
        }
        if self.is_reference:
            names = ("p_value", "p_holm", "better", "worse", "neither", "comparisons")
            rows |= dict.fromkeys(names)
        coverage = {f"coverage_{format_level(one)}": share for one, share in self.coverage.items()}
        tails = {name: value for one in self.tails for name, value in one.to_row().items()}
        return rows | coverage | self.spread.to_row() | tails


class CrossSection:
    """Adds up tickers' results; of each it keeps its figures, and of all a row of sums a date.

    The same tickers in the same order give the same figures, to the bit.

    Args:
        candidates: who was tried on each ticker.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = tuple(candidates)
        self._spreads = PanelSpreads(self._candidates)
        self._tickers: list[tuple[str, dict[str, TickerScore]]] = []
        self._pairs: NDArray[np.int64] = np.empty((0, 2), dtype=np.int64)  # cutoff, date
        # Forecasts, squares of each, interval scores of each.
        self._sums: Numbers = np.empty((0, 1 + 2 * len(self._candidates)))

    def add(self, result: TickerResult) -> None:
        """Add a ticker."""
        nothing = np.empty(0)
        kept = {
            name: replace(
                one,
                squares=nothing,
                spread=None if one.spread is None else one.spread.drop_losses(),
            )
            for name, one in result.scores.items()
        }
        losses = [_take_losses(result.scores[one.name]) for one in self._candidates]
        self._spreads.add(losses)
        self._tickers.append((result.ticker, kept))
        squares = [result.scores[one.name].squares for one in self._candidates]
        known = np.isfinite(squares[0])
        if not _is_judged(kept) or not known.any():
            return
        pairs = np.column_stack([result.cutoffs, result.dates]).astype(np.int64)
        spreads = np.array([one.intervals for one in losses])
        spreads = np.where(find_known(self._candidates, losses), spreads, 0.0)
        spreads = np.where(np.isfinite(spreads), spreads, 0.0)  # of those without any interval
        sums = np.column_stack([np.ones(len(known)), *squares, *spreads])
        self._pairs, self._sums = add_up(
            np.concatenate([self._pairs, pairs[known]]), np.concatenate([self._sums, sums[known]])
        )

    @property
    def dates(self) -> Dates:
        """The dates that were forecast, ascending; of tickers that could be judged."""
        return np.unique(self._pairs[:, 1]).view("datetime64[us]")

    @property
    def tickers(self) -> int:
        """How many tickers there are, judged or not."""
        return len(self._tickers)

    def judge_tickers(self) -> list[tuple[str, list[Judgement]]]:
        """Return each ticker's judgements, the best first.

        p is Holm's over all tickers and models together: the more are tried, the luckier the
        luckiest. Baselines are a family of their own, as in the backtest of one ticker.
        """
        tried = [
            (scores, candidate, scores[candidate.name].skill.p_value)
            for _, scores in self._tickers
            for candidate in self._candidates
            if _is_judged(scores)
        ]
        corrected = iter(correct_families([one[1] for one in tried], [one[2] for one in tried]))
        found = []
        for ticker, scores in self._tickers:
            judgements = [
                _judge(
                    candidate,
                    scores[candidate.name],
                    *(next(corrected) if _is_judged(scores) else (1, 1.0)),
                )
                for candidate in self._candidates
            ]
            found.append((ticker, sorted(judgements, key=lambda one: one.skill.rmse)))
        return found

    def judge_models(self) -> list[CrossSectionScore]:
        """Return how each candidate did over all tickers, the best first."""
        by_name: dict[str, list[Judgement]] = {one.name: [] for one in self._candidates}
        for _, judgements in self.judge_tickers():
            for one in judgements:
                if one.skill.skill is not None:
                    by_name[one.candidate.name].append(one)
        p_values = self._test()
        p_holm = [p for _, p in correct_families(self._candidates, p_values)]
        spreads = self._judge_spreads()
        ranking = [
            self._stand(
                number, by_name[one.name], p_values[number], p_holm[number], spreads[number]
            )
            for number, one in enumerate(self._candidates)
        ]
        return sorted(ranking, key=lambda one: -(one.skill or 0.0))

    def _judge_spreads(self) -> list[PanelSpread]:
        count = len(self._candidates)
        if not len(self._pairs):
            return [PanelSpread()] * count
        cutoffs, dates = self._pairs.view("datetime64[us]").T
        step = count_overlap(cutoffs, dates, self._sums[:, 0])
        return self._spreads.judge(dates, self._sums[:, 1 + count :], step=step)

    def _stand(
        self,
        number: int,
        judged: Sequence[Judgement],
        p_value: float,
        p_holm: float,
        spread: PanelSpread,
    ) -> CrossSectionScore:
        candidate = self._candidates[number]
        signs = [_find_side(one) for one in judged]
        ratios = np.array([1 - (one.skill.skill or 0.0) for one in judged])
        like = [one for one in self._candidates if one.is_baseline == candidate.is_baseline]
        return CrossSectionScore(
            candidate=candidate,
            tickers=len(judged),
            forecasts=int(self._sums[:, 0].sum()),
            ratio=average_ratios(ratios) if len(ratios) else float("nan"),
            skill=pool_skill(self._sums[:, 1 + number], self._of_reference()),
            p_value=p_value,
            p_holm=p_holm,
            better=signs.count(1),
            worse=signs.count(-1),
            tried=len(judged) * sum(not (one.is_reference or one.is_yardstick) for one in like),
            coverage=self._cover(candidate.name),
            spread=spread,
            tails=tuple(
                add_up_tails(same) for same in zip(*(one.tails for one in judged), strict=True)
            ),
        )

    def _of_reference(self) -> Numbers:
        names = [one.source for one in self._candidates]
        sums: Numbers = self._sums[:, 1 + names.index(REFERENCE)]
        return sums

    def _test(self) -> list[float]:
        if not len(self._pairs):
            return [1.0] * len(self._candidates)
        cutoffs, dates = self._pairs.view("datetime64[us]").T
        step = count_overlap(cutoffs, dates, self._sums[:, 0])
        gains = self._of_reference()[:, None] - self._sums[:, 1 : 1 + len(self._candidates)]
        return [panel_diebold_mariano(dates, one, step=step)[1] for one in gains.T]

    def _cover(self, name: str) -> dict[float, float]:
        counts: dict[float, list[tuple[int, int]]] = {}
        for _, scores in self._tickers:
            if _is_judged(scores):
                for level, found in scores[name].held.items():
                    counts.setdefault(level, []).append(found)
        totals = {level: np.sum(found, axis=0) for level, found in counts.items()}
        return {
            level: float(inside / known) if known else float("nan")
            for level, (inside, known) in totals.items()
        }


def _is_judged(scores: dict[str, TickerScore]) -> bool:
    """Whether the price moved, so that the last price was ever wrong."""
    return all(one.skill.skill is not None for one in scores.values())


def _judge(candidate: Candidate, showing: TickerScore, tried: int, p_holm: float) -> Judgement:
    verdict = "what all others are held against"
    if candidate.is_recorded and showing.skill.is_last_price:
        verdict = REPEATS
    elif not candidate.is_reference:
        verdict = word_verdict(showing.skill, tried=tried, p_value=p_holm, what="comparisons made")
    spread = showing.spread or SpreadJudgement(_take_losses(showing))
    return Judgement(
        candidate, showing.skill, showing.figures, p_holm, verdict, spread, showing.tails
    )


def _take_losses(score: TickerScore) -> SpreadLosses:
    """Return what a candidate's intervals and volatility lost, NaN where it said nothing of it."""
    if score.spread is not None:
        return score.spread.losses
    unknown = np.full(len(score.squares), np.nan)
    return SpreadLosses(unknown, unknown)


def _find_side(judgement: Judgement) -> int:
    """1: better than the last price by more than chance; −1: worse; 0: neither."""
    skill = judgement.skill.skill or 0.0
    return int(np.sign(skill)) if judgement.p_holm < CHANCE else 0
