"""The network as an estimator of scikit-learn: arrays in, arrays out, no prices and no verdict.

    from stockcast.sklearn import LSTMRegressor

Only who imports this module loads scikit-learn; nothing else in stockcast does.
"""

from stockcast.sklearn.regressor import LSTMRegressor

__all__ = ["LSTMRegressor"]
