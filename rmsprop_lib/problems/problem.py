"""The `Problem`: what `run` descends, and the random numbers that belong to a step."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import host
from .asking import ask, extras, takes


@dataclass(frozen=True, eq=False)
class Problem:
    """A function to minimise.

    name: a word for `BY_NAME`, files and legends; title: what a figure prints.
    objective(theta): the loss, shape (...) for θ of shape (..., d). A parameter named t or seed gets that number; any
    other keeps its default, and without one is refused.
    gradient(theta), asked in the same way: the gradient, or a seeded estimate of it, shape (..., d).
    start: where `run` begins, shape (d,). minimum: the (first) minimiser, shape (d,), or None; minima: all of them,
    (k, d).
    bounds: ((low, high), (low, high)) of a picture in two dimensions. project: θ -> nearest legal θ, after each step.
    broadcasts: False when `objective` and `gradient` take one θ of shape (d,) at a time.
    seed: which noise, a whole number in [0, 2**128). path(t, seed): how far the minimum has moved at step t, shape
    (d,), or None.
    """

    name: str
    objective: Callable
    gradient: Callable
    start: np.ndarray
    minimum: np.ndarray | None = None
    title: str = ""
    bounds: tuple | None = None
    minima: np.ndarray | None = None
    project: Callable | None = None
    broadcasts: bool = True
    seed: int = 0
    path: Callable | None = None

    def __post_init__(self):
        start = _numbers("start", self.start)
        if start.ndim != 1:
            raise ValueError(f"start must be one point, of shape (d,), got shape {start.shape}")
        object.__setattr__(self, "start", start)
        for name in ("minimum", "minima"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _numbers(name, getattr(self, name)))
        if self.minimum is not None and self.minimum.shape != start.shape:
            raise ValueError(f"start must have shape {self.minimum.shape}, that of the minimum, got {start.shape}")
        if self.minima is None and self.minimum is not None:
            object.__setattr__(self, "minima", self.minimum[None])
        object.__setattr__(self, "title", self.title or self.name)
        object.__setattr__(self, "seed", seed_number(self.seed))
        _ = self._asked  # refuses what cannot be asked
        for name, *wanted in (("project", "theta"), ("path", "t", "seed")):
            if getattr(self, name) is not None:
                takes(f"the {name} of {self.name}", getattr(self, name), *wanted)

    @functools.cached_property
    def _asked(self):
        """What the objective and the gradient ask for, found anew where an old pickle does not say it."""
        return tuple(extras(f"the {n} of {self.name}", getattr(self, n)) for n in ("objective", "gradient"))

    def f(self, theta, t: int = 0, seed: int | None = None):
        """The loss that θ meets after t steps, shape (...) for θ of shape (..., d); t matters only where f changes."""
        return ask(self.objective, self._asked[0], theta, t, self.seed if seed is None else seed)

    def grad(self, theta, t: int = 1, seed: int | None = None):
        """The gradient at θ that an optimizer sees at step t = 1, 2, ..., shape of θ. seed: default the problem's."""
        return ask(self.gradient, self._asked[1], theta, t, self.seed if seed is None else seed)

    def minimum_at(self, t: int = 0) -> np.ndarray:
        """Where the minimum is after t steps, shape (d,): it differs from `minimum` only where it moves."""
        if self.minimum is None:
            raise ValueError(f"problem must have a known minimum, got {self.name}")
        return self.minimum.copy() if self.path is None else self.minimum + self.path(t + 1, self.seed)

    def with_seed(self, seed: int) -> Problem:
        """The same problem with other noise."""
        return replace(self, seed=seed)


def generator(seed: int, t: int, stream: int = 0) -> np.random.Generator:
    """Random numbers that belong to step t of `seed`; different streams at the same step are independent."""
    return np.random.Generator(_philox(seed, t, stream))


def normal(count: int, t: int, seed: int, stream: int = 0) -> np.ndarray:
    r"""`count` standard normal numbers that belong to step t of `seed`; different streams are independent.

    :math:`\sqrt{-2 \ln(1 - u)}\,(\cos 2\pi w, \sin 2\pi w)` with u and w uniform in [0, 1): simple enough for a
    browser to draw the same numbers (widgets/js/noise.js), which NumPy's own faster method is not.
    Source: Box and Muller (1958), The Annals of Mathematical Statistics 29, 610-611; Salmon, Moraes, Dror and Shaw
    (2011), Parallel random numbers: as easy as 1, 2, 3, SC11 (Philox).
    """
    pairs = (count + 1) // 2
    uniform = (_philox(seed, t, stream).random_raw(2 * pairs) >> np.uint64(11)) * 2.0**-53
    radius, angle = np.sqrt(-2 * np.log(1 - uniform[0::2])), 2 * np.pi * uniform[1::2]
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1).reshape(-1)[:count]


def _numbers(name, value):
    """A copy in float64; TypeError naming it for what would lose something, such as a mask or an imaginary part."""
    array = host(name, value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must be an array of real numbers, got {array.dtype}")
    return np.array(array, dtype=float)


def _philox(seed, t, stream):
    try:
        return np.random.Philox(key=seed, counter=[0, 0, stream, t])
    except ValueError:  # NumPy speaks of keys
        seed_number(seed)
        raise


def like(array, theta):
    """A NumPy array in θ's precision and on θ's device."""
    return np.asarray(array, dtype=theta.dtype, like=theta)


def contiguous(array):
    """The array with its last axis side by side in memory, on its own device: sums along it then run in one order."""
    return np.asarray(array, order="C", like=array)


def gather(theta, components):
    """Stack the components along the last axis, in the memory order of θ, which keeps `sweep` fast."""
    out = np.empty_like(theta)
    for i, component in enumerate(components):
        out[..., i] = component
    return out


def stream_of(problem: Problem, first: int) -> int:
    """A stream of random numbers of its own for one more layer of randomness around `problem`."""
    layers, gradient = 0, problem.gradient
    while isinstance(gradient, functools.partial) and gradient.args and isinstance(gradient.args[0], Problem):
        layers, gradient = layers + 1, gradient.args[0].gradient
    return first + 16 * layers


def seed_number(value) -> int:
    """`value` as a seed; TypeError or ValueError unless it is a whole number in [0, 2**128), as Philox wants."""
    seed = whole("seed", value, 0)
    if seed >= 2**128:
        raise ValueError(f"seed must be < 2**128, got {seed}")
    return seed


def whole(name: str, value, least: int) -> int:
    """`value` as an int; TypeError or ValueError naming it unless it is a whole number ≥ least."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be >= {least}, got {value}")
    return int(value)


def positive(name: str, value) -> float:
    """`value` as a float; TypeError or ValueError naming it unless it is a finite number > 0."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if not 0 < value < float("inf"):
        raise ValueError(f"{name} must be a finite number > 0, got {value!r}")
    return float(value)
