"""NETWORK.keras PRICES.csv LOW HIGH: the next open, as a script with TensorFlow forecasts it."""

from __future__ import annotations

import sys

import pandas as pd
import tensorflow as tf

network = tf.keras.models.load_model(sys.argv[1])
low, high = float(sys.argv[3]), float(sys.argv[4])
window = pd.read_csv(sys.argv[2])["Open"].to_numpy()[-60:]
scaled = (window - low) / (high - low)
answer = network.predict(scaled.reshape(1, 60, 1), verbose=0)[0, 0]
print(answer * (high - low) + low)
