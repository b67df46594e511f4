"""Assignments: which exercises a hand-in answers, and the numbers in them that are a student's own."""

from __future__ import annotations

import difflib
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..exercises import BY_ID, Exercise

SHORTEST_KEY = 16  # bytes
UNWRITTEN = {"noise_and_momentum"}  # exercises whose chapter the book has not yet: practice, but no assignment
Numbers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Assignment:
    """A set of exercises. Each chapter is one, with the chapter's name: practice, as its solutions are in the book."""

    name: str
    exercises: tuple[Exercise, ...]

    @property
    def maximum(self) -> int:
        return sum(exercise.points for exercise in self.exercises)

    @property
    def is_drawn(self) -> bool:
        """Whether a student can have own numbers in it."""
        return any(exercise.draw for exercise in self.exercises)

    def with_numbers(self, numbers: Numbers) -> Assignment:
        """The same assignment with a student's own numbers in it (see `personalise`)."""
        drawn = (exercise.with_numbers(numbers.get(exercise.id, {})) for exercise in self.exercises)
        return Assignment(self.name, tuple(drawn))


def names() -> list[str]:
    """Of all assignments, in the order of the book."""
    return [name for name in dict.fromkeys(exercise.chapter for exercise in BY_ID.values()) if name not in UNWRITTEN]


def find(name: str) -> Assignment:
    """The assignment of this name. Raises a LookupError that names all, those most like it first."""
    if name not in names():
        near = difflib.get_close_matches(str(name), names(), n=3, cutoff=0.4)
        why = ", as its chapter is not written yet" if name in UNWRITTEN else ""
        wanted = ", ".join(dict.fromkeys([*near, *names()]))
        raise LookupError(f"there is no assignment {name!r}{why}: wanted one of {wanted}")
    return Assignment(name, tuple(exercise for exercise in BY_ID.values() if exercise.chapter == name))


def personalise(student: str, key: bytes, exercises: Iterable[Exercise] | None = None) -> dict[str, dict[str, float]]:
    """The numbers in a student's questions: for each exercise that can be drawn, its values by name.

    student: the name that the hand-in will bear. key: the instructor's, at least 16 bytes, kept from the students.
    exercises: all of the book if left out.

    Each value is chosen by HMAC-SHA256 of key, student, exercise and name, so that the grader finds it again, and
    nobody without the key can tell what another student was asked. Raises ValueError for a key that is too short.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"key must have at least {SHORTEST_KEY} bytes, got {len(key)}")
    drawn = {}
    for exercise in BY_ID.values() if exercises is None else exercises:
        if exercise.draw:
            drawn[exercise.id] = {
                name: values[_secret(key, student, exercise.id, name) % len(values)]
                for name, values in exercise.draw.items()
            }
    return drawn


def _secret(key: bytes, *parts: str) -> int:
    return int.from_bytes(hmac.digest(key, json.dumps(parts).encode(), hashlib.sha256))
