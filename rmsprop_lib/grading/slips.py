"""Slips that any function may show, whatever the exercise: an argument not used as it is, a result not left as it is.

An exercise names the mistakes that belong to its formula. These are tried after them, on the formula itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from ..exercises import Misconception
from .compare import outcome, outcome_with_number
from .evidence import Judge
from .tell import listed

Slip = tuple[tuple[str, ...], str, str]  # names of mistakes, a sentence and a hint
DECAYS = (0.0, 0.5, 0.9, 0.95, 0.98, 0.99, 0.999)
POWERS = tuple(float(f"1e-{n}") for n in range(21))
CONSTANTS = (*DECAYS, *POWERS)
USUAL = {"eps": POWERS, "lr": POWERS[:4], "t": (1.0,)}  # others are decays
_USE_IT = "Use the argument {name} as it is handed in."
_ARRAYS = (
    ("argument-ignored", np.zeros_like, "{name} is not used: your function works as if it were always 0"),
    ("argument-negated", np.negative, "{name} is used with its sign turned round"),
    ("argument-absolute", np.abs, "{name} is used without its sign"),
    ("argument-sign", np.sign, "of {name} only the sign is used, not the size"),
    ("argument-mean", lambda x: np.full_like(x, x.mean()), "all coordinates share one {name}, the mean over all"),
    ("argument-first", lambda x: np.full_like(x, x.flat[0]), "the first number of {name} is used for all coordinates"),
    ("argument-normalised", lambda x: x / np.linalg.norm(x), "{name} is divided by its length before it is used"),
    ("argument-clipped", lambda x: x / max(1.0, np.linalg.norm(x)), "{name} is clipped to length 1 before it is used"),
    ("argument-squared", np.square, "{name} is squared before it is used"),
    ("argument-doubled", lambda x: 2 * x, "{name} counts twice"),
    ("argument-halved", lambda x: x / 2, "{name} counts half"),
)
_NUMBERS = (
    ("argument-complement", lambda x: 1 - x, "1 − {name} stands where {name} belongs"),
    ("argument-negated", lambda x: -x, "{name} is used with its sign turned round"),
    ("argument-squared", lambda x: x * x, "{name} is squared before it is used"),
    ("argument-root", lambda x: x**0.5, "the root of {name} stands where {name} belongs"),
    ("argument-plus-one", lambda x: x + 1, "{name} + 1 stands where {name} belongs"),
    ("argument-minus-one", lambda x: x - 1, "{name} − 1 stands where {name} belongs"),
)
# From the right result and the argument of the same name, where there is one.
_RESULTS = (
    ("unchanged", lambda want, before: 1 * before, "your function returns {name} just as it came in"),
    ("only-the-change", lambda want, before: want - before, "your {name} is only what should be added to the old one"),
    ("only-the-step", lambda want, before: before - want, "your {name} is only what should be taken off the old one"),
    ("change-doubled", lambda want, before: 2 * want - before, "{name} changes twice as much as it should"),
    ("change-halved", lambda want, before: (want + before) / 2, "{name} changes half as much as it should"),
    ("change-reversed", lambda want, before: 2 * before - want, "{name} changes in the wrong direction"),
    ("result-negated", lambda want, before: -want, "your {name} has the wrong sign"),
    ("result-absolute", lambda want, before: np.abs(want), "your {name} has lost its sign"),
    ("result-squared", lambda want, before: want**2, "your {name} is the square of what it should be"),
    ("result-root", lambda want, before: np.sqrt(np.abs(want)), "your {name} is the root of what it should be"),
    ("result-doubled", lambda want, before: 2 * want, "your {name} is twice what it should be"),
    ("result-halved", lambda want, before: want / 2, "your {name} is half of what it should be"),
    ("result-zero", lambda want, before: 0 * want, "your {name} is 0, whatever is asked"),
    ("result-reversed", lambda want, before: want[::-1], "your {name} stands in reverse order"),
    ("whole-numbers", lambda want, before: np.trunc(want), "your {name} is cut to whole numbers"),
    *(
        ("rounded", lambda want, before, n=n: np.round(want, n), f"your {{name}} is rounded to {n} decimal places")
        for n in range(9)
    ),
)


def slip(judge: Judge) -> Slip | None:
    """The slip that explains all replies, if there is one."""
    with np.errstate(all="ignore"):
        return next(
            (
                found
                for find in (_of_results, _of_an_argument, _of_two_steps, _of_a_number_besides)
                for found in find(judge)
            ),
            None,
        )


def _of_an_argument(judge: Judge) -> Iterator[Slip]:
    exercise, cases = judge.exercise, judge.key.cases
    for place, name in enumerate(exercise.parameters):
        if _is_number(cases[0].args[place]):
            seen = sorted({case.args[place] for case in cases})
            slips: Sequence = [*_NUMBERS, *map(_fixed, dict.fromkeys([*CONSTANTS, *seen]))]
        else:
            slips = _ARRAYS
        for label, change, sentence in slips:

            def changed(i: int, place=place, change=change):
                args: list[Any] = list(cases[i].args)
                args[place] = change(args[place])
                return outcome(exercise, exercise.reference, type(cases[i])(tuple(args)))

            if judge.matches(changed):
                yield (label,), sentence.format(name=name), _USE_IT.format(name=name)


def _fixed(value: float):
    return "argument-fixed", lambda x: value, f"{{name}} is fixed at {value:g} in your code, whatever is handed in"


def _of_results(judge: Judge) -> Iterator[Slip]:
    exercise = judge.exercise
    wrong = [part for part, right in enumerate(judge.right) if not right]
    names = [exercise.results[part].replace("float", "result") for part in wrong]
    for label, change, sentence in _RESULTS:

        def changed(i: int, change=change):
            given = dict(zip(exercise.parameters, judge.key.cases[i].args, strict=True))
            before = [given.get(name) for name in exercise.results]
            wanted = judge.key.wanted[i]
            return [change(wanted[k], before[k]) if k in wrong else wanted[k] for k in range(len(wanted))]

        if judge.matches(changed):
            others = f"; {listed(names[1:])} likewise" if names[1:] else ""
            yield (label,), sentence.format(name=names[0]) + others, exercise.hint


def _of_two_steps(judge: Judge) -> Iterator[Slip]:
    exercise = judge.exercise
    if not set(exercise.results) <= set(exercise.parameters):
        return

    def twice(i: int):
        case, once = judge.key.cases[i], judge.key.wanted[i]
        given = dict(zip(exercise.parameters, case.args, strict=True)) | dict(zip(exercise.results, once, strict=True))
        return outcome(exercise, exercise.reference, type(case)(tuple(given.values())))

    if judge.matches(twice):
        yield ("two-steps",), "your function makes two steps in one call", "Go through the lines of the step once."


def _of_a_number_besides(judge: Judge) -> Iterator[Slip]:
    """A known mistake and a fixed number at once, such as ε outside the root and always 1e-7."""
    exercise, cases = judge.exercise, judge.key.cases
    numbers = [name for name, arg in zip(exercise.parameters, cases[0].args, strict=True) if _is_number(arg)]
    for mistake, name in product(exercise.misconceptions, numbers):
        if not mistake.lines or not _may_go_together(judge, mistake, name):
            continue
        for value in USUAL.get(name, DECAYS):

            def fixed(i: int, mistake=mistake, name=name, value=value):
                return outcome_with_number(exercise, mistake, name, value, cases[i])

            if judge.matches(fixed):
                second = _fixed(value)[2].format(name=name)
                sentence = f"two mistakes at once. First, {mistake.sentence}. Second, {second}"
                yield (mistake.name, "argument-fixed"), sentence, f"{mistake.hint} {_USE_IT.format(name=name)}"


def _may_go_together(judge: Judge, mistake: Misconception, name: str) -> bool:
    """Whether the mistake and a fixed number together leave right what is right, and make wrong what is wrong."""
    state_is_right, in_state = all(judge.right[1:]), bool(mistake.lines.keys() & set(judge.exercise.results[1:]))
    is_decay = name not in USUAL
    return not in_state and not is_decay if state_is_right else in_state or is_decay


def _is_number(arg) -> bool:
    return not isinstance(arg, np.ndarray)
