"""The network as an estimator of scikit-learn: arrays in, arrays out, no prices and no verdict.

    from stockcast.sklearn import LSTMRegressor

Only who imports this module loads scikit-learn; nothing else in stockcast does.
"""

from stockcast.imports import require_extra

require_extra("sklearn", "LSTMRegressor")

from stockcast.sklearn.regressor import LSTMRegressor  # noqa: E402 — after what says how to get it

__all__ = ["LSTMRegressor"]
