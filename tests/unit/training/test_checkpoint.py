"""Snapshots: what was broken off goes on where it was, and ends in the same bytes."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from stockcast.errors import ModelMismatch
from stockcast.model.file import serialize_model
from stockcast.progress import Silent
from stockcast.recipe import Recipe
from stockcast.training.checkpoint import Checkpoint, identify_training, place_checkpoint
from stockcast.windows.series import window_history

pytestmark = pytest.mark.slow

SMALL = Recipe(window=8, layers=2, units=4, epochs=6, batch_size=32, patience=4)
KINDS = {
    "lstm": {},
    "gru": {"cell": "gru"},
    "no validation": {"validation": 0, "patience": 0},
    "three steps ahead": {"target": "relative", "horizon": 3},
}


class Breaking(Silent):
    """A Progress that breaks training off after an epoch, and remembers the others."""

    def __init__(self, after=None, error=KeyboardInterrupt):
        self.after, self.error = after, error
        self.steps = []

    def advance(self, step, figures):
        self.steps.append((step, figures))
        if step == self.after:
            raise self.error


@pytest.fixture
def trained_epochs(monkeypatch):
    """The numbers of the epochs that were really run."""
    from stockcast.training.trainer import Trainer

    numbers = []
    run_epoch = Trainer.run_epoch

    def note(self, starts, epoch):
        numbers.append(epoch)
        return run_epoch(self, starts, epoch)

    monkeypatch.setattr(Trainer, "run_epoch", note)
    return numbers


@pytest.fixture
def fit(tmp_path):
    """Train a series with a checkpoint in the test's folder; its notes are in `fit.notes`."""
    from stockcast.training.fit import train_series

    def run(series, progress=None, *, every=1, start=None, begun_from=""):
        key = identify_training(series, start=begun_from)
        checkpoint = Checkpoint(run.path, key, every=every, note=run.notes.append)
        return serialize_model(
            train_series(series, progress=progress, checkpoint=checkpoint, start=start)
        )

    run.path = place_checkpoint(tmp_path / "GOOG.safetensors")
    run.notes = []
    return run


@pytest.fixture(scope="module")
def whole(make_history):
    """A kind's series, and the bytes of the model that an unbroken training makes of it."""
    from stockcast.training.fit import train_series

    made = {}

    def get(kind="lstm"):
        if kind not in made:
            series = window_history(make_history(), SMALL.model_copy(update=KINDS[kind]))
            made[kind] = series, serialize_model(train_series(series))
        return made[kind]

    return get


@pytest.mark.parametrize("after", [1, 2, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_broken_off_ends_in_the_same_bytes(kind, after, whole, fit, trained_epochs):
    series, expected = whole(kind)
    del trained_epochs[:]
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(after))
    again = Breaking()
    assert fit(series, again) == expected
    assert fit.notes == []
    epochs = len(again.steps)
    assert trained_epochs == list(range(1, epochs + 1))  # none was run twice
    assert [step for step, _ in again.steps] == list(range(1, epochs + 1))


def test_what_was_broken_off_twice_ends_in_the_same_bytes(whole, fit):
    series, expected = whole()
    for after in (1, 3):
        with pytest.raises(SystemExit):
            fit(series, Breaking(after, SystemExit(143)))
    assert fit(series) == expected


def test_losses_of_epochs_before_the_break_are_told_as_they_were(whole, fit):
    series, _ = whole()
    first, again = Breaking(3), Breaking()
    with pytest.raises(KeyboardInterrupt):
        fit(series, first)
    fit(series, again)
    assert again.steps[:3] == first.steps
    assert [step for step, _ in first.steps] == [1, 2, 3]


@pytest.mark.parametrize(("every", "written"), [(0, []), (2, [2, 4]), (100, [])])
def test_snapshots_are_written_as_often_as_asked(every, written, whole, fit):
    series, _ = whole("no validation")
    seen = []

    class Look(Silent):
        def advance(self, step, figures):
            if fit.path.exists():
                seen.append(step)
                fit.path.unlink()

    fit(series, Look(), every=every)
    assert [step for step in seen if step < SMALL.epochs] == written


def test_an_interrupted_run_writes_its_snapshot_however_seldom_it_is_asked_to(whole, fit):
    series, expected = whole()
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(2), every=0)
    assert fit.path.exists()
    assert fit(series, every=0) == expected


def test_another_training_does_not_go_on_from_it(whole, fit, make_history):
    series, _ = whole()
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(2))
    others = [
        replace(series, recipe=series.recipe.model_copy(update={"seed": 1})),
        window_history(make_history(seed=1), SMALL),
    ]
    for other in others:
        content = fit.path.read_bytes()
        with pytest.raises(KeyboardInterrupt):
            fit(other, Breaking(1), every=0)
        assert "other data" in fit.notes[-1]
        fit.path.write_bytes(content)
    checkpoint = Checkpoint(fit.path, identify_training(series, start="f" * 64))
    assert checkpoint.load() is None
    assert Checkpoint(fit.path, identify_training(series)).load().state.epoch == 2


def test_another_version_of_a_library_is_another_training(whole, monkeypatch):
    series, _ = whole()
    key = identify_training(series)
    monkeypatch.setattr("stockcast.training.engine.version", lambda name: "0.0.1")
    assert identify_training(series) != key


def spoil_state(content, change):
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    document = json.loads(header["__metadata__"]["stockcast-checkpoint"])
    change(document)
    header["__metadata__"]["stockcast-checkpoint"] = json.dumps(document)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content[8 + size :]


def spoil_array(content, name, array):
    path_arrays = load_arrays(content)
    (size,) = struct.unpack("<Q", content[:8])
    metadata = json.loads(content[8 : 8 + size])["__metadata__"]
    if array is None:
        del path_arrays[name]
    else:
        path_arrays[name] = array
    return save(path_arrays, metadata=metadata)


def load_arrays(content):
    from safetensors.numpy import load

    return load(content)


DAMAGED = {
    "empty": lambda content: b"",
    "cut in its header": lambda content: content[:100],
    "cut short": lambda content: content[:-1],
    "half": lambda content: content[: len(content) // 2],
    "zeros": lambda content: b"\0" * len(content),
    "a price file": lambda content: b"Date,Close\n2013-02-28,1\n",
    "a header of 100 MB": lambda content: struct.pack("<Q", 100 << 20) + content,
    "another program's": lambda content: save({"a": np.zeros(2)}),
    "a list": lambda content: save({"a": np.zeros(2)}, metadata={"stockcast-checkpoint": "[1]"}),
    "deep": lambda content: save(
        {"a": np.zeros(2)}, metadata={"stockcast-checkpoint": "[" * 100_000}
    ),
    "no state": lambda content: spoil_state(content, lambda document: document.pop("state")),
    "a state of text": lambda content: spoil_state(
        content, lambda document: document.update(state="x")
    ),
    "epochs that do not add up": lambda content: spoil_state(
        content, lambda document: document["state"].update(epoch=5)
    ),
    "a loss that is text": lambda content: spoil_state(
        content, lambda document: document["state"].update(losses=["x", "y"])
    ),
    "no weights": lambda content: spoil_array(content, "now.weights", None),
    "no best weights": lambda content: spoil_array(content, "best.head.bias", None),
    "weights of another shape": lambda content: spoil_array(
        content, "now.weights", np.zeros((2, 2), np.float32)
    ),
    "weights of another type": lambda content: spoil_array(
        content, "best.head.bias", np.zeros(1, np.float64)
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_told_and_training_starts_anew(damage, whole, fit):
    series, expected = whole()
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(2))
    fit.path.write_bytes(DAMAGED[damage](fit.path.read_bytes()))
    assert fit(series) == expected
    assert len(fit.notes) == 1
    assert f"{fit.path} is not used: " in fit.notes[0]


def test_a_snapshot_that_cannot_be_written_at_the_end_is_told_and_the_end_stays(whole, fit):
    series, _ = whole()
    fit.path.mkdir()
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(2), every=0)
    assert len(fit.notes) == 1
    assert "is a folder" in fit.notes[0]


def test_a_snapshot_holds_plain_arrays_alone(whole, fit):
    series, _ = whole()
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(1))
    arrays = load_file(fit.path)
    assert {name.partition(".")[0] for name in arrays} == {"now", "best"}
    assert () in {array.shape for array in arrays.values()}  # a count stays a number


def test_removing_a_file_that_is_not_there_is_no_error(tmp_path):
    Checkpoint(tmp_path / "none", "key").remove()
    assert list(tmp_path.iterdir()) == []


def test_training_may_start_from_other_weights(whole, fit, make_history, make_model):
    series, _ = whole()
    model = make_model(make_history(), layers=2, units=4)
    few = replace(series, recipe=series.recipe.model_copy(update={"learning_rate": 1e-30}))
    from stockcast.training.loop import fit_weights
    from stockcast.training.trainer import Trainer

    trained = fit_weights(Trainer(few), progress=Silent(), start=model.weights)
    for name, array in trained.weights.to_arrays().items():
        np.testing.assert_array_equal(array, model.weights.to_arrays()[name])


def test_what_started_from_other_weights_and_was_broken_off_ends_in_the_same_bytes(
    whole, fit, make_history, make_model
):
    series, cold = whole()
    weights = make_model(make_history(), layers=2, units=4).weights
    unbroken = fit(series, start=weights, begun_from="m")
    fit.path.unlink()
    with pytest.raises(KeyboardInterrupt):
        fit(series, Breaking(2), start=weights, begun_from="m")
    assert fit(series, start=weights, begun_from="m") == unbroken != cold


@pytest.mark.parametrize("fields", [{"units": 5}, {"layers": 1}, {"cell": "gru"}, {"horizon": 2}])
def test_weights_of_another_network_are_refused_by_name(fields, whole, make_history, make_model):
    from stockcast.training.fit import train_series

    series, _ = whole()
    model = make_model(make_history(), **{"layers": 2, "units": 4, **fields})
    with pytest.raises(ModelMismatch, match="the weights to start from have") as caught:
        train_series(series, start=model.weights)
    assert "same cell, layers, units" in caught.value.hint
