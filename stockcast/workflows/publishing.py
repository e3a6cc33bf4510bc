"""How a trained model takes its place: what is there already, snapshots, the skill it must have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from stockcast.errors import BelowStandard, ModelError, UsageError, option
from stockcast.evaluation.skill import Skill
from stockcast.evaluation.volatility_skill import YARDSTICKS, VolatilitySkill
from stockcast.files.lock import hold_lock
from stockcast.model.digest import load_hashed
from stockcast.model.file import load_model, serialize_model
from stockcast.model.model import Model
from stockcast.model.store import KEEP, publish_model
from stockcast.networks.network import Weights
from stockcast.prices.history import combine_sha256
from stockcast.progress import Observer
from stockcast.recipe import Recipe
from stockcast.windows.features import Columns
from stockcast.windows.training_data import TrainingData
from stockcast.workflows.events.general import Waiting, Warned
from stockcast.workflows.events.training import SnapshotFound, SnapshotLeft
from stockcast.workflows.policies import PublishPolicy
from stockcast.workflows.tasks import SnapshotPlace
from stockcast.workflows.warm_start import choose_weights

if TYPE_CHECKING:
    from stockcast.training.checkpoint import Checkpoint

_EVERY = 5  # epochs between two snapshots, by default


class Publisher:
    """Follows a policy for one training or many.

    Args:
        policy: the policy.
        observer: receives events.
    """

    def __init__(self, policy: PublishPolicy, observer: Observer) -> None:
        self._policy = policy
        self._observer = observer

    def hold_lock(self, path: Path) -> AbstractContextManager[None]:
        """Keep other runs from writing the same model.

        Raises:
            Locked: another run does.
        """
        return hold_lock(path, wait=self._policy.lock_wait, on_wait=self._report_wait)

    def check_judged(self, recipe: Recipe) -> None:
        """Raise before training if it can end in no skill to hold against the policy's.

        Raises:
            UsageError: no rows are held out.
        """
        policy = self._policy
        for name in ("min_skill", "min_how_far"):
            if getattr(policy, name) is not None and not recipe.test:
                raise UsageError(
                    f"{_name_least(name)} needs rows held out for the verdict",
                    hint=f"see {option('test')}",
                )
        if policy.min_how_far is not None and recipe.target != "log-return":
            raise UsageError(
                f"{_name_least('min_how_far')} needs a model that says how far: one of log returns",
                hint=f"leave {option('target', recipe.target)} out",
            )

    def find_unchanged(self, data: TrainingData, path: Path) -> Model | None:
        """Return the model that is there if training would only make it again."""
        if not self._policy.if_changed:
            return None
        try:
            model = load_model(path)
        except ModelError:
            return None
        here = (data.ticker, data.recipe, data.columns, data.scalers)
        there = (model.ticker, model.recipe, model.columns, model.scalers)
        known = model.provenance
        if data.rows_sha256 and known.rows_sha256:
            is_same = data.rows_sha256 == known.rows_sha256
        else:  # of a pool, or by an earlier version
            is_same = combine_sha256(data.sources) == known.data_sha256
        return model if is_same and here == there else None

    @property
    def yardsticks(self) -> tuple[str, ...]:
        """Names of what a model's volatility is held against."""
        return YARDSTICKS if self._policy.yardsticks else ()

    def load_first_weights(self, columns: Columns) -> tuple[Weights | None, str]:
        """Return the weights that training starts from and their file's SHA-256, if one is named.

        Args:
            columns: what the network that is trained sees.

        Raises:
            ModelError: it cannot be trusted.
        """
        if self._policy.warm_start is None:
            return None, ""
        model, digest = load_hashed(self._policy.warm_start)
        return choose_weights(model, columns), digest

    def find_checkpoint(self, data: TrainingData, path: Path, *, start: str) -> Checkpoint:
        """Return where snapshots of a training go, and tell if one is there to continue from.

        Args:
            data: what is trained on.
            path: the model's place.
            start: SHA-256 of the model that it starts from; empty for none.

        Raises:
            UsageError: there must be a snapshot, and there is none.
        """
        from stockcast.training.checkpoint import Checkpoint, identify_training, place_checkpoint

        notes: dict[str, None] = {}

        def warn_once(note: str) -> None:
            if note not in notes:
                self._observer.notify(Warned(note))
            notes[note] = None

        checkpoint = Checkpoint(
            place_checkpoint(path),
            identify_training(data, start=start),
            every=self._count_epochs(),
            note=warn_once,
        )
        found = checkpoint.load()
        if found is not None:
            self._observer.notify(SnapshotFound(found.state.epoch))
        elif self._policy.resume:
            resume = option("resume", value=True)
            raise UsageError(
                f"{resume}: there is no snapshot to go on from ({checkpoint.path})",
                hint=f"leave {option('resume')} out to train from the start",
            )
        return checkpoint

    def place_snapshots(self, path: Path) -> SnapshotPlace:
        """Return where another process is to write snapshots of a training, and how often."""
        from stockcast.training.checkpoint import place_checkpoint

        return SnapshotPlace(place_checkpoint(path), self._count_epochs())

    def remove_snapshot(self, path: Path) -> None:
        """Remove the snapshot beside a model's place, if there is one.

        Raises:
            OutputError: it cannot be removed.
        """
        from stockcast.training.checkpoint import place_checkpoint, remove_snapshot

        remove_snapshot(place_checkpoint(path))

    def _count_epochs(self) -> int:
        """Return how many epochs there are between two snapshots."""
        every = self._policy.checkpoint_every
        return _EVERY if every is None else every

    @contextmanager
    def reporting_snapshot(self, checkpoint: Checkpoint | None) -> Iterator[None]:
        """Tell, when training is interrupted, where its snapshot is, if there is one."""
        try:
            yield
        except KeyboardInterrupt:
            if checkpoint is not None and (found := checkpoint.load()) is not None:
                self._observer.notify(SnapshotLeft(found.state.epoch, checkpoint.path))
            raise

    def publish(self, model: Model, path: Path) -> BelowStandard | None:
        """Put a model in its place, or return why its skill is too low for that.

        Raises:
            Locked: another run writes there.
            OutputError: it cannot be written.
        """
        problem = self.find_shortfall(model.skill, model.how_far, path)
        if problem is None:
            self.publish_content(serialize_model(model), path)
        return problem

    def publish_content(self, content: bytes, path: Path) -> None:
        """Put a model in its place, given the bytes of its file.

        Raises:
            Locked: another run writes there.
            OutputError: it cannot be written.
        """
        keep = self._policy.keep
        publish_model(
            content,
            path,
            keep=KEEP if keep is None else keep,
            wait=self._policy.lock_wait,
            on_wait=self._report_wait,
        )

    def find_shortfall(
        self, skill: Skill | None, how_far: VolatilitySkill | None, path: Path
    ) -> BelowStandard | None:
        """Return why a model of this skill is not published; None if it is."""
        policy = self._policy
        for name, least, value in (
            ("min_skill", policy.min_skill, None if skill is None else skill.skill),
            ("min_how_far", policy.min_how_far, None if how_far is None else how_far.skill),
        ):
            if least is None or (value is not None and value >= least):
                continue
            found = "no skill can be told" if value is None else f"its skill is {value:.4f}"
            return BelowStandard(
                f"the new model is not published: {found}, and {_name_least(name)} is {least:g}",
                hint=f"{path} is as it was" if path.exists() else "",
            )
        return None

    def _report_wait(self, text: str) -> None:
        self._observer.notify(Waiting(text))


def _name_least(name: str) -> str:
    """Return how the option is called that asks for a skill; the command line has one for both."""
    if name == "min_how_far":
        return option(name, shown="how-far", flag="min-skill")
    return option(name)
