"""The exercises of the book: one file per chapter, one `Exercise` per question."""

import difflib

from . import (
    adagrad,
    adam,
    epsilon_and_conventions,
    geometry,
    gradient_descent,
    noise_and_momentum,
    rmsprop,
    what_beta_does,
)
from .exercise import Case, Exercise, Misconception

CHAPTERS = (
    gradient_descent,
    noise_and_momentum,
    adagrad,
    rmsprop,
    what_beta_does,
    geometry,
    epsilon_and_conventions,
    adam,
)
BY_ID = {exercise.id: exercise for chapter in CHAPTERS for exercise in chapter.EXERCISES}

__all__ = ["BY_ID", "Case", "Exercise", "Misconception", "find"]


def find(id: str) -> Exercise:
    """The exercise of this id. Raises a LookupError that lists the ids most like it."""
    if id in BY_ID:
        return BY_ID[id]
    near = difflib.get_close_matches(str(id), BY_ID, n=3, cutoff=0.4)
    wanted = f"did you mean {' or '.join(map(repr, near))}?" if near else f"wanted one of {', '.join(sorted(BY_ID))}"
    raise LookupError(f"there is no exercise {id!r}: {wanted}")
