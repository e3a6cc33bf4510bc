"""LSTMRegressor: the kernel's network under scikit-learn's contract."""

from __future__ import annotations

import sys
from copy import copy
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from stockcast.errors import InvalidRecipe, NoSampleWeights, option
from stockcast.networks.network import Weights, run_network
from stockcast.progress import Recorder, Silent
from stockcast.recipe import Recipe, build_recipe
from stockcast.sklearn.arrays import check_training, check_windows
from stockcast.sklearn.file import FittedRegressor, read_regressor, write_regressor
from stockcast.sklearn.held_out import Fold, hold_out_newest
from stockcast.training.loop import fit_weights
from stockcast.training.trainer import Trainer
from stockcast.windows.arrays import WindowArrays

_ALL_WINDOWS = 1_000_000_000  # an epoch sees each window once, however many there are
_SEEDS = 2**31  # the recipe's


class LSTMRegressor(RegressorMixin, BaseEstimator):
    """Layers of LSTM, GRU or other cells with dropout and a dense head, trained by Adam.

    The network and training of `train` with the recipe `classic`, on windows that somebody else cut
    and scaled: the same arrays and seed give the same weights, to the bit. Inputs and answers
    should be scaled to about 0 to 1, or to a deviation of about 1.

    Windows are taken to be in time order. Early stopping holds out the newest, and leaves out
    between those and the older ones what would have answers in both.

    Args:
        layers: recurrent layers, one on top of the other.
        units: in each layer.
        dropout: share of each layer's outputs set to zero while training.
        cell: lstm, peephole, cifg, cifg-peephole or gru.
        epochs: passes over the windows, at most.
        batch_size: windows in one step of the optimizer.
        learning_rate: Adam's step size.
        early_stopping: whether to hold windows out, stop once their loss no longer falls, and keep
            the weights of the best epoch.
        validation_fraction: share of the windows that is held out for it.
        n_iter_no_change: epochs without a better loss before it stops.
        warm_start: whether `fit` goes on from the weights that are there; Adam begins anew.
        random_state: where first weights, shuffling and dropout come from; an int gives the same
            result each time, and below 2³¹ it is `train`'s seed.
        engine: native, tensorflow, or auto: TensorFlow where it is installed and sees a GPU.
        verbose: whether `fit` writes each epoch's losses to stderr.

    Attributes:
        weights_: the network's (`stockcast.networks.network.Weights`).
        n_features_in_: timesteps of a window, which scikit-learn counts as features.
        feature_names_in_: names of the columns of X, where it was a frame of strings.
        n_inputs_: inputs of each timestep; 1 where X was (n, window).
        n_outputs_: steps ahead, the columns of y.
        n_iter_: epochs run; with `warm_start` in all calls of `fit`.
        best_epoch_: the epoch of the last `fit`, from 1, whose weights are kept.
        loss_curve_: mean squared error of each epoch, while weights and dropout were at work.
        validation_loss_curve_: of the windows held out, after each epoch; empty if there are none.
        seed_: what `random_state` came to.

    Example:
        >>> import numpy as np
        >>> waves = np.sin(np.arange(120) / 5)
        >>> X = np.lib.stride_tricks.sliding_window_view(waves[:-1], 20)
        >>> regressor = LSTMRegressor(layers=1, units=8, dropout=0, epochs=60, random_state=0)
        >>> bool(regressor.fit(X[:80], waves[20:100]).score(X[80:], waves[100:]) > 0.8)
        True
    """

    n_features_in_: int
    feature_names_in_: NDArray[np.object_]
    n_inputs_: int
    n_outputs_: int
    n_iter_: int
    best_epoch_: int
    loss_curve_: list[float]
    validation_loss_curve_: list[float]
    seed_: int
    weights_: Weights

    def __init__(
        self,
        *,
        layers: int = 4,
        units: int = 50,
        dropout: float = 0.2,
        cell: str = "lstm",
        epochs: int = 100,
        batch_size: int = 32,
        learning_rate: float = 0.001,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        warm_start: bool = False,
        random_state: Any = None,
        engine: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.layers = layers
        self.units = units
        self.dropout = dropout
        self.cell = cell
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.random_state = random_state
        self.engine = engine
        self.verbose = verbose

    def fit(self, X: Any, y: Any, **unknown: Any) -> Self:
        """Train the network.

        Args:
            X: (n, window) or (n, window, inputs), in time order.
            y: (n,) or (n, horizon), what follows each window.
            **unknown: is refused: windows have no weights.

        Raises:
            InvalidArrays: X or y is of the wrong rank or length, or holds no finite numbers.
            InvalidRecipe: a parameter's value cannot be.
            NoSampleWeights: `sample_weight` is given.
            UsageError: too few windows to hold some out.
            ModelMismatch: a warm start from a network of other layers, units, inputs or steps.
            TrainingDiverged: the loss is no longer a finite number.
        """
        _refuse(unknown)
        seen = copy(self)  # a fit that fails leaves the estimator as it was
        windows, answers, is_flat = check_training(seen, X, y)
        recipe = self._build_recipe(window=windows.shape[1], horizon=answers.shape[1])
        fold = self._hold_out(len(windows), horizon=answers.shape[1])
        data = WindowArrays("X", recipe, windows, answers, fold.known, fold.first)
        goes_on = bool(self.warm_start) and hasattr(self, "weights_")
        recorder = Recorder(_Lines() if self.verbose else None)
        fit = fit_weights(
            Trainer(data), progress=recorder, start=self.weights_ if goes_on else None
        )
        losses, validation = (recorder.figures.get(name, []) for name in ("loss", "val"))
        self.n_iter_ = fit.epochs + (self.n_iter_ if goes_on else 0)
        self.loss_curve_ = (self.loss_curve_ if goes_on else []) + losses
        self.validation_loss_curve_ = (self.validation_loss_curve_ if goes_on else []) + validation
        self.weights_ = fit.weights
        self.best_epoch_ = fit.best_epoch
        self.seed_ = recipe.seed
        self.n_features_in_, self.n_inputs_ = windows.shape[1:]
        self.n_outputs_ = answers.shape[1]
        self._is_flat = is_flat
        self._take_names(seen)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Answer windows, on NumPy alone.

        Args:
            X: (n, window) or (n, window, inputs), as `fit` had them.

        Returns:
            (n,) or (n, horizon), as y was.

        Raises:
            NotFittedError: it was not fitted (scikit-learn's).
            InvalidArrays: X is of another shape, or holds no finite numbers.
        """
        check_is_fitted(self)
        windows = check_windows(self, X, inputs=self.n_inputs_)
        # In double precision an answer does not depend on which windows stand beside it.
        answers = run_network(windows, self.weights_.astype(np.float64))
        return answers[:, 0] if self._is_flat else answers

    def save(self, path: str | Path) -> None:
        """Write the fitted estimator as one safetensors file, whole or not at all.

        It holds numbers and no code. A model file is more: columns, scalers and a verdict, which
        arrays do not have; so this is a file of its own kind, which `load` reads.

        Args:
            path: of the file.

        Raises:
            NotFittedError: it was not fitted (scikit-learn's).
            OutputError: the file cannot be written.
        """
        check_is_fitted(self)
        parameters = {name: _to_plain(value) for name, value in self.get_params().items()}
        if not isinstance(parameters["random_state"], int | None):
            parameters["random_state"] = self.seed_  # a generator is no number; its draw is
        names = getattr(self, "feature_names_in_", None)
        fitted = FittedRegressor(
            parameters=parameters,
            window=self.n_features_in_,
            inputs=self.n_inputs_,
            outputs=self.n_outputs_,
            is_flat=self._is_flat,
            seed=self.seed_,
            epochs=self.n_iter_,
            best_epoch=self.best_epoch_,
            losses=self.loss_curve_,
            validation_losses=self.validation_loss_curve_,
            feature_names=None if names is None else list(names),
        )
        write_regressor(fitted, self.weights_, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read what `save` wrote, and check all of it.

        Args:
            path: of the file.

        Raises:
            ModelNotFound: no such file.
            UntrustedModel: not such a file, damaged, or not what its parameters imply.
        """
        fitted, weights = read_regressor(Path(path))
        parameters: dict[str, Any] = dict(fitted.parameters)
        loaded = cls(**parameters)
        loaded.weights_ = weights
        loaded.n_features_in_, loaded.n_inputs_ = fitted.window, fitted.inputs
        loaded.n_outputs_, loaded._is_flat = fitted.outputs, fitted.is_flat
        loaded.n_iter_, loaded.best_epoch_ = fitted.epochs, fitted.best_epoch
        loaded.loss_curve_ = list(fitted.losses)
        loaded.validation_loss_curve_ = list(fitted.validation_losses)
        loaded.seed_ = fitted.seed
        if fitted.feature_names is not None:
            loaded.feature_names_in_ = np.array(fitted.feature_names, dtype=object)
        return loaded

    def __sklearn_tags__(self) -> Any:
        """Say what it takes: two dimensions or three, and one answer or several."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags

    def _take_names(self, seen: LSTMRegressor) -> None:
        """Take over the names of columns that were seen, or that there were none."""
        if hasattr(seen, "feature_names_in_"):
            self.feature_names_in_ = seen.feature_names_in_
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _build_recipe(self, *, window: int, horizon: int) -> Recipe:
        patience = _to_plain(self.n_iter_no_change)
        if not isinstance(patience, int) or patience < 1:
            raise InvalidRecipe(
                f"{option('n_iter_no_change')} is {patience!r}, expected a whole number from 1 on"
            )
        values = {
            name: _to_plain(getattr(self, name))
            for name in (
                *("layers", "units", "dropout", "cell"),
                *("epochs", "batch_size", "learning_rate", "engine"),
            )
        }
        values |= {"window": window, "horizon": horizon, "patience": patience}
        values |= {"target": "price", "seed": _draw_seed(self.random_state)}
        values |= {"epoch_windows": _ALL_WINDOWS}
        return build_recipe(values, where=type(self).__name__, overridden=frozenset(values))

    def _hold_out(self, count: int, *, horizon: int) -> Fold:
        if not self.early_stopping:
            return Fold(count, count, count)
        share = _to_plain(self.validation_fraction)
        if not isinstance(share, float) or not 0 < share < 1:
            raise InvalidRecipe(
                f"{option('validation_fraction')} is {share!r}, expected a share between 0 and 1"
            )
        return hold_out_newest(count, share=share, horizon=horizon)


class _Lines(Silent):
    """A Progress that writes a line an epoch to stderr."""

    def advance(self, step: int, figures: dict[str, float]) -> None:
        """Write an epoch's losses."""
        text = ", ".join(f"{name} {value:.6f}" for name, value in figures.items())
        sys.stderr.write(f"epoch {step}: {text}\n")


def _refuse(unknown: dict[str, Any]) -> None:
    """Refuse arguments that `fit` does not have.

    Raises:
        NoSampleWeights: weights.
        TypeError: any other.
    """
    if unknown.pop("sample_weight", None) is not None:
        raise NoSampleWeights(
            "LSTMRegressor has no sample weights: each window counts like another",
            hint="repeat windows that should count more, or leave sample_weight out",
        )
    if unknown:
        raise TypeError(f"fit() got an unexpected keyword argument {next(iter(unknown))!r}")


def _to_plain(value: Any) -> Any:
    """Return what a grid of NumPy's numbers holds as Python's own; the rest as it is."""
    return value.item() if isinstance(value, np.generic) else value


def _draw_seed(random_state: Any) -> int:
    """Return an int below 2³¹ as it is, and draw one from anything else."""
    plain = _to_plain(random_state)
    if isinstance(plain, int) and not isinstance(plain, bool) and 0 <= plain < _SEEDS:
        return plain
    return int(check_random_state(random_state).randint(_SEEDS - 1))
