"""What a study asks next, what it remembers, and whose database it takes."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest

from stockcast.errors import OtherStudy
from stockcast.tuning.space import make_space
from stockcast.tuning.study import Study, TrialRecord, find_limits

pytestmark = pytest.mark.slow

SPACE = {
    "layers": {"from": 1, "to": 4},
    "dropout": {"from": 0.0, "to": 0.5},
    "cell": ["lstm", "gru"],
}
IDENTITY = {"prices": [["A", "1"]], "objective": "which-way"}


@pytest.fixture
def space():
    return make_space(SPACE, {"default": "default"}, {})


def lose(labels):
    """Return a loss that knows a best trial."""
    return 1 + abs(labels["layers"] - 3) / 10 + labels["dropout"] / 10


def run(study, count):
    """Make trials, each its loss; return what was asked."""
    for _ in range(count):
        number, labels = study.ask()
        if number % 7 == 3:
            record = TrialRecord(number, labels, "failed", reason="it is said to")
        elif number % 7 == 5:
            record = TrialRecord(number, labels, "pruned", curves=((2.0, 1.5),))
        else:
            losses = np.full(3, lose(labels))
            record = TrialRecord(
                number, labels, "complete", lose(labels), "", losses, np.ones(3), ((2.0, 1.0),)
            )
        study.tell(record)
    return [one.labels for one in study.records]


def test_the_same_seed_asks_for_the_same_trials(space):
    first, second, other = (Study(space, IDENTITY, seed=seed) for seed in (1, 1, 2))
    assert run(first, 20) == run(second, 20)
    assert run(other, 20) != [one.labels for one in first.records]


def test_the_recipes_that_it_begins_with_come_first_as_they_are():
    fields = {"layers": {"from": 1, "to": 4}, "dropout": {"from": 0.0, "to": 0.5, "step": 0.1}}
    space = make_space(fields, {"default": "default", "fast": "fast"}, {})
    first, second, *others = run(Study(space, IDENTITY, seed=0), 8)
    assert first == {"model": "default", "layers": 4, "dropout": 0.2}
    assert second == {"model": "fast", "layers": 1, "dropout": 0.2}
    assert len(set(map(str, others))) > 3
    assert space.build(second) == space.bases["fast"]


@pytest.mark.parametrize(
    "fields",
    [
        {"layers": {"from": 1, "to": 3}},
        {"dropout": {"from": 0.05, "to": 0.45, "step": 0.1}},
        {"cell": ["gru", "cifg"]},
        {"learning_rate": {"from": 0.002, "to": 0.01, "log": True}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_one_that_lies_outside_the_space_is_no_trial(fields):
    space = make_space(fields, {"default": "default"}, {})
    assert space.list_bases() == []
    (name,) = fields
    _, drawn = Study(space, IDENTITY, seed=0).ask()
    assert space.dimensions[name].holds(drawn[name])


def test_a_search_learns_from_its_trials(space):
    study = Study(space, IDENTITY, seed=0)
    run(study, 40)
    scores = [one.score for one in study.records if one.score is not None]
    assert np.mean(scores[-10:]) < np.mean(scores[:10])
    importance = study.measure_importance()
    assert importance.keys() == {"layers", "dropout", "cell"}
    assert min(importance, key=importance.get) == "cell"


def test_a_search_goes_on_from_its_database_as_if_it_had_never_stopped(space, tmp_path):
    unbroken = Study(space, IDENTITY, seed=3)
    wanted = run(unbroken, 18)
    for count in (7, 5, 6):
        study = Study(space, IDENTITY, seed=3, storage=tmp_path / "study.db")
        study.ask()  # and is killed before the trial is over
        study = Study(space, IDENTITY, seed=3, storage=tmp_path / "study.db")
        run(study, count)
    study = Study(space, IDENTITY, seed=3, storage=tmp_path / "study.db")
    assert [one.labels for one in study.records] == wanted
    for one, other in zip(study.records, unbroken.records, strict=True):
        assert one.to_row() == other.to_row()
        np.testing.assert_array_equal(one.losses, other.losses)


def test_a_database_of_another_search_is_refused_and_says_what_differs(
    space, tmp_path, expect_refusal
):
    run(Study(space, IDENTITY, seed=0, storage=tmp_path / "study.db"), 2)
    other = {**IDENTITY, "prices": [["B", "2"]]}
    with expect_refusal(OtherStudy, "another search: prices differs", hint="storage="):
        Study(space, other, seed=0, storage=tmp_path / "study.db")
    assert len(Study(space, IDENTITY, seed=0, storage=tmp_path / "study.db").records) == 2


def test_a_file_that_is_no_database_of_a_search_is_refused_and_left_as_it_is(
    space, tmp_path, expect_refusal
):
    text, database = tmp_path / "notes.db", tmp_path / "other.db"
    text.write_text("not a database, and long enough to be read as one" * 50)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    for path in (text, database):
        before = path.read_bytes()
        with expect_refusal(OtherStudy, "no database of a search", path.name):
            Study(space, IDENTITY, seed=0, storage=path)
        assert path.read_bytes() == before


def test_a_study_that_optuna_made_for_others_is_refused(space, tmp_path, expect_refusal):
    optuna = pytest.importorskip("optuna")
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    optuna.create_study(study_name="theirs", storage=storage)
    storage.remove_session()
    storage.engine.dispose()
    with expect_refusal(OtherStudy, "holds the study 'theirs'"):
        Study(space, IDENTITY, seed=0, storage=tmp_path / "study.db")


def test_looks_at_the_test_span_are_remembered(space, tmp_path):
    for _ in range(2):
        study = Study(space, IDENTITY, seed=0, storage=tmp_path / "study.db")
        assert study.note_look(TrialRecord(4, {}, "complete", 1.0)) == ()
    assert study.note_look(TrialRecord(6, {}, "complete", 1.0)) == (4,)


def test_limits_are_the_median_of_complete_trials_by_epoch_over_all_fits():
    def make(number, *curves, state="complete"):
        return TrialRecord(number, {}, state, 1.0, curves=curves)

    records = [make(n, (4.0 + n, 2.0 + n), (1.0,)) for n in range(5)]
    records.append(make(9, (0.0,), state="pruned"))
    limits = find_limits(records, 3)
    # The median trial is number 2: best 6, 4 and then 4; with the second fit (4 + 1) / 2.
    assert limits == ((6.0, 4.0, 4.0), (2.5, 2.5, 2.5))
    assert find_limits(records[:4], 3) == ()
    assert find_limits([make(n, ()) for n in range(9)], 3) == ()


def test_optunas_own_median_pruner_breaks_off_the_same_trials():
    """Where each trial has one fit, which never gets worse."""
    optuna = pytest.importorskip("optuna")
    random = np.random.default_rng(0)
    curves = [np.minimum.accumulate(random.random(6)) for _ in range(30)]
    study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=5))
    records = []
    for number, curve in enumerate(curves):
        limits = find_limits(records, 6)
        trial, theirs, ours = study.ask(), None, None
        for epoch, value in enumerate(curve):
            trial.report(value, epoch)
            if ours is None and limits and value > limits[0][epoch]:
                ours = epoch
            if theirs is None and trial.should_prune():
                theirs = epoch
        assert ours == theirs
        study.tell(trial, 1.0)
        records.append(TrialRecord(number, {}, "complete", 1.0, curves=(tuple(curve),)))
