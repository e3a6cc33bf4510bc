"""How one-sided quantiles held, as cells."""

from __future__ import annotations

import math

from stockcast.evaluation.value_at_risk import TailScore, add_up_tails
from stockcast.report.tail_wording import list_tail_cells, list_tail_titles

GOOD = TailScore(0.05, 200, 11, 0.001, 0.75, 0.3, 0.0)
BAD = TailScore(0.05, 200, 30, 0.002, 0.0001, 0.01, 0.01)


def test_a_quantile_has_three_columns_and_says_to_which_side_it_looks():
    titles = list_tail_titles([0.01, 0.975])
    assert titles[::3] == ["below\n1 %", "above\n97.5 %"]
    assert len(titles) == 6


def test_one_tickers_cells_have_the_share_beyond_and_p_of_both_tests():
    assert list_tail_cells([GOOD, BAD]) == ["5.5 %", "0.75", "0.30", "15.0 %", "<0.001", "0.01"]


def test_many_tickers_cells_count_those_that_are_off():
    assert list_tail_cells([add_up_tails([GOOD, BAD, GOOD])]) == ["8.7 %", "1 of 3", "1 of 3"]


def test_what_is_not_known_is_a_dash():
    assert list_tail_cells([TailScore(0.05, 0, 0, *[math.nan] * 4)]) == ["–", "–", "–"]
