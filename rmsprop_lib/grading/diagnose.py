"""What is wrong with an answer: the mistake by its name if we know it, else the smallest case that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, permutations

import numpy as np

from ..exercises import Exercise
from . import tell
from .compare import LOW_PRECISION, TOLERANCE, Key, outcome, outcome_of_two, part_agrees
from .inside.ask import Replies, Reply
from .slips import slip

LOW = ("float16", "float32")


@dataclass(frozen=True)
class Finding:
    """Names of the mistakes, the diagnosis and the hint."""

    mistakes: tuple[str, ...]
    diagnosis: str
    hint: str = ""


@dataclass(frozen=True, eq=False)
class Judge:
    """One exercise, its key, and what an answer replied; all questions about them in one place."""

    exercise: Exercise
    key: Key
    replies: Replies

    @cached_property
    def right(self) -> tuple[bool, ...]:
        """For each result, whether it is right in all cases, both times."""
        return tuple(self.near(part, TOLERANCE) for part in range(len(self.exercise.results)))

    def near(self, part: int, tolerance: float) -> bool:
        """Whether this result is right in all cases, both times, within the tolerance or the precision it came in."""
        turns = (self.replies.first, self.replies.second)
        return all(self._is_near(i, part, reply, tolerance) for turn in turns for i, reply in enumerate(turn))

    def _is_near(self, i: int, part: int, reply: Reply, tolerance: float) -> bool:
        if not reply.parts:
            return False
        tolerance = LOW_PRECISION if reply.kinds[part] in LOW else tolerance
        return self.agrees(i, part, reply.parts, self.key.wanted[i], tolerance)

    def agrees(self, i: int, part: int, got, wanted, tolerance: float = TOLERANCE) -> bool:
        """Whether two outcomes of case i agree in one of their parts."""
        return part_agrees(self.exercise, self.key.cases[i], part, got[part], wanted[part], tolerance)

    @property
    def low_precision(self) -> str:
        """The dtype, if some result came in half or single precision."""
        return next((kind for reply in self.replies.first for kind in reply.kinds if kind in LOW), "")

    @property
    def changed(self) -> tuple[str, ...]:
        """Arguments that the answer changed, in the order of the signature."""
        seen = {name for reply in (*self.replies.first, *self.replies.second) for name in reply.changed}
        return tuple(name for name in self.exercise.parameters if name in seen)

    @property
    def consistent(self) -> bool:
        """Whether the same question got the same answer both times, and answers stayed as they were."""
        parts = range(len(self.exercise.results))
        pairs = zip(self.replies.first, self.replies.second, strict=True)
        return not self.replies.shared and all(
            bool(a.fault) == bool(b.fault) and (a.fault or all(self.agrees(i, k, a.parts, b.parts) for k in parts))
            for i, (a, b) in enumerate(pairs)
        )

    def matches(self, outcomes: Sequence | Callable, part: int | None = None) -> bool:
        """Whether the answer gave these outcomes, one per case or computed case by case; all parts or one."""
        tolerance = LOW_PRECISION if self.low_precision else TOLERANCE
        parts = range(len(self.exercise.results))[::-1] if part is None else (part,)
        for i, reply in enumerate(self.replies.first):
            if not reply.parts:
                return False
            try:
                wanted = outcomes[i] if isinstance(outcomes, Sequence) else outcomes(i)
            except Exception:  # a made-up wrong rule may not fit these arguments
                return False
            if not all(self.agrees(i, k, reply.parts, wanted, tolerance) for k in parts):
                return False
        return True


def diagnose(judge: Judge) -> Finding:
    """The finding for an answer that is not right in all respects; the first of these that applies."""
    right = all(judge.right)
    steps = (
        (_impure,)
        if right
        else (
            *(_argument_names, _fault, _forgetting, _unchanged, _known),
            *(_precision, _order, _pair, _slip, _one_part, _unknown),
        )
    )
    finding = next(found for step in steps if (found := step(judge)))
    if not right and judge.changed:
        also = f" It also changes its argument {' and '.join(judge.changed)}."
        return Finding((*finding.mistakes, "changes-argument"), finding.diagnosis + also, finding.hint)
    return finding


def _impure(judge: Judge) -> Finding | None:
    if judge.changed:
        names, name = " and ".join(judge.changed), judge.changed[0]
        return Finding(
            ("changes-argument",),
            f"your results are right, but your function changes its argument {names}, which belongs to the caller.",
            f"`{name} += …` works in place. Make a new array: `{name} = {name} + …`.",
        )
    if judge.replies.shared:
        return Finding(
            ("shared-result",),
            "your results are right, but a later call overwrites what an earlier one returned: both are one array.",
            "Make a new array in each call.",
        )
    return Finding(
        ("low-precision",),
        f"your results are right as far as {judge.low_precision} goes; the exercise wants float64.",
        "Leave out the conversion: NumPy computes in float64 by itself.",
    )


def _argument_names(judge: Judge) -> Finding | None:
    names, wanted = judge.replies.names, judge.exercise.parameters
    if set(names) == set(wanted) and names != wanted:
        call = f"{judge.exercise.name}({', '.join(wanted)})"
        return Finding(
            ("argument-order",),
            f"your arguments stand in the order ({', '.join(names)}); your function is called as {call}.",
        )
    return None


def _fault(judge: Judge) -> Finding | None:
    pairs = list(zip(judge.key.cases, judge.replies.first, strict=True))
    bad = [(case, reply.fault) for case, reply in pairs if reply.fault]
    if not bad:
        return None
    case, fault = bad[0]
    where = "" if len(bad) == len(pairs) else f" This happens for {tell.question(judge.exercise, case)}."
    return Finding((fault.name,), f"{fault.sentence}.{where}")


def _forgetting(judge: Judge) -> Finding | None:
    if judge.consistent:
        return None
    return Finding(
        ("hidden-state",),
        "the same question, asked twice, got two different answers: your function remembers something between calls.",
        "Use only what is handed in: no global variable, no attribute, no changed default argument, no random number.",
    )


def _unchanged(judge: Judge) -> Finding | None:
    """The empty answer: what came in goes out."""
    exercise = judge.exercise
    if not set(exercise.results) <= set(exercise.parameters):
        return None
    places = [exercise.parameters.index(name) for name in exercise.results]
    if not judge.matches([tuple(case.args[place] for place in places) for case in judge.key.cases]):
        return None
    names = " and ".join(exercise.results)
    return Finding(("unchanged",), f"your function returns {names} just as they came in.", exercise.hint)


def _known(judge: Judge) -> Finding | None:
    for mistake, outcomes in judge.key.wrong:
        if judge.matches(outcomes):
            return Finding((mistake.name,), _telling(judge, outcomes, mistake.sentence), mistake.hint)
    return None


def _precision(judge: Judge) -> Finding | None:
    if judge.low_precision == "float16":
        return Finding(
            ("low-precision",),
            "your results come as float16, which holds three digits and no number above 65504.",
            "Leave out the conversion: NumPy computes in float64 by itself.",
        )
    if all(judge.near(part, LOW_PRECISION) for part in range(len(judge.exercise.results))):
        return Finding(
            ("low-precision",),
            "your results are right to five digits or more, but not to nine: somewhere they are rounded, "
            "or pass through float32.",
            "Leave out conversions and rounding: NumPy computes in float64 by itself.",
        )
    return None


def _order(judge: Judge) -> Finding | None:
    """Results in another order, or two arguments taken for each other."""
    exercise, wanted = judge.exercise, judge.key.wanted
    for order in list(permutations(range(len(exercise.results))))[1:]:
        if judge.matches([tuple(parts[k] for k in order) for parts in wanted]):
            got = ", ".join(exercise.results[k] for k in order)
            return Finding(
                ("result-order",), f"your results come in the order ({got}), expected ({', '.join(exercise.results)})."
            )
    for a, b in combinations(range(len(exercise.parameters)), 2):
        if judge.matches(lambda i, a=a, b=b: _with_swapped_arguments(judge, i, a, b)):
            one, other = exercise.parameters[a], exercise.parameters[b]
            call = f"{exercise.name}({', '.join(exercise.parameters)})"
            return Finding(
                ("argument-order",),
                f"your function takes {one} for {other} and {other} for {one}: it is called as {call}.",
            )
    return None


def _with_swapped_arguments(judge: Judge, i: int, a: int, b: int):
    case = judge.key.cases[i]
    args = list(case.args)
    args[a], args[b] = args[b], args[a]
    return outcome(judge.exercise, judge.exercise.reference, type(case)(tuple(args)))


def _slip(judge: Judge) -> Finding | None:
    """What may happen in any exercise."""
    found = slip(judge)
    if found is None:
        return None
    name, sentence, hint = found
    return Finding((name,), _telling(judge, [reply.parts for reply in judge.replies.first], sentence), hint)


def _pair(judge: Judge) -> Finding | None:
    """Two mistakes in different lines."""
    exercise = judge.exercise
    for one, other in combinations([m for m in exercise.misconceptions if m.lines], 2):
        if one.lines.keys() & other.lines.keys():
            continue
        if judge.matches(lambda i, one=one, other=other: outcome_of_two(exercise, one, other, judge.key.cases[i])):
            sentence = f"two mistakes at once. First, {one.sentence}. Second, {other.sentence}"
            outcomes = [reply.parts for reply in judge.replies.first]
            return Finding(
                (one.name, other.name),
                _telling(judge, outcomes, sentence),
                f"{one.hint} {other.hint}",
            )
    return None


def _one_part(judge: Judge) -> Finding | None:
    """The state shows a known mistake, θ something else besides."""
    for part in reversed(range(1, len(judge.exercise.results))):
        if judge.right[part]:
            continue
        for mistake, outcomes in judge.key.wrong:
            if judge.matches(outcomes, part):
                told = _telling(judge, outcomes, mistake.sentence, only=part)
                return Finding(
                    (mistake.name, "unknown"), f"{told} Put this right first, then check again.", mistake.hint
                )
    return None


def _unknown(judge: Judge) -> Finding:
    """At least the kind of result may be told."""
    outcomes = [reply.parts for reply in judge.replies.first]
    told = _telling(judge, outcomes, "")
    pairs = [pair for row in zip(outcomes, judge.key.wanted, strict=True) for pair in zip(*row, strict=True)]
    if any(got.shape != want.shape for got, want in pairs):
        return Finding(("wrong-shape",), told, "Look at the shapes: print them for a small array and for a table.")
    if not all(np.isfinite(got).all() for got, _ in pairs):
        return Finding(("not-finite",), told, "Look for a division by zero, or for the root of a negative number.")
    return Finding(("unknown",), told, judge.exercise.hint)


def _telling(judge: Judge, outcomes, sentence: str, only: int | None = None) -> str:
    """The first case that shows the mistake, with the reader's number and the wanted one, then the sentence.

    State comes before θ, as in the computation: a wrong v explains a wrong θ, not the other way round.
    """
    exercise, key = judge.exercise, judge.key
    parts = [only] if only is not None else [*range(1, len(exercise.results)), 0]
    because = f": {sentence}." if sentence else "."
    shown = (
        (case, part, outcomes[i][part], key.wanted[i][part])
        for i, case in enumerate(key.cases)
        for part in parts
        if not judge.agrees(i, part, outcomes[i], key.wanted[i])
    )
    # Public cases come first; best is one where the two numbers differ when printed with four digits.
    first = next(shown)
    plain = (found for found in chain([first], shown) if found[0].public and tell.visible(*found[2:]))
    case, part, got, want = next(plain, first)
    asked = f" (Asked: {tell.question(exercise, case)}.)" if case.public else ""
    return tell.difference(exercise, case, part, got, want) + because + asked
