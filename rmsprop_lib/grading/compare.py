"""Which results agree.

An answer agrees with the reference when every element differs by at most `TOLERANCE` times the size of the numbers
that it is computed from: |θ| + |θ'| for a result with an argument of the same name, the largest element for others.
The cases are made so that this is sharp (`exercises.step_cases`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy import abs as _abs
from numpy import array as _array
from numpy import errstate as _errstate
from numpy import isfinite as _isfinite
from numpy import isnan as _isnan

from ..exercises import BY_ID, Case, Exercise, Misconception

TOLERANCE = 2e-9  # rounding in any order stays far below, single precision far above
LOW_PRECISION = 1e-5


@dataclass(frozen=True, eq=False)
class Key:
    """What an exercise asks and what comes out, right and wrong; computed before an answer is called."""

    cases: tuple[Case, ...]
    wanted: tuple[tuple[np.ndarray, ...], ...]
    wrong: tuple[tuple[Misconception, tuple[tuple[np.ndarray, ...], ...]], ...]


@cache
def key(id: str, seed: int = 0) -> Key:
    exercise = BY_ID[id]
    cases = exercise.cases(seed)
    wanted = tuple(outcome(exercise, exercise.reference, case) for case in cases)
    wrong = tuple(
        (mistake, tuple(outcome(exercise, exercise.wrong_answer(mistake), case) for case in cases))
        for mistake in exercise.misconceptions
    )
    return Key(cases, wanted, wrong)


def outcome(exercise: Exercise, function, case: Case) -> tuple[np.ndarray, ...]:
    """The results of one of our own functions, as float64 arrays."""
    with _errstate(all="ignore"):
        value = function(*(_array(arg) if isinstance(arg, np.ndarray) else arg for arg in case.args))
    parts = value if len(exercise.results) > 1 else (value,)
    return tuple(_array(part, dtype=float) for part in parts)


@cache
def outcome_of_two(exercise: Exercise, one: Misconception, other: Misconception, case: Case) -> tuple[np.ndarray, ...]:
    """The results with two mistakes at once; kept, as every answer of a class with unknown mistakes asks for them."""
    return outcome(exercise, exercise.wrong_answer(one, other), case)


@cache
def outcome_with_number(exercise: Exercise, mistake: Misconception, name: str, value: float, case: Case):
    """The results with a mistake and with a fixed number for an argument; kept, too."""
    given = {**dict(zip(exercise.parameters, case.args, strict=True)), name: value}
    return outcome(exercise, exercise.wrong_answer(mistake), Case(tuple(given.values())))


def agree(exercise: Exercise, case: Case, got, wanted, tolerance: float = TOLERANCE) -> list[bool]:
    """For each part, whether it agrees. NaN agrees with NaN, so that a wrong rule can be recognised by it."""
    return [
        part_agrees(exercise, case, part, got[part], wanted[part], tolerance) for part in range(len(exercise.results))
    ]


def part_agrees(exercise: Exercise, case: Case, part: int, got, want, tolerance: float = TOLERANCE) -> bool:
    """Whether one part agrees."""
    name = exercise.results[part]
    if name in case.open:
        return True
    before = case.args[exercise.parameters.index(name)] if name in exercise.parameters else None
    return _close(got, want, before, tolerance)


def _close(got, want, before, tolerance) -> bool:
    if got.shape != want.shape:
        return False
    if got.tobytes() == want.tobytes():  # most are equal to the last bit, and need no closer look
        return True
    size = _abs(want)
    with _errstate(all="ignore"):
        if before is None:
            size = size.max(initial=0.0)
        elif before.shape == want.shape:
            size = size + _abs(before)
        near = (_abs(got - want) <= tolerance * size) & _isfinite(got) & _isfinite(want)
        return bool((near | (got == want) | (_isnan(got) & _isnan(want))).all())
