"""Student notebooks hold no solution; numbers drawn per student are found again with the key alone."""

import json
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest

from rmsprop_lib.exercises import find
from rmsprop_lib.grading import assignment, check, exercises
from rmsprop_lib.grading.command_line import main
from rmsprop_lib.grading.student_notebook import notebook_text, write_notebooks

ROOT = Path(__file__).parents[2]
KEY = b"a key of more than sixteen bytes"
DRAWN = [exercise for exercise in exercises() if exercise.draw]


def cells(name, numbers=None):
    return json.loads(notebook_text(assignment.find(name), numbers))["cells"]


def source(cell):
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def test_every_chapter_of_the_book_that_has_exercises_is_an_assignment_and_no_other():
    chapters = re.findall(r"file: book/(\w+)", (ROOT / "_toc.yml").read_text())
    with_exercises = {exercise.chapter for exercise in exercises()}
    assert assignment.names() == [name for name in chapters if name in with_exercises]
    assert set(assignment.names()) | assignment.UNWRITTEN == with_exercises
    for name in assignment.UNWRITTEN:
        with pytest.raises(LookupError, match="as its chapter is not written yet: wanted one of") as error:
            assignment.find(name)
        assert all(other in error.value.args[0] for other in (name, *assignment.names()))
    with pytest.raises(LookupError, match="there is no assignment 'adamm': wanted one of adam"):
        assignment.find("adamm")


@pytest.mark.parametrize("name", assignment.names())
def test_student_notebooks_are_valid_and_ask_every_question(name):
    nbformat = pytest.importorskip("nbformat")
    text = notebook_text(assignment.find(name))
    nbformat.validate(nbformat.reads(text, as_version=4))
    for exercise in assignment.find(name).exercises:
        assert json.dumps(exercise.text, ensure_ascii=False)[1:-1] in text
        for choice in exercise.choices.values():
            assert choice in text
        assert f'check(\\"{exercise.id}\\", {exercise.answer_name})' in text
    assert text == notebook_text(assignment.find(name))  # stable: released again, it is the same file


@pytest.mark.parametrize("name", assignment.names())
def test_student_notebooks_hold_no_solution_hint_or_hidden_case(name):
    text = notebook_text(assignment.find(name))
    shown = " ".join(exercise.question for exercise in assignment.find(name).exercises)
    for exercise in assignment.find(name).exercises:
        secrets = [exercise.hint, *(mistake.sentence for mistake in exercise.misconceptions)]
        secrets += [mistake.hint for mistake in exercise.misconceptions if len(mistake.hint) > 20]
        secrets += [line.strip() for line in exercise.solution_text.splitlines() if len(line.strip()) > 12]
        secrets = [secret for secret in secrets if secret not in shown and not secret.startswith(("def ", "return"))]
        assert secrets
        assert [secret for secret in secrets if json.dumps(secret, ensure_ascii=False)[1:-1] in text] == []
    assert "rmsprop_lib.exercises" not in text
    assert "solution(" not in text


@pytest.mark.parametrize("name", assignment.names())
def test_cells_carry_the_metadata_that_nbgrader_reads(name):
    marks = [cell["metadata"]["nbgrader"] for cell in cells(name)]
    ids = [mark["grade_id"] for mark in marks]
    assert len(set(ids)) == len(ids)
    assert all(mark["schema_version"] == 3 and mark["task"] is False for mark in marks)
    points = {mark["grade_id"]: mark["points"] for mark in marks if mark["grade"]}
    assert points == {f"{e.id}-check": e.points for e in assignment.find(name).exercises}
    for mark in marks:
        assert mark["locked"] is not mark["solution"]
        assert ("points" in mark) is mark["grade"]
        assert not (mark["grade"] and mark["solution"])


@pytest.mark.parametrize("name", assignment.names())
def test_a_notebook_filled_in_runs_and_its_checks_give_all_points(name, solutions, monkeypatch):
    answers = dict(zip((e.id for e in assignment.find(name).exercises), solutions(name)[1:], strict=True))
    space, shown, scores = {}, [], []
    monkeypatch.setattr("IPython.display.display", shown.append)
    for cell in cells(name):
        mark, text = cell["metadata"]["nbgrader"], source(cell)
        if cell["cell_type"] == "code" and not mark["grade"]:
            exec(answers.get(mark["grade_id"], text), space)
        elif mark["grade"]:
            *lines, last = text.splitlines()
            exec("\n".join(lines), space)
            scores.append(eval(last, space))
            assert scores[-1] == mark["points"]
            assert type(scores[-1]) is float  # nbgrader reads the score from how it is printed
    assert len(shown) == len(scores) == len(answers)


FORGED = {
    "a function": "def check(*args, **own): return Forged()",
    "a lambda": "check = lambda *args, **own: Forged()",
    "another display": "display = lambda result: object.__setattr__(result, 'score', 4)",
    "all our names": "check = display = Result = own_numbers = result = Forged()",
    "another print": "print = lambda result: object.__setattr__(result, 'score', 4)",
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_name_in_an_answer_does_not_stand_in_for_the_check(forged):
    """As in a course of nbgrader, where answers and checks run in one kernel."""
    space, scores = {"display": lambda result: None}, []
    for cell in cells("rmsprop"):
        mark, text = cell["metadata"]["nbgrader"], source(cell)
        if mark["solution"]:
            text = f"class Forged: score = 4\n{FORGED[forged]}\n{text}"
        if cell["cell_type"] == "code":
            exec(text, space)
        if mark["grade"]:
            scores.append(eval(text.splitlines()[-1], space))
    assert scores == [0, 0, 0, 0]


@pytest.mark.parametrize("name", assignment.names())
def test_an_empty_notebook_runs_and_gets_no_points(name, monkeypatch):
    space, results = {}, []
    monkeypatch.setattr("IPython.display.display", results.append)
    for cell in cells(name):
        if cell["cell_type"] == "code":
            exec(source(cell), space)
    assert [result.score for result in results] == [0] * len(assignment.find(name).exercises)
    assert all(result.mistakes[0] in ("empty", "no-return") for result in results)


@pytest.mark.parametrize("exercise", DRAWN, ids=lambda e: e.id)
def test_whatever_is_drawn_near_misses_lie_apart(exercise):
    """Where one number does two things, a wrong way would lead to the right answer."""
    for values in product(*exercise.draw.values()):
        own = exercise.with_numbers(dict(zip(exercise.draw, values, strict=True)))
        answers = [own.reference(**own.given), *(own.wrong_answer(mistake) for mistake in own.misconceptions)]
        for i, one in enumerate(answers):
            for other in answers[:i]:
                assert abs(one - other) > 2 * own.tolerance * max(abs(one), abs(other)), values
        assert "{" not in own.text + own.solution_text


def test_every_exercise_that_is_given_numbers_can_be_drawn():
    assert [exercise.id for exercise in exercises() if exercise.given] == [e.id for e in DRAWN]


def test_a_students_numbers_are_the_same_every_time_and_differ_between_students():
    mine = assignment.personalise("ada", KEY)
    assert mine == assignment.personalise("ada", KEY)
    assert set(mine) == {exercise.id for exercise in DRAWN}
    for exercise in DRAWN:
        assert set(mine[exercise.id]) == set(exercise.draw)
        assert all(value in exercise.draw[name] for name, value in mine[exercise.id].items())
    others = [assignment.personalise(f"student{i}", KEY) for i in range(50)]
    for exercise in DRAWN:
        assert len({str(own[exercise.id]) for own in others}) > 2
    assert assignment.personalise("ada", KEY + b"x") != mine


def test_every_value_is_drawn_about_equally_often():
    values = [assignment.personalise(f"s{i}", KEY, [find("first-step-factor")]) for i in range(800)]
    drawn = [own["first-step-factor"]["beta"] for own in values]
    counts = [drawn.count(value) for value in find("first-step-factor").draw["beta"]]
    assert sum(counts) == 800
    assert max(counts) < 1.5 * 800 / len(counts)
    assert min(counts) > 0.5 * 800 / len(counts)


def test_names_cannot_be_shifted_between_the_parts():
    """ "a" + "b|c" and "a|b" + "c" would be one message if the parts were joined."""
    exercise = find("first-step-factor")
    secret = assignment._secret
    assert secret(KEY, "a", "b|c") != secret(KEY, "a|b", "c") != secret(KEY, "ab", "c")
    assert assignment.personalise("ada", KEY, [exercise]).keys() == {exercise.id}


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="key must have at least 16 bytes, got 3"):
        assignment.personalise("ada", b"abc")


def test_own_numbers_stand_in_the_notebook_and_nobody_elses(tmp_path):
    everyone = {name: assignment.personalise(name, KEY) for name in ("ada", "bob", "eve")}
    for path in write_notebooks(tmp_path, assignment.find("rmsprop"), list(everyone), KEY):
        student = path.relative_to(tmp_path).parts[0]
        text = path.read_text()
        beta = everyone[student]["first-step-factor"]["beta"]
        assert f"v = 0 and β = {beta:g};" in text
        assert f'check(\\"first-step-factor\\", first_step_factor, beta={beta!r})' in text
        assert KEY.decode() not in text
        assert check("first-step-factor", (1 - beta) ** -0.5, beta=beta).passed


def test_check_takes_own_numbers_and_refuses_others():
    assert check("first-step-factor", 2.0, beta=0.75).passed
    assert check("first-step-factor", 4.0, beta=0.75).mistakes == ("no-root",)
    with pytest.raises(TypeError, match="takes numbers among beta, got gamma"):
        check("first-step-factor", 2.0, gamma=1)
    with pytest.raises(TypeError, match="takes no numbers, got beta"):
        check("rmsprop-step", max, beta=1)


def test_the_report_of_exercises_has_no_gap(capsys):
    assert main(["exercises"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "0 gaps"
    assert len(lines) == 3 + sum(1 + len(exercise.misconceptions) for exercise in exercises())


def test_a_gap_is_reported(monkeypatch, capsys):
    from rmsprop_lib.grading import mistakes_table

    monkeypatch.setattr(mistakes_table, "check", lambda id, answer: check(id, ...))
    assert main(["exercises"]) == 1
    assert "GAP" in capsys.readouterr().out


def test_help_tells_every_command_and_exit_code():
    done = subprocess.run(
        [sys.executable, "-m", "rmsprop_lib.grading", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for word in ("grade", "assignments", "exercises", "export-gradescope", "exit codes", "130 interrupted"):
        assert word in done.stdout
