"""Steps in place, as fast as the memory allows: the same equation, compiled."""

from __future__ import annotations

import importlib.util

import numpy as np

from ..arrays import floating, same_shape
from ..optimizer import Optimizer
from . import backends
from .program import CannotCompile, of_the_book, program_of

__all__ = ["CannotCompile", "Fused", "fuse"]

BACKENDS = ("auto", "numpy", "numba", "cupy")
# Below this many parameters a step takes microseconds, and loading Numba and compiling take a second.
_WORTH_COMPILING = 10_000


def fuse(optimizer: Optimizer, theta, backend: str = "auto", state=None) -> Fused:
    """A stepper that changes θ in place and keeps the state itself: `fast = fuse(opt, theta); fast.step(theta, grad)`.

    theta: float32 or float64 array, C-contiguous, of NumPy or CuPy; its values are not looked at.
    backend: "numpy" works block by block in the cache; "numba" compiles one loop; "cupy" one CUDA kernel; "auto" takes
        "cupy" for a CuPy array, "numba" where it is installed and θ is large, else "numpy". `fast.backend` says which.
    state: where to go on from, what `init` or `step` returned; default the first state. It is copied.

    In float64 the numbers equal those of `optimizer.step` bit for bit, in float32 to rounding. A rule that cannot be
    compiled (one with `if` or `np.where`) runs as it is, block by block, on "numpy"; a reader's own in one piece.
    Raises ValueError for an unknown backend, a θ that is not contiguous or cannot be written, an optimizer of
    matrices, or a rule that "numba" or "cupy" cannot compile; TypeError for another dtype or for hyper-parameters
    that are arrays; ImportError for a missing library.
    """
    return Fused(optimizer, theta, backend, state)


class Fused:
    """What `fuse` returns. backend: "numpy", "numba" or "cupy". state: the live arrays and t; copy what you keep."""

    def __init__(self, optimizer, theta, backend, state):
        if backend not in BACKENDS:
            raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {backend!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer must be an optimizer such as RMSProp(lr=0.1), got {optimizer!r}")
        _check_theta(theta)
        if not optimizer.elementwise:
            raise ValueError(f"{type(optimizer).__name__} looks at theta as a whole and cannot be fused")
        for name in optimizer._hyper:
            if getattr(getattr(optimizer, name), "ndim", 0):
                raise TypeError(f"{name} must be a number or a function of t, got an array; use sweep for many values")
        self.optimizer = optimizer
        self._like = theta[:0] if theta.ndim else theta
        self._shape, self._dtype = theta.shape, theta.dtype
        first = optimizer.init(theta) if state is None else state
        optimizer.check_state(first)
        self.t = first.t
        self._state = [same_shape(f"state.{n}", getattr(first, n), theta).copy(order="C") for n in optimizer.slots]
        self.backend, self._kernel, self._program = _choose(optimizer, theta, backend)
        changing = optimizer._wants_t or any(callable(getattr(optimizer, n)) for n in optimizer._hyper)
        self._scalars = None if changing else self._values(1)

    @property
    def state(self):
        """The optimizer's state, of arrays that the next step changes."""
        return self.optimizer.State(*self._state, t=self.t)

    def step(self, theta, grad):
        """One step: θ and the state change in place; returns θ. grad: as for `Optimizer.step`; it is not changed."""
        _check_theta(theta)
        if theta.shape != self._shape or theta.dtype != self._dtype:
            raise ValueError(
                f"theta must be {self._dtype} of shape {self._shape}, as fused for, "
                f"got {theta.dtype} of shape {theta.shape}"
            )
        grad = same_shape("grad", grad, theta)
        if self.backend != "cupy" and (grad.base is not None or not grad.flags.c_contiguous or grad is theta):
            grad = grad.copy(order="C") if np.may_share_memory(theta, grad) else np.ascontiguousarray(grad)
        self.t += 1
        scalars = self._values(self.t) if self._scalars is None else self._scalars
        self._kernel(scalars, theta.reshape(-1), grad.reshape(-1), *(s.reshape(-1) for s in self._state))
        return theta

    def _values(self, t):
        """The scalars of the program at step t, or the arguments of the rule where there is no program."""
        arguments = self.optimizer._arguments(t, self._dtype, self._like)
        if self._program is None:
            return arguments
        space = {"__builtins__": {}}
        return tuple(self._dtype.type(eval(code, space, arguments)) for code in self._program)


def _check_theta(theta):
    if not hasattr(theta, "flags"):
        raise TypeError(f"theta must be an array, which the step can change, got {type(theta).__name__}")
    if floating("theta", theta).dtype.char not in "fd":
        raise TypeError(f"theta must be float32 or float64, got {theta.dtype}")
    if not theta.flags.c_contiguous:
        raise ValueError(f"theta must be contiguous, got an array of shape {theta.shape} with strides {theta.strides}")
    if not getattr(theta.flags, "writeable", True):
        raise ValueError("theta must be writeable, got a read-only array")


def _choose(optimizer, theta, backend):
    """The backend, its kernel, and the compiled scalar expressions (None: the rule itself is called)."""
    on_gpu = type(theta).__module__.partition(".")[0] == "cupy"
    if backend == "cupy" and not on_gpu:
        backends.cupy_or_error()
        raise ValueError("theta must be a CuPy array for backend 'cupy', got one of NumPy; move it with cupy.asarray")
    if on_gpu and backend not in ("auto", "cupy"):
        raise ValueError(f"backend must be cupy for an array of CuPy, got {backend!r}")
    rule = type(optimizer).rule
    try:
        program = program_of(rule, tuple(optimizer.slots))
    except CannotCompile:
        if on_gpu or backend in ("numba", "cupy"):
            raise
        whole = not of_the_book(rule)
        return "numpy", backends.rule_kernel(rule, tuple(optimizer.slots), theta.size, theta.dtype, whole), None
    scalars = tuple(compile(text, type(optimizer).__name__, "eval") for text in program.scalars)
    if on_gpu:
        return "cupy", backends.cupy_kernel(program), scalars
    if backend == "numba" or (backend == "auto" and theta.size >= _WORTH_COMPILING and _installed("numba")):
        return "numba", backends.numba_kernel(program), scalars
    return "numpy", backends.numpy_kernel(program, theta.size, theta.dtype), scalars


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
