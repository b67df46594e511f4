"""What a problem's functions give back, looked at before it is believed.

A reader's functions get copies of θ and what they return is copied, so that they may work in place.
"""

from __future__ import annotations

import functools
import math
import numbers
from collections.abc import Callable

import numpy as np

from ..arrays import plain, same_shape
from .asking import ask
from .problem import Problem, like

ROWS = 8  # of a grid, of which a problem is asked alone
_LIBRARY = f"{__package__.partition('.')[0]}."


def answers_of(problem: Problem) -> tuple[Callable, Callable, Callable | None]:
    """loss(θ, t), gradient(θ, t) and project(θ) of a problem, with as little around its functions as they need."""
    loss, gradient = map(functools.partial(_direct, problem), range(2))
    project = problem.project and functools.partial(projected, problem)

    def plain_gradient(theta, t):
        grad = gradient(theta, t)
        if type(grad) is np.ndarray and grad.dtype is theta.dtype and grad.shape == theta.shape:
            return grad
        if grad is None:
            raise TypeError(f"the gradient of {problem.name} must be an array like theta, got None")
        return same_shape("grad", grad, theta, work_type(theta))

    if is_ours(problem):
        return loss, plain_gradient, project

    def loss_of_copy(theta, t):
        return loss_checked(problem, theta, loss(theta.copy(order="K"), t))

    def copied_gradient(theta, t):
        return plain_gradient(theta.copy(order="K"), t).copy(order="K")

    return loss_of_copy, copied_gradient, project


def is_ours(part) -> bool:
    """Whether a function or a problem is the library's own, with all that it calls: it works on no argument in place.

    >>> from rmsprop_lib import problems
    >>> is_ours(problems.bowl())
    True
    """
    if isinstance(part, Problem):
        return type(part) is Problem and all(map(is_ours, (part.objective, part.gradient, part.project, part.path)))
    if isinstance(part, functools.partial):
        return all(map(is_ours, (part.func, *part.args, *part.keywords.values())))
    return not callable(part) or str(getattr(part, "__module__", "")).startswith(_LIBRARY)


def _direct(problem, which):
    """The objective (0) or the gradient (1) as a function of (θ, t)."""
    if type(problem) is not Problem:  # methods of a reader's own
        return (problem.f, problem.grad)[which]
    function, wanted = (problem.objective, problem.gradient)[which], problem._asked[which]
    if wanted == ((), ()):
        return lambda theta, t: function(theta)
    return function if wanted == (("t",), ()) else lambda theta, t: ask(function, wanted, theta, t, problem.seed)


def first_loss(problem: Problem, theta, t=0):
    """The loss at θ, of which we make sure that it is one."""
    return loss_checked(problem, theta, problem.f(theta.copy(order="K"), t))


def loss_checked(problem, theta, loss):
    """The loss; TypeError when it is not one number for each run, which NumPy would stretch without a word."""
    shape = () if isinstance(loss, numbers.Real) else getattr(loss, "shape", None)
    if shape != theta.shape[:-1]:
        got = repr(loss) if shape is None else f"shape {shape}"
        raise TypeError(
            f"the objective of {problem.name} must return shape {theta.shape[:-1]} for theta of shape {theta.shape}, "
            f"got {got}; a Problem with broadcasts=False takes one theta at a time"
        )
    return loss


def projected(problem, theta):
    """The legal θ that is nearest, as the problem says; ValueError or TypeError when it says no such thing."""
    return same_shape(f"the projection of {problem.name}", problem.project(theta.copy(order="K")), theta)


def work_type(theta) -> np.dtype:
    """The dtype in which a step on θ is computed."""
    return np.promote_types(theta.dtype, np.float32)


def check_broadcasts(problem, start, grid):
    """Raise TypeError unless what the problem says of many θ at once is what it says of each of them alone.

    All runs begin at one θ, where a wrong function may look right. So the θ asked about lie around the start, as many
    as there are runs, all different, and above it and below by turns, so that they stand in no order.
    """
    by_turns = 1 - 2 * (np.indices((*grid, start.size)).sum(axis=0) % 2)
    around = 1 + by_turns * np.random.default_rng(0).uniform(0.02, 0.1, by_turns.shape)
    theta = like(around, start) * np.where(start == 0, 0.1, start)
    with np.errstate(all="ignore"):
        check_rows(problem, theta, 0)
        if problem.project is not None:
            _compare(problem, "projection", theta, problem.project)


def check_rows(problem, theta, t):
    """Raise TypeError unless the problem says of the θ of a sweep after t steps what it says of some of them alone.

    A function that looks right around the start may be wrong where the runs are by then, as one is that clips.
    """
    _compare(problem, "objective", theta, lambda theta: problem.f(theta, t))
    name = f"the gradient of {problem.name}"
    _compare(problem, "gradient", theta, lambda theta: plain(name, problem.grad(theta, t + 1)))


def _compare(problem, name, theta, function):
    """Raise TypeError unless the function gives all θ at once what it gives up to `ROWS` of them alone."""
    grid = theta.shape[:-1]
    some = {int(k) for k in np.linspace(0, math.prod(grid) - 1, ROWS)}
    places = [tuple(int(i) for i in np.unravel_index(k, grid)) for k in sorted(some)]
    try:
        alone = {place: _kept(function(theta[place].copy())) for place in places}
    except Exception:  # outside of where it is defined, perhaps: a run will tell
        return
    try:
        many = function(theta.copy(order="K"))
        many = np.asarray(many) if isinstance(many, list | tuple) else many
    except Exception as error:
        raise _does_not_broadcast(problem, name, theta, f"{type(error).__name__}: {error}") from error
    if name == "objective":
        loss_checked(problem, theta, many)
    elif np.shape(many) != theta.shape:
        raise _does_not_broadcast(problem, name, theta, f"shape {np.shape(many)}" if many is not None else None)
    for place, one in alone.items():
        if not _alike(many[place], one):
            where = ", ".join(map(str, place))
            raise _does_not_broadcast(problem, name, theta, f"{many[place]} and not {one} for theta[{where}]")


def _kept(answer):
    """An answer that the next one does not overwrite."""
    return answer.copy() if hasattr(answer, "copy") else answer


def _alike(one, other) -> bool:
    """Whether two answers are equal but for rounding."""
    if np.array_equal(one, other):
        return True
    size = float(np.abs(np.where(np.isfinite(other), other, 0)).max())
    share = np.finfo(getattr(one, "dtype", float)).eps ** 0.5
    return bool(np.allclose(one, other, rtol=share, atol=share * size, equal_nan=True))


def _does_not_broadcast(problem, name, theta, got):
    return TypeError(
        f"the {name} of {problem.name} must give each theta what it gives it alone, for theta of shape {theta.shape} "
        f"got {got}; a Problem with broadcasts=False takes one theta at a time"
    )
