"""Numbers and choices; and how verdicts, hints and solutions look."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from rmsprop_lib import optimizers
from rmsprop_lib.exercises import find
from rmsprop_lib.grading import Result, check, exercises, hint, question, solution
from rmsprop_lib.grading.code import judge_function

RIGHT = 10**0.5


@pytest.mark.parametrize(
    "answer", [RIGHT, 3.16, np.float64(3.162), np.float32(RIGHT), np.array(RIGHT), Fraction(316, 100), Decimal("3.162")]
)
def test_a_number_may_be_rounded_and_of_any_real_type(answer):
    assert check("first-step-factor", answer).passed


@pytest.mark.parametrize(
    ("answer", "mistake", "words"),
    [
        (10, "no-root", "you answered 10: that is 1/(1 − β): the root is missing"),
        (1.0, "just-lr", "v starts at 0"),
        (-RIGHT, "sign", "the sign is not"),
        (3.1, "rounding", "close, but not close enough"),
        (7.5, "unknown", "7.5 is not right"),
        (316.2, "percent", "that is a hundred times the right number"),
        (1.581, "halved", "half of"),
        (1.778, "rooted", "the root of"),
        (10**10**3, "not-finite", "larger than any float64"),
        ("3.16", "wrong-type", "leave out the quotes"),
        ("3,16", "wrong-type", "write a point, not a comma, and leave out the quotes"),
        ((3, 16), "wrong-type", "a point, not a comma"),
        ("three", "wrong-type", "got the text 'three'."),
        ([RIGHT], "wrong-type", "an array of shape (1,)"),
        (None, "not-numbers", "holds None"),
        (..., "empty", "in place of the dots"),
        (True, "true-or-false", "True and False"),
        (3.16 + 0j, "complex", "complex"),
        (np.nan, "not-finite", "got nan"),
        (lambda: RIGHT, "wrong-type", "got a function"),
    ],
)
def test_a_wrong_number_is_told(answer, mistake, words):
    result = check("first-step-factor", answer)
    assert (result.passed, result.score) == (False, 0)
    assert result.mistakes == (mistake,)
    assert words in result.diagnosis
    assert "3.162" not in result.diagnosis.replace("you answered -3.16228", "")


@pytest.mark.parametrize("answer", ["d", "D", " d) ", "(d)"])
def test_a_choice_may_be_written_in_several_ways(answer):
    result = check("loss-times-1000", answer)
    assert result.passed
    assert "g/√v stays" in result.diagnosis


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        ("b", "larger-gradient-smaller-update"),
        ("e", "no-such-choice"),
        (4, "wrong-type"),
        ("", "empty"),
        (..., "empty"),
    ],
)
def test_a_wrong_choice_is_told(answer, mistake):
    result = check("loss-times-1000", answer)
    assert not result.passed
    assert result.mistakes == (mistake,)
    assert "They stay" not in str(result)


def test_an_unknown_id_is_told():
    with pytest.raises(LookupError, match="did you mean 'adam-step'"):
        check("adam_step", optimizers.adam)


def test_a_result_reads_as_plain_text_and_as_html():
    wrong = check("rmsprop-step", lambda theta, grad, v, lr, beta, eps: (theta, v))
    right = judge_function(find("rmsprop-step"), optimizers.rmsprop)
    assert isinstance(right, Result)
    assert repr(right).startswith("✓ Right (rmsprop-step, 4 of 4 points): your function agrees with the book in all ")
    assert str(wrong).startswith("✗ Not yet (rmsprop-step, 0 of 4 points): ")
    assert "\nHint: " in str(wrong)
    assert "✓ Right" in right._repr_html_()  # a word and a mark, not a colour alone
    assert "✗ Not yet" in wrong._repr_html_()
    for shown in (right, wrong, hint("rmsprop-step"), solution("rmsprop-step"), question("loss-times-1000")):
        html = shown._repr_html_()
        assert re.search(r'role="(status|note)"|<details class="rms-note"', html)
        assert "color:inherit" in html
        assert "background:transparent" in html
        assert html.count("<div") + html.count("<details") == html.count("</div>") + html.count("</details>") == 1
        assert html.count("<p") == html.count("</p>") + html.count("<pre")


@pytest.mark.parametrize(("note", "title"), [(hint, "Hint"), (solution, "Solution")])
def test_hints_and_solutions_are_folded_and_questions_open(note, title):
    for exercise in exercises():
        html = note(exercise.id)._repr_html_()
        folded = r"(<details [^>]*>)<summary[^>]*>(\w+)</summary>(.+)</details>"
        opening, summary, body = re.fullmatch(folded, html, re.DOTALL).groups()
        assert summary == title
        assert 'class="rms-note"' in opening
        assert " open" not in opening
        assert body.startswith(("<p", "<pre"))
        assert "<details" not in question(exercise.id)._repr_html_()


def test_html_of_a_verdict_is_escaped():
    def rmsprop_step(theta, grad, v, lr, beta, eps):
        raise ValueError("<script>alert(1)</script> ` ")

    html = check("rmsprop-step", rmsprop_step)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_the_solution_is_what_the_book_prints():
    assert str(solution("rmsprop-step")).splitlines() == [
        "Solution of rmsprop-step:",
        "def rmsprop_step(theta, grad, v, lr, beta, eps):",
        "    v = beta * v + (1 - beta) * grad**2",
        "    theta = theta - lr * grad / np.sqrt(v + eps)",
        "    return theta, v",
    ]
    assert "3.162" in str(solution("first-step-factor"))
    assert "d) They stay the same." in str(solution("loss-times-1000"))


def test_questions_show_the_prompt_the_signature_and_the_choices():
    assert "rmsprop_step(theta, grad, v, lr, beta, eps) -> (theta, v)" in str(question("rmsprop-step"))
    assert "\nc) They are about √1000 times as long." in str(question("loss-times-1000"))
    assert "β = 0.9" in str(question("first-step-factor"))


def test_no_hint_gives_the_solution_away():
    for exercise in exercises():
        text = " ".join([exercise.hint, *(mistake.hint for mistake in exercise.misconceptions)])
        lines = [line.strip() for line in exercise.solution_text.splitlines() if "=" in line]
        assert not any(line in text for line in lines), exercise.id


def test_exercises_can_be_listed_by_chapter():
    assert exercises("rmsprop")[0].id == "rmsprop-step"
    assert len(exercises()) == sum(len(exercises(name)) for name in {e.chapter for e in exercises()})
