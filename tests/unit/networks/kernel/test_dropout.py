"""Dropout's masks: the generator's published answers, and that no two masks have much in common."""

import numpy as np
import pytest

from stockcast.networks.kernel.parameters import Parameters, Shape
from stockcast.networks.kernel.stack import Block, get_kernel
from tests.threefry import draw_masks, threefry

SHAPE = Shape("lstm", 1, 5, 2, 1, "squared-error")


# Random123's file of known answers: key, counter, words.
@pytest.mark.parametrize(
    ("key", "counter", "words"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_the_plain_generator_gives_the_published_words(key, counter, words):
    assert tuple(int(word) for word in threefry(key, counter)) == words


def open_block(*, dropout, window=7):
    return Block(get_kernel(SHAPE), Parameters.allocate(SHAPE), window=window, dropout=dropout)


def read_masks(block, *, window=7):
    """(layers, window, 16, units) of 0 and 1."""
    words = np.array([masks[: window * 5].reshape(window, 5) for masks in block.masks])
    return (words[:, :, None, :] >> np.arange(16)[:, None]) & 1


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0.0, 0.2, 0.5, 0.999])
@pytest.mark.parametrize(("key", "number"), [((0, 0), 0), ((2**30 - 1, 1198), 3)])
def test_the_kernel_s_masks_are_those_of_the_plain_generator(key, number, dropout):
    block = open_block(dropout=dropout)
    block.draw_masks(key, number)
    expected = draw_masks(key, block=number, layers=2, window=7, units=5, dropout=dropout)
    assert np.array_equal(read_masks(block), expected)


@pytest.mark.parametrize("dropout", [0.1, 0.2, 0.5])
def test_as_much_is_dropped_as_was_asked_for(dropout):
    block = open_block(dropout=dropout, window=400)
    kept = []
    for step in range(20):
        block.draw_masks((1, step), 0)
        kept.append(read_masks(block, window=400))
    count = np.size(kept)
    deviation = np.sqrt(dropout * (1 - dropout) / count)
    assert abs(np.mean(kept) - (1 - dropout)) < 4 * deviation


def test_masks_of_other_steps_blocks_layers_times_columns_and_units_are_unrelated():
    block = open_block(dropout=0.5, window=200)
    drawn = []
    for key, number in [((1, 0), 0), ((1, 32), 0), ((2, 0), 0), ((1, 0), 1), ((1, 0), 2)]:
        block.draw_masks(key, number)
        drawn.append(read_masks(block, window=200).astype(np.float64) - 0.5)
    drawn = np.array(drawn)  # (draws, layers, window, columns, units)
    for axis in range(drawn.ndim):
        lines = np.moveaxis(drawn, axis, 0).reshape(drawn.shape[axis], -1)
        for distance in (1, 2):
            if distance >= len(lines):
                continue
            product = (lines[distance:] * lines[:-distance]).ravel()
            assert abs(product.mean()) < 4.5 * product.std() / np.sqrt(product.size), axis
