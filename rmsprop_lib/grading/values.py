"""Check a number or a choice."""

from __future__ import annotations

from ..exercises import Exercise
from ..exercises.verdicts import verdict
from .code import refuse
from .inside.ask import Fault, choice, number
from .result import Result


def check_number(exercise: Exercise, answer) -> Result:
    """A number that may be rounded by hand."""
    try:
        return judge_value(exercise, number(answer))
    except Fault as fault:
        return refuse(exercise, fault, exercise.hint)


def check_choice(exercise: Exercise, answer) -> Result:
    """The key of a choice, in upper or lower case, with or without a bracket."""
    try:
        return judge_value(exercise, choice(answer, tuple(exercise.choices)))
    except Fault as fault:
        return refuse(exercise, fault)


def judge_value(exercise: Exercise, answer: float | str) -> Result:
    """The verdict on a finite number or on the key of a choice, wherever it was collected."""
    found = verdict(exercise, answer)
    return Result(
        exercise.id,
        found.passed,
        float(exercise.points * found.passed),
        exercise.points,
        found.told(answer),
        found.hint,
        () if found.passed else (found.name,),
    )
