"""The kernel's memory with pages before and after it that nobody may touch."""

import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="guards pages by mprotect"),
]

GUARDED = """
import ctypes, mmap, sys
import numpy as np

PAGE = mmap.PAGESIZE
libc = ctypes.CDLL(None, use_errno=True)
kept = []

def guard(array, *, at_end):
    '''Return a copy that ends where a page begins that nobody may touch, or begins after one.'''
    size = -(-array.nbytes // PAGE) * PAGE
    memory = mmap.mmap(-1, size + 2 * PAGE)
    place = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    for page in (place, place + PAGE + size):
        assert libc.mprotect(ctypes.c_void_p(page), PAGE, 0) == 0
    first = PAGE + (size - array.nbytes if at_end else 0)
    copy = np.frombuffer(memory, array.dtype, array.size, first).reshape(array.shape)
    copy[...] = array
    kept.append(memory)
    return copy

at_end, cells = sys.argv[1] == "end", sys.argv[2].split()
units, layers, features, window, reach = map(int, sys.argv[3:])

from stockcast.networks.kernel import parameters, stack

plain = parameters.make_array
for module in (parameters, stack):
    module.make_array = lambda *shape: guard(plain(*shape), at_end=at_end)
full = np.full
stack.np = type("np", (), {**vars(np), "full": lambda *a: guard(full(*a), at_end=at_end)})

for cell in cells:
    shape = stack.Shape(cell, features, units, layers, 2, "squared-error")
    kernel = stack.StackKernel(shape)
    weights = stack.Parameters.allocate(shape)
    block = stack.Block(kernel, weights, window=window, dropout=0.3)
    gradients = stack.Parameters.allocate(shape)
    adam = stack.Adam(kernel, weights, learning_rate=0.1)
    sums = gradients.vector[None]
    for count in (16, 3):
        block.draw_masks((1, 2), 3)
        windows = np.ones((count, window, features), np.float32)
        hidden = block.run_forward(windows, drops=True)
        block.run_back(np.ones_like(hidden), gradients)
        adam.take_step(sums)
    if reach:  # a place beyond the end, to see that the guard bites
        kernel.draw_masks(block.masks[0].ctypes.data, block._pairs + PAGE, 1, 2, 3, 4)
    print(cell, np.isfinite(weights.vector).all())
"""
SIZES = [(1, 1, 1, 1), (7, 2, 3, 5), (13, 3, 1, 33), (50, 2, 1, 20)]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-c", GUARDED, *map(str, arguments)], capture_output=True, text=True
    )


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("side", ["end", "beginning"])
def test_no_number_beyond_its_arrays_is_touched(side, sizes):
    cells = ("peephole", "gru", "cifg")
    found = run(side, " ".join(cells), *sizes, 0)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines() == [f"{cell} True" for cell in cells]


def test_the_guard_bites():
    assert run("end", "lstm", 7, 2, 3, 5, 1).returncode < 0
