"""The same problem seen through another gradient: noisy, sparse, clipped. The loss stays the true one."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np

from ..optimizer import check_number
from .problem import Problem, contiguous, generator, like, normal, positive, stream_of

NOISE, SPARSE = 0, 3  # streams of random numbers; 1 and 2 are mini-batches, 4 and 5 moving minima, 6 counterexamples


def noisy(problem: Problem, sigma: float = 1.0, dof: float | None = None, seed: int | None = None) -> Problem:
    r"""`problem` with a noisy gradient, :math:`g_t = \nabla f(\theta) + \sigma z_t`, independent in each coordinate.

    sigma: scale σ ≥ 0, in the unit of the gradient. dof: None for standard normal z_t, else the degrees of freedom
    ν > 0 of Student's t: heavy tails, with standard deviation :math:`\sigma\sqrt{\nu/(\nu - 2)}` for ν > 2 and
    infinite below.
    seed: default the problem's. The noise at step t is a function of (t, seed), and all runs of a sweep see the
    same: they differ by their hyper-parameters alone. The loss stays the true one.
    """
    check_number("sigma", sigma)
    if sigma < 0:
        raise ValueError(f"sigma must be >= 0, got {sigma!r}")
    tails = "" if dof is None else f", t with ν = {positive('dof', dof):g}"
    return replace(
        problem,
        name=f"noisy {problem.name}",
        title=f"{problem.title}, noise σ = {sigma:g}{tails}",
        gradient=functools.partial(_noisy, problem, float(sigma), dof, stream_of(problem, NOISE)),
        seed=problem.seed if seed is None else seed,
    )


def sparse(problem: Problem, frequency, seed: int | None = None) -> Problem:
    r"""`problem` with a gradient that is mostly zero, :math:`g_i = b_i\, \partial_i f(\theta)`, b_i 0 or 1 by chance.

    frequency: how often coordinate i is seen, the probability of b = 1, in (0, 1]; a number or an array of shape
    (d,). So does a weight behave whose feature is rare: on average its gradient is frequency times ∂f. seed:
    default the problem's.
    """
    frequency = np.asarray(frequency, dtype=float)
    if frequency.shape not in ((), problem.start.shape):
        raise ValueError(f"frequency must be a number or of shape {problem.start.shape}, got shape {frequency.shape}")
    frequency = np.broadcast_to(frequency, problem.start.shape)
    if not ((frequency > 0) & (frequency <= 1)).all():
        raise ValueError(f"frequency must be in (0, 1], got {frequency}")
    return replace(
        problem,
        name=f"sparse {problem.name}",
        title=f"{problem.title}, sparse gradient",
        gradient=functools.partial(_sparse, problem, frequency, stream_of(problem, SPARSE)),
        seed=problem.seed if seed is None else seed,
    )


def clipped(problem: Problem, norm: float = 1.0) -> Problem:
    r"""`problem` whose gradient is never longer than `norm`: :math:`g \min(1, c/\lVert g \rVert)` with c = norm > 0.

    The direction is kept; the norm is Euclidean, over all d coordinates, in the unit of the gradient.
    Source: Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks, ICML,
    algorithm 1.
    """
    return replace(
        problem,
        name=f"clipped {problem.name}",
        title=f"{problem.title}, clipped at {positive('norm', norm):g}",
        gradient=functools.partial(_clipped, problem, float(norm)),
    )


def _noisy(problem, sigma, dof, stream, theta, t, seed):
    d = theta.shape[-1]
    z = normal(d, t, seed, stream) if dof is None else generator(seed, t, stream).standard_t(dof, d)
    return problem.grad(theta, t, seed) + sigma * like(z, theta)


def _sparse(problem, frequency, stream, theta, t, seed):
    seen = generator(seed, t, stream).random(theta.shape[-1]) < frequency
    return problem.grad(theta, t, seed) * like(seen, theta)


def _clipped(problem, norm, theta, t, seed):
    grad = problem.grad(theta, t, seed)
    # Halved or doubled until the largest number is about 1: its square then neither overflows nor underflows, and no
    # digit changes. The sum runs along contiguous memory, in the same order for one run and for many.
    _, power = np.frexp(np.abs(grad).max(axis=-1, keepdims=True))
    unit = np.ldexp(grad, -power)
    length = np.sqrt(np.square(contiguous(unit)).sum(axis=-1, keepdims=True))
    with np.errstate(over="ignore"):
        long = np.ldexp(length, power) > norm
    return np.where(long, unit * (norm / np.where(long, length, 1)), grad)
