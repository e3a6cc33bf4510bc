"""The tables of docs/what-is-an-lstm.md, as lines of Markdown; a test finds them on the page."""

from __future__ import annotations

from statistics import mean, median
from typing import Any

_SEEN = (
    "return, in the window's deviations",
    "how far the bar moved, beside its year (log)",
    "return over night, in the year's deviations",
    "how far its [path](how-far.md) says that it will move (log)",
    "volume, beside the usual (log)",
)
_WAYS = {
    "plain": "plain",
    "plain, rate 0.001": "plain, a fifth of the rate",
    "lstm, forget bias 0": "LSTM, forget bias starts at 0",
    "lstm": "LSTM, at 1",
    "lstm, forget bias 3": "LSTM, at 3",
    "peephole": "peephole",
    "cifg": "coupled gates",
    "gru": "GRU",
}
_DIGITS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def write_day(step: dict[str, Any]) -> list[str]:
    """Write what adds up to the gates and the candidate of one unit on one day."""
    parts = step["parts"]
    gates = ("i", "f", "g", "o")
    names = [*_SEEN, "R h₋, what 32 units showed the day before", "b"]
    kept = [*range(len(_SEEN)), -2, -1]  # a single file has no market: three inputs are 0
    rows = ["| seen that day | x | to i | to f | to g | to o |", "| --- |" + " --: |" * 5]
    for name, number in zip(names, kept, strict=True):
        x = say(step["x"][number], 3) if number >= 0 else ""
        rows.append(_join(name, x, *(say(parts[gate][number], 3) for gate in gates)))
    sums = (f"**{say(sum(parts[gate]), 3)}**" for gate in gates)
    rows.append(_join("**sum**", "", *sums))
    through = (f"**{say(step[gate], 3)}**" for gate in gates)
    rows.append(_join("**through σ, of g through tanh**", "", *through))
    usual = (say(step["usual"][gate], 3) for gate in gates)
    rows.append(_join("on the middle day of these sixty", "", *usual))
    return rows


def write_recall(recall: dict[str, Any]) -> list[str]:
    """Write what networks came to that were asked to remember, a row a way."""
    rows = [
        "| | learnt after epoch | explained in the end | middle forget gate"
        " | left on the path | left in the whole cell |",
        "| --- |" + " --: |" * 5,
    ]
    for way, name in _WAYS.items():
        tries = recall[way]
        gates = [median(one["keeping"]) for one in tries if one["keeping"]]
        paths = [one["path"][-1] for one in tries if one["path"]]
        rows.append(
            _join(
                name,
                ", ".join("–" if one["learnt"] is None else str(one["learnt"]) for one in tries),
                ", ".join(say(one["curve"][-1], 2) for one in tries),
                say(median(gates), 2) if gates else "",
                write_power(median(paths)) if paths else "",
                write_power(median(one["after"][-1] for one in tries)),
            )
        )
    return rows


def write_cells(cells: dict[str, Any]) -> list[str]:
    """Write what the cells came to that were trained on the same prices, a row a cell."""
    rows = [
        "| cell | weights | validation loss | QLIKE, held out | p | memory halves in | "
        "half of all sensitivity within |",
        "| --- |" + " --: |" * 6,
    ]
    for cell, one in cells.items():
        if cell == "path":
            continue
        each = [mean(layer) for layer in zip(*one["half_lives"], strict=True)]
        rows.append(
            _join(
                f"`{cell}`",
                f"{one['parameters']:,}",
                _span(one["validation"], 3),
                _span(one["qlike"], 3),
                "" if one["p"] is None else "< 0.001" if one["p"] < 0.001 else say(one["p"], 3),
                " and ".join(say(life, 1) for life in each) + " days",
                f"{say(mean(one['half_within']), 0)} days",
            )
        )
    return rows


def write_held(scores: dict[str, Any]) -> list[str]:
    """Write what holding the forget gates costs."""
    names = {
        "trained": "as trained",
        "shut": "shut: each day starts from an empty memory",
        "open": "wide open: nothing is ever forgotten",
        "path": "no network, its [path](how-far.md) alone",
    }
    rows = ["| forget gates | QLIKE | beyond chance? |", "| --- | --: | --- |"]
    for name, words in names.items():
        p = scores[name].get("p")
        said = "" if p is None else "yes: p < 0.001" if p < 0.001 else f"no: p = {p:.2f}"
        rows.append(_join(words, say(scores[name]["qlike"], 4), said))
    return rows


def say(value: float, digits: int) -> str:
    """Write a number with a true minus."""
    rounded = round(value, digits) + 0.0  # no −0.00
    return f"{rounded:.{digits}f}".replace("-", "−")


def write_power(value: float) -> str:
    """Write a number of any size to two digits: 0.42, or 1.4 · 10⁻⁷."""
    if value >= 0.001:
        return say(value, 1 if value >= 1 else 2 if value >= 0.1 else 4)
    digits, exponent = f"{value:.1e}".split("e")
    return f"{digits} · 10{str(int(exponent)).translate(_DIGITS)}"


def _span(values: list[float], digits: int) -> str:
    low, high = say(min(values), digits), say(max(values), digits)
    return f"{say(mean(values), digits)} ({low} … {high})"


def _join(*fields: str) -> str:
    return "| " + " | ".join(fields) + " |"
