"""Steps in place, as fast as the memory allows: the same equation, compiled."""

from __future__ import annotations

import importlib.util

import numpy as np

from ..arrays import floating, on_device, same_shape
from ..optimizer import Optimizer
from . import backends, blocks
from .numbers import Numbers, write_constants
from .program import CannotCompile, program_of, steps_by_rule

__all__ = ["CannotCompile", "Fused", "fuse"]

BACKENDS = ("auto", "numpy", "numba", "cupy")
# Below this many parameters a step takes microseconds, and loading Numba and compiling take a second.
_WORTH_COMPILING = 10_000
_FLUSH_EVERY = 256  # steps: what falls below the smallest normal number costs little until then


def fuse(optimizer: Optimizer, theta, backend: str = "auto", state=None, exact: bool = True) -> Fused:
    """A stepper that changes θ in place and keeps the state itself: `fast = fuse(opt, theta); fast.step(theta, grad)`.

    theta: float32 or float64 array, C-contiguous, of NumPy or CuPy; its values are not looked at.
    backend: "numpy" works block by block in the cache; "numba" compiles one loop; "cupy" one CUDA kernel; "auto" takes
        "cupy" for a CuPy array, "numba" where it is installed and θ is large, else "numpy". `fast.backend` says which.
    state: where to go on from, what `init` or `step` returned; default the first state. It is copied.
    exact: False allows other last bits where that is faster: a division by a number becomes a multiplication (Adam
        then has one division instead of three), and what falls below the smallest normal number in the state becomes
        0 (such numbers make a processor several times slower, and an average of zeros stays one for ever).

    The numbers equal those of `optimizer.step` bit for bit. A rule that cannot be compiled (a reader's own with a loop
    or a sum) runs as it is on "numpy". Raises ValueError for an unknown backend, a θ that is not contiguous or cannot
    be written, an optimizer of matrices, or a rule that "numba" or "cupy" cannot compile; TypeError for another dtype
    or for hyper-parameters that are arrays; ImportError for a missing library.
    """
    return Fused(optimizer, theta, backend, state, exact)


class Fused:
    """What `fuse` returns. backend: "numpy", "numba" or "cupy". state: the live arrays and t; copy what you keep.

    Copies and pickles go on from the same state and share nothing.
    """

    def __init__(self, optimizer, theta, backend, state, exact=True):
        if backend not in BACKENDS:
            raise ValueError(f"backend must be one of {', '.join(BACKENDS)}, got {backend!r}")
        if not isinstance(exact, bool | np.bool):
            raise TypeError(f"exact must be True or False, got {exact!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"optimizer must be an optimizer such as RMSProp(lr=0.1), got {optimizer!r}")
        theta = _changeable(theta)
        if not optimizer.elementwise:
            raise ValueError(f"{type(optimizer).__name__} looks at theta as a whole and cannot be fused")
        for name in optimizer._hyper:
            if getattr(getattr(optimizer, name), "ndim", 0):
                raise TypeError(f"{name} must be a number or a function of t, got an array; use sweep for many values")
        self.optimizer = optimizer
        self._asked, self._exact = backend, exact
        self._like, self._shape = np.empty_like(theta, shape=0), theta.shape
        self._dtype = np.dtype(theta.dtype.char)  # NumPy's one object, as plain arrays have it
        first = optimizer.init(theta) if state is None else optimizer.check_state(state)
        self.t = first.t
        self._state = [_own(same_shape(f"state.{n}", getattr(first, n), theta, self._dtype)) for n in optimizer.slots]
        self.backend = _backend(theta, backend)
        self._numbers = Numbers(optimizer, self._dtype, self._like)
        self._start()

    @property
    def state(self):
        """The optimizer's state, of arrays that the next step changes."""
        return self.optimizer.State(*self._state, t=self.t)

    def step(self, theta, grad):
        """One step: θ and the state change in place; returns θ. grad: as for `Optimizer.step`; it is not changed."""
        t = self.t + 1
        if self._changes:
            self._prepare(t)
        if not self._kernel(theta, grad):  # they are not the plain arrays that it is made for
            self._step_carefully(theta, grad)
        self.t = t
        return theta

    def _start(self):
        changing = ({"t": self.t + 1} if self.optimizer._wants_t else {}) | self._numbers.unknown
        try:
            self._compile(changing)
        except CannotCompile:
            if self.backend == "cupy" or self._asked == "numba":
                raise
            self._run_as_it_is()

    def _compile(self, changing):
        """Make the kernel for the branches that the rule takes with these numbers."""
        optimizer, double = self.optimizer, self._dtype.itemsize == 8
        slots, constants = tuple(optimizer.slots), self._numbers.constants
        if not steps_by_rule(optimizer):
            raise CannotCompile(f"{type(optimizer).__name__} has a step of its own")
        program = program_of(type(optimizer).rule, slots, constants, changing, double, self._exact)
        make = {"numpy": blocks.numpy_kernel, "numba": backends.numba_kernel, "cupy": backends.cupy_kernel}
        self._kernel, cells = make[self.backend](program, self._state, self._shape, self._dtype)
        self._write = write_constants(program, cells, self._numbers, changing)
        self._outcomes = tuple(outcome for _, outcome in program.tests)
        self._changes = bool(self._write or self._numbers.unknown or not self._exact)

    def _prepare(self, t):
        """What has to be done before step t: the numbers that change, another kernel where a branch turns."""
        if self._numbers.unknown or self._write:
            changing = self._numbers.at(t)
            if self._write and self._write(*changing.values()) != self._outcomes:
                self._turn(changing)
        if not self._exact and t % _FLUSH_EVERY == 0:
            for array in self._state:
                _flush(array.reshape(-1))

    def _turn(self, changing):
        """Go on with the branches that the rule takes from here on."""
        try:
            self._compile(changing)
            self._write(*changing.values())
        except CannotCompile:
            self._run_as_it_is()

    def _run_as_it_is(self):
        self.backend, self._changes, self._kernel = "numpy", False, self._step_as_it_is

    def _step_as_it_is(self, theta, grad, checked=False):
        if checked:
            new, state = self.optimizer.step(theta, grad, self.state)
            for array, value in zip((theta, *self._state), (new, *state), strict=False):  # the last is t
                array[...] = value
        return checked

    def _step_carefully(self, theta, grad):
        """A step on arrays of any kind: refused by name, or made plain first."""
        here = _changeable(theta)
        if here.shape != self._shape or here.dtype.newbyteorder("=") != self._dtype:
            raise ValueError(
                f"theta must be {self._dtype} of shape {self._shape}, as fused for, "
                f"got {here.dtype} of shape {here.shape}"
            )
        grad = same_shape("grad", grad, here, self._dtype)
        if not self._can_read(grad, here):
            grad = grad.copy(order="C")
        direct = self.backend == "cupy" or (here.flags.aligned and here.dtype == self._dtype)
        work = here if direct else here.astype(self._dtype)
        self._kernel(work, grad, checked=True)
        if work is not here:
            here[...] = work

    def _can_read(self, grad, theta) -> bool:
        """Whether the kernel can take the gradient as it lies in memory."""
        if not grad.flags.c_contiguous or (self.backend == "numba" and not grad.flags.aligned):
            return False
        return blocks.apart(theta, grad, self._state)

    def __reduce__(self):
        return _restored, (self.optimizer, self._like, self._shape, self._asked, self.state, self._exact)


def _restored(optimizer, like, shape, backend, state, exact):
    return Fused(optimizer, np.empty_like(like, shape=shape), backend, state, exact)


def _changeable(theta):
    """θ as a plain array on the same memory; an error says why the step could not change it."""
    if not isinstance(theta, np.ndarray) and not on_device(theta):
        raise TypeError(f"theta must be an array, which the step can change, got {type(theta).__name__}")
    floating("theta", theta)  # which would copy what is not aligned
    if not on_device(theta):
        theta = np.asarray(theta)
    if theta.dtype.char not in "fd":
        raise TypeError(f"theta must be float32 or float64, got {theta.dtype}")
    if not theta.flags.c_contiguous:
        raise ValueError(f"theta must be contiguous, got an array of shape {theta.shape} with strides {theta.strides}")
    if not getattr(theta.flags, "writeable", True):
        raise ValueError("theta must be writeable, got a read-only array")
    return theta


def _own(array):
    return array.copy(order="C") if on_device(array) else np.array(array, order="C")


def _flush(flat):
    """Numbers below the smallest normal one become 0, block by block."""
    tiny = np.finfo(flat.dtype).tiny
    for begin in range(0, flat.size, blocks.BLOCK_BYTES):
        block = flat[begin : begin + blocks.BLOCK_BYTES]
        block[abs(block) < tiny] = 0


def _backend(theta, backend) -> str:
    """The backend that is asked for, or that "auto" stands for."""
    if backend == "cupy" and not on_device(theta):
        backends.cupy_or_error()
        raise ValueError("theta must be a CuPy array for backend 'cupy', got one of NumPy; move it with cupy.asarray")
    if on_device(theta) and backend not in ("auto", "cupy"):
        raise ValueError(f"backend must be cupy for an array of CuPy, got {backend!r}")
    if on_device(theta):
        return "cupy"
    large = theta.size >= _WORTH_COMPILING and importlib.util.find_spec("numba") is not None
    return ("numba" if large else "numpy") if backend == "auto" else backend
