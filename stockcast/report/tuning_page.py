"""The page of a search: its trials in their order, what mattered, and what they prove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stockcast.evaluation.skill import format_p_value, format_percent
from stockcast.report.figures import ACTUAL, FORECAST, make_figure, render_svg
from stockcast.report.page import Picture, Section, Table, write_page
from stockcast.report.tuning_wording import count_states, describe_best, show_label, word_spread
from stockcast.tuning.study import TrialRecord
from stockcast.tuning.verdict import SearchVerdict

_COLUMNS = 3  # pictures of fields side by side
_MOST_TRIALS = 500  # in the table


def write_tuning_page(
    path: Path,
    trials: Sequence[TrialRecord],
    best: TrialRecord,
    verdict: SearchVerdict,
    *,
    seed_scores: Sequence[float],
    importance: Mapping[str, float],
    facts: Sequence[tuple[str, str]],
) -> None:
    """Write the page of a search, whole or not at all.

    Args:
        path: of the HTML file.
        trials: all of them.
        best: the best of them.
        verdict: what the search proves.
        seed_scores: the best recipe's scores on the folds with other seeds.
        importance: each field's share in how trials differ, the largest first; may be empty.
        facts: what the search was, as names and values.
    """
    ordered = sorted(trials, key=lambda one: one.number)
    done = [one for one in ordered if one.score is not None]
    sections = [
        _show_verdict(verdict, seed_scores),
        _show_history(done, best),
        _show_fields(done, importance),
        _list_trials(ordered),
        Section(
            "How it was done",
            parts=(Table("The search", ("what", "value"), tuple(facts), words=True),),
        ),
    ]
    lead = f"{verdict.sentence[:1].upper()}{verdict.sentence[1:]}."
    write_page(path, title=f"A search of {count_states(ordered)}", lead=lead, sections=sections)


def _show_verdict(verdict: SearchVerdict, seed_scores: Sequence[float]) -> Section:
    paragraphs = [
        "Of many trials the best looks good even where nothing is to be found: it is the luckiest. "
        "So the test on the folds counts all of them (Hansen's test for superior predictive "
        "ability): its p is how often so many trials without any skill would have one as good. "
        "But a search looks where it was lucky before, which no test knows of. That is why "
        "“better” also takes the test span, which no trial saw and which is looked at once.",
    ]
    if seed_scores:
        paragraphs.append(
            f"The recipe was chosen with one seed; {word_spread(seed_scores)}. Where that is as "
            "wide as trials lie apart, the best trial was a lucky seed."
        )
    rows = tuple(
        (where, _show_gain(gain), format_p_value(p).removeprefix("p = ").removeprefix("p "))
        for where, gain, p in (
            ("folds, all trials counted", verdict.fold_gain, verdict.fold_p_value),
            ("test span, the best alone", verdict.test_gain, verdict.test_p_value),
        )
    )
    table = Table("Gain over the reference", ("where", "gain", "p"), rows)
    return Section("Why the best may be luck", tuple(paragraphs), (table,))


def _show_gain(gain: float) -> str:
    return ("−" if gain < 0 else "+") + format_percent(abs(gain))


def _show_history(done: Sequence[TrialRecord], best: TrialRecord) -> Section:
    numbers, scores = [one.number for one in done], np.array([one.score for one in done])
    with make_figure(on_page=True, figsize=(9, 3.5)) as figure:
        axes = figure.subplots()
        axes.plot(numbers, scores, "o", color=ACTUAL, markersize=4, label="a trial")
        axes.plot(
            numbers, np.minimum.accumulate(scores), color=FORECAST, drawstyle="steps-post",
            label="the best so far",
        )  # fmt: skip
        axes.axhline(1.0, color="gray", linewidth=1, linestyle="--", label="the reference")
        axes.set_xlabel("trial")
        axes.set_ylabel("score")
        axes.legend()
        svg = render_svg(figure)
    picture = Picture(
        svg,
        alt=f"The score of each of {len(done):,} complete trials, and of the best so far",
        caption="Loss on the folds beside the reference's: below 1 is better than it",
    )
    return Section("Trials in their order", (f"{describe_best(best).capitalize()}.",), (picture,))


def _show_fields(done: Sequence[TrialRecord], importance: Mapping[str, float]) -> Section:
    parts: list[Picture | Table] = []
    if importance:
        rows = tuple((name, format_percent(share)) for name, share in importance.items())
        parts.append(Table("Each field's share in how trials differ", ("field", "share"), rows))
    names = list(importance) or list(done[0].labels)
    parts.append(
        Picture(
            _draw_slices(done, names),
            alt=f"A picture for each of {', '.join(names)}: each trial's score over its value",
            caption="Score over each field's value, a dot a trial; lower is better",
        )
    )
    text = (
        "Shares are PED-ANOVA's: how much the better trials owe to a field. Where scores differ by "
        "no more than chance, so do they."
        if importance
        else "There were too few trials, or too much alike, to say what mattered."
    )
    return Section("What mattered", (text,), tuple(parts))


def _draw_slices(done: Sequence[TrialRecord], names: Sequence[str]) -> str:
    rows = -(-len(names) // _COLUMNS)
    with make_figure(on_page=True, figsize=(9, 2.6 * rows)) as figure:
        panels = figure.subplots(rows, _COLUMNS, squeeze=False, sharey=True).ravel()
        for axes, name in zip(panels, names, strict=False):
            _draw_slice(axes, done, name)
        for axes in panels[len(names) :]:
            axes.set_axis_off()
        return render_svg(figure)


def _draw_slice(axes: Any, done: Sequence[TrialRecord], name: str) -> None:
    values = [one.labels[name] for one in done]
    if any(isinstance(one, str | bool) for one in values):
        values = [str(one) for one in values]
    elif max(values) >= 20 * min(values) > 0:  # type: ignore[operator]
        axes.set_xscale("log")
    axes.plot(values, [one.score for one in done], "o", color=ACTUAL, markersize=4, alpha=0.7)
    axes.set_title(name, fontsize=10)


def _list_trials(ordered: Sequence[TrialRecord]) -> Section:
    names = list(ordered[0].labels)
    rows = tuple(
        (
            str(one.number),
            one.state if not one.reason else f"failed: {one.reason}",
            "–" if one.score is None else f"{one.score:.4f}",
            *(show_label(one.labels[name]) for name in names),
        )
        for one in ordered[:_MOST_TRIALS]
    )
    table = Table("Every trial", ("trial", "state", "score", *names), rows, words=True)
    return Section("All trials", parts=(table,))
