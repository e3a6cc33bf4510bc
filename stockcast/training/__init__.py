"""Recipe + WindowedSeries ─▶ Model: the only rooms that import TensorFlow and Keras."""
