"""Questions that a reader answers in the page, without a kernel: the exercises of the library, and predictions."""

from __future__ import annotations

import math
import string
from collections.abc import Iterable, Mapping
from html import escape

import anywidget
import traitlets

from ..exercises import find
from ..exercises.verdicts import Verdict, verdicts
from .figure import STATIC


class Question(anywidget.AnyWidget):
    """What js/quiz.js reads, and the answer that it writes."""

    _esm = STATIC / "quiz.js"
    _css = STATIC / "quiz.css"

    title = traitlets.Unicode().tag(sync=True)
    legend = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List().tag(sync=True)  # [letter, text]; none when a number is asked
    button = traitlets.Unicode().tag(sync=True)
    rows = traitlets.List().tag(sync=True)  # the table of verdicts
    ending = traitlets.Unicode().tag(sync=True)  # stands below a right answer, and below a prediction
    answer = traitlets.Any(None, allow_none=True).tag(sync=True)

    def __init__(self, table: Iterable[Verdict], *, graded: bool, **traits):
        self._table = tuple(table)
        super().__init__(rows=[_row(verdict, graded) for verdict in self._table], **traits)

    @property
    def verdict(self) -> Verdict | None:
        """What is said to the answer; None before there is one."""
        if self.answer is None:
            return None
        return next(verdict for verdict in self._table if verdict.fits(self.answer))

    @traitlets.validate("answer")
    def _is_an_answer(self, proposal):
        answer, letters = proposal.value, [letter for letter, _ in self.choices]
        is_number = isinstance(answer, int | float) and not isinstance(answer, bool) and math.isfinite(answer)
        if answer is None or (answer in letters if letters else is_number):
            return answer
        wanted = f"one of {', '.join(letters)}" if letters else "a finite number"
        raise traitlets.TraitError(f"answer must be {wanted}, or None, got {answer!r}")

    def _static_face(self) -> str:
        """The question and its choices as text, for pages without JavaScript."""
        raise NotImplementedError

    @property
    def _listed(self) -> str:
        return f"<ul>{''.join(f'<li>{escape(text)}</li>' for _, text in self.choices)}</ul>" if self.choices else ""

    def _repr_mimebundle_(self, **kwargs):
        bundle, _ = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/plain": repr(self), "text/html": self._static_face()}


class Quiz(Question):
    """An exercise that asks for a number or a choice, with the verdicts of `check` on each answer.

    id: the exercise, such as "loss-times-1000". Its prompt stands above the quiz in the text; its choices stand in it.

    `answer` is what was answered last (a number, the letter of a choice, or None), and can be set; `passed` says
    whether it is right, and is None before there is one. Raises LookupError for an unknown id and ValueError for an
    exercise that asks for code.

    >>> quiz = Quiz("first-step-factor")
    >>> quiz.answer = 10
    >>> quiz.passed, quiz.verdict.name
    (False, 'no-root')
    """

    def __init__(self, id: str):
        self.id = id
        exercise = find(id)
        super().__init__(
            verdicts(exercise),
            graded=True,
            legend="Your answer",
            choices=[[letter, f"{letter}) {text}"] for letter, text in exercise.choices.items()],
            button="Check",
            ending=exercise.solution_text if exercise.kind == "number" else "",  # for a choice, the verdict says it
        )

    @property
    def passed(self) -> bool | None:
        return self.verdict and self.verdict.passed

    def _static_face(self):
        return f'<div class="rms-static">{self._listed}<p>Decide, then open the solution.</p></div>'

    def __repr__(self):
        return f"Quiz({self.id!r})"


class Prediction(Question):
    """A question to decide before the figure below is touched. Each choice has its reply; nothing is graded.

    question: one sentence or two. replies: what is said to each choice, by the text of the choice. reveal: what is said
    to all, below the reply. `answer` is the letter of the choice, from a.

    >>> Prediction("Will it stop?", {"Yes.": "It does not.", "No.": "Indeed."}, reveal="Each step is α long.").answer
    """

    def __init__(self, question: str, replies: Mapping[str, str], reveal: str = ""):
        if not 2 <= len(replies) <= 6:
            raise ValueError(f"replies must have 2 to 6 choices, got {len(replies)}")
        letters = string.ascii_lowercase[: len(replies)]
        super().__init__(
            [Verdict(letter, reply) for letter, reply in zip(letters, replies.values(), strict=True)],
            graded=False,
            title="Predict first",
            legend=question,
            choices=[[letter, text] for letter, text in zip(letters, replies, strict=True)],
            button="Commit",
            ending=reveal,
        )

    def _static_face(self):
        title = f'<p class="admonition-title">{escape(self.title)}</p>'
        question = f"<p>{escape(self.legend)}</p>"
        return f'<div class="rms-static admonition predict">{title}{question}{self._listed}</div>'

    def __repr__(self):
        return f"Prediction({self.legend!r})"


def _row(verdict: Verdict, graded: bool) -> dict:
    """A row as js/answers.js reads it."""
    passed = verdict.passed if graded else None
    row = {"value": verdict.value, "sentence": verdict.sentence, "hint": verdict.hint, "passed": passed}
    return row | ({"margin": verdict.margin} if verdict.margin else {})
