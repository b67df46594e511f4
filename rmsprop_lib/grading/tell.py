"""Sentences about one case: what it asks, what came out, what was expected.

Numbers of hidden cases are never told: only their shape, the size of the gradients and the hyper-parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..exercises import Case, Exercise


def question(exercise: Exercise, case: Case) -> str:
    """The arguments in full for a public case, in words for a hidden one."""
    parts = []
    for name, arg in zip(exercise.parameters, case.args, strict=True):
        if not isinstance(arg, np.ndarray):
            parts.append(f"{name} = {arg:g}")
        elif case.public:
            parts.append(f"{name} = {_digits(arg, 6)}")
        elif name in ("grad", "x", "H"):
            parts.append(f"{name} of shape {arg.shape} and size about {np.abs(arg).max():.0e}")
    return ", ".join(parts)


def listed(names: Sequence[str]) -> str:
    """Such as "theta, m and v"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def arguments(names: Sequence[str]) -> str:
    """Such as "argument v" or "arguments m and v"."""
    return f"argument{'s' if names[1:] else ''} {listed(names)}"


def difference(exercise: Exercise, case: Case, part: int, got: np.ndarray, want: np.ndarray) -> str:
    """Such as "your v after one step is 8.1, expected 0.9"."""
    name = exercise.results[part]
    what = (
        "your result"
        if name == "float"
        else f"your {name} after one step"
        if "theta" in exercise.results
        else f"your {name}"
    )
    if got.shape != want.shape:
        expected = f"shape {want.shape}" if want.shape else "a single number"
        return f"{what} has shape {got.shape}, expected {expected}"
    if not case.public:
        return f"{what} is wrong in a hidden case ({question(exercise, case)})"
    digits = next((n for n in range(4, 17) if _digits(got, n) != _digits(want, n)), 17)
    return f"{what} is {_digits(got, digits)}, expected {_digits(want, digits)}"


def visible(got: np.ndarray, want: np.ndarray) -> bool:
    """Whether four digits tell the two apart."""
    return got.shape != want.shape or _digits(got, 4) != _digits(want, 4)


def _digits(values: np.ndarray, digits: int) -> str:
    """A number, or a nested list of numbers, with so many significant digits."""
    if values.size == 1:
        return f"{values.item() + 0.0:.{digits}g}"
    return f"[{', '.join(_digits(row, digits) for row in values)}]"
