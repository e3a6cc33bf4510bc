"""MODEL.safetensors NETWORK.keras: save a model's weights as the tutorial would have them.

Prints the two numbers that scale its prices.
"""

from __future__ import annotations

import sys

from benchmarks.workers.keras_network import build_network
from stockcast.model.file import load_model

source, target = sys.argv[1:]
model = load_model(source)
(scaler,) = model.scalers
if scaler.kind != "min-max":
    sys.exit(f"{source} was not trained with the recipe classic")
network = build_network()
network.set_weights(list(model.weights.to_arrays().values()))
network.save(target)
print(scaler.low, scaler.high)
