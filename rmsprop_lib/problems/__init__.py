"""Problems to descend: a function, its gradient and a start, and what makes descending hard.

Coordinates are the last axis of θ: `theta[..., 0]` is θ₁ of one run or of a whole grid of runs. All problems work
over leading axes, so that `sweep` can broadcast, and every gradient is a function of (θ, t, seed) and of nothing
else.
"""

from .changing import drifting, rescaled, switching
from .counterexamples import nine_and_one, projected, reddi
from .gradients import clipped, noisy, sparse
from .landscapes import beale, bowl, hessian, himmelblau, quadratic, ravine, rosenbrock, saddle
from .problem import Problem, generator, normal
from .slopes import check_gradient

__all__ = [
    "BY_NAME",
    "Problem",
    "beale",
    "bowl",
    "by_name",
    "check_gradient",
    "clipped",
    "drifting",
    "generator",
    "hessian",
    "himmelblau",
    "nine_and_one",
    "noisy",
    "normal",
    "projected",
    "quadratic",
    "ravine",
    "reddi",
    "rescaled",
    "rosenbrock",
    "saddle",
    "sparse",
    "switching",
]

BY_NAME = {p.__name__: p for p in (bowl, ravine, quadratic, rosenbrock, beale, himmelblau, saddle, reddi, nine_and_one)}


def by_name(name: str) -> Problem:
    """The problem of that name from `BY_NAME`, with default settings; ValueError listing the names otherwise."""
    if name not in BY_NAME:
        raise ValueError(f"problem must be one of {', '.join(BY_NAME)}, got {name!r}")
    return BY_NAME[name]()
