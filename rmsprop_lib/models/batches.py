"""Which rows a step sees, and the loss and the gradient over them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..problems import generator
from ..problems.problem import contiguous
from .parts import parameters
from .rows import Rows

SHUFFLE, SAMPLE = 1, 2  # streams of random numbers


@dataclass(frozen=True, eq=False)
class Loss:
    """The mean loss over all rows, a function of θ of shape (..., p)."""

    model: Any
    rows: Rows

    def __call__(self, theta):
        theta = parameters(self.model, theta)
        return for_each(self.model.loss, self.model, theta, *self.rows.like(theta)).reshape(theta.shape[:-1])[()]

    def hessian(self):
        """The matrix of second derivatives, shape (p, p), of a model whose loss is a quadratic; TypeError otherwise."""
        return self.model.hessian(self.rows.x)


@dataclass(frozen=True, eq=False)
class Gradient:
    """The gradient of the mean loss over the rows of step t, which (t, seed) alone decides."""

    model: Any
    batches: Any

    def __call__(self, theta, t, seed):
        theta = parameters(self.model, theta)
        grad = for_each(self.model.gradient, self.model, theta, *self.batches(theta, t, seed)).reshape(theta.shape)
        if theta.flags.c_contiguous:
            return grad
        out = np.empty_like(theta)  # in the memory order of θ, which keeps `sweep` fast
        out[...] = grad
        return out


@dataclass(frozen=True, eq=False)
class All:
    """Every row at every step."""

    rows: Rows

    def __call__(self, theta, t, seed):
        return self.rows.like(theta)


@dataclass(frozen=True, eq=False)
class Shuffled:
    """Epochs: each goes once through the rows in a new order, `size` at a time; rows that fill no whole batch wait."""

    rows: Rows
    size: int

    def __call__(self, theta, t, seed):
        epoch, k = divmod(t - 1, len(self.rows) // self.size)
        order = _order(len(self.rows), epoch, seed)
        return self.rows.take(theta, order[k * self.size : (k + 1) * self.size])


@dataclass(frozen=True, eq=False)
class Sampled:
    """Each step draws `size` rows independently, with replacement: the mini-batches of the theory."""

    rows: Rows
    size: int

    def __call__(self, theta, t, seed):
        return self.rows.take(theta, generator(seed, t, SAMPLE).integers(len(self.rows), size=self.size))


def for_each(function, model, theta, x, y, cache=2**17):
    """function(θ, x, y) for θ of shape (..., p) as a stack (R, p), in shares that fit in cache.

    The stack is contiguous whatever the layout of θ: then each row is computed by the same operations as it is alone.
    """
    flat = contiguous(theta.reshape(-1, theta.shape[-1]))
    size = max(1, cache // max(model.cost(x), 1))
    with np.errstate(over="ignore", invalid="ignore"):  # `run` looks for NaN, and names the step
        shares = [function(flat[i : i + size], x, y) for i in range(0, len(flat), size)]
    return shares[0] if len(shares) == 1 else np.concatenate(shares)


@functools.lru_cache(maxsize=64)
def _order(n, epoch, seed):
    return generator(seed, epoch, SHUFFLE).permutation(n)
