"""Epochs of JAX: the same network as one compiled step, a scan over time in each layer, Adam."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.workers.goog import load_arrays
from benchmarks.workers.turns import serve

_UNITS, _LAYERS, _DROPOUT, _BATCH = 50, 4, 0.2, 32
Tree = dict[str, jax.Array]


def draw_weights() -> list[Tree]:
    """Draw four layers and a head, as large as ours."""
    random = np.random.default_rng(0)
    layers = []
    for number in range(_LAYERS):
        inputs = _UNITS if number else 1
        rows = inputs + _UNITS
        kernel = random.uniform(-1, 1, (rows, 4 * _UNITS)) / np.sqrt(_UNITS)
        layers.append({"kernel": jnp.asarray(kernel, jnp.float32), "bias": jnp.zeros(4 * _UNITS)})
    head = random.uniform(-1, 1, (_UNITS, 1)) / np.sqrt(_UNITS)
    return [*layers, {"kernel": jnp.asarray(head, jnp.float32), "bias": jnp.zeros(1)}]


def run_layer(layer: Tree, sequence: jax.Array) -> jax.Array:
    """(window, batch, inputs) ─▶ (window, batch, units)."""
    inputs = sequence.shape[-1]
    projected = sequence @ layer["kernel"][:inputs] + layer["bias"]

    def step(state: tuple[jax.Array, jax.Array], z: jax.Array):
        h, c = state
        i, f, g, o = jnp.split(z + h @ layer["kernel"][inputs:], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros((sequence.shape[1], _UNITS))
    return jax.lax.scan(step, (zeros, zeros), projected)[1]


def measure_loss(weights: list[Tree], windows: jax.Array, targets: jax.Array, key: jax.Array):
    sequence = jnp.swapaxes(windows, 0, 1)
    for number, layer in enumerate(weights[:-1]):
        sequence = run_layer(layer, sequence)
        kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - _DROPOUT, sequence.shape)
        sequence = jnp.where(kept, sequence / (1 - _DROPOUT), 0)
    answers = sequence[-1] @ weights[-1]["kernel"] + weights[-1]["bias"]
    return jnp.mean((answers - targets) ** 2)


@partial(jax.jit, donate_argnums=(0,))
def take_step(state, windows: jax.Array, targets: jax.Array, key: jax.Array):
    """One step of Adam; the state is weights, means, squares and a count."""
    weights, means, squares, count = state
    loss, slopes = jax.value_and_grad(measure_loss)(weights, windows, targets, key)
    count = count + 1
    rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    means = jax.tree.map(lambda m, g: m + 0.1 * (g - m), means, slopes)
    squares = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), squares, slopes)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, means, squares
    )
    return (weights, means, squares, count), loss


def main() -> None:
    """Build, then train an epoch whenever it is our turn."""
    inputs, targets = load_arrays()
    weights = draw_weights()
    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, jax.tree.map(jnp.zeros_like, weights), jnp.zeros(()))

    def run_epoch(epoch: int) -> float:
        nonlocal state
        order = np.random.default_rng(epoch).permutation(len(inputs))
        total = 0.0
        for first in range(0, len(order), _BATCH):
            part = order[first : first + _BATCH]
            key = jax.random.key(epoch * len(order) + first)
            state, loss = take_step(state, inputs[part], targets[part], key)
            total += float(loss) * len(part)
        return total / len(order)

    serve(run_epoch)


if __name__ == "__main__":
    main()
