"""A whole stack of recurrent layers in machine code, and the memory that it works in."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numpy.typing import NDArray

from stockcast.networks.kernel.adam import ADAM_ARGUMENTS, DECAY_1, DECAY_2, write_adam
from stockcast.networks.kernel.dropout import MASK_ARGUMENTS, write_masks
from stockcast.networks.kernel.layers import (
    list_back_arguments,
    list_forward_arguments,
    write_back,
    write_forward,
)
from stockcast.networks.kernel.layout import LayerLayout
from stockcast.networks.kernel.machine import Machine, Program, detect_machine
from stockcast.networks.kernel.parameters import Floats, Parameters, Shape, make_array
from stockcast.networks.kernel.writer import FLOAT, INT, LANES, POINTER, WORD

_C_TYPES = {
    POINTER: ctypes.c_void_p,
    INT: ctypes.c_int64,
    WORD: ctypes.c_uint32,
    FLOAT: ctypes.c_float,
}
ALL_KEPT = 0xFFFF  # a mask of every column
_KINDS = ("first", "above")  # of layers whose code differs


class StackKernel:
    """The functions of one shape of network, compiled for a processor.

    Args:
        shape: of the network.
        machine: to compile for; default: this one.
    """

    def __init__(self, shape: Shape, machine: Machine | None = None) -> None:
        self.shape = shape
        self.layouts: tuple[LayerLayout, ...] = shape.list_layouts()
        self._program = _compile(self.layouts[:2], machine or detect_machine())
        kinds = dict(zip(_KINDS, self.layouts, strict=False))
        names = ["first", *["above"] * (shape.layers - 1)]
        self.forward: list[Any] = [
            self._get(f"{name} forward", list_forward_arguments(kinds[name])) for name in names
        ]
        self.back: list[Any] = [
            self._get(
                f"{name} back",
                list_back_arguments(kinds[name], reaches_below=name != "first"),
            )
            for name in names
        ]
        self.draw_masks: Any = self._get("masks", MASK_ARGUMENTS)
        self.step_adam: Any = self._get("adam", ADAM_ARGUMENTS)

    def _get(self, name: str, arguments: dict[str, Any]) -> Any:
        return self._program.get_function(name, *(_C_TYPES[kind] for kind in arguments.values()))


@cache
def _compile(layouts: tuple[LayerLayout, ...], machine: Machine) -> Program:
    """Return the code of a first layer and of those above it, however many: theirs is the same."""
    module = ir.Module()
    for name, layout in zip(_KINDS, layouts, strict=False):
        write_forward(module, f"{name} forward", layout, machine)
        write_back(module, f"{name} back", layout, machine, reaches_below=name != "first")
    write_masks(module, "masks", machine)
    write_adam(module, "adam", machine)
    return Program(module, machine)


@cache
def get_kernel(shape: Shape) -> StackKernel:
    """Return a shape's functions."""
    return StackKernel(shape)


class Block:
    """Memory for 16 windows on their way through a network, and the calls that take them.

    All addresses that the machine code gets are of arrays that this class makes, in the sizes that
    the code was made for; windows are copied into them.

    Args:
        kernel: the functions.
        parameters: the network's weights; their memory is used where it lies.
        window: timesteps.
        dropout: share of each layer's outputs that is set to zero.
    """

    def __init__(
        self, kernel: StackKernel, parameters: Parameters, *, window: int, dropout: float = 0.0
    ) -> None:
        if parameters.shape != kernel.shape:
            raise ValueError(f"weights of {parameters.shape} for code of {kernel.shape}")
        if window < 1 or not 0 <= dropout < 1:
            raise ValueError(f"a window of {window} with dropout {dropout}")
        self._kernel, self._parameters = kernel, parameters
        self._window, self._dropout = window, dropout
        shape, layouts = kernel.shape, kernel.layouts
        units = shape.units
        self.inputs: list[Floats] = [
            make_array(window + 1, one.input_rows, LANES) for one in layouts
        ]
        self.sums: list[Floats] = [make_array(window, one.sum_rows, LANES) for one in layouts]
        self.states: list[Floats] = [make_array(window + 1, units, LANES) for _ in layouts]
        pairs = -(-window * units // 2)
        self.masks: list[NDArray[np.uint16]] = [
            np.full(2 * pairs, ALL_KEPT, np.uint16) for _ in layouts
        ]
        self.outputs: Floats = make_array(window, units, LANES)
        self.d_outputs: Floats = make_array(window, units, LANES)
        self._d_inputs = [make_array(window, units, LANES) for _ in layouts[:2]]
        self._d_hidden, self._d_state = make_array(units, LANES), make_array(units, LANES)
        self._peephole_sums = make_array(max(layouts[0].peepholes, 1), units, LANES)
        self._peephole_places = [_place(self._peephole_sums)] if layouts[0].peepholes else []
        for inputs, layout in zip(self.inputs, layouts, strict=True):
            inputs[:, list(layout.ones_rows)] = 1
        self._pairs = pairs
        # Looking an address up takes as long as a small product, so each is looked up once.
        kept = [self._list_kept(layer) for layer in range(shape.layers)]
        self._forward = [self._list_forward(layer, kept[layer]) for layer in range(shape.layers)]
        self._back = [self._list_back(layer, kept[layer]) for layer in range(shape.layers)]
        self._mask_places = [_place(masks) for masks in self.masks]

    def draw_masks(self, key: tuple[int, int], number: int) -> None:
        """Draw the masks of a step's block.

        Args:
            key: two words of 32 bits; they are the step's.
            number: of the block in the step's batch.
        """
        limit = min(round(self._dropout * 2**32), 2**32 - 1)
        for layer, place in enumerate(self._mask_places):
            counter = number * len(self.masks) + layer
            self._kernel.draw_masks(place, self._pairs, *key, counter, limit)

    def keep_all(self) -> None:
        """Let nothing be dropped, as beyond training."""
        for masks in self.masks:
            masks[:] = ALL_KEPT

    def run_forward(self, windows: Floats, *, drops: bool) -> Floats:
        """Run the layers over windows.

        Args:
            windows: (n, window, features), n at most 16.
            drops: whether to drop what the masks say and scale the rest.

        Returns:
            (units, n), the hidden state of the top layer after the last step; a view.
        """
        count, shape = len(windows), self._kernel.shape
        if windows.shape != (count, self._window, shape.features) or count > LANES:
            raise ValueError(f"windows {windows.shape} for a block of {self._window} steps")
        below = self._kernel.layouts[0].below_row
        target = self.inputs[0][: self._window, below : below + shape.features]
        target[..., :count] = windows.transpose(1, 2, 0)
        if count < LANES:
            target[..., count:] = 0
        for layer, function in enumerate(self._kernel.forward):
            function(*self._forward[layer], self._scale(drops=drops))
        return self.outputs[-1, :, :count]

    def run_back(self, d_hidden: Floats, gradients: Parameters) -> None:
        """Take a gradient back through the layers that `run_forward` ran with masks.

        Args:
            d_hidden: (units, n), with respect to what `run_forward` returned.
            gradients: of the weights, added to.
        """
        if gradients.shape != self._kernel.shape:
            raise ValueError(f"gradients of {gradients.shape} for code of {self._kernel.shape}")
        count = d_hidden.shape[1]
        self.d_outputs[-1, :, :count] = d_hidden
        self.d_outputs[-1, :, count:] = 0
        sums = self._peephole_places
        for layer in reversed(range(len(self._kernel.back))):
            for array in (self._d_hidden, self._d_state, self._peephole_sums):
                array.fill(0)
            self._kernel.back[layer](*self._back[layer], *gradients.layers[layer].places, *sums)

    def _scale(self, *, drops: bool) -> float:
        return 1 / (1 - self._dropout) if drops else 1.0

    def _list_forward(self, layer: int, kept: list[Any]) -> list[Any]:
        """List the arguments of a layer's way forward, all but the last."""
        kernel = self._kernel
        if layer + 1 < len(kernel.layouts):
            layout, rows = kernel.layouts[layer + 1], kernel.layouts[layer + 1].input_rows
            above = self.inputs[layer + 1][0, layout.below_row :]
        else:
            above, rows = self.outputs, kernel.shape.units
        return [*kept, _place(above), rows, self._window]

    def _list_back(self, layer: int, kept: list[Any]) -> list[Any]:
        """List the arguments of a layer's way back, all before the gradients."""
        top, units = len(self._kernel.layouts) - 1, self._kernel.shape.units
        above = self.d_outputs if layer == top else self._d_inputs[(layer + 1) % 2]
        below = [self._d_inputs[layer % 2]] if layer else []
        places = [_place(array) for array in (*below, self._d_hidden, self._d_state)]
        return [*kept, _place(above), units, self._window, self._scale(drops=True), *places]

    def _list_kept(self, layer: int) -> list[Any]:
        """List the places of weights and of what the way forward leaves for the way back."""
        kept = self.inputs[layer], self.sums[layer], self.states[layer], self.masks[layer]
        return [*self._parameters.layers[layer].places, *(_place(array) for array in kept)]


class Adam:
    """Adam's means and its step on a network's weights.

    Args:
        kernel: the functions.
        parameters: the weights that it changes.
        learning_rate: its step size.
    """

    def __init__(
        self, kernel: StackKernel, parameters: Parameters, *, learning_rate: float
    ) -> None:
        size = len(parameters.vector)
        self.means: Floats = make_array(size)
        self.squares: Floats = make_array(size)
        self.steps: int = 0
        self._kernel, self._parameters, self._rate = kernel, parameters, learning_rate
        self._places = [_place(array) for array in (parameters.vector, self.means, self.squares)]

    def take_step(self, gradients: Floats) -> None:
        """Take a step against the sum of gradients, (n, size)."""
        size = len(self._parameters.vector)
        if gradients.ndim != 2 or gradients.shape[1] != size or not gradients.flags.c_contiguous:
            raise ValueError(f"gradients {gradients.shape} for {size} weights")
        self.steps += 1
        corrected = (1 - DECAY_2**self.steps) ** 0.5 / (1 - DECAY_1**self.steps)
        self._kernel.step_adam(
            *self._places, _place(gradients), size // LANES, len(gradients), self._rate * corrected
        )


def _place(array: NDArray[Any]) -> int:
    return int(array.ctypes.data)
