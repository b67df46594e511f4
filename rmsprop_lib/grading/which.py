"""Which of several notebooks is graded. Never one in silence where another may be meant."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import PurePath

from .assignment import find, names
from .reader import Opened
from .student_notebook import notebook_text

RULE = (
    "Where a student handed in several notebooks, those without an answer and second copies are left aside, and so are "
    "those not named after the assignment, if one is. If one notebook is left, it is graded. "
    "If more are left, none is: the student has to choose."
)
BLANK = "the notebook is as it was handed out"


def choose(found: Sequence[Opened], assignment: str) -> tuple[Opened, str]:
    """The notebook to grade and a sentence about the others, which is empty if there are none.

    If none can be chosen, what comes back is a problem.
    """
    aside = [(one, "it cannot be read") for one in found if one.problem]
    left = [one for one in found if not one.problem]
    if not left:
        return (found[0], "") if len(found) == 1 else (_none(found, "none of them can be read"), "")
    aside += [(one, "no answer in it") for one in left if _is_blank(one.cells, assignment)]
    left = _without(aside, left)
    aside += [(two, f"the same as {one.name}") for one, two in _copies(left)]
    left = _without(aside, left)
    if any(_about(one.name) == assignment for one in left):
        aside += [(one, f"not named {assignment}") for one in left if _about(one.name) != assignment]
    left = _without(aside, left)
    if len(left) > 1:
        return _none(left, "hand in only one"), ""
    (chosen,) = left
    told = ", ".join(f"{one.name} ({why})" for one, why in aside if one is not chosen)
    told = f"graded was {chosen.name}, and left aside {told}"[:400] if told else ""
    return chosen, "; ".join(filter(None, (BLANK if _is_blank(chosen.cells, assignment) else "", told)))


def _without(aside: Sequence[tuple[Opened, str]], left: Sequence[Opened]) -> Sequence[Opened]:
    """Those that are not left aside; the first, if all are."""
    return [one for one in left if all(one is not other for other, _ in aside)] or left[:1]


def _none(found: Sequence[Opened], why: str) -> Opened:
    listed = ", ".join(one.name for one in found)[:200] or "nothing"
    return Opened(listed, problem=f"one notebook wanted, got {listed}" + (f": {why}" if found else ""))


def _copies(left: Sequence[Opened]) -> list[tuple[Opened, Opened]]:
    """Each notebook that holds the same as one before it, after that one."""
    first: dict[tuple[str, ...], Opened] = {}
    pairs = [(first.setdefault(one.cells, one), one) for one in left]
    return [(one, two) for one, two in pairs if one is not two]


def _about(name: str) -> str:
    """The assignment that a file's name speaks of, as "rmsprop (1).ipynb" does; the longest, if of several."""
    stem = PurePath(name.rpartition(": ")[2]).stem.lower()  # of a file in a zip, too
    return max((name for name in names() if name in stem), key=len, default="")


def _is_blank(cells: Sequence[str], assignment: str) -> bool:
    """Whether every line of code was in the notebook when it was handed out."""
    return bool(assignment) and all(_lines(cell) <= _handed_out(assignment) for cell in cells)


@cache
def _handed_out(assignment: str) -> frozenset[str]:
    wanted = find(assignment)
    own = {one.id: {name: values[0] for name, values in one.draw.items()} for one in wanted.exercises if one.draw}
    texts = notebook_text(wanted), notebook_text(wanted, own, student="", signed="mark")
    cells = [cell for text in texts for cell in json.loads(text)["cells"]]
    return frozenset().union(*(_lines("".join(cell["source"])) for cell in cells))


def _lines(source: str) -> frozenset[str]:
    """The lines of code, without comments; numbers and marks, which may be the student's own, are all alike."""
    code = (line.partition("#")[0].strip() for line in source.splitlines())
    return frozenset(re.sub(r"\d+(\.\d+)?|(?<=own_numbers\().*", "0", line) for line in code if line)
