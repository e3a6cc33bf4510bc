"""LSTMRegressor: scikit-learn's contract, and what scikit-learn's own parts do with it."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer, mean_squared_error
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from stockcast.errors import (
    InvalidArrays,
    InvalidRecipe,
    ModelMismatch,
    ModelNotFound,
    NoSampleWeights,
    OutputError,
    TrainingDiverged,
    UntrustedModel,
    UsageError,
)
from stockcast.sklearn import LSTMRegressor

SMALL = {"layers": 1, "units": 4, "epochs": 2, "random_state": 0}
WINDOW = 8


@pytest.fixture(scope="module")
def waves():
    """Windows (112, 8) of a wave, and the value after each."""
    series = np.sin(np.arange(120) / 5)
    return np.lib.stride_tricks.sliding_window_view(series[:-1], WINDOW), series[WINDOW:]


@pytest.fixture(scope="module")
def fitted(waves):
    return LSTMRegressor(**SMALL).fit(*waves)


def take_arrays(regressor):
    return regressor.weights_.to_arrays()


def assert_same_weights(one, other):
    ours, theirs = take_arrays(one), take_arrays(other)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name])


@pytest.mark.slow
@parametrize_with_checks(
    [LSTMRegressor(layers=1, units=16, dropout=0, epochs=40, learning_rate=0.01, batch_size=16)]
)
def test_it_passes_each_check_of_scikit_learn(estimator, check):
    check(estimator)


@pytest.mark.slow
def test_two_dimensions_are_windows_of_one_input(fitted, waves):
    X, y = waves
    assert_same_weights(LSTMRegressor(**SMALL).fit(X[:, :, None], y), fitted)
    np.testing.assert_array_equal(fitted.predict(X[:, :, None]), fitted.predict(X))
    assert (fitted.n_features_in_, fitted.n_inputs_, fitted.n_outputs_) == (WINDOW, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [1, 3])
def test_answers_have_the_shape_that_y_had(horizon, waves):
    X, _ = waves
    y = np.ones((len(X), horizon))
    assert LSTMRegressor(**SMALL).fit(X, y).predict(X[:5]).shape == (5, horizon)
    assert LSTMRegressor(**SMALL).fit(X, y[:, 0]).predict(X[:5]).shape == (5,)


@pytest.mark.slow
def test_several_inputs_a_timestep(waves):
    X, y = waves
    both = np.stack([X, X**2], axis=-1)
    regressor = LSTMRegressor(**SMALL).fit(both, y)
    assert regressor.n_inputs_ == 2
    assert take_arrays(regressor)["layers.0.kernel"].shape[0] == 2
    assert regressor.predict(both).shape == y.shape


@pytest.mark.slow
def test_it_learns_a_wave(waves):
    X, y = waves
    regressor = LSTMRegressor(
        layers=1, units=8, dropout=0, epochs=100, learning_rate=0.01, random_state=0
    )
    assert regressor.fit(X[:80], y[:80]).score(X[80:], y[80:]) > 0.95
    assert regressor.loss_curve_[-1] < 0.1 * regressor.loss_curve_[0]


def test_the_same_random_state_gives_the_same_weights_and_another_does_not(fitted, waves):
    assert_same_weights(clone(fitted).fit(*waves), fitted)
    other = LSTMRegressor(**{**SMALL, "random_state": 1}).fit(*waves)
    assert not np.array_equal(other.weights_.head_kernel, fitted.weights_.head_kernel)


def test_a_generator_is_drawn_from_at_each_fit(waves):
    regressor = LSTMRegressor(**{**SMALL, "random_state": np.random.RandomState(3)})
    first, second = (clone(regressor).fit(*waves).seed_ for _ in range(2))
    assert first == second  # a clone copies the generator as it was
    assert regressor.fit(*waves).seed_ != regressor.fit(*waves).seed_


def test_early_stopping_holds_the_newest_windows_out(waves):
    X, y = waves
    wild = y.copy()
    wild[-12:] = 100.0  # what is held out teaches nothing
    stopping = {**SMALL, "early_stopping": True, "validation_fraction": 0.1, "epochs": 3}
    one, other = (LSTMRegressor(**stopping).fit(X, answers) for answers in (y, wild))
    assert one.loss_curve_ == other.loss_curve_
    assert one.validation_loss_curve_ != other.validation_loss_curve_
    assert len(one.validation_loss_curve_) == 3


def test_early_stopping_leaves_out_windows_whose_answers_reach_into_those_held_out(waves):
    X, _ = waves
    y = np.tile(np.arange(len(X), dtype=float)[:, None], 3) / 100
    wild = y.copy()
    wild[len(X) - 12 - 2 :] = 50.0  # of 112 windows 12 are held out, and 2 lie between
    stopping = {**SMALL, "early_stopping": True}
    one, other = (LSTMRegressor(**stopping).fit(X, answers) for answers in (y, wild))
    assert one.loss_curve_ == other.loss_curve_


def test_early_stopping_keeps_the_best_epoch_and_stops_after_some_that_are_no_better(waves):
    X, y = waves
    stopping = {"early_stopping": True, "n_iter_no_change": 2, "learning_rate": 0.1, "epochs": 200}
    regressor = LSTMRegressor(**{**SMALL, **stopping}).fit(X, y)
    curve = regressor.validation_loss_curve_
    assert regressor.best_epoch_ == int(np.argmin(curve)) + 1
    assert regressor.n_iter_ == len(curve) == regressor.best_epoch_ + 2
    held = mean_squared_error(y[-12:], regressor.predict(X[-12:]))
    assert held == pytest.approx(min(curve), rel=1e-4)


def test_a_warm_start_goes_on_and_a_cold_one_does_not(waves):
    X, y = waves
    warm = LSTMRegressor(**SMALL, warm_start=True).fit(X, y)
    before = warm.loss_curve_
    warm.fit(X, y)
    assert warm.loss_curve_[:2] == before
    assert warm.loss_curve_[2] < before[1]
    assert warm.n_iter_ == 4
    cold = LSTMRegressor(**SMALL).fit(X, y)
    assert cold.fit(X, y).loss_curve_ == before


@pytest.mark.slow
def test_a_warm_start_from_another_network_is_refused_and_the_first_one_stays(waves):
    X, y = waves
    warm = LSTMRegressor(**SMALL, warm_start=True).fit(X, y)
    answers = warm.predict(X)
    with pytest.raises(ModelMismatch, match="have head"):
        warm.fit(X, np.stack([y, y], axis=1))
    with pytest.raises(ModelMismatch):
        warm.set_params(units=5).fit(X, y)
    assert warm.n_outputs_ == 1
    np.testing.assert_array_equal(warm.predict(X), answers)


def test_verbose_writes_a_line_an_epoch_to_stderr(waves, capsys):
    LSTMRegressor(**SMALL, verbose=True, early_stopping=True).fit(*waves)
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.split(":")[0] for line in told.err.splitlines()] == ["epoch 1", "epoch 2"]
    assert "loss 0." in told.err
    assert "val 0." in told.err


def test_the_columns_of_a_frame_are_remembered(waves):
    X, y = waves
    frame = pd.DataFrame(X, columns=[f"day{step}" for step in range(WINDOW)])
    regressor = LSTMRegressor(**SMALL).fit(frame, y)
    assert list(regressor.feature_names_in_) == list(frame.columns)
    with pytest.raises(InvalidArrays, match="feature names"):
        regressor.predict(frame[frame.columns[::-1]])


# --- with scikit-learn's own parts -------------------------------------------------------------


@pytest.mark.slow
def test_it_works_in_a_pipeline(waves):
    X, y = waves
    scaled = make_pipeline(StandardScaler(), LSTMRegressor(**SMALL)).fit(X, y)
    assert scaled.predict(X).shape == y.shape
    widened = make_pipeline(
        FunctionTransformer(lambda windows: np.stack([windows, windows**2], axis=-1)),
        LSTMRegressor(**SMALL),
    ).fit(X, y)
    assert widened[-1].n_inputs_ == 2
    assert np.isfinite(widened.score(X, y))


@pytest.mark.slow
def test_a_grid_is_searched_on_folds_in_time_order(waves):
    X, y = waves
    search = GridSearchCV(
        LSTMRegressor(**SMALL),
        {"units": np.array([2, 3]), "cell": ["lstm", "gru"]},  # NumPy's numbers, as grids have
        cv=TimeSeriesSplit(3),
        error_score="raise",
    )
    search.fit(X[:, :, None], y)
    assert len(search.cv_results_["params"]) == 4
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert search.best_estimator_.weights_.layers[0].units == search.best_params_["units"]


@pytest.mark.slow
def test_cross_val_score_gives_what_fits_on_each_fold_give(waves):
    X, y = waves
    cv = TimeSeriesSplit(3)
    scores = cross_val_score(
        LSTMRegressor(**SMALL), X, y, cv=cv, scoring=make_scorer(mean_squared_error)
    )
    expected = [
        mean_squared_error(
            y[later], LSTMRegressor(**SMALL).fit(X[known], y[known]).predict(X[later])
        )
        for known, later in cv.split(X)
    ]
    np.testing.assert_allclose(scores, expected, rtol=1e-12)


def test_the_target_is_scaled_and_taken_back(waves):
    X, y = waves
    prices = 100 + 10 * y
    model = TransformedTargetRegressor(LSTMRegressor(**SMALL), transformer=MinMaxScaler())
    answers = model.fit(X, prices).predict(X)
    scaled = MinMaxScaler().fit_transform(prices[:, None])[:, 0]
    inner = LSTMRegressor(**SMALL).fit(X, scaled).predict(X)
    np.testing.assert_allclose(answers, 90 + 20 * (inner), rtol=0.01)
    assert 80 < answers.mean() < 120


# --- files -------------------------------------------------------------------------------------


def test_pickling_keeps_it(fitted, waves):
    thawed = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(thawed.predict(waves[0]), fitted.predict(waves[0]))


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "peephole", "cifg", "cifg-peephole", "gru"])
def test_what_is_saved_is_loaded(cell, waves, tmp_path):
    X, y = waves
    path = tmp_path / "regressor.safetensors"
    saved = LSTMRegressor(**SMALL, cell=cell, early_stopping=True).fit(X, np.stack([y, y], axis=1))
    saved.save(path)
    loaded = LSTMRegressor.load(path)
    assert loaded.get_params() == saved.get_params()
    assert_same_weights(loaded, saved)
    for name in ("n_iter_", "best_epoch_", "loss_curve_", "validation_loss_curve_", "seed_"):
        assert getattr(loaded, name) == getattr(saved, name)
    np.testing.assert_array_equal(loaded.predict(X), saved.predict(X))
    loaded.save(tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_a_frame_s_names_and_a_generator_s_draw_are_saved(waves, tmp_path):
    X, y = waves
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    saved = LSTMRegressor(**{**SMALL, "random_state": np.random.RandomState(1)}).fit(frame, y)
    saved.save(tmp_path / "r.safetensors")
    loaded = LSTMRegressor.load(tmp_path / "r.safetensors")
    assert list(loaded.feature_names_in_) == list("abcdefgh")
    assert loaded.random_state == saved.seed_
    np.testing.assert_array_equal(loaded.predict(frame), saved.predict(frame))


def test_a_file_of_another_kind_is_refused(small_model, tmp_path, fitted, expect_refusal):
    from stockcast.model.file import load_model

    with expect_refusal(UntrustedModel, small_model, "is not a fitted LSTMRegressor"):
        LSTMRegressor.load(small_model)
    fitted.save(tmp_path / "r.safetensors")
    with expect_refusal(UntrustedModel, "is not a stockcast model"):
        load_model(tmp_path / "r.safetensors")
    with expect_refusal(ModelNotFound, "no file"):
        LSTMRegressor.load(tmp_path / "none.safetensors")


def change_document(path, change):
    """Write a file anew with another document in its header."""
    import json

    import safetensors
    from safetensors.numpy import load, save

    with safetensors.safe_open(path, framework="numpy") as file:
        document = json.loads(file.metadata()["stockcast-regressor"])
    change(document)
    arrays = load(path.read_bytes())
    path.write_bytes(save(arrays, metadata={"stockcast-regressor": json.dumps(document)}))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda document: document.update(format=2), "format 2"),
        (lambda document: document.update(window=0), "window"),
        (lambda document: document["parameters"].update(units=5), "expected F32"),
        (lambda document: document["parameters"].update(cell="rnn"), "cell"),
        (lambda document: document["parameters"].update(extra=1), "extra"),
        (lambda document: document.update(outputs=2), "one answer a window"),
        (lambda document: document.update(surprise=1), "surprise"),
    ],
    ids=["format", "window", "units", "cell", "parameter", "outputs", "field"],
)
def test_a_file_that_says_what_cannot_be_is_refused(change, says, fitted, tmp_path):
    path = tmp_path / "r.safetensors"
    fitted.save(path)
    change_document(path, change)
    with pytest.raises(UntrustedModel, match=says):
        LSTMRegressor.load(path)


def test_a_file_cut_short_is_refused(fitted, tmp_path):
    path = tmp_path / "r.safetensors"
    fitted.save(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UntrustedModel):
        LSTMRegressor.load(path)


def test_what_cannot_be_written_leaves_the_file_that_was_there(fitted, tmp_path):
    with pytest.raises(OutputError):
        fitted.save(tmp_path)


# --- what it refuses ---------------------------------------------------------------------------


def test_x_of_the_wrong_rank_is_refused(waves, expect_refusal):
    X, y = waves
    with expect_refusal(InvalidArrays, "X has 4 dimensions", hint="row of timesteps"):
        LSTMRegressor(**SMALL).fit(X[:, :, None, None], y)
    with expect_refusal(InvalidArrays, "Expected 2D array"):
        LSTMRegressor(**SMALL).fit(y, y)
    with expect_refusal(InvalidArrays, "y has 3 dimensions"):
        LSTMRegressor(**SMALL).fit(X, y[:, None, None])


@pytest.mark.parametrize(
    ("value", "says"), [(np.nan, "NaN"), (-np.inf, "-inf"), (1e39, "beyond what 32 bits hold")]
)
def test_a_value_that_is_no_number_is_named_with_its_place(value, says, fitted, waves):
    X, y = (one.copy() for one in waves)
    X[3, 2] = value
    with pytest.raises(InvalidArrays, match=r"X\[3, 2\] is ") as caught:
        LSTMRegressor(**SMALL).fit(X, y)
    assert says in str(caught.value)
    with pytest.raises(InvalidArrays, match=r"X\[3, 2\] is "):
        fitted.predict(X)


def test_answers_that_are_no_numbers_are_refused(waves):
    X, y = (one.copy() for one in waves)
    y[4] = 1e39
    with pytest.raises(InvalidArrays, match=r"y\[4\] is "):
        LSTMRegressor(**SMALL).fit(X, y)
    y[4] = np.nan
    with pytest.raises(InvalidArrays, match="NaN"):
        LSTMRegressor(**SMALL).fit(X, y)


def test_y_longer_than_x_is_refused(waves, expect_refusal):
    X, y = waves
    with expect_refusal(
        InvalidArrays, "X has 111 windows and y 112 answers", hint="y[i] is what follows"
    ):
        LSTMRegressor(**SMALL).fit(X[:-1], y)


def test_a_window_of_another_length_or_width_is_refused(fitted, waves):
    X, _ = waves
    with pytest.raises(InvalidArrays, match="X has 7 features"):
        fitted.predict(X[:, 1:])
    with pytest.raises(InvalidArrays, match="X has 2 inputs a timestep"):
        fitted.predict(np.stack([X, X], axis=-1))


def test_weights_for_windows_are_refused_and_so_is_any_other_argument(waves, expect_refusal):
    X, y = waves
    with expect_refusal(NoSampleWeights, "no sample weights", hint="repeat windows"):
        LSTMRegressor(**SMALL).fit(X, y, sample_weight=np.ones(len(y)))
    with pytest.raises(TypeError, match="'epochs'"):
        LSTMRegressor(**SMALL).fit(X, y, epochs=3)
    LSTMRegressor(**SMALL).fit(X, y, sample_weight=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": 0},
        {"units": 2.5},
        {"cell": "rnn"},
        {"dropout": 1.0},
        {"epochs": True},
        {"n_iter_no_change": 0},
        {"early_stopping": True, "validation_fraction": 1.5},
    ],
    ids=" ".join,
)
def test_a_parameter_that_cannot_be_is_named(wrong, waves):
    with pytest.raises(InvalidRecipe, match=f"{list(wrong)[-1]}="):
        LSTMRegressor(**{**SMALL, **wrong}).fit(*waves)


def test_too_few_windows_to_hold_some_out(waves, expect_refusal):
    X, y = waves
    with expect_refusal(UsageError, "leave none to learn from", hint="validation_fraction="):
        LSTMRegressor(**SMALL, early_stopping=True).fit(X[:1], y[:1])


def test_a_training_that_diverges_says_so_and_leaves_the_estimator_as_it_was(waves):
    X, y = waves
    names = [f"day{step}" for step in range(WINDOW)]
    regressor = LSTMRegressor(**SMALL).fit(pd.DataFrame(X, columns=names), y)
    answers = regressor.predict(pd.DataFrame(X, columns=names))
    with pytest.raises(TrainingDiverged, match="no longer a number"):
        regressor.fit(X[:, 1:], y * 1e25)
    assert regressor.n_features_in_ == WINDOW
    assert list(regressor.feature_names_in_) == names
    np.testing.assert_array_equal(regressor.predict(pd.DataFrame(X, columns=names)), answers)


def test_a_fit_without_names_forgets_those_of_before(waves):
    X, y = waves
    frame = pd.DataFrame(X, columns=list("abcdefgh"))
    regressor = LSTMRegressor(**SMALL).fit(frame, y).fit(X, y)
    assert not hasattr(regressor, "feature_names_in_")


def test_nothing_is_forecast_before_it_is_fitted(waves, tmp_path):
    with pytest.raises(NotFittedError):
        LSTMRegressor().predict(waves[0])
    with pytest.raises(NotFittedError):
        LSTMRegressor().save(tmp_path / "r.safetensors")
    assert not list(tmp_path.iterdir())


def test_errors_are_those_that_scikit_learn_expects_and_have_an_exit_code():
    assert issubclass(InvalidArrays, ValueError)
    assert issubclass(NoSampleWeights, TypeError)
    assert InvalidArrays.exit_code == NoSampleWeights.exit_code == 2
