"""Check a function."""

from __future__ import annotations

from ..exercises import Exercise
from . import borrowed
from .compare import Key, key
from .diagnose import diagnose
from .evidence import Judge
from .inside.ask import Fault, Replies, ask
from .result import Result


def check_code(exercise: Exercise, answer) -> Result:
    """The verdict on a reader's function, which may not call the library for the result."""
    part = borrowed.own_part(answer)
    result = None if part else judge_function(exercise, answer)
    if result and result.score:
        part = borrowed.part_called(answer, key(exercise.id).cases[0])
    return refuse(exercise, borrowed.fault(part)) if part else result


def judge_function(exercise: Exercise, function) -> Result:
    """Ask any function, also one of our own, then judge its replies."""
    expected = key(exercise.id)
    try:
        replies = ask(function, exercise.name, expected.cases, exercise.parameters, exercise.results)
    except Fault as fault:
        return refuse(exercise, fault)
    return judge_code(exercise, expected, replies)


def refuse(exercise: Exercise, fault: Fault, hint: str = "") -> Result:
    """No points, for an answer that cannot be asked or read."""
    return Result(exercise.id, False, 0.0, exercise.points, f"{fault.sentence}.", hint, (fault.name,))


def judge_code(exercise: Exercise, expected: Key, replies: Replies) -> Result:
    """The verdict on replies, wherever they were collected."""
    judge = Judge(exercise, expected, replies)
    impure = bool(judge.changed or replies.shared or judge.low_precision)
    score = exercise.points * sum(judge.right) / len(judge.right) / (2 if impure else 1)
    if all(judge.right) and not impure:
        done = f"your function agrees with the book in all {len(expected.cases)} cases."
        return Result(exercise.id, True, score, exercise.points, done)
    finding = diagnose(judge)
    return Result(exercise.id, False, score, exercise.points, finding.diagnosis, finding.hint, finding.mistakes)
