"""What is said to a number or a choice: one table for an exercise, read from the top by the grader and by the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .exercise import Exercise


@dataclass(frozen=True)
class Verdict:
    """What is said to one answer.

    value: the number or the letter that was answered; None is for all that the rows above it do not know.
    sentence: with {answer} in the place of the answer. name: of the mistake; empty for the right answer.
    hint: what to try next. margin: how far a number may lie from the value.
    """

    value: float | str | None
    sentence: str
    name: str = ""
    hint: str = ""
    margin: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.name

    def fits(self, answer: float | str) -> bool:
        """Whether the answer is the value: a letter itself, a number within the margin."""
        if self.value is None or isinstance(self.value, str):
            return self.value in (None, answer)
        return abs(answer - self.value) <= self.margin

    def told(self, answer: float | str) -> str:
        """The sentence, with a number in six digits."""
        return self.sentence.replace("{answer}", answer if isinstance(answer, str) else f"{answer:.6g}")


def verdict(exercise: Exercise, answer: float | str) -> Verdict:
    """The first row of the table that fits the answer: a finite number, or a key of the choices."""
    return next(row for row in verdicts(exercise) if row.fits(answer))


def verdicts(exercise: Exercise) -> tuple[Verdict, ...]:
    """The table of an exercise that asks for a number or a choice."""
    tables: dict[str, Callable] = {"number": _numbers, "concept": _choices}
    if exercise.kind not in tables:
        raise ValueError(f"a number or a choice is judged by a table, got exercise {exercise.id!r} of kind code")
    return tuple(tables[exercise.kind](exercise))


def _numbers(exercise: Exercise):
    """A number may be rounded, a wrong one twice as far; a near miss is told by its name, the right value never."""
    wanted, tolerance = exercise.reference(**exercise.given), exercise.tolerance
    rows = [("", wanted, tolerance, "{answer} is right", "")]
    for m in exercise.misconceptions:
        value = exercise.wrong_answer(m)
        rows.append((m.name, value, 2 * tolerance, f"you answered {{answer}}: {m.sentence}", m.hint))
    other_sign = "you answered {answer}: the size is right, the sign is not"
    rows.append(("sign", -wanted, tolerance, other_sign, exercise.hint))
    slips = [("percent", 100 * wanted, "a hundred times"), ("fraction", wanted / 100, "a hundredth of")]
    slips += [("doubled", 2 * wanted, "twice"), ("halved", wanted / 2, "half of")]
    slips += [("squared", wanted**2, "the square of"), ("rooted", abs(wanted) ** 0.5, "the root of")]
    if wanted:
        slips.append(("reciprocal", 1 / wanted, "one over"))
    for name, value, what in slips:
        if any(abs(value - other) <= 2 * tolerance * abs(other) for _, other, *_ in rows):
            continue  # such as the root of 1
        told = f"you answered {{answer}}: that is {what} the right number"
        rows.append((name, value, tolerance, told, exercise.hint))
    close = "{answer} is close, but not close enough: give three digits or more"
    rows.append(("rounding", wanted, 10 * tolerance, close, exercise.hint))
    for name, value, part, sentence, hint in rows:
        value = float(value)
        yield Verdict(value, f"{sentence}.", name, hint, margin=part * abs(value))
    yield Verdict(None, "{answer} is not right.", "unknown", exercise.hint)


def _choices(exercise: Exercise):
    yield Verdict(exercise.reference, f"{{answer}} is right. {exercise.solution}")
    for m in exercise.misconceptions:
        yield Verdict(m.wrong, f"you answered {{answer}}: {m.sentence}.", m.name, m.hint)
