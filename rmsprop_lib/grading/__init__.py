"""Check an answer, get a hint, see the solution.

>>> from rmsprop_lib.grading import check, hint, solution
>>> check("rmsprop-step", my_step)
"""

from ..exercises import BY_ID, Exercise, find
from . import mark as marks
from .code import check_code
from .result import Note, Result
from .values import check_choice, check_number

__all__ = ["Result", "check", "exercises", "hint", "own_numbers", "question", "solution"]

_own: dict[str, dict[str, float]] = {}  # numbers by exercise, of the notebook that runs here


def check(id: str, answer, **numbers: float) -> Result:
    """Whether an answer is right, and if not, which mistake it shows.

    id: the exercise, such as "rmsprop-step".
    answer: your function (code), your number (number), or the letter of a choice (concept).
    numbers: what your own question gives where it differs from the book's, such as beta=0.8; those of `own_numbers`
        if left out.

    A function is asked for one step in many cases: from zero and other states, several steps in a row, arrays of
    several shapes, gradients from 1e-9 to 1e6, extreme hyper-parameters. Its results must agree with the reference as
    far as the order of computation allows; its arguments must stay as they are; and the same question must get the
    same answer.

    Score: the points are shared equally among the results (θ and v, say); each counts when it is right in all cases.
    Half of that is given if the function changes its arguments, returns the same array again and again, or returns
    float32. A number or a choice earns all points or none.

    What your function prints is not shown, and a function that never ends is not stopped here.

    Returns a `Result`. Raises LookupError for an unknown id, and TypeError for a number that is not in
    the question.
    """
    exercise = find(id).with_numbers(numbers or _own.get(id, {}))
    judge = {"code": check_code, "number": check_number, "concept": check_choice}[exercise.kind]
    return judge(exercise, answer)


def own_numbers(mark: str) -> None:
    """Let `check` ask with the numbers that a notebook was made with, from here on.

    mark: as it stands in the notebook. A grader believes it only with the instructor's signature; this only reads it.

    Raises ValueError if it is not a mark.
    """
    numbers = marks.read_unchecked(mark).numbers
    _own.clear()
    _own.update(numbers)


def question(id: str) -> Note:
    """What the exercise asks."""
    exercise = find(id)
    return Note(f"Exercise {id}", exercise.question, exercise.signature)


def hint(id: str) -> Note:
    """One push in the right direction, folded until the reader opens it."""
    return Note(f"Hint for {id}", find(id).hint, folded="Hint")


def solution(id: str) -> Note:
    """The solution, folded until the reader opens it: for code, the lines that the book prints."""
    exercise = find(id)
    text = {"code" if exercise.kind == "code" else "text": exercise.solution_text}
    return Note(f"Solution of {id}", **text, folded="Solution")


def exercises(chapter: str | None = None) -> list[Exercise]:
    """All exercises in the order of the book, or those of one chapter."""
    return [exercise for exercise in BY_ID.values() if chapter in (None, exercise.chapter)]
