"""Arrays as users of scikit-learn have them ─▶ windows and answers, checked."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from stockcast.errors import InvalidArrays
from stockcast.plurals import count_of
from stockcast.windows.windowing import Array

_RANKS = "(n, window) or (n, window, inputs)"


def check_training(estimator: Any, X: Any, y: Any) -> tuple[Array, Array, bool]:
    """Check what an estimator is fitted to, and let it remember its features.

    Args:
        estimator: whose `n_features_in_` and `feature_names_in_` are set.
        X: (n, window) or (n, window, inputs).
        y: (n,) or (n, horizon).

    Returns:
        windows (n, window, inputs) and answers (n, horizon), float32 each, and whether y was (n,).

    Raises:
        InvalidArrays: they are of another rank, of different lengths, or hold no finite numbers.
    """
    _compare_shapes(X, y)
    windows, answers = _validate(estimator, X, y, multi_output=True, y_numeric=True)
    answers = _to_float32(answers)
    _require_finite("X", windows)
    _require_finite("y", answers)
    return _cut_inputs(windows), answers.reshape(len(answers), -1), answers.ndim == 1


def check_windows(estimator: Any, X: Any, *, inputs: int) -> Array:
    """Check what a fitted estimator is to answer.

    Args:
        estimator: that was fitted.
        X: (n, window) or (n, window, inputs), as many of both as it was fitted to.
        inputs: of each timestep that it was fitted to.

    Returns:
        (n, window, inputs), float32.

    Raises:
        InvalidArrays: they are of another shape, or hold no finite numbers.
    """
    found = _validate(estimator, X, reset=False)
    _require_finite("X", found)
    windows = _cut_inputs(found)
    if windows.shape[2] != inputs:
        raise InvalidArrays(
            f"X has {count_of(windows.shape[2], 'input')} a timestep, the estimator was fitted "
            f"to {inputs:,}",
            hint=f"give (n, {windows.shape[1]}, {inputs})",
        )
    return windows


def _validate(estimator: Any, *arrays: Any, **options: Any) -> Any:
    """Let scikit-learn check arrays and convert X; numbers that are not finite come later.

    Raises:
        InvalidArrays: what scikit-learn says.
    """
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused then
            return validate_data(
                estimator,
                *arrays,
                dtype=np.float32,
                allow_nd=True,
                ensure_all_finite=False,
                **options,
            )
    except ValueError as error:
        raise InvalidArrays(str(error)) from None


def _compare_shapes(X: Any, y: Any) -> None:
    """Refuse answers of too many dimensions, or more or fewer than windows, before conversion."""
    rank = len(getattr(y, "shape", ()))
    if rank > 2:
        raise InvalidArrays(
            f"y has {rank} dimensions, expected (n,) or (n, horizon)",
            hint="give a row a window, with a column a step ahead",
        )
    windows, answers = _count(X), _count(y)
    if windows is None or answers is None:
        return  # no array at all: the checks that follow say so
    if windows != answers:
        raise InvalidArrays(
            f"X has {count_of(windows, 'window')} and y {count_of(answers, 'answer')}",
            hint="y[i] is what follows the window X[i]",
        )


def _count(rows: Any) -> int | None:
    shape = getattr(rows, "shape", None)  # a sparse matrix counts otherwise, or not at all
    if shape is not None:
        return int(shape[0]) if shape else None
    return len(rows) if isinstance(rows, Sized) else None


def _to_float32(y: NDArray[Any]) -> Array:
    with np.errstate(over="ignore"):
        return y.astype(np.float32)


def _require_finite(name: str, values: Array) -> None:
    """Raise unless all values are finite numbers, naming the first that is none."""
    finite = np.isfinite(values)
    if finite.all():
        return
    place = np.unravel_index(int(finite.argmin()), values.shape)
    value = values[place]
    shown = "NaN" if np.isnan(value) else f"{value:+} (or beyond what 32 bits hold)"
    raise InvalidArrays(
        f"{name}[{', '.join(map(str, place))}] is {shown}, expected a finite number; "
        f"{count_of(int((~finite).sum()), 'value')} in all",
        hint="fill the gaps of the series, or leave out the windows that hold one",
    )


def _cut_inputs(X: Array) -> Array:
    if X.ndim not in (2, 3):
        raise InvalidArrays(
            f"X has {X.ndim} dimensions, {X.shape}, expected {_RANKS}",
            hint="a window is a row of timesteps, each with one input or several",
        )
    windows: Array = X if X.ndim == 3 else X[:, :, None]
    if 0 in windows.shape:
        raise InvalidArrays(f"X is {X.shape}, expected {_RANKS} with at least one of each")
    return windows
