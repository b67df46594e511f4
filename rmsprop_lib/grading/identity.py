"""Whose each hand-in is, and which numbers it was asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count

from . import mark
from .assignment import SHORTEST_KEY, Assignment, Numbers
from .hand_in import HandIn
from .mark import Claim
from .roster import fold, may_be, students_in

ABSENT = "nothing was handed in"
UNKNOWN = "not on the list of students"


@dataclass(frozen=True)
class Owned:
    """A hand-in under its student's name, and the numbers to grade it with.

    named: what its file or folder is called, without the ending.
    """

    mine: HandIn
    numbers: Numbers
    named: str


def settle(
    hand_ins: Sequence[HandIn], assignment: Assignment, key: bytes = b"", roster: Sequence[str] = ()
) -> list[Owned]:
    """Each hand-in under its student's name, with its numbers; then whoever of the roster handed in nothing.

    With a key, name and numbers are those that the notebook is signed for, whatever the file is called. What cannot be
    right becomes the hand-in's problem, so that nobody gets points for another one's numbers, or loses them. What is
    odd, but does no harm, becomes its note.

    Raises ValueError if at least half of the notebooks cannot be graded with this key or without one, or if none needs
    it: one student may have played with a mark, a class has not.
    """
    if key and len(key) < SHORTEST_KEY:
        raise ValueError(f"key must have at least {SHORTEST_KEY} bytes, got {len(key)}")
    if assignment.is_drawn:
        _refuse_wrong_key(hand_ins, key)
    owned = [own(mine, assignment, key, roster) for mine in hand_ins]
    if key or roster:
        owned = list(_one_each(owned, assignment))
    there = {fold(one.mine.student) for one in owned}
    absent = (HandIn(name, "", problem=ABSENT) for name in roster if fold(name) not in there)
    return owned + [Owned(nobody, {}, nobody.student) for nobody in absent]


def _refuse_wrong_key(hand_ins: Sequence[HandIn], key: bytes) -> None:
    found = [mark.find(mine.cells, mine.marks) for mine in hand_ins if mine.cells]
    if key and found and not any(found):
        raise ValueError(
            f"none of {len(found)} notebooks has own numbers: leave out --key-file, or grade those handed out"
        )
    foreign = sum(any(not (key and mark.is_made_with(one, key)) for one in marks) for marks in found)
    if foreign and 2 * foreign >= len(found):
        wanted = "the key that they were made with is another one" if key else "give the --key-file they were made with"
        raise ValueError(f"{foreign} of {len(found)} notebooks have own numbers: {wanted}")


def own(mine: HandIn, assignment: Assignment, key: bytes, roster: Sequence[str]) -> Owned:
    """One hand-in under its student's name, with its numbers; without looking at the others."""
    by_name = _by_name(mine, assignment, roster)
    marks = mark.find(mine.cells, mine.marks)
    if mine.problem or not (assignment.is_drawn or (key and marks)):
        return Owned(by_name, {}, mine.student)
    if not key:
        problem = "the notebook has own numbers, and it was graded without the key to them" if marks else ""
        return Owned(replace(by_name, problem=by_name.problem or problem), {}, mine.student)
    try:
        claim = _claim(marks, assignment, key)
        _expect_name(mine.student, claim.student, assignment, roster)
    except ValueError as error:
        return Owned(replace(by_name, problem=str(error)), {}, mine.student)
    odd = "" if not roster or claim.student in roster else UNKNOWN
    bears_it = students_in(mine.student, [claim.student], assignment.name)
    renamed = "" if bears_it else f"made for {claim.student}, handed in as {mine.student}"
    return Owned(_noted(replace(mine, student=claim.student), odd, renamed), claim.numbers, mine.student)


def _by_name(mine: HandIn, assignment: Assignment, roster: Sequence[str]) -> HandIn:
    if not roster:
        return mine
    students = students_in(mine.student, roster, assignment.name)
    if not students:
        return _noted(mine, UNKNOWN)
    if len(students) > 1:
        return replace(mine, problem=mine.problem or f"its name may stand for {' or '.join(students)}")
    return replace(mine, student=students[0])


def _claim(marks: Sequence[str], assignment: Assignment, key: bytes) -> Claim:
    """What the notebook is signed for. Raises ValueError if it is not, or not for this."""
    if not marks:
        raise ValueError(
            "the line own_numbers(…), which says whose numbers these are, is missing: "
            "put it back from the notebook that was handed out"
        )
    claims = [mark.read(one, key) for one in marks]
    if len(claims) > 1:
        names = " and ".join(claim.student for claim in claims)
        raise ValueError(f"the notebook holds different lines own_numbers(…), made for {names}")
    (claim,) = claims
    if claim.assignment != assignment.name:
        raise ValueError(f"this is a notebook of {claim.assignment}, and {assignment.name} is graded")
    try:
        assignment.with_numbers(claim.numbers)
    except TypeError as error:
        raise ValueError(f"the notebook was made with another edition of the questions: {error}") from None
    return claim


def _expect_name(named: str, student: str, assignment: Assignment, roster: Sequence[str]) -> None:
    """Raise ValueError if the file says that it is somebody else's than its mark says.

    The class is asked first: letters inside a word are enough only where nobody else bears the whole name, as "ann" is
    in "joanna".
    """
    others = students_in(named, roster, assignment.name)
    if fold(student) in map(fold, others):
        return
    if others:
        raise ValueError(f"the notebook was made for {student}, and handed in by {' or '.join(others)}")
    if not roster and not may_be(named, student):
        told = "if they are one person, give the class as --students"
        raise ValueError(f"the notebook was made for {student}, and handed in by {named}: {told}")


def _one_each(owned: Sequence[Owned], assignment: Assignment) -> Iterator[Owned]:
    """One for each student; what else claims to be theirs keeps the name of its file, and is told."""
    groups: dict[str, list[Owned]] = {}
    for one in owned:
        groups.setdefault(fold(one.mine.student), []).append(one)
    taken = set(groups)
    for group in groups.values():
        student = group[0].mine.student
        chosen = [one for one in group if not one.mine.problem] or group
        # One that bears the student's name is theirs; another one was copied, or sent by somebody else.
        chosen = [one for one in chosen if students_in(one.named, [student], assignment.name)] or chosen
        chosen = [one for one in chosen if may_be(one.named, student)] or chosen
        yield chosen[0] if len(chosen) == 1 else _together(chosen, student)
        yield from (_set_aside(one, student, chosen[0], taken) for one in group if one not in chosen)


def _together(chosen: Sequence[Owned], student: str) -> Owned:
    first = chosen[0]
    files = ", ".join(one.mine.file for one in chosen)[:200]
    if len({(one.mine.cells, one.mine.problem) for one in chosen}) == 1:
        return replace(first, mine=_noted(first.mine, f"handed in more than once, all the same: {files}"))
    return Owned(HandIn(student, files, problem=f"one notebook wanted, got {files}"), {}, student)


def _set_aside(one: Owned, student: str, chosen: Owned, taken: set[str]) -> Owned:
    """The same under the name of its file, or a longer one that nobody has: each row and page is of one."""
    longer = (f"{one.named} ({one.mine.file}{'' if i == 1 else f', {i}'})" for i in count(1))
    name = next(name for name in chain([one.named], longer) if fold(name) not in taken)
    taken.add(fold(name))
    problem = one.mine.problem or f"the notebook was made for {student}, and {chosen.mine.file} is graded for {student}"
    return Owned(replace(one.mine, student=name, problem=problem), {}, one.named)


def _noted(mine: HandIn, *notes: str) -> HandIn:
    return replace(mine, note="; ".join(filter(None, (mine.note, *notes))))
