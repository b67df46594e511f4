"""One weight and a stream of slopes: where RMSProp goes the wrong way."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np

from .problem import Problem, generator, like, positive, whole

CHANCE = 6  # stream of random numbers


def reddi(
    large: float = 3.0,
    small: float = 1.0,
    period: int = 3,
    *,
    stochastic: bool = False,
    probability: float | None = None,
    seed: int = 0,
) -> Problem:
    r"""Reddi's counterexample: :math:`f_t(x) = C x` when t mod n = 1, else :math:`-c\, x`, for x in [−1, 1].

    large, small: the slopes C > 0 and c > 0. period: n ≥ 2. The mean slope must be positive, so that x = −1 is
    best: for the default C = 3, n = 3 it is 1/3. stochastic: the large slope comes by chance, with `probability`
    (default 1/n), independently at each step. The loss is the mean slope times x; x starts at 0 and is projected to
    [−1, 1].

    RMSProp with :math:`\beta = 1/(1 + C^2)` and α/√t ends at x = +1, the worst place (theorem 1, C > 2, n = 3).
    Section 5 has reddi(1010, 10, 101). Raises ValueError when the mean slope is not positive.
    Source: Reddi, Kale and Kumar (2018), On the convergence of Adam and beyond, ICLR.
    """
    large, small, period = positive("large", large), positive("small", small), whole("period", period, 2)
    if probability is not None and not stochastic:
        raise ValueError(f"probability must be None without stochastic=True, got {probability!r}")
    p = 1 / period if probability is None else probability
    if not 0 < p < 1:
        raise ValueError(f"probability must be in (0, 1), got {p!r}")
    slope = p * large - (1 - p) * small
    if slope <= 0:
        raise ValueError(f"the mean slope must be > 0, got {slope:.3g}: large is too small or too rare")
    if stochastic:
        stream = functools.partial(_by_chance, large, -small, p)
    else:
        stream = functools.partial(_in_turn, large, -small, period, 1)
    weight = _one_weight("reddi", "Reddi's stream" + (" by chance" if stochastic else ""), stream, slope, seed)
    return projected(replace(weight, minimum=np.array([-1.0]), minima=np.array([[-1.0]])), -1.0, 1.0)


def nine_and_one(
    imbalance: float = 0.0, count: int = 10, small: float = 0.1, *, stochastic: bool = False, seed: int = 0
) -> Problem:
    r"""Hinton's weight: in ten gradients nine are +0.1 and one is :math:`-0.9\,(1 + \delta)`.

    imbalance: δ > −1. With δ = 0 the gradients cancel and the weight should stay where it is; with δ > 0 the loss
    falls to the right, and RMSProp with β too small still goes left. count: n ≥ 2 gradients, n − 1 of them `small`
    and one :math:`-(n - 1)\, small\, (1 + \delta)`, the last of each cycle. stochastic: the rare one comes by
    chance instead, with probability 1/n at each step. The loss is the mean gradient, :math:`-\delta\, small\,(n -
    1)/n`, times θ, which starts at 0.
    Source: Hinton, Srivastava and Swersky (2012), Neural networks for machine learning, lecture 6e.
    """
    count, small = whole("count", count, 2), positive("small", small)
    rare = -(count - 1) * small * positive("1 + imbalance", 1 + imbalance)
    slope = -imbalance * small * (count - 1) / count
    if stochastic:
        stream = functools.partial(_by_chance, rare, small, 1 / count)
    else:
        stream = functools.partial(_in_turn, rare, small, count, 0)
    return _one_weight("nine_and_one", f"nine and one, δ = {imbalance:g}", stream, slope, seed)


def projected(problem: Problem, low: float = -1.0, high: float = 1.0) -> Problem:
    """`problem` whose θ is put back into [low, high], coordinate by coordinate, after every step.

    low < high: numbers, or arrays of shape (d,), in the unit of θ. The start is put there, too. Of the problem's minima
    those in the box are kept; one on its edge is not looked for.
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if not (low < high).all():
        raise ValueError(f"low must be < high, got {low} and {high}")
    start, project = np.clip(problem.start, low, high), functools.partial(_clip, low, high)
    minima = problem.minima
    if minima is not None:
        minima = minima[((minima >= low) & (minima <= high)).all(axis=-1)]
    if minima is None or not len(minima):
        return replace(problem, start=start, project=project, minimum=None, minima=None)
    return replace(problem, start=start, project=project, minimum=minima[0], minima=minima)


def _one_weight(name, title, stream, slope, seed):
    return Problem(name, functools.partial(_line, slope), stream, [0.0], title=title, seed=seed)


def _line(slope, theta):
    return slope * theta[..., 0]


def _in_turn(rare, common, period, place, theta, t):
    return np.full_like(theta, rare if t % period == place else common)


def _by_chance(rare, common, probability, theta, t, seed):
    return np.full_like(theta, rare if generator(seed, t, CHANCE).random() < probability else common)


def _clip(low, high, theta):
    return np.clip(theta, like(low, theta), like(high, theta))
