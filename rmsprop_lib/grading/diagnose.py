"""What is wrong with an answer: the mistake by its name if we know it, else the smallest case that shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from . import tell
from .compare import LOW_PRECISION, outcome_of_two
from .evidence import Judge
from .orders import exchanged, reordered
from .slips import slip


@dataclass(frozen=True)
class Finding:
    """Names of the mistakes, the diagnosis and the hint."""

    mistakes: tuple[str, ...]
    diagnosis: str
    hint: str = ""


def diagnose(judge: Judge) -> Finding:
    """The finding for an answer that is not right in all respects; the first of these that applies."""
    if all(judge.right):
        return _impure(judge)
    finding = _cause(judge)
    if judge.changed:
        also = f" It also changes its {tell.arguments(judge.changed)}."
        return Finding((*finding.mistakes, "changes-argument"), finding.diagnosis + also, finding.hint)
    return finding


def _cause(judge: Judge) -> Finding:
    steps = (
        *(_argument_names, _fault, _forgetting, _overwriting, _unchanged, _known),
        *(_precision, _order, _pair, _slip, _exchanged, _start, _one_part, _unknown),
    )
    return next(found for step in steps if (found := step(judge)))


def _impure(judge: Judge) -> Finding:
    if judge.changed:
        name, belong = judge.changed[0], "belong" if judge.changed[1:] else "belongs"
        return Finding(
            ("changes-argument",),
            f"your results are right, but your function changes its {tell.arguments(judge.changed)}, which {belong} to "
            "the caller.",
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
        "the same question, asked twice, got two different answers: something besides the arguments goes into them.",
        "Use only what is handed in: no global variable, no attribute, no changed default argument, no random number, "
        "and no np.empty, which holds whatever was there before.",
    )


def _overwriting(judge: Judge) -> Finding | None:
    """Old results that a later call changes; what is wrong besides shows when this is put right."""
    if not judge.replies.shared:
        return None
    return Finding(
        ("shared-result",),
        "a later call of your function overwrites what an earlier one returned.",
        "Make a new array in each call, then check again.",
    )


def _unchanged(judge: Judge) -> Finding | None:
    """The empty answer: what came in goes out."""
    exercise = judge.exercise
    if not set(exercise.results) <= set(exercise.parameters):
        return None
    places = [exercise.parameters.index(name) for name in exercise.results]
    if not judge.matches([tuple(case.args[place] for place in places) for case in judge.key.cases]):
        return None
    came = "they" if exercise.results[1:] else "it"
    names = tell.listed(exercise.results)
    return Finding(("unchanged",), f"your function returns {names} just as {came} came in.", exercise.hint)


def _known(judge: Judge) -> Finding | None:
    for mistake, outcomes in judge.key.wrong:
        if judge.matches(outcomes):
            return Finding((mistake.name,), _telling(judge, outcomes, mistake.sentence), mistake.hint)
    return None


def _precision(judge: Judge) -> Finding | None:
    if judge.low_precision == "float16":
        return Finding(
            ("low-precision",),
            "a result comes as float16, which holds three digits and no number above 65504.",
            "Leave out the conversion: NumPy computes in float64 by itself.",
        )
    if all(judge.near(part, LOW_PRECISION) for part in range(len(judge.exercise.results))):
        return Finding(
            ("low-precision",),
            "your results are right to five digits or more, but not to nine: are they rounded somewhere, or do they "
            "pass through float32?",
            "Leave out conversions and rounding: NumPy computes in float64 by itself.",
        )
    return None


def _order(judge: Judge) -> Finding | None:
    """Results in another order, with no other mistake or with one that is known or leaves the state right."""
    for names, other in reordered(judge):
        told = f"your results come in the order ({', '.join(names)}), expected ({', '.join(judge.exercise.results)})."
        if all(other.right):
            return Finding(("result-order",), told)
        only_one_is_wrong = sum(other.right) == len(other.right) - 1 > 1
        if found := _cause(other) if only_one_is_wrong else _known(other) or _pair(other):
            return Finding(("result-order", *found.mistakes), f"{told} Put right, {found.diagnosis}", found.hint)
    return None


def _exchanged(judge: Judge) -> Finding | None:
    pair = exchanged(judge)
    if pair is None:
        return None
    exercise, (one, other) = judge.exercise, pair
    told = f"your function works as if {one} and {other} had changed places"
    if judge.replies.names == exercise.parameters:
        return Finding(("exchanged",), f"{told}.", f"Follow {one} and {other} through your lines.")
    call = f"{exercise.name}({', '.join(exercise.parameters)})"
    return Finding(("argument-order",), f"{told}: it is called as {call}.")


def _slip(judge: Judge) -> Finding | None:
    """What may happen in any exercise."""
    found = slip(judge)
    if found is None:
        return None
    names, sentence, hint = found
    return Finding(names, _telling(judge, [reply.parts for reply in judge.replies.first], sentence), hint)


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


def _start(judge: Judge) -> Finding | None:
    """A state that is wrong only where it starts: whatever it starts at, this can be told."""
    exercise, key = judge.exercise, judge.key
    if not set(exercise.results) <= set(exercise.parameters):
        return None
    outcomes = [reply.parts for reply in judge.replies.first]
    for part in range(1, len(exercise.results)):
        place = exercise.parameters.index(exercise.results[part])
        started = [i for i, case in enumerate(key.cases) if case.args[place].any()]
        if not judge.right[part] and all(judge.agrees(i, part, outcomes[i], key.wanted[i]) for i in started):
            name = exercise.results[part]
            sentence = f"{name} goes wrong only where it comes in as 0, as at the start"
            told = _telling(judge, outcomes, sentence, only=part)
            return Finding(("start",), told, "Treat the first step like every other.")
    return None


def _unknown(judge: Judge) -> Finding:
    """At least the kind of result may be told, on a case that shows it."""
    outcomes = [reply.parts for reply in judge.replies.first]
    pairs = [pair for row in zip(outcomes, judge.key.wanted, strict=True) for pair in zip(*row, strict=True)]
    if any(map(_other_shape, *zip(*pairs, strict=True))):
        hint = "Look at the shapes: print them for a small array and for a table."
        return Finding(("wrong-shape",), _told(judge, _shown(judge, outcomes, kind=_other_shape)), hint)
    shown = _shown(judge, outcomes)
    if not np.isfinite(shown[2]).all():
        hint = "Look for a division by zero, or for the root of a negative number."
        return Finding(("not-finite",), _told(judge, shown), hint)
    names = [name for name, right in zip(judge.exercise.results, judge.right, strict=True) if right]
    verb = "are" if names[1:] else "is"
    also = f" Your {tell.listed(names)} {verb} right in all cases." if names else ""
    return Finding(("unknown",), _told(judge, shown) + also, judge.exercise.hint)


def _other_shape(got: np.ndarray, want: np.ndarray) -> bool:
    return got.shape != want.shape


def _telling(judge: Judge, outcomes, sentence: str, only: int | None = None) -> str:
    """The first case that shows the mistake, with the reader's number and the wanted one, then the sentence."""
    return _told(judge, _shown(judge, outcomes, only), sentence)


def _told(judge: Judge, shown, sentence: str = "") -> str:
    case, part, got, want = shown
    because = f": {sentence}." if sentence else "."
    asked = f" (Asked: {tell.question(judge.exercise, case)}.)" if case.public else ""
    return tell.difference(judge.exercise, case, part, got, want) + because + asked


def _shown(judge: Judge, outcomes, only: int | None = None, kind: Callable = lambda got, want: True):
    """The case, part, number and wanted number that show a mistake best.

    State comes before θ, as in the computation: a wrong v explains a wrong θ, not the other way round. Public cases
    come first; best is one where the two numbers differ when printed with four digits.
    """
    parts = [only] if only is not None else [*range(1, len(judge.exercise.results)), 0]
    shown = (
        (case, part, outcomes[i][part], judge.key.wanted[i][part])
        for i, case in enumerate(judge.key.cases)
        for part in parts
        if not judge.agrees(i, part, outcomes[i], judge.key.wanted[i])
        and kind(outcomes[i][part], judge.key.wanted[i][part])
    )
    first = next(shown)
    plain = (found for found in chain([first], shown) if found[0].public and tell.visible(*found[2:]))
    return next(plain, first)
