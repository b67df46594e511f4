"""Test functions without noise: quadratic valleys, curved valleys, several minima, a saddle."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import numpy as np

from ..optimizer import check_number
from .problem import Problem, gather, like, positive, whole


def quadratic(condition: float = 10.0, angle: float = 0.0, d: int = 2, start=None) -> Problem:
    r"""A quadratic valley, :math:`f(\theta) = \tfrac12\, \theta^\top H\, \theta`, with minimum 0 at the origin.

    condition: κ = λ_max/λ_min ≥ 1; the eigenvalues of H run from 1 to κ, evenly in the logarithm; no unit.
    angle: rotation of the valley in the plane of the first two axes, in radians; 0 leaves it along the axes.
    d: number of parameters, ≥ 1. start: shape (d,), default (−4, 1) in two dimensions, ones otherwise.
    Raises ValueError for condition < 1 or d < 1. Gradient descent on it converges for α < 2/κ.
    """
    check_number("condition", condition)
    check_number("angle", angle)
    if condition < 1:
        raise ValueError(f"condition must be >= 1, got {condition!r}")
    d = whole("d", d, 1)
    diagonal = np.geomspace(1.0, condition, d) if d > 1 else np.array([float(condition)])
    H = np.diag(diagonal)
    if d > 1 and angle:
        c, s = math.cos(angle), math.sin(angle)
        R = np.eye(d)
        R[:2, :2] = [[c, -s], [s, c]]
        H, diagonal = R @ H @ R.T, None
    start = start if start is not None else ((-4.0, 1.0) if d == 2 else np.ones(d))
    return Problem(
        "quadratic",
        functools.partial(_quadratic, H, diagonal=diagonal),
        functools.partial(_quadratic_gradient, H, diagonal=diagonal),
        start,
        np.zeros(d),
        title=f"quadratic, κ = {condition:g}{_turned(angle)}",
        bounds=((-5.0, 5.0), (-3.0, 3.0)) if d == 2 else None,
    )


def hessian(problem: Problem) -> np.ndarray:
    """The matrix H of a `quadratic` or of `models.linear_regression`, shape (d, d); TypeError for another problem."""
    if isinstance(problem.objective, functools.partial) and problem.objective.func is _quadratic:
        return problem.objective.args[0].copy()
    if not hasattr(problem.objective, "hessian"):
        raise TypeError(f"problem must be a quadratic, got {problem.name}")
    return problem.objective.hessian()


def bowl() -> Problem:
    """A mild quadratic, κ = 3: every method works."""
    return replace(quadratic(condition=3.0), name="bowl", title="bowl, κ = 3")


def ravine() -> Problem:
    """A narrow quadratic valley along the first axis, κ = 20: one learning rate cannot suit both axes."""
    return replace(quadratic(condition=20.0), name="ravine", title="ravine, κ = 20")


def rosenbrock(a: float = 1.0, b: float = 100.0) -> Problem:
    r"""Rosenbrock's curved valley, :math:`f = (a - \theta_1)^2 + b\,(\theta_2 - \theta_1^2)^2`.

    The minimum is 0 at :math:`(a, a^2)`. b > 0 is the steepness of the walls.
    Source: Rosenbrock (1960), The Computer Journal 3, 175-184.
    """
    check_number("a", a)
    positive("b", b)
    return Problem(
        "rosenbrock",
        functools.partial(_rosenbrock, a, b),
        functools.partial(_rosenbrock_gradient, a, b),
        (-1.2, 1.0),
        (a, a * a),
        title="Rosenbrock",
        bounds=((-2.0, 2.0), (-1.0, 3.0)),
    )


def beale() -> Problem:
    r"""Beale's function, :math:`f = \sum_k (c_k - \theta_1 + \theta_1 \theta_2^k)^2` with c = (1.5, 2.25, 2.625).

    The minimum is 0 at (3, ½). Flat plateaus and steep walls: gradients differ by orders of magnitude.
    Source: Beale (1958), On an iterative method for finding a local minimum, Princeton technical report 25.
    """
    return Problem(
        "beale", _beale, _beale_gradient, (1.0, 1.5), (3.0, 0.5), title="Beale", bounds=((-1.0, 4.5), (-1.5, 2.0))
    )


def himmelblau() -> Problem:
    r"""Himmelblau's function, :math:`f = (\theta_1^2 + \theta_2 - 11)^2 + (\theta_1 + \theta_2^2 - 7)^2`.

    It has four minima, all 0. Which one is reached depends on the start and on the method.
    Source: Himmelblau (1972), Applied Nonlinear Programming.
    """
    minima = [
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    ]
    return Problem(
        "himmelblau",
        _himmelblau,
        _himmelblau_gradient,
        (-0.5, -0.5),
        minima[0],
        title="Himmelblau",
        bounds=((-5.0, 5.0), (-5.0, 5.0)),
        minima=minima,
    )


def saddle(curvature: float = 0.1, angle: float = 0.0) -> Problem:
    r"""A saddle between two minima, :math:`f = \tfrac12 x^2 - \tfrac{a}{2} y^2 + \tfrac14 y^4`.

    (x, y) is θ turned by −angle, so that the way down lies at `angle` from the second axis.
    curvature: a > 0, how fast the ground falls off on both sides of the saddle at the origin. The minima,
    :math:`-a^2/4`, are at :math:`y = \pm\sqrt a`. angle: in radians. The start is (1, 10⁻⁴) in (x, y): near the
    ridge, where the gradient along the way down is 10⁴ times smaller than across.
    """
    a = positive("curvature", curvature)
    check_number("angle", angle)
    c, s = math.cos(angle), math.sin(angle)
    y = math.sqrt(a)
    return Problem(
        "saddle",
        functools.partial(_saddle, a, c, s),
        functools.partial(_saddle_gradient, a, c, s),
        (c - s * 1e-4, s + c * 1e-4),
        (-s * y, c * y),
        title=f"saddle{_turned(angle)}",
        bounds=((-1.2, 1.2), (-1.2, 1.2)),
        minima=[(-s * y, c * y), (s * y, -c * y)],
    )


def _turned(angle):
    return f", turned {math.degrees(angle):.0f}°" if angle else ""


def _quadratic(H, theta, diagonal):
    terms = theta * _quadratic_gradient(H, theta, diagonal)
    return 0.5 * functools.reduce(np.add, (terms[..., i] for i in range(terms.shape[-1])))


def _quadratic_gradient(H, theta, diagonal):
    """H θ, its terms added one after another: BLAS and `sum` round a batch and a single vector differently."""
    if diagonal is not None:
        return like(diagonal, theta) * theta
    if theta.ndim == 1:
        return functools.reduce(np.add, like(H.T, theta) * theta[:, None])
    return gather(theta, (functools.reduce(np.add, _terms(row, theta)) for row in H))


def _terms(row, theta):
    return (float(h) * theta[..., j] for j, h in enumerate(row) if h)


def _batched(function):
    """Give one θ, shape (d,), to the function as a batch: NumPy rounds powers of numbers and of arrays differently."""

    @functools.wraps(function)
    def either(*arguments):
        *constants, theta = arguments
        return function(*arguments) if theta.ndim > 1 else function(*constants, theta[None])[0]

    return either


@_batched
def _rosenbrock(a, b, theta):
    x, y = theta[..., 0], theta[..., 1]
    return (a - x) ** 2 + b * (y - x**2) ** 2


@_batched
def _rosenbrock_gradient(a, b, theta):
    x, y = theta[..., 0], theta[..., 1]
    r = y - x**2
    return gather(theta, (-2 * (a - x) - 4 * b * x * r, 2 * b * r))


def _beale_residuals(x, y):
    # Products, not powers: libraries of mathematics round a power differently, and JavaScript computes this, too.
    return 1.5 - x + x * y, 2.25 - x + x * (y * y), 2.625 - x + x * (y * y * y)


@_batched
def _beale(theta):
    r1, r2, r3 = _beale_residuals(theta[..., 0], theta[..., 1])
    return r1**2 + r2**2 + r3**2


@_batched
def _beale_gradient(theta):
    x, y = theta[..., 0], theta[..., 1]
    r1, r2, r3 = _beale_residuals(x, y)
    gx = 2 * (r1 * (y - 1) + r2 * (y**2 - 1) + r3 * (y * y * y - 1))
    gy = 2 * x * (r1 + 2 * y * r2 + 3 * y**2 * r3)
    return gather(theta, (gx, gy))


@_batched
def _himmelblau(theta):
    x, y = theta[..., 0], theta[..., 1]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


@_batched
def _himmelblau_gradient(theta):
    x, y = theta[..., 0], theta[..., 1]
    p, q = x**2 + y - 11, x + y**2 - 7
    return gather(theta, (4 * x * p + 2 * q, 2 * p + 4 * y * q))


@_batched
def _saddle(a, c, s, theta):
    x, y = c * theta[..., 0] + s * theta[..., 1], c * theta[..., 1] - s * theta[..., 0]
    return 0.5 * x**2 - 0.5 * a * y**2 + 0.25 * y**4


@_batched
def _saddle_gradient(a, c, s, theta):
    x, y = c * theta[..., 0] + s * theta[..., 1], c * theta[..., 1] - s * theta[..., 0]
    gy = y**3 - a * y
    return gather(theta, (c * x - s * gy, s * x + c * gy))
