"""`python -m benchmarks.studies.rivals FOLDER PYTHON`: what one would take instead, beside ours.

FOLDER is as of `benchmarks.studies.volatility`; PYTHON is that of an environment with what
benchmarks/rivals.txt lists. Each forecaster writes a file of recorded forecasts into build/rivals,
and `backtest --forecasts` judges them all; a file that is there is not made again.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from math import exp, log
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.pretrained import unpack
from benchmarks.processes import PYTHON, STOCKCAST, run_process

FOLDER = Path("build/rivals")
SINCE, FIRST = "2010-01-01", "2015-01-01"
_TICKERS = 10
_OTHERS = {
    "neuralforecast": "rival_lstm",
    "statsforecast": "rival_variance",
    "arch": "rival_gjr_garch",
}
_YARDSTICK = "har"

Figures = dict[str, Any]


def main() -> None:
    """Make what forecasts are lacking, have them judged, and print two tables."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        panel, prices = Path(folder) / "panel", Path(folder) / "prices"
        panel.mkdir()
        prices.mkdir()
        files = unpack(Path(sys.argv[1]), panel)
        for file in files[1::2][:_TICKERS]:
            (prices / file.name).write_text("".join(_keep(file, SINCE, "9")))
        seconds = {
            "train": _note("train", lambda out: _train_each(prices, out)),
            "pooled": _note("pooled", lambda out: _pool(panel, prices, out)),
        }
        for name, worker in _OTHERS.items():
            seconds[name] = _note(name, _call(worker, prices))
        judged = _judge(prices, seconds)
    _print_how_far(judged, seconds)
    _print_which_way(judged)


def _note(name: str, forecast: Callable[[Path], Figures]) -> Figures:
    """Return seconds of processor: of the forecaster's own run, or as noted at the time."""
    file, notes = FOLDER / f"{name}.csv", FOLDER / f"{name}.json"
    if not notes.exists():
        print(f"{name} …", file=sys.stderr, flush=True)
        notes.write_text(json.dumps(forecast(file)))
    figures: Figures = json.loads(notes.read_text())
    print(f"{name}: {figures}", file=sys.stderr, flush=True)
    return figures


def _call(worker: str, prices: Path) -> Callable[[Path], Figures]:
    def forecast(out: Path) -> Figures:
        module = f"benchmarks.workers.{worker}"
        used = run_process(sys.argv[2], "-m", module, str(prices), FIRST, str(out.resolve()))
        return {"all": used.processor}

    return forecast


def _train_each(prices: Path, out: Path) -> Figures:
    """`stockcast train` on each ticker's bars before the first date, and `predict` from it on."""
    trained, asked = 0.0, 0.0
    parts = []
    for file in sorted(prices.glob("*.csv")):
        known, model = FOLDER / "known" / file.name, FOLDER / f"{file.stem}.safetensors"
        known.parent.mkdir(exist_ok=True)
        known.write_text("".join(_keep(file, SINCE, FIRST)))
        # No rows are held out for a verdict: the dates that are judged come after these.
        trained += run_process(
            STOCKCAST, "train", str(known), "--test", "0", "-o", str(model), "-q"
        ).processor
        known.unlink()
        parts.append(FOLDER / f"{file.stem}.csv.part")
        asked += _predict([file], model, parts[-1])
    _join(parts, out, model="stockcast train")
    return {"training": trained, "forecasts": asked}


def _keep(file: Path, since: str, until: str) -> Iterable[str]:
    """Return the lines of a span: its first date and the one after its last."""
    header, *rows = file.read_text().splitlines(keepends=True)
    return [header, *(row for row in rows if since <= row < until)]


def _pool(panel: Path, prices: Path, out: Path) -> Figures:
    """Train the pooled model on the other half's bars before 2012, and forecast from 2015 on."""
    model, part = FOLDER / "pooled.safetensors", FOLDER / "pooled.csv.part"
    used = run_process(PYTHON, "-m", "benchmarks.workers.pool_before", str(panel), str(model))
    asked = _predict(sorted(prices.glob("*.csv")), model, part)
    _join([part], out, model="stockcast pooled")
    return {"training": used.processor, "forecasts": asked}


def _predict(files: list[Path], model: Path, out: Path) -> float:
    names = map(str, files)
    used = run_process(
        STOCKCAST, "predict", *names, "-m", str(model), "--from", FIRST, "-o", str(out), "-q"
    )
    return used.processor


def _join(parts: list[Path], out: Path, *, model: str) -> None:
    """Write the forecasts of several files into one, by one name."""
    with out.open("w", newline="") as stream:
        writer = None
        for part in parts:
            with part.open(newline="") as rows:
                for row in csv.DictReader(rows):
                    if writer is None:
                        writer = csv.DictWriter(stream, fieldnames=list(row))
                        writer.writeheader()
                    writer.writerow(row | {"model": model})
            part.unlink()


def _judge(prices: Path, names: Iterable[str]) -> Figures:
    """Have all files judged beside the path and GJR-GARCH."""
    files = [text for name in names for text in ("--forecasts", str(FOLDER / f"{name}.csv"))]
    out = FOLDER / "judged.json"
    models = f"{_YARDSTICK},gjr-garch"
    asked = (str(prices), "--models", models, "--start", FIRST, "--format", "json", "--jobs", "1")
    run_process(STOCKCAST, "backtest", *asked, *files, "-o", str(out), "-q")
    judged: Figures = json.loads(out.read_text())
    return judged


def _print_how_far(judged: Figures, seconds: dict[str, Figures]) -> None:
    """Print each forecaster's scores as multiples of the path's, and what they cost."""
    print(
        "| forecaster | 80 % score | 95 % score | p | QLIKE | inside 80 % | inside 95 % "
        "| tighter on | seconds |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for figures in judged["overall"]:
        name = figures["model"]
        ratios = [_average(_compare(judged, name, score)) for score in ("winkler_80", "qlike")]
        print(
            f"| {name} | {_round(ratios[0])} | {_round(figures['interval_ratio'])} | "
            f"{_round(figures['how_far_p_holm'])} | {_round(ratios[1])} | "
            f"{_share(figures['coverage_80'])} | {_share(figures['coverage_95'])} | "
            f"{figures['tighter'] or 0} | {_tell_seconds(name, seconds)} |"
        )


def _print_which_way(judged: Figures) -> None:
    """Print RMSE as multiples of the last price's, over tickers."""
    print("\n| forecaster | mean RMSE ratio | highest | exactly 1 | better | worse |")
    print("| --- | --- | --- | --- | --- | --- |")
    for figures in judged["overall"]:
        name = figures["model"]
        ratios = [1 - row["skill"] for row in judged["tickers"] if row["model"] == name]
        exact = sum(ratio == 1 for ratio in ratios)
        print(
            f"| {name} | {mean(ratios):.4f} | {max(ratios):.4f} | {exact} of {len(ratios)} | "
            f"{figures['better'] or 0} | {figures['worse'] or 0} |"
        )


def _compare(judged: Figures, name: str, score: str) -> list[float]:
    """Return a score of each ticker as a multiple of the path's on it; empty if it has none."""
    of = {(row["ticker"], row["model"]): row[score] for row in judged["tickers"]}
    tickers = sorted({ticker for ticker, _ in of})
    if any(of[ticker, name] is None for ticker in tickers):
        return []
    return [of[ticker, name] / of[ticker, _YARDSTICK] for ticker in tickers]


def _average(ratios: Sequence[float]) -> float | None:
    """Geometric mean; None of nothing."""
    return exp(mean(log(ratio) for ratio in ratios)) if ratios else None


def _round(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _share(figure: float | None) -> str:
    return "–" if figure is None else f"{100 * figure:.1f} %"


def _tell_seconds(name: str, seconds: dict[str, Figures]) -> str:
    found = next((one for key, one in seconds.items() if key in name.split()), {})
    return " + ".join(f"{each:,.0f}" for each in found.values()) or "–"


if __name__ == "__main__":
    main()
