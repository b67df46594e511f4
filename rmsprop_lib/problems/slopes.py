"""Is a gradient the slope of its loss? Finite differences tell."""

from __future__ import annotations

import numpy as np

from ..arrays import floating, host, same_shape
from .problem import Problem


def check_gradient(problem: Problem, theta=None, t: int = 1, seed: int | None = None) -> float:
    r"""Compare the gradient with the slope of the loss; returns the largest difference, relative to the largest slope.

    .. math:: \partial_i f \approx \frac{f(\theta + h e_i) - f(\theta - h e_i)}{2h}, \qquad h = \epsilon^{1/3}
        \max(1, |\theta_i|)

    with the machine's ε of θ's precision, once more with 2h: how far the two differ says how far to trust them.
    theta: shape (d,); None takes a point near the start, as at the start itself a wrong term may vanish. t, seed: of
    which step; the loss is the one met at this step, f(θ, t − 1). A gradient that is not a slope but an estimate, such
    as that of `noisy` or of a mini-batch, is refused: check the problem inside. So is one at a kink, where there is no
    slope. It takes 4d losses.
    Raises ValueError naming the worst coordinate where the gradient is not the slope, or a loss that is not finite.

    >>> from rmsprop_lib import problems
    >>> problems.check_gradient(problems.rosenbrock()) < 1e-8
    True
    """
    theta = _near(problem.start) if theta is None else floating("theta", theta)
    if theta.shape != problem.start.shape:
        raise ValueError(f"theta must have shape {problem.start.shape}, got {theta.shape}")
    grad = same_shape(f"the gradient of {problem.name}", problem.grad(theta.copy(), t, seed), theta)
    grad = host("grad", grad).astype(float)
    slopes, doubts = np.array([_slope(problem, theta, i, t, seed) for i in range(theta.size)]).reshape(-1, 2).T
    far = np.abs(grad - slopes)
    wrong = ~(far <= doubts + 1e-6 * np.abs(slopes))
    if wrong.any():
        i = int(np.argmax(np.where(wrong, np.nan_to_num(far, nan=np.inf), -1)))
        others = f", and {wrong.sum() - 1} more of {theta.size} coordinates differ" if wrong.sum() > 1 else ""
        raise ValueError(
            f"the gradient of {problem.name} must be the slope of its loss, {slopes[i]:.6g} for theta[{i}] = "
            f"{float(theta[i]):.6g}, got {grad[i]:.6g}{others}"
        )
    return float(far.max(initial=0) / max(np.abs(slopes).max(initial=0), np.finfo(float).tiny))


def _near(start):
    return start + 0.1 * np.random.default_rng(0).uniform(0.5, 1, start.shape) * np.maximum(np.abs(start), 0.1)


def _slope(problem, theta, i, t, seed):
    """The slope along coordinate i, and how far it can be off."""
    eps = float(np.finfo(theta.dtype).eps)
    h = eps ** (1 / 3) * max(1.0, abs(float(theta[i])))
    (wide, _), (near, size) = (_difference(problem, theta, i, width, t, seed) for width in (2 * h, h))
    return (4 * near - wide) / 3, abs(near - wide) + 10 * eps * size / h


def _difference(problem, theta, i, h, t, seed):
    losses, places = [], []
    for way in (h, -h):
        moved = theta.copy()
        moved[i] += way
        places.append(float(moved[i]))
        losses.append(float(problem.f(moved, t - 1, seed)))
    if not np.isfinite(losses).all():
        raise ValueError(f"the loss of {problem.name} must be finite, got {losses} around theta[{i}] = {theta[i]}")
    return (losses[0] - losses[1]) / (places[0] - places[1]), max(map(abs, losses))
