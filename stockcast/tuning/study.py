"""Optuna's part of a search: which values to try next, and the database that remembers them.

A search asks an Optuna study in memory; a trial goes to the database once, whole, when it is over.
So a search that is killed loses the trials that were running and leaves no half ones, and what it
asks next follows from the finished trials and their number alone: it goes on as if nothing had
happened.
"""

from __future__ import annotations

import json
import sqlite3
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from stockcast.errors import OtherStudy, option
from stockcast.imports import require_extra
from stockcast.prices.history import Numbers
from stockcast.tuning.space import Choice, Dimension, Space, Value

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

State = Literal["complete", "pruned", "failed"]
STARTUP = 10
"""Trials that are drawn at random before the search begins to learn from them."""

_NAME = "stockcast"  # of the study in its database
_IDENTITY = "stockcast_search"
_RECORD = "stockcast_trial"
_LOOKS = "stockcast_looks"


@dataclass(frozen=True)
class TrialRecord:
    """What became of a trial.

    Attributes:
        number: from 0, in the order in which trials were asked for.
        labels: field to what was tried.
        state: complete, pruned after the epochs that it had, or failed.
        score: its loss beside the reference's, see `TrialLosses.score`; None unless complete.
        reason: why it failed; empty otherwise.
        losses: (dates,) of all tickers together, on every date of the folds.
        reference: (dates,) likewise.
        curves: of each fit in its order the best validation loss after each epoch.
    """

    number: int
    labels: Mapping[str, Value]
    state: State
    score: float | None = None
    reason: str = ""
    losses: Numbers = field(default_factory=lambda: np.empty(0))
    reference: Numbers = field(default_factory=lambda: np.empty(0))
    curves: tuple[tuple[float, ...], ...] = ()

    def to_row(self) -> dict[str, Any]:
        """Return its row in the table of all trials."""
        return {
            "trial": self.number,
            "state": self.state,
            "score": self.score,
            "epochs": sum(map(len, self.curves)),
            **self.labels,
            "reason": self.reason or None,
        }


@contextmanager
def _import_optuna() -> Iterator[Any]:
    """Yield Optuna, silent.

    Raises:
        MissingLibrary: it is not installed.
    """
    require_extra("tune", "a search")
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield optuna
    finally:
        optuna.logging.set_verbosity(before)


def require_optuna() -> None:
    """Refuse a search before anything is read.

    Raises:
        MissingLibrary: Optuna is not installed.
    """
    with _import_optuna():
        pass


class Study:
    """The trials of a search.

    Args:
        space: what may be tried.
        identity: all that the trials follow from, as plain JSON values by name.
        seed: of what is tried.
        storage: an SQLite database; None: trials are kept in memory alone.

    Attributes:
        records: of all trials that are over, in the order in which they ended.

    Raises:
        MissingLibrary: Optuna is not installed.
        OtherStudy: the database is of another search, or none.
    """

    def __init__(
        self, space: Space, identity: Mapping[str, Any], *, seed: int, storage: Path | None = None
    ) -> None:
        self._space = space
        self._seed = seed
        self._storage = storage
        self.records: list[TrialRecord] = []
        with _import_optuna() as optuna:
            self._study = optuna.create_study(pruner=optuna.pruners.NopPruner())
            self._distributions = {
                name: _to_distribution(optuna, one) for name, one in space.all_dimensions.items()
            }
            self._kept = None if storage is None else self._open(optuna, storage, identity)
            if self._kept is not None:
                for frozen in self._kept.trials:
                    self._study.add_trial(frozen)
                    self.records.append(_read_record(frozen))

    def _open(self, optuna: Any, path: Path, identity: Mapping[str, Any]) -> Any:
        """Open the study in a database that is its own, or make one."""
        if path.exists() and path.stat().st_size and not _is_study(path):
            raise OtherStudy(
                f"{path} is no database of a search", hint=f"name another: {option('storage')}"
            )
        from sqlalchemy.pool import NullPool  # comes with Optuna

        url = f"sqlite:///{path.resolve()}"
        text = json.dumps(identity, sort_keys=True)
        try:
            storage = optuna.storages.RDBStorage(
                url,
                # No connection is kept: one would stay open after the study, until it is collected.
                engine_kwargs={"connect_args": {"timeout": 60}, "poolclass": NullPool},
            )
            names = [one.study_name for one in optuna.get_all_study_summaries(storage)]
            if _NAME not in names:
                if names:
                    raise OtherStudy(
                        f"{path} holds the study {names[0]!r}, which is none of ours",
                        hint=f"name another: {option('storage')}",
                    )
                study = optuna.create_study(storage=storage, study_name=_NAME)
                study.set_user_attr(_IDENTITY, text)
                return study
            study = optuna.load_study(study_name=_NAME, storage=storage)
        except optuna.exceptions.StorageInternalError as error:
            raise OtherStudy(
                f"{path} cannot be used: {error.__cause__ or error}",
                hint=f"name another: {option('storage')}",
            ) from None
        _require_same(path, json.loads(study.user_attrs.get(_IDENTITY, "{}")), json.loads(text))
        return study

    def ask(self) -> tuple[int, dict[str, Value]]:
        """Return the number of the next trial, and what to try.

        The recipes that the search begins with come first, as they are. Each other one is drawn
        from a seed of its own, so that it follows from the trials before it and not from how often
        the search was broken off.
        """
        with _import_optuna() as optuna:
            number = len(self._study.get_trials(deepcopy=False))
            drawn = int(np.random.default_rng([self._seed, number]).integers(2**31))
            self._study.sampler = optuna.samplers.TPESampler(
                seed=drawn, n_startup_trials=STARTUP, constant_liar=True
            )
            for labels in self._space.list_bases()[number : number + 1]:
                self._study.enqueue_trial(labels)
            trial = self._study.ask(self._distributions)
            return trial.number, dict(trial.params)

    def tell(self, record: TrialRecord) -> None:
        """Remember what became of a trial that was asked for.

        To Optuna a step is a fit; every epoch is in the record, which costs a row and not hundreds.
        """
        with _import_optuna() as optuna:
            study, states = self._study, optuna.trial.TrialState
            trial_id = study.get_trials(deepcopy=False)[record.number]._trial_id
            trial = optuna.trial.Trial(study, trial_id)
            for step, value in enumerate(_list_means(record.curves)):
                trial.report(value, step)
            trial.set_user_attr(_RECORD, json.dumps(_to_plain(record)))
            state = {
                "complete": states.COMPLETE, "pruned": states.PRUNED, "failed": states.FAIL
            }[record.state]  # fmt: skip
            study.tell(trial, record.score, state=state)
            if self._kept is not None:
                self._kept.add_trial(study.get_trials(deepcopy=False)[record.number])
        self.records.append(record)

    def note_look(self, best: TrialRecord) -> tuple[int, ...]:
        """Remember that the test span was looked at for a trial.

        Returns:
            the other trials that it was looked at for before: with each it proves less.
        """
        if self._kept is None:
            return ()
        looks = [int(one) for one in self._kept.user_attrs.get(_LOOKS, [])]
        self._kept.set_user_attr(_LOOKS, sorted({*looks, best.number}))
        return tuple(one for one in looks if one != best.number)

    def measure_importance(self) -> dict[str, float]:
        """Return each field's share in how trials differ, the largest first; empty if too few.

        It is Optuna's PED-ANOVA (Watanabe, Bansal & Hutter 2023): how much better trials depend on
        a field than all trials do.
        """
        complete = [one for one in self.records if one.state == "complete"]
        if len(complete) < STARTUP or len({one.score for one in complete}) < 2:
            return {}
        with _import_optuna() as optuna:
            found = optuna.importance.get_param_importances(
                self._study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
            )
        return {str(name): float(share) for name, share in found.items()}


def _to_distribution(optuna: Any, dimension: Dimension) -> BaseDistribution:
    found = optuna.distributions
    distribution: BaseDistribution
    if isinstance(dimension, Choice):
        distribution = found.CategoricalDistribution(dimension.labels)
    elif dimension.is_whole and isinstance(dimension.step, int | None):
        step = dimension.step or 1
        distribution = found.IntDistribution(
            dimension.low, dimension.high, log=dimension.log, step=step
        )
    else:
        distribution = found.FloatDistribution(
            dimension.low, dimension.high, log=dimension.log, step=dimension.step
        )
    return distribution


def _list_means(curves: tuple[tuple[float, ...], ...]) -> list[float]:
    """Return after each fit the mean of the best losses so far."""
    bests = [curve[-1] for curve in curves if curve]
    return [sum(bests[:count]) / count for count in range(1, len(bests) + 1)]


def find_limits(records: list[TrialRecord], most_epochs: int) -> tuple[tuple[float, ...], ...]:
    """Return what a trial's mean validation loss may be after each epoch of each fit.

    It is the median of the complete trials' (Golovin et al. 2017, as Optuna's `MedianPruner`); a
    fit that stopped early counts with its best loss from then on.

    Args:
        records: of trials that are over.
        most_epochs: that one fit may take.

    Returns:
        a row a fit; empty where there are too few trials to say.
    """
    complete = [one for one in records if one.state == "complete" and all(one.curves)]
    if len(complete) < STARTUP // 2 or not complete[0].curves:
        return ()
    filled = np.array(
        [
            [[*curve, *[curve[-1]] * (most_epochs - len(curve))] for curve in one.curves]
            for one in complete
        ]
    )  # (trials, fits, epochs)
    before = np.cumsum(filled[:, :, -1], axis=1) - filled[:, :, -1]
    fits = np.arange(1, filled.shape[1] + 1)
    means = (before[:, :, None] + filled) / fits[:, None]
    return tuple(tuple(row) for row in np.median(means, axis=0).tolist())


def _to_plain(record: TrialRecord) -> dict[str, Any]:
    return {
        "labels": dict(record.labels),
        "state": record.state,
        "score": record.score,
        "reason": record.reason,
        "losses": record.losses.tolist(),
        "reference": record.reference.tolist(),
        "curves": record.curves,
    }


def _read_record(frozen: FrozenTrial) -> TrialRecord:
    plain = json.loads(frozen.user_attrs[_RECORD])
    return TrialRecord(
        number=frozen.number,
        labels=plain["labels"],
        state=plain["state"],
        score=plain["score"],
        reason=plain["reason"],
        losses=np.array(plain["losses"], dtype=np.float64),
        reference=np.array(plain["reference"], dtype=np.float64),
        curves=tuple(map(tuple, plain["curves"])),
    )


def _is_study(path: Path) -> bool:
    """Whether a file is an SQLite database with Optuna's tables; it is not touched."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT name FROM sqlite_master WHERE name = 'studies'")
            return found.fetchone() is not None
    except sqlite3.DatabaseError:
        return False


def _require_same(path: Path, found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise unless a database's search is this one.

    Raises:
        OtherStudy: it is another; the message names what differs.
    """
    others = [name for name in expected if found.get(name) != expected[name]]
    if others:
        raise OtherStudy(
            f"{path} is of another search: {', '.join(others)} "
            + ("differs" if len(others) == 1 else "differ"),
            hint=f"ask for the same as then, or name another database: {option('storage')}",
        )
