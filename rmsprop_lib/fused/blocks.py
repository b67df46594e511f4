"""The program as NumPy calls with an output each, block by block in the cache."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .program import Program

# A block of each array, and the scratch, stay in the second-level cache together.
BLOCK_BYTES = 256 * 1024
_BY_KEYWORD = {"maximum", "minimum"}  # elsewhere the position says where the result goes, which is faster


def numpy_kernel(program: Program, state: list, shape: tuple, dtype) -> tuple[Callable, list]:
    """The kernel and the cells of its scalars; bit for bit what the rule itself computes."""
    calls, scratch = allocated(program)
    kinds = {"f": dtype, "d": np.dtype(float), "b": np.dtype(bool)}
    cells = [np.zeros((), kinds[kind]) for _, kind in program.scalars]  # cheaper in a call than numbers
    size, length = math.prod(shape), BLOCK_BYTES // dtype.itemsize
    on_block = _straight_line(calls, 2 + len(state) + len(scratch), cells)
    spare = [np.empty(shape if size <= length else length, kinds[kind]) for kind in scratch]
    own = (*state, *spare)
    pieces = [] if size <= length else list(_cut(state, spare, size, length))
    ours = frozenset(map(id, state))

    def kernel(theta, grad, checked=False):
        if not checked and not (
            theta.__class__ is np.ndarray is grad.__class__
            and theta.dtype is dtype is grad.dtype
            and theta.shape == shape == grad.shape
            and theta.flags.carray
            and grad.flags.c_contiguous
            and grad is not theta
            and id(grad) not in ours
            and (grad.base is None is theta.base or apart(theta, grad, state))
        ):
            return False
        if not pieces:
            on_block(theta, grad, *own)
            return True
        theta, grad = theta.reshape(-1), grad.reshape(-1)
        for block, views in pieces:
            on_block(theta[block], grad[block], *views)
        return True

    return kernel, cells


def apart(theta, grad, state) -> bool:
    """Whether the gradient shares no memory with what the step changes."""
    return not any(np.may_share_memory(grad, array) for array in (theta, *state))


def allocated(program: Program) -> tuple[list, str]:
    """The operations with the number of a register for each value, and the kinds of the scratch registers.

    Registers: the input arrays, then scratch, then (counted from the end) the scalars. A result goes where it has to
    be in the end, if nobody needs what is there any more; else over an operand that is no longer needed; else to
    scratch.
    """
    inputs, steps = len(program.arrays), len(program.operations)
    read = {}  # the operation that reads a value last
    for i, operation in enumerate(program.operations):
        read |= dict.fromkeys((operation.result, *operation.operands), i)
    needed = read | dict.fromkeys(program.outputs, steps)
    homes = dict(program.stores)
    made = {homes[o.result]: i for i, o in enumerate(program.operations) if o.result in homes}
    kinds = list("f" * inputs)  # of the registers
    holds = dict(enumerate(range(inputs)))  # register -> value
    place = dict(holds)  # value -> register
    calls = []
    for i, operation in enumerate(program.operations):
        result, operands = operation.result, [o if o < 0 else place[o] for o in operation.operands]
        kind = program.kinds[result]
        kept = {1, *(operands[1:2] if operation.name == "select" else ())}  # the gradient; what is copied in second
        free = [r for r, value in holds.items() if needed.get(value, -1) <= i and r not in kept]
        rounded = kind == "d" and read[result] == i  # an output may be rounded when nobody reads it any more
        wanted = [r for r in [homes.get(result)] if r in free and (kind == "f" or rounded)]
        alike = [r for r in free if kinds[r] == kind]
        in_place = [r for r in operands if r in alike and needed[result] <= made.get(r, steps)]
        scratch = [r for r in alike if r >= inputs]
        register = [*wanted, *in_place, *scratch, len(kinds)][0]
        if register == len(kinds):
            kinds.append(kind)
        holds[register], place[result] = result, register
        calls.append((operation.name, operands, register))
    calls += [("copy", [place[value]], home) for value, home in homes.items() if place[value] != home]
    return calls, "".join(kinds[inputs:])


def _straight_line(calls, registers: int, cells: list) -> Callable:
    """The calls as a Python function of the registers, without a loop to interpret."""
    lines = [f"def on_block({', '.join(f'r{i}' for i in range(registers))}):"]
    for name, operands, result in calls:
        written = [f"r{o}" if o >= 0 else f"s{-1 - o}" for o in operands]
        lines += [f"    {line}" for line in _lines(name, written, f"r{result}")]
    space = {f"s{i}": cell for i, cell in enumerate(cells)} | {"copyto": np.copyto}
    space |= {name: getattr(np, name) for name, _, _ in calls if name not in ("select", "copy")} | {
        "multiply": np.multiply
    }
    exec("\n".join([*lines, "    return None"]), space)
    return space["on_block"]


def _lines(name: str, operands: list[str], result: str) -> list[str]:
    if name == "copy":
        return [f"copyto({result}, {operands[0]})"]
    if name == "select":
        mask, yes, no = operands
        return [f"copyto({result}, {no})"] * (result != no) + [f"copyto({result}, {yes}, where={mask})"]
    if name == "square":  # the same bits, and NumPy has a faster loop for it
        name, operands = "multiply", operands * 2
    return [f"{name}({', '.join(operands)}, {'out=' if name in _BY_KEYWORD else ''}{result})"]


def _cut(state, spare, size, length):
    """For each block its slice, and the views of the state and of the scratch that go with it."""
    flat = [array.reshape(-1) for array in state]
    for begin in range(0, size, length):
        block = slice(begin, min(begin + length, size))
        yield block, (*(array[block] for array in flat), *(array[: block.stop - begin] for array in spare))
