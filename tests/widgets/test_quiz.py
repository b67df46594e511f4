"""A quiz says in the page what `check` says, to every known answer of every exercise; and it is a widget as all are."""

import json
import math
from html import escape

import ipywidgets
import pytest
import traitlets

from rmsprop_lib.exercises import BY_ID
from rmsprop_lib.exercises.verdicts import verdicts
from rmsprop_lib.grading import check
from rmsprop_lib.widgets import Prediction, Quiz
from rmsprop_lib.widgets.figure import STATIC

LIMIT = 6_000  # bytes of script and style, which a page carries once per question
ASKED = {id: exercise for id, exercise in BY_ID.items() if exercise.kind != "code"}
CHOICES = {"It stops.": "It does not.", "It goes on.": "So it does."}


def known_answers(exercise) -> list:
    """The right answer, every known mistake, near misses, and numbers that nobody expects."""
    if exercise.kind == "concept":
        return list(exercise.choices)
    right = exercise.reference(**exercise.given)
    known = [right, *(exercise.wrong_answer(mistake) for mistake in exercise.misconceptions)]
    near = [x * (1 + part * exercise.tolerance) for x in known for part in (-0.9, 0.9, -1.1, 1.1, 5)]
    return [*map(float, known), *near, -right, 0.0, 12345.678, -9.87654321e-7, 1e22]


@pytest.mark.parametrize("id", ASKED)
def test_the_page_says_what_the_check_says(javascript, id):
    rows = Quiz(id).rows
    reached = set()
    for answer in [*known_answers(ASKED[id]), *(row["value"] for row in rows if row["value"] is not None)]:
        row, result = javascript("core.verdict", rows, answer), check(id, answer)
        assert javascript("core.told", row, answer) == result.diagnosis
        assert (row["passed"], row["hint"]) == (result.passed, result.hint)
        reached.add(rows.index(row))
    assert reached == set(range(len(rows)))


@pytest.mark.parametrize("id", ASKED)
def test_python_judges_the_answer_of_a_quiz_as_the_check_does(id):
    quiz = Quiz(id)
    assert (quiz.answer, quiz.passed, quiz.verdict) == (None, None, None)
    for answer in known_answers(ASKED[id]):
        quiz.answer = answer
        assert quiz.passed is check(id, answer).passed
        assert quiz.verdict.told(answer) == check(id, answer).diagnosis


def test_numbers_are_written_in_a_sentence_as_python_writes_them(javascript):
    for power in range(-12, 13):
        for value in (1.0, 2.5, math.pi, 9.9999996, 1.2345678, 123456.7):
            number = value * 10.0**power
            assert javascript("core.told", {"sentence": "{answer}"}, number) == f"{number:.6g}"
    for number in (-1 / 3, 2.0**-10, -(2.0**-10), 3 * 2.0**-11, 1234565.0, 1234575.0, 100000.5, 0.5):
        assert javascript("core.told", {"sentence": "{answer}"}, number) == f"{number:.6g}"


def test_every_choice_is_shown_and_has_its_verdict():
    for id, exercise in ASKED.items():
        quiz = Quiz(id)
        assert [text for _, text in quiz.choices] == [f"{key}) {text}" for key, text in exercise.choices.items()]
        if exercise.kind == "concept":
            assert sorted(row["value"] for row in quiz.rows) == sorted(exercise.choices)
        assert all(escape(text) in quiz._static_face() for _, text in quiz.choices)


def test_after_a_right_number_the_solution_stands_below_and_a_choice_has_said_it():
    number, choice = Quiz("first-step-factor"), Quiz("loss-times-1000")
    assert number.ending == ASKED["first-step-factor"].solution_text
    assert choice.ending == ""
    assert ASKED["loss-times-1000"].solution in choice.rows[0]["sentence"]


@pytest.mark.parametrize("make", [lambda: Quiz("loss-times-1000"), lambda: Prediction("Will it stop?", CHOICES)])
def test_a_question_is_shown_live_as_text_and_as_a_line(make):
    ipywidgets.Widget.close_all()
    question = make()
    bundle = question._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/plain"] == repr(question)
    assert bundle["text/html"].startswith('<div class="rms-static')
    used = {m["model_name"] for m in ipywidgets.Widget.get_manager_state()["state"].values()}
    assert used <= set(json.loads((STATIC.parent / "supported.json").read_text()))
    json.dumps(question.get_state(), allow_nan=False)


def test_a_prediction_replies_to_each_choice_and_judges_none():
    question = Prediction("Will it <stop>?", CHOICES, reveal="Each step is α long.")
    assert question.choices == [["a", "It stops."], ["b", "It goes on."]]
    assert [(row["value"], row["sentence"], row["passed"]) for row in question.rows] == [
        ("a", "It does not.", None),
        ("b", "So it does.", None),
    ]
    assert "Will it &lt;stop&gt;?" in question._static_face()
    assert "does not" not in question._static_face()  # nothing is told before the reader has decided
    question.answer = "b"
    assert question.verdict.sentence == "So it does."


@pytest.mark.parametrize(
    ("id", "answer", "complaint"),
    [
        ("loss-times-1000", "e", "answer must be one of a, b, c, d, or None, got 'e'"),
        ("loss-times-1000", 1.0, "got 1.0"),
        ("first-step-factor", "3.16", "answer must be a finite number, or None, got '3.16'"),
        ("first-step-factor", math.inf, "got inf"),
        ("first-step-factor", True, "got True"),
    ],
)
def test_an_answer_that_is_none_is_refused(id, answer, complaint):
    quiz = Quiz(id)
    with pytest.raises(traitlets.TraitError, match=complaint):
        quiz.answer = answer


def test_what_no_quiz_can_ask_is_refused():
    with pytest.raises(ValueError, match="'gd-step' of kind code"):
        Quiz("gd-step")
    with pytest.raises(LookupError, match="did you mean 'loss-times-1000'"):
        Quiz("loss-times-100")
    with pytest.raises(ValueError, match="2 to 6 choices, got 1"):
        Prediction("Will it stop?", {"Yes.": "No."})


def test_a_verdict_is_a_sentence_of_plain_text():
    for exercise in ASKED.values():
        for row in verdicts(exercise):
            assert row.sentence.endswith(".") and not row.sentence.endswith("..")
            assert "{" not in row.sentence.replace("{answer}", "")
            assert "`" not in row.sentence + row.hint  # the page shows plain text


def test_the_bundle_of_a_question_is_small():
    assert sum((STATIC / name).stat().st_size for name in ("quiz.js", "quiz.css")) <= LIMIT
