"""What the browser must know about a problem, and learning rates at which it shows something."""

from __future__ import annotations

import numpy as np

from .. import problems
from ..problems import Problem

FAMILIES = {name: getattr(problems, name) for name in ("quadratic", "rosenbrock", "beale", "himmelblau")}

# On a quadratic, gradient descent stands just below 2/λ_max, where it diverges; elsewhere the steps fit the picture.
_RATES = {
    "quadratic": {"adagrad": 0.5, "rmsprop": 0.1, "adam": 0.2},
    "rosenbrock": {"gd": 0.003, "momentum": 0.001, "adagrad": 1.0, "rmsprop": 0.02, "adam": 0.2},
    "beale": {"gd": 0.01, "momentum": 0.002, "adagrad": 0.5, "rmsprop": 0.03, "adam": 0.1},
    "himmelblau": {"gd": 0.015, "momentum": 0.002, "adagrad": 0.5, "rmsprop": 0.1, "adam": 0.2},
}
_STEPS = {"quadratic": 60, "rosenbrock": 300, "beale": 150, "himmelblau": 60}


def browser_problem(problem: Problem, defaults: dict) -> dict:
    """A problem as JSON for js/problems.js: family, numbers, noise, picture, and the settings that it begins with.

    Raises ValueError for a problem that JavaScript does not know.
    """
    quiet, noise = _quiet(problem)
    family, args = _family(quiet)
    return {
        "name": problem.name,
        "family": family,
        "args": args,
        "noise": noise,
        "bounds": [list(side) for side in problem.bounds],
        "minima": problem.minima.tolist(),
        "start": problem.start.tolist(),
        "defaults": {"start": problem.start.tolist(), **defaults},
    }


def first_picture(problem: Problem, optimizers) -> dict:
    """{"steps": …, "lr_gd": …}: how many steps, and a learning rate for each optimizer, that show this problem well."""
    family, args = _family(_quiet(problem)[0])
    rates = dict(_RATES[family])
    if family == "quadratic":
        largest = np.linalg.eigvalsh(args)[-1]
        rates |= {"gd": 1.9 / largest, "momentum": 0.5 / largest}
    return {"steps": _STEPS[family], **{f"lr_{name}": float(f"{rates[name]:.3g}") for name in optimizers}}


def _quiet(problem: Problem) -> tuple[Problem, list[dict]]:
    """The problem without its layers of normal noise, and these, the inner one first."""
    layers, seed = [], problem.seed
    while _function(problem) is _NOISY:
        problem, sigma, dof, stream = problem.gradient.args
        if dof is not None:
            raise ValueError(f"noise must be normal for the browser to draw it, got Student's t with dof = {dof:g}")
        layers.insert(0, {"sigma": sigma, "stream": stream, "seed": seed})
    return problem, layers


def _family(problem: Problem) -> tuple[str, list]:
    """Which of `FAMILIES` computes the gradient, and the numbers it was made with (the matrix of a quadratic)."""
    for family, make in FAMILIES.items():
        if _function(make()) is _function(problem):
            args = [a.tolist() if isinstance(a, np.ndarray) else a for a in getattr(problem.gradient, "args", ())]
            if problem.start.shape != (2,):
                raise ValueError(f"problem must have 2 parameters to be drawn, got {problem.start.size}")
            return family, args[0] if family == "quadratic" else args
    raise ValueError(f"problem must be a {', '.join(FAMILIES)} for the browser to compute it, got {problem.name}")


def _function(problem: Problem):
    return getattr(problem.gradient, "func", problem.gradient)


_NOISY = _function(problems.noisy(problems.bowl()))
