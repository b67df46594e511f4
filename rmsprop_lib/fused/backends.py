"""The program as one loop over the elements: a function compiled by Numba, a kernel for CuPy.

Each backend returns a kernel and the cells of its scalars, arrays without dimensions that are written before a step.
`kernel(theta, grad, checked=False)` changes theta and the state in place and returns True, or it returns False and has
touched nothing, because the arrays are not the plain ones that it was made for.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from .program import Program

# How an operation is written for one element, in Python and in C++; where they differ, in two lines.
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
    "greater": "{0} > {1}",
    "greater_equal": "{0} >= {1}",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "equal": "{0} == {1}",
    "not_equal": "{0} != {1}",
    "logical_and": "{0} & {1}",
    "logical_or": "{0} | {1}",
}
_IN_PYTHON = _ELEMENT | {"logical_not": "not {0}", "select": "{1} if {0} else {2}"}
_IN_C = _ELEMENT | {"logical_not": "!{0}", "select": "{0} ? {1} : {2}"}


def numba_kernel(program: Program, state: list, shape: tuple, dtype) -> tuple[Callable, list]:
    """The program as one loop, compiled by Numba; same bits as NumPy, since nothing is reordered.

    Raises ImportError saying what to install.
    """
    try:
        import numba
    except ImportError:
        raise ImportError('backend "numba" needs Numba: pip install "rmsprop-textbook[fast]"') from None
    make = functools.partial(_numba_loop, _numba_source(program, len(shape)), dtype.char, len(shape), numba)
    loop = make()
    values = np.zeros(len(program.scalars))
    cells = [values[i : i + 1].reshape(()) for i in range(len(values))]
    # What is the kernel's own goes in as one address: each array of a call costs as much as a hundred elements.
    addresses = [a.ctypes.data for a in (values, *(state[n - 2] for n in program.live))]
    table = np.array([int(np.prod(shape)), *shape, *addresses], np.int64)
    own = table.ctypes.data
    kept = values, table, state  # the addresses are good as long as these live

    def kernel(theta, grad, checked=False, kept=kept):
        if checked:
            return (loop if grad.flags.writeable else make(readonly=True))(theta, grad, own)
        if theta.__class__ is np.ndarray is grad.__class__:
            try:
                return loop(theta, grad, own)
            except Exception:  # Numba's refusal of another dtype, order or a read-only array
                pass
        return False

    return kernel, cells


def _numba_source(program: Program, dimensions: int) -> str:
    """A loop on raw addresses, behind the checks that it needs to stay inside the arrays and to be right."""
    names = {0: "theta", 1: "grad"} | {n: f"own[{2 + dimensions + i}]" for i, n in enumerate(program.live)}
    other = " or ".join(f"{array}.shape[{i}] != own[{1 + i}]" for i in range(dimensions) for array in ("theta", "grad"))
    lines = ["def kernel(theta, grad, table):", f"    own = carray(pointer(table, int64), {dimensions + len(names)})"]
    lines += [f"    if {other}:", "        return False"] * bool(other)
    lines += ["    size = own[0]", "    p0, p1 = int64(theta.ctypes.data), int64(grad.ctypes.data)"]
    lines += [f"    p{n} = {name}" for n, name in names.items() if n > 1]
    for n in names.keys() - {1}:  # the very same memory is read before it is written
        lines += [
            f"    if p1 != p{n} and p1 < p{n} + size * width and p{n} < p1 + size * width:",
            "        return False",
        ]
    lines += [f"    a{n} = carray(pointer(p{n}, T), size)" for n in names]
    lines += [f"    s = carray(pointer(own[{1 + dimensions}], float64), {max(len(program.scalars), 1)})"]
    lines += [f"    s{i} = {'T' if kind == 'f' else 'float64'}(s[{i}])" for i, (_, kind) in enumerate(program.scalars)]
    lines += ["    for i in range(size):", *(f"        x{n} = a{n}[i]" for n in names)]
    lines += [f"        {line}" for line in _element_lines(program, _IN_PYTHON)]
    lines += [f"        a{home}[i] = x{value}" for value, home in program.stores]
    return "\n".join([*lines, "    return True"])


@functools.cache
def _numba_loop(source: str, char: str, dimensions: int, numba, readonly: bool = False) -> Callable:
    kind = numba.from_dtype(np.dtype(char))
    space = {"sqrt": np.sqrt, "sign": np.sign, "maximum": np.maximum, "minimum": np.minimum, "carray": numba.carray}
    space |= {"T": kind, "float64": numba.float64, "int64": numba.int64, "width": np.dtype(char).itemsize}
    space |= {"pointer": _pointer(numba)}
    exec(source, space)
    theta, grad = (numba.types.Array(kind, dimensions, "C", readonly=r) for r in (False, readonly))
    # error_model="numpy": dividing by zero gives inf without a check, which would stop vectorisation. No fastmath: it
    # would change the last bit.
    return numba.njit([numba.boolean(theta, grad, numba.int64)], error_model="numpy")(space["kernel"])


@functools.cache
def _pointer(numba):
    """In compiled code: an address as a pointer to numbers of a type."""

    def pointer(context, address, kind):
        def code(context, builder, signature, arguments):
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return numba.types.CPointer(kind.dtype)(address, kind), code

    return numba.extending.intrinsic(pointer)


def cupy_kernel(program: Program, state: list, shape: tuple, dtype) -> tuple[Callable, list]:
    """The program as one CUDA kernel that touches each array once. Raises ImportError saying what to install."""
    cupy = cupy_or_error()
    live = {0: "theta", 1: "grad"} | {n: f"state{n - 2}" for n in program.live}
    kinds = {"f": ("T", dtype), "d": ("double", np.dtype(float)), "b": ("bool", None)}
    lines = [f"const T x{n} = {name};" for n, name in live.items()]
    results = (o.result for o in program.operations)
    lines += [f"const {kinds[program.kinds[r]][0]} {line};"
              for r, line in zip(results, _element_lines(program, _IN_C), strict=True)]  # fmt: skip
    lines += [f"{live[home]} = x{value};" for value, home in program.stores]
    scalars = [f"{kinds[kind][0].replace('double', 'float64')} s{i}" for i, (_, kind) in enumerate(program.scalars)]
    kernel = cupy.ElementwiseKernel(
        ", ".join(["T grad", *scalars]),
        ", ".join(f"T {name}" for name in live.values() if name != "grad"),
        "\n".join(lines),
        "rmsprop_textbook_step",
        preamble=_CUDA_FUNCTIONS,
        options=("--fmad=false",),  # a*b + c rounded twice, as in the rule itself
    )
    cells = [np.zeros((), kinds[kind][1]) for _, kind in program.scalars]
    arrays = [state[n - 2] for n in program.live]

    def call(theta, grad, checked=False):
        if checked:
            kernel(grad, *(cell[()] for cell in cells), theta, *arrays)
        return checked

    return call, cells


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


def _element_lines(program: Program, written: dict[str, str]) -> list[str]:
    """One assignment per operation, for one element, in the language of `written`."""
    lines = []
    for o in program.operations:
        operands = (f"s{-1 - v}" if v < 0 else f"x{v}" for v in o.operands)
        lines.append(f"x{o.result} = {written[o.name].format(*operands)}")
    return lines
