"""Threefry-2x32-20 in NumPy, written from its paper apart from the kernel's."""

from __future__ import annotations

import numpy as np

_ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


def threefry(key, counter):
    """Two words of key and two of counter, arrays ─▶ two random words (Salmon et al. 2011)."""
    ks = [np.uint32(key[0]), np.uint32(key[1])]
    ks.append(np.uint32(0x1BD11BDA) ^ ks[0] ^ ks[1])
    x0, x1 = (np.array(word, dtype=np.uint32) for word in counter)
    with np.errstate(over="ignore"):
        x0, x1 = x0 + ks[0], x1 + ks[1]
        for number in range(20):
            x0 = x0 + x1
            bits = np.uint32(_ROTATIONS[number % 8])
            x1 = ((x1 << bits) | (x1 >> (np.uint32(32) - bits))) ^ x0
            if number % 4 == 3:
                turn = number // 4 + 1
                x0 = x0 + ks[turn % 3]
                x1 = x1 + ks[(turn + 1) % 3] + np.uint32(turn)
    return x0, x1


def draw_masks(key, *, block, layers, window, units, dropout):
    """Return what a block's masks keep, (layers, window, 16, units) of 0 and 1."""
    pairs = -(-window * units // 2)
    first = np.arange(pairs, dtype=np.uint32)[:, None] * np.uint32(16) + np.arange(
        16, dtype=np.uint32
    )
    masks = []
    for layer in range(layers):
        second = np.full_like(first, block * layers + layer)
        words = np.stack(threefry(key, (first, second)), axis=1).reshape(2 * pairs, 16)
        kept = words[: window * units] >= np.uint32(round(dropout * 2**32))
        masks.append(kept.reshape(window, units, 16).transpose(0, 2, 1))
    return np.array(masks, dtype=np.float64)
