"""One program, three machines: NumPy calls on blocks, a loop for Numba, a kernel for CuPy.

Each backend is a function `(program, ...) -> kernel`, and a kernel is called with the scalars of the step and flat
arrays: `kernel(scalars, theta, grad, *state)`. It changes theta and the state in place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from .program import Program

# A block of each array, and the scratch, stay in the second-level cache together.
BLOCK_BYTES = 256 * 1024

# How an operation is written for one element, in Python and in C++ alike.
_ELEMENT = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "negative": "-{0}",
    "square": "{0} * {0}",
    "sqrt": "sqrt({0})",
    "absolute": "abs({0})",
    "sign": "sign({0})",
    "maximum": "maximum({0}, {1})",
    "minimum": "minimum({0}, {1})",
}


def numpy_kernel(program: Program, size: int, dtype) -> Callable:
    """The program as NumPy calls with an output each, block by block; bit for bit what the rule itself computes."""
    calls, scratch = _allocate(program)
    length = min(size, BLOCK_BYTES // dtype.itemsize)
    spare = [np.empty(length, dtype) for _ in range(scratch)]
    on_block = _straight_line(calls, len(program.arrays) + scratch, len(program.scalars))

    @functools.lru_cache(maxsize=1)  # the same at every step, unless something changes with t
    def as_arrays(scalars):
        return [np.array(s, dtype) for s in scalars]  # 0-d arrays are cheaper than numbers, and round as these do

    def kernel(scalars, *arrays):
        scalars = as_arrays(scalars)
        if size <= length:
            return on_block(*arrays, *spare, *scalars)
        for begin in range(0, size, length):
            end = min(begin + length, size)
            on_block(*(a[begin:end] for a in arrays), *(s[: end - begin] for s in spare), *scalars)

    return kernel


def _straight_line(calls, registers: int, scalars: int) -> Callable:
    """The calls as a Python function of the registers and the scalars, without a loop to interpret."""
    names = [f"r{i}" for i in range(registers)] + [f"s{i}" for i in range(scalars)]
    lines = [f"def on_block({', '.join(names)}):"]
    for name, operands, result in calls:
        if name == "square":  # the same bits, and NumPy has a faster loop for it
            name, operands = "multiply", [*operands, *operands]
        written = [f"r{o}" if o >= 0 else f"s{-1 - o}" for o in operands]
        out = "out=" if name in ("maximum", "minimum") else ""  # elsewhere the position says it, which is faster
        lines.append(f"    {name}({', '.join(written)}, {out}r{result})")
    space = {name: getattr(np, name) for name in {*_ELEMENT, "positive"}}
    exec("\n".join([*lines, "    return None"]), space)
    return space["on_block"]


def _allocate(program: Program) -> tuple[list, int]:
    """The operations with the number of a register for each value, and how many scratch registers they need.

    Registers: the input arrays, then scratch, then (counted from the end) the scalars. A result goes where it has to
    be in the end, if nobody needs what is there any more; else over an operand that is no longer needed; else to
    scratch.
    """
    inputs, steps = len(program.arrays), len(program.operations)
    needed = {}  # the operation that reads a value last
    for i, operation in enumerate(program.operations):
        needed |= dict.fromkeys((operation.result, *operation.operands), i)
    needed |= dict.fromkeys(program.outputs, steps)
    homes = dict(zip(program.outputs, (0, *range(2, inputs)), strict=True))
    made = {homes[o.result]: i for i, o in enumerate(program.operations) if o.result in homes}
    holds = dict(enumerate(range(inputs)))  # register -> value
    place = dict(holds)  # value -> register
    calls = []
    for i, operation in enumerate(program.operations):
        result, operands = operation.result, [o if o < 0 else place[o] for o in operation.operands]
        free = [r for r, value in holds.items() if needed.get(value, -1) <= i and r != 1]  # never over the gradient
        wanted = [homes[result]] if homes.get(result) in free else []
        in_place = [r for r in operands if r in free and needed[result] <= made.get(r, steps)]
        scratch = [r for r in free if r >= inputs]
        register = [*wanted, *in_place, *scratch, len(holds)][0]
        holds[register], place[result] = result, register
        calls.append((operation.name, operands, register))
    calls += [("positive", [place[v]], home) for v, home in homes.items() if place[v] != home]
    return calls, len(holds) - inputs


def rule_kernel(rule: Callable, slots: tuple[str, ...], size: int, dtype, whole: bool) -> Callable:
    """The rule itself on one block after the other, for rules that cannot be compiled; `whole`: in one piece."""
    length = size if whole else min(size, BLOCK_BYTES // dtype.itemsize)

    def kernel(arguments, theta, grad, *state):
        for begin in range(0, size, length or 1):
            block = slice(begin, begin + length)
            kept = dict(zip(slots, (s[block].copy() for s in state), strict=True))
            out = rule(theta[block].copy(), grad[block].copy(), **kept, **arguments)
            for array, new in zip((theta, *state), out if slots else (out,), strict=True):
                array[block] = new

    return kernel


def numba_kernel(program: Program) -> Callable:
    """The program as one loop, compiled by Numba at its first call; same bits as NumPy, since nothing is reordered.

    Raises ImportError saying what to install.
    """
    try:
        import numba
    except ImportError:
        raise ImportError('backend "numba" needs Numba: pip install "rmsprop-textbook[fast]"') from None
    return _numba_kernel(program, numba)


@functools.cache
def _numba_kernel(program, numba):
    names = [f"a{i}" for i in range(len(program.arrays))]
    lines = [f"def kernel(s, {', '.join(names)}):", f"    for i in range({names[0]}.size):"]
    lines += [f"        x{i} = {name}[i]" for i, name in enumerate(names)]
    lines += [f"        {line}" for line in _element_lines(program, "s[{}]")]
    lines += [f"        {names[home]}[i] = x{value}" for value, home in _stores(program)]
    space = {"sqrt": np.sqrt, "sign": np.sign, "maximum": np.maximum, "minimum": np.minimum}
    exec("\n".join(lines), space)
    # error_model="numpy": dividing by zero gives inf without a check, which would stop vectorisation. No fastmath: it
    # would change the last bit.
    return numba.njit(space["kernel"], error_model="numpy")


def cupy_kernel(program: Program) -> Callable:
    """The program as one CUDA kernel that touches each array once. Raises ImportError saying what to install."""
    cupy = cupy_or_error()
    arrays = ("theta", "grad", *(f"state{i}" for i in range(len(program.arrays) - 2)))
    scalars = [f"s{i}" for i in range(len(program.scalars))]
    lines = [f"const T x{i} = {name};" for i, name in enumerate(arrays)]
    lines += [f"const T {line};" for line in _element_lines(program, "s{}")]
    lines += [f"{arrays[home]} = x{value};" for value, home in _stores(program)]
    kernel = cupy.ElementwiseKernel(
        ", ".join(f"T {n}" for n in ("grad", *scalars)),
        ", ".join(f"T {n}" for n in (arrays[0], *arrays[2:])),
        "\n".join(lines),
        "rmsprop_textbook_step",
        preamble=_CUDA_FUNCTIONS,
        options=("--fmad=false",),  # a*b + c rounded twice, as in the rule itself
    )

    def call(values, theta, grad, *state):
        kernel(grad, *(grad.dtype.type(v) for v in values), theta, *state)

    return call


def cupy_or_error():
    """The module cupy; ImportError saying what to install where it is missing."""
    try:
        import cupy
    except ImportError:
        raise ImportError('backend "cupy" needs CuPy: pip install "rmsprop-textbook[cuda]"') from None
    return cupy


_CUDA_FUNCTIONS = """
template <typename T> __device__ T sign(T x) { return x > 0 ? T(1) : x < 0 ? T(-1) : x; }
template <typename T> __device__ T maximum(T a, T b) { return a != a || a > b ? a : b; }
template <typename T> __device__ T minimum(T a, T b) { return a != a || a < b ? a : b; }
"""


def _element_lines(program: Program, scalar: str) -> list[str]:
    """One assignment per operation, for one element; `scalar` is how the scalar of a number is written."""

    def written(value):
        return scalar.format(-1 - value) if value < 0 else f"x{value}"

    return [f"x{o.result} = {_ELEMENT[o.name].format(*map(written, o.operands))}" for o in program.operations]


def _stores(program: Program) -> list[tuple[int, int]]:
    """(value, number of the array it is stored in) for theta and each state."""
    return list(zip(program.outputs, (0, *range(2, len(program.arrays))), strict=True))
