"""What an exercise is: a question, its right answer, and the wrong answers that a tutor has met before."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any

KINDS = ("code", "number", "concept")
Recipe = Mapping[str, Callable[[SimpleNamespace], Any]]


@dataclass(frozen=True, eq=False)
class Case:
    """One question to a function: its arguments by position. A public case may be shown with its numbers.

    open: the results that may be anything in this case, as right answers differ in them.
    """

    args: tuple
    public: bool = False
    open: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Misconception:
    """A mistake with a name.

    name: what the class overview counts, such as "beta-swapped".
    sentence: what a tutor says; it follows "your v after one step is 8.1, expected 0.9: ".
    hint: what to do next, without the solution.
    lines: for a step, the lines of the exercise's recipe that the mistake changes.
    wrong: elsewhere, the wrong function (code), a function of the given numbers (number), or a choice (concept).
    """

    name: str
    sentence: str
    hint: str
    wrong: Any = None
    lines: Recipe = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Exercise:
    """One graded question.

    id: stable, lower case with hyphens. chapter: name of the chapter's file. kind: "code", "number" or "concept".
    points: integer; a code exercise shares them equally among its results.
    prompt: the question in a few sentences; {names} in it are filled from `given`.
    reference: the right function (code), a function of the given numbers (number), or the right choice (concept).
    hint: one push in the right direction. solution: text; left out for code, where it is the source of the reference.
    signature, cases: code only; "name(arguments) -> results", and a function from a seed to a tuple of `Case`.
    recipe: steps only; the reference line by line, state before theta, so that mistakes can be put in and combined.
    given, tolerance: number only; the numbers in the question, and the relative error that rounding by hand may have.
    draw: number only; for some of the given, the values that a student's own question may have in their place.
    choices: concept only; key to text.
    """

    id: str
    chapter: str
    kind: str
    points: int
    prompt: str
    reference: Any
    misconceptions: tuple[Misconception, ...]
    hint: str
    solution: str = ""
    signature: str = ""
    cases: Callable[[int], tuple[Case, ...]] | None = None
    recipe: Recipe = field(default_factory=dict)
    given: Mapping[str, float] = field(default_factory=dict)
    draw: Mapping[str, Sequence[float]] = field(default_factory=dict)
    tolerance: float = 5e-3
    choices: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind of exercise {self.id!r} must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if not self.draw.keys() <= self.given.keys():
            raise ValueError(f"draw of {self.id!r} must name numbers that are given, got {', '.join(self.draw)}")

    @property
    def name(self) -> str:
        """The name of the function that the reader writes: what stands before the bracket of the signature."""
        return self.signature.partition("(")[0]

    @property
    def answer_name(self) -> str:
        """The name under which the answer stands in a notebook: the function's, else the id as a variable."""
        return self.name or self.id.replace("-", "_")

    def with_numbers(self, numbers: Mapping[str, float]) -> Exercise:
        """The same question with other numbers given. Raises TypeError for a name that it does not have."""
        if not numbers.keys() <= self.given.keys():
            wanted = f"numbers among {', '.join(self.given)}" if self.given else "no numbers"
            raise TypeError(f"exercise {self.id!r} takes {wanted}, got {', '.join(numbers)}")
        return replace(self, given={**self.given, **numbers}) if numbers else self

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return _names(self.signature.partition(" -> ")[0].partition("(")[2])

    @cached_property
    def results(self) -> tuple[str, ...]:
        """Names of the results; ("float",) for a function that returns one number."""
        return _names(self.signature.partition(" -> ")[2])

    @property
    def text(self) -> str:
        """The prompt with the given numbers in it."""
        return self.prompt.format(**self.given)

    @property
    def question(self) -> str:
        """The prompt and, below it, the choices."""
        return self.text + "".join(f"\n{key}) {text}" for key, text in self.choices.items())

    @property
    def solution_text(self) -> str:
        if self.kind == "code":
            return _source(self.reference, self.name)
        if self.kind == "number":
            return self.solution.format(**self.given, answer=self.reference(**self.given))
        return f"{self.reference}) {self.choices[self.reference]}\n{self.solution}"

    def wrong_answer(self, *mistakes: Misconception):
        """The answer of a reader with these mistakes: a function, a number or a choice."""
        lines = {key: line for mistake in mistakes for key, line in mistake.lines.items()}
        if lines:
            return _cook({**self.recipe, **lines}, self.parameters, self.results)
        (mistake,) = mistakes
        return mistake.wrong(**self.given) if self.kind == "number" else mistake.wrong


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.strip("()").split(","))


def _cook(recipe: Recipe, parameters: tuple[str, ...], results: tuple[str, ...]) -> Callable:
    """A function that follows the recipe: each line sets the variable it is named after; `old` keeps the arguments."""

    def answer(*args):
        given = dict(zip(parameters, args, strict=True))
        now = SimpleNamespace(**given, old=SimpleNamespace(**given))
        for name, line in recipe.items():
            setattr(now, name, line(now))
        # A line named "returned_v" stands for returning something else than v.
        out = tuple(getattr(now, f"returned_{name}", getattr(now, name)) for name in results)
        return out if len(out) > 1 else out[0]

    return answer


def _source(function: Callable, name: str) -> str:
    """The lines of the function as the book prints them, under the reader's name for it."""
    source = inspect.cleandoc("\n" + inspect.getsource(function))
    if function.__doc__:
        raise ValueError(f"{function.__name__} is printed as a solution, so its lines stand alone; it has a docstring")
    return source.replace(f"def {function.__name__}(", f"def {name}(", 1)
