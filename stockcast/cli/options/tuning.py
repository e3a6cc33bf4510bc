"""The options of `stockcast tune`: what is searched, on what it is judged, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from stockcast.cli.options.common import option, switch
from stockcast.files.tables import TableFormat
from stockcast.recipe import PRESETS, list_choices

BasesOption = Annotated[
    str | None,
    option(
        "--models",
        help="What the search begins with: "
        f"{', '.join(dict.fromkeys([*PRESETS, *list_choices('cell')]))}, or TOML files; of several "
        "it chooses one. What is not searched stays as it is there. Default: default",
        metavar="NAME,…",
    ),
]
TrialsOption = Annotated[
    int,
    option("--trials", help="Trials, those in the database among them.", min=1, metavar="N"),
]
TimeoutOption = Annotated[
    str | None,
    option(
        "--timeout",
        help="Begin no trial after so long: 90s, 5m, 8h. Default: never stop.",
        metavar="DURATION",
    ),
]
SpaceOption = Annotated[
    Path | None,
    option(
        "--space",
        help="What is searched: a TOML file with a list or a range for each field of the recipe. "
        "Default: cell, layers, units, window, dropout, batch size and learning rate.",
        metavar="FILE",
    ),
]
ObjectiveOption = Annotated[
    Literal["auto", "which-way", "how-far"],
    option(
        "--objective",
        help="Judge trials by RMSE beside the last price, or by QLIKE beside the path. auto is how "
        "far for recipes of --loss qlike, else which way.",
    ),
]
TuneFoldsOption = Annotated[
    int,
    option(
        "--folds",
        help="Walk-forward folds that each trial is judged on, before the test span.",
        min=1,
        metavar="N",
    ),
]
SeedsOption = Annotated[
    int,
    option("--seeds", help="Other seeds to try the best recipe with.", min=0, metavar="N"),
]
StorageOption = Annotated[
    Path | None,
    option(
        "--storage",
        help="Keep trials in this SQLite database; a search that was broken off goes on from it.",
        metavar="FILE",
    ),
]
TrainOption = Annotated[
    bool, switch("--train", help="Train the best recipe's model too, into models/.")
]
BestOption = Annotated[
    Path, option("--output", "-o", help="File for the best recipe.", metavar="FILE")
]
TrialsFormatOption = Annotated[
    Literal["path", TableFormat],
    option("--format", help="Print the recipe's path, or a row a trial."),
]
TuneReportOption = Annotated[
    Path | None,
    option(
        "--report",
        help="Also write a page with the history, each field's importance and the verdict: .html",
        metavar="FILE",
    ),
]
