"""The options of `train` for runs that nobody watches: what is published, kept and waited for."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from stockcast.cli.options.common import option, switch
from stockcast.cli.options.durations import parse_duration
from stockcast.cli.options.groups import option_group
from stockcast.cli.output import console
from stockcast.errors import BelowStandard, ModelError, UsageError

if TYPE_CHECKING:
    from stockcast.evaluation.skill import Skill
    from stockcast.model.model import Model
    from stockcast.networks.network import Weights
    from stockcast.recipe import Recipe
    from stockcast.training.checkpoint import Checkpoint
    from stockcast.windows.pool import Pool
    from stockcast.windows.series import WindowedSeries

_PANEL = "Unattended runs"

LockWait = Annotated[
    str | None,
    option(
        "--lock-wait",
        help="How long to wait for another run that writes there: 90s, 5m. Default: not at all.",
        metavar="DURATION",
        rich_help_panel=_PANEL,
    ),
]
_OPTIONS: dict[str, Any] = {
    "keep": Annotated[
        int | None,
        option(
            "--keep",
            help="Earlier models to keep, for rollback. Default: 3",
            min=0,
            metavar="N",
            rich_help_panel=_PANEL,
        ),
    ],
    "min_skill": Annotated[
        float | None,
        option(
            "--min-skill",
            help="Leave the old model there, and exit 6, if 1 − RMSE / last price's RMSE is below.",
            metavar="SKILL",
            rich_help_panel=_PANEL,
        ),
    ],
    "if_changed": Annotated[
        bool,
        switch(
            "--if-changed",
            help="Do nothing if the model there is of the same data and recipe.",
            rich_help_panel=_PANEL,
        ),
    ],
    "lock_wait": LockWait,
    "checkpoint_every": Annotated[
        int | None,
        option(
            "--checkpoint-every",
            help="Epochs between two snapshots; 0: only when told to end. Default: 5",
            min=0,
            metavar="N",
            rich_help_panel=_PANEL,
        ),
    ],
    "resume": Annotated[
        bool,
        switch(
            "--resume",
            help="Go on from the snapshot of a run that was broken off, or fail if there is none.",
            rich_help_panel=_PANEL,
        ),
    ],
    "warm_start": Annotated[
        Path | None,
        option(
            "--warm-start",
            help="Start from this model's weights instead of the seed's.",
            metavar="MODEL",
            rich_help_panel=_PANEL,
        ),
    ],
}
_EVERY = 5  # epochs between two snapshots, unless told otherwise


@dataclass(frozen=True)
class Publishing:
    """How a trained model takes its place.

    Attributes:
        keep: earlier models to keep; None for as many as the store does.
        min_skill: a model of less skill is not published; None for any.
        if_changed: whether a model of the same data and recipe is left as it is.
        lock_wait: seconds to wait for another run.
        checkpoint_every: epochs between two snapshots; None for as many as usual.
        resume: whether there must be a snapshot to go on from.
        warm_start: a model file to take the first weights from.
    """

    keep: int | None
    min_skill: float | None
    if_changed: bool
    lock_wait: float
    checkpoint_every: int | None = None
    resume: bool = False
    warm_start: Path | None = None

    def hold_lock(self, path: Path) -> AbstractContextManager[None]:
        """Keep other runs from writing the same model.

        Raises:
            Locked: another run does.
        """
        from stockcast.files.lock import hold_lock

        return hold_lock(path, wait=self.lock_wait, on_wait=console.say)

    def require_plain(self) -> None:
        """Refuse what goes for one ticker only.

        Raises:
            UsageError: it was asked for.
        """
        for flag, is_asked in (
            ("--resume", self.resume),
            ("--checkpoint-every", self.checkpoint_every is not None),
            ("--warm-start", self.warm_start is not None),
        ):
            if is_asked:
                raise UsageError(
                    f"{flag} is for one ticker, and there are several",
                    hint="a run that was broken off goes on with --if-changed",
                )

    def check_judged(self, recipe: Recipe) -> None:
        """Raise before training if it can end in no verdict to hold against --min-skill.

        Raises:
            UsageError: no rows are held out.
        """
        if self.min_skill is not None and not recipe.test:
            raise UsageError("--min-skill needs rows held out for the verdict", hint="see --test")

    def find_unchanged(self, series: WindowedSeries | Pool, path: Path) -> Model | None:
        """Return the model that is there if training would only make it again."""
        from stockcast.model.file import load_model
        from stockcast.prices.history import combine_sha256

        if not self.if_changed:
            return None
        try:
            model = load_model(path)
        except ModelError:
            return None
        here = (series.ticker, series.recipe, series.columns, series.scalers)
        there = (model.ticker, model.recipe, model.columns, model.scalers)
        is_same = here == there and combine_sha256(series.sources) == model.provenance.data_sha256
        return model if is_same else None

    def load_start(self) -> tuple[Weights | None, str]:
        """Return the weights that training starts from and their file's SHA-256, if one is named.

        Raises:
            ModelError: it cannot be trusted.
        """
        from stockcast.model.digest import load_hashed

        if self.warm_start is None:
            return None, ""
        model, digest = load_hashed(self.warm_start)
        return model.weights, digest

    def find_checkpoint(
        self, series: WindowedSeries | Pool, path: Path, *, start: str
    ) -> Checkpoint:
        """Return where snapshots of a training go, and say if one is there to go on from.

        Args:
            series: what is trained on.
            path: the model's place.
            start: SHA-256 of the model that it starts from; empty for none.

        Raises:
            UsageError: --resume, and there is none.
        """
        from stockcast.training.checkpoint import Checkpoint, identify_training, place_checkpoint

        notes: dict[str, None] = {}

        def warn_once(note: str) -> None:
            if note not in notes:
                console.warn(note)
            notes[note] = None

        checkpoint = Checkpoint(
            place_checkpoint(path),
            identify_training(series, start=start),
            every=_EVERY if self.checkpoint_every is None else self.checkpoint_every,
            note=warn_once,
        )
        found = checkpoint.load()
        if found is not None:
            console.say(
                f"found a snapshot of the same data and recipe after epoch {found.state.epoch}: "
                "going on from there"
            )
        elif self.resume:
            raise UsageError(
                f"--resume: there is no snapshot to go on from ({checkpoint.path})",
                hint="leave --resume out to train from the start",
            )
        return checkpoint

    def publish(self, model: Model, path: Path) -> bool:
        """Put a model in its place, unless its skill is too low; return whether it is there."""
        from stockcast.model.file import serialize_model

        if self.explain_low(model.skill):
            return False
        self.publish_content(serialize_model(model), path)
        return True

    def publish_content(self, content: bytes, path: Path) -> None:
        """Put a model in its place, given the bytes of its file.

        Raises:
            Locked: another run writes there.
            OutputError: it cannot be written.
        """
        from stockcast.model.store import KEEP, publish_model

        publish_model(
            content,
            path,
            keep=KEEP if self.keep is None else self.keep,
            wait=self.lock_wait,
            on_wait=console.say,
        )

    def require_skill(self, model: Model, path: Path) -> None:
        """Raise if the model's skill was too low to publish it.

        Raises:
            BelowStandard: it was.
        """
        if problem := self.explain_low(model.skill):
            raise BelowStandard(problem, hint=f"{path} is as it was" if path.exists() else "")

    def explain_low(self, skill: Skill | None) -> str:
        """Say why a model of this skill is not published; empty if it is."""
        value = None if skill is None else skill.skill
        if self.min_skill is None or (value is not None and value >= self.min_skill):
            return ""
        found = "no skill can be told" if value is None else f"its skill is {value:.4f}"
        return f"the new model is not published: {found}, and --min-skill is {self.min_skill:g}"


def _build(*, min_skill: float | None, lock_wait: str | None, **given: Any) -> Publishing:
    if min_skill is not None and not math.isfinite(min_skill):
        raise UsageError(f"--min-skill is {min_skill}, expected a number such as 0.01")
    return Publishing(min_skill=min_skill, lock_wait=parse_lock_wait(lock_wait), **given)


def parse_lock_wait(text: str | None) -> float:
    """Return --lock-wait in seconds; 0 if it is not given."""
    return 0.0 if text is None else parse_duration("--lock-wait", text)


takes_publishing_options = option_group("publishing", _OPTIONS, _build)
