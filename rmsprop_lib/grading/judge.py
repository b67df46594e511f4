"""Grade one hand-in: run it in the jail, ask for its answers, and compare them here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ..exercises import Exercise
from . import assignment as assignments
from . import jail
from .code import judge_code, refuse
from .compare import key
from .inside import plain
from .inside.ask import Fault
from .result import Result
from .values import judge_value

MOST_TOLD = 20  # cells that failed


@dataclass(frozen=True)
class Task:
    """All that grading one hand-in needs, as plain data that can be sent to another machine.

    numbers: for each exercise the student's own, see `assignment.personalise`. seed: of the hidden cases.
    """

    assignment: str
    cells: tuple[str, ...]
    problem: str = ""
    numbers: assignments.Numbers = field(default_factory=dict)
    seed: int = 0
    limits: jail.Limits = field(default_factory=jail.Limits)
    jail: bool = True


@dataclass(frozen=True)
class Graded:
    """The results of one hand-in, in the order of the assignment, and what went wrong in its cells."""

    results: tuple[Result, ...]
    cells: tuple[str, ...] = ()
    problem: str = ""


def grade(task: Task) -> Graded:
    """Grade one hand-in. Never raises for anything that it does."""
    exercises = assignments.find(task.assignment).with_numbers(task.numbers).exercises
    reply = jail.Reply(problem=task.problem)
    if not task.problem:
        questions = [_question(exercise, task.seed) for exercise in exercises]
        reply = jail.run(task.cells, questions, task.limits, jail=task.jail)
    if reply.problem:
        fault = Fault("no-answers", reply.problem)
        return Graded(tuple(refuse(exercise, fault) for exercise in exercises), problem=reply.problem)
    failed = _failed_cells(reply.cells)
    results = tuple(
        _judge(exercise, answer, task, failed) for exercise, answer in zip(exercises, reply.answers, strict=True)
    )
    return Graded(results, tuple(failed.values()))


def _question(exercise: Exercise, seed: int) -> dict[str, Any]:
    question = {"kind": exercise.kind, "answer": exercise.answer_name}
    if exercise.kind == "concept":
        return {**question, "keys": list(exercise.choices)}
    if exercise.kind == "number":
        return question
    cases = _written_cases(exercise.id, seed)
    return {**question, "cases": cases, "parameters": exercise.parameters, "results": exercise.results}


@cache
def _written_cases(id: str, seed: int) -> list[list]:
    return [[plain.write_argument(arg) for arg in case.args] for case in key(id, seed).cases]


def _judge(exercise: Exercise, answer: dict[str, Any], task: Task, failed: dict[int, str]) -> Result:
    try:
        value = _read(exercise, answer, task)
    except Fault as fault:
        if fault.name == "missing" and failed:
            fault = Fault("missing", f"{fault.sentence}; {_cause(exercise, task.cells, failed)}")
        return refuse(exercise, fault)
    except Exception:  # made up by the hand-in: whatever a number or a table must not be
        return refuse(exercise, Fault("no-answers", "what your notebook sent is not an answer"))
    try:
        if exercise.kind == "code":
            return judge_code(exercise, key(exercise.id, task.seed), value)
        return judge_value(exercise, value)
    except Exception as error:  # ours, then; it must not cost the other answers their points
        told = f"the grader could not judge your answer ({type(error).__name__}): tell your teacher, who can"
        return refuse(exercise, Fault("not-judged", told))


def _read(exercise: Exercise, answer: dict[str, Any], task: Task):
    """The replies, the number or the letter that came out of the jail. Raises a Fault if there is none."""
    name = exercise.answer_name
    if "missing" in answer:
        kind = "function" if exercise.kind == "code" else "variable"
        raise Fault("missing", f"there is no {kind} {name} in your notebook")
    if "library" in answer:
        part = plain.printable(answer["library"])[: plain.SHORT]
        raise Fault("library", f"your answer calls {part}, which does the work for you: write the lines yourself")
    if "late" in answer:
        seconds, patience = task.limits.question_seconds, task.limits.patience
        told = f"{name} did not end within {seconds:g} seconds of the processor, or {patience * seconds:g} of the clock"
        raise Fault("time-limit", told)
    if "died" in answer:
        raise Fault("ended", f"{name} ended Python, or gave more than can be read")
    if "fault" in answer:
        raise plain.read_fault(answer["fault"])
    if exercise.kind == "code":
        cases = len(key(exercise.id, task.seed).cases)
        return plain.read_replies(answer["replies"], cases, len(exercise.results))
    value = answer["value"]
    if exercise.kind == "concept":
        if value not in exercise.choices:
            raise ValueError(f"a letter wanted, got {value!r:.40}")
        return value
    if type(value) not in (int, float) or not abs(value) < float("inf"):
        raise ValueError(f"a finite number wanted, got {value!r:.40}")
    return float(value)


def _failed_cells(reports: Sequence[dict[str, Any]]) -> dict[int, str]:
    """A sentence for each cell that did not end as it should, by its index; for the first ones, if there are many."""
    sentences = {}
    for index, report in enumerate(reports):
        if report:
            line = f", in `{report['line']}`" if report["line"] else ""
            told = f"cell {index + 1} stopped with {report['error']}: {report['message']}{line}"
            sentences[index] = plain.printable(told)
            if len(sentences) == MOST_TOLD:
                break
    return sentences


def _cause(exercise: Exercise, cells: Sequence[str], failed: dict[int, str]) -> str:
    """The failed cell that speaks of the answer, else the first one."""
    return next((told for i, told in failed.items() if exercise.answer_name in cells[i]), next(iter(failed.values())))
