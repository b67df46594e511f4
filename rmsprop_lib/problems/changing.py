"""Problems that change while they are solved: the minimum drifts or jumps, the gradient changes its scale."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..optimizer import check_number
from .problem import Problem, generator, like, positive, stream_of, whole

WALK, SWITCH = 4, 5  # streams of random numbers


def drifting(problem: Problem, rate: float = 0.01, kind: str = "line", seed: int | None = None) -> Problem:
    r"""`problem` whose minimum moves at every step: :math:`f_t(\theta) = f(\theta - c_t)`.

    rate: how far per step, ≥ 0, in the unit of θ. kind: "line", the same way for ever, :math:`c_t = t \cdot
    rate/\sqrt{d}` in every coordinate; or "walk", :math:`c_t = c_{t-1} + rate \cdot z_t/\sqrt{d}` with standard
    normal z_t from the seed.
    seed: default the problem's. `minimum_at(t)` says where the minimum is; the loss after step t is the one met
    next, f_{t+1}.
    """
    check_number("rate", rate)
    if rate < 0:
        raise ValueError(f"rate must be >= 0, got {rate!r}")
    if kind not in ("line", "walk"):
        raise ValueError(f'kind must be "line" or "walk", got {kind!r}')
    d = problem.start.size
    step = rate / d**0.5
    if kind == "line":
        path = functools.partial(_line, d, step)
    else:
        path = functools.partial(_walk, d, step, stream_of(problem, WALK))
    return _moving(problem, path, f"drifting {problem.name}", f"{problem.title}, drifting", seed)


def switching(problem: Problem, every: int = 100, spread: float = 1.0, seed: int | None = None) -> Problem:
    r"""`problem` whose minimum jumps to a new place every so many steps: :math:`f_t(\theta) = f(\theta - c_k)`.

    every: steps from jump to jump, ≥ 1; k = (t − 1) // every counts the jumps, and :math:`c_0 = 0`. spread:
    standard deviation of each coordinate of :math:`c_k` around the first place, > 0, in the unit of θ. seed:
    default the problem's.
    """
    every, spread = whole("every", every, 1), positive("spread", spread)
    path = functools.partial(_jumps, problem.start.size, every, spread, stream_of(problem, SWITCH))
    return _moving(problem, path, f"switching {problem.name}", f"{problem.title}, switching", seed)


def rescaled(problem: Problem, factors: Sequence[float], every: int) -> Problem:
    r"""`problem` whose gradient changes its scale: :math:`g_t = a_k \nabla f(\theta)`, as if the loss changed its unit.

    factors: :math:`a_0, a_1, \ldots`, each > 0, no unit; each holds for `every` ≥ 1 steps, the last one for ever.
    The loss stays f, so that runs can be compared: rescaled(p, (100, 1), 50) is a bad start of 50 steps.
    """
    factors = tuple(positive("factors", a) for a in factors)
    if not factors:
        raise ValueError("factors must hold at least one number, got none")
    return replace(
        problem,
        name=f"rescaled {problem.name}",
        title=f"{problem.title}, changing scale",
        gradient=functools.partial(_rescaled, problem, factors, whole("every", every, 1)),
    )


def _moving(problem, path, name, title, seed):
    total = path if problem.path is None else functools.partial(_both, problem.path, path)
    return replace(
        problem,
        name=name,
        title=title,
        objective=functools.partial(_moved, problem, path),
        gradient=functools.partial(_moved_gradient, problem, path),
        seed=problem.seed if seed is None else seed,
        path=total,
    )


def _moved(problem, path, theta, t, seed):
    return problem.f(theta - like(path(t + 1, seed), theta), t, seed)


def _moved_gradient(problem, path, theta, t, seed):
    return problem.grad(theta - like(path(t, seed), theta), t, seed)


def _rescaled(problem, factors, every, theta, t, seed):
    return factors[min((t - 1) // every, len(factors) - 1)] * problem.grad(theta, t, seed)


def _both(first, second, t, seed):
    return first(t, seed) + second(t, seed)


def _line(d, step, t, seed):
    return np.full(d, step * t)


def _walk(d, step, stream, t, seed):
    return step * _walked(d, 1 << (int(t) - 1).bit_length(), stream, seed)[t - 1]


@functools.lru_cache(maxsize=16)
def _walked(d, steps, stream, seed):
    """A random walk of so many unit steps. A longer one begins with the same steps, so it can be lengthened at will."""
    return np.cumsum(generator(seed, 0, stream).standard_normal((steps, d)), axis=0)


def _jumps(d, every, spread, stream, t, seed):
    k = (t - 1) // every
    return spread * generator(seed, k, stream).standard_normal(d) if k > 0 else np.zeros(d)
