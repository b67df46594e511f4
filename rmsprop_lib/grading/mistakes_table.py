"""`make exercises`: does every solution pass, and is every known mistake refused by its own name?"""

from __future__ import annotations

from collections.abc import Iterable

from ..exercises import Exercise
from . import check
from .code import judge_function


def mistakes_table(exercises: Iterable[Exercise]) -> tuple[str, int]:
    """A table of exercise, answer and what the check says; and how many rows are not as they must be."""
    rows, gaps = [("exercise", "answer", "points", "result", "")], 0
    for exercise in exercises:
        right = exercise.reference(**exercise.given) if exercise.kind == "number" else exercise.reference
        answers = [("the solution", right, "")]
        answers += [(mistake.name, exercise.wrong_answer(mistake), mistake.name) for mistake in exercise.misconceptions]
        for name, answer, wanted in answers:
            result = judge_function(exercise, answer) if exercise.kind == "code" else check(exercise.id, answer)
            good = result.passed if not wanted else not result.passed and result.mistakes == (wanted,)
            gaps += not good
            said = "right" if result.passed else "named" if good else f"refused as {', '.join(result.mistakes)}"
            points = f"{result.score:g} of {result.max_score}"
            rows.append((exercise.id, name, points, said, "" if good else "GAP"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines), gaps
