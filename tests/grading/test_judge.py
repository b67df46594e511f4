"""A hand-in graded in the jail gets what the same answers get in the notebook, and its own faults cost it alone."""

import time
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib.exercises import find
from rmsprop_lib.grading import assignment, check, exercises, jail
from rmsprop_lib.grading.code import judge_function
from rmsprop_lib.grading.judge import Task, _judge, _question, grade

pytestmark = pytest.mark.usefixtures("has_jail")

ROOT = Path(__file__).parents[2]
HEAD = "def rmsprop_step(theta, grad, v, lr, beta, eps):\n"
RIGHT = HEAD + "    v = beta * v + (1 - beta) * grad**2\n    return theta - lr * grad / np.sqrt(v + eps), v"


def graded(*cells, chapter="rmsprop", **options):
    return {result.id: result for result in grade(Task(chapter, ("import numpy as np", *cells), **options)).results}


@pytest.mark.parametrize("chapter", assignment.names())
def test_the_solutions_get_all_points(chapter, solutions, maximum):
    outcome = grade(Task(chapter, tuple(solutions(chapter))))
    assert all(result.passed for result in outcome.results), outcome
    assert sum(result.score for result in outcome.results) == maximum[chapter]
    assert (outcome.cells, outcome.problem) == ((), "")


# One cell for each line that a mistake changes in the recipe, as a student would write it.
WRONG = {
    "beta-swapped": "v = (1 - beta) * v + beta * grad**2\nreturn theta - lr * grad / np.sqrt(v + eps), v",
    "two at once": "v = (1 - beta) * v + beta * grad**2\nreturn theta + lr * grad / np.sqrt(v + eps), v",
    "in place": "v *= beta\nv += (1 - beta) * grad**2\nreturn theta - lr * grad / np.sqrt(v + eps), v",
    "in place and wrong": "v *= beta\nv += (1 - beta) * grad**2\nreturn theta + lr * grad / np.sqrt(v + eps), v",
    "unknown": "v = beta * v + (1 - beta) * grad**2\nreturn theta - 2 * lr * grad / np.sqrt(v + eps), v",
    "hidden only": "v = beta * v + (1 - beta) * np.clip(grad, -1e4, 1e4)**2\n"
    "return theta - lr * grad / np.sqrt(v + eps), v",
    "float32": "v = beta * v + (1 - beta) * grad**2\nreturn np.float32(theta - lr * grad / np.sqrt(v + eps)), v",
    "exchanged": "v = beta * v + (1 - beta) * grad**2\nreturn v, theta - lr * grad / np.sqrt(v + eps)",
    "unchanged": "return theta, v",
    "nothing": "v = theta",
    "three": "return theta, v, v",
    "text": "return 'theta', v",
    "complex": "return theta * 1j, v",
    "nan": "return theta * np.nan, v",
    "shape": "return theta.ravel(), v",
    "list": "v = beta * v + (1 - beta) * grad**2\nreturn [(theta - lr * grad / np.sqrt(v + eps)).tolist(), v.tolist()]",
    "crash": "v = beta * v + (1 - beta) * grad ** '2'\nreturn theta, v",
    "name": "return theta - lr * gradient, v",
    "index": "v = v[7]\nreturn theta, v",
    "exit": "raise SystemExit",
    "deep": "return rmsprop_step(theta, grad, v, lr, beta, eps)",
    "random": "return theta + np.random.rand(), v",
    "memory": "memory.append(1)\nreturn theta + len(memory), v",
    "shared": "v = beta * v + (1 - beta) * grad**2\nOUT = BUFFER.setdefault(theta.shape, 0 * theta)\n"
    "OUT[:] = theta - lr * grad / np.sqrt(v + eps)\nreturn OUT, v",
    "warning": "import warnings\nwarnings.warn('x')\nprint('x')\nv = beta * v + (1 - beta) * grad**2\n"
    "return theta - lr * grad / np.sqrt(v + eps), v",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_jail_says_what_the_notebook_says(name):
    source = HEAD + "".join(f"    {line}\n" for line in WRONG[name].splitlines()) + "BUFFER = {}\nmemory = []"
    space = {"np": np}
    exec(compile(source, "cell 2", "exec"), space)
    here, there = check("rmsprop-step", space["rmsprop_step"]), graded(source)["rmsprop-step"]
    if name in ("crash", "name", "index", "exit", "deep"):  # a notebook's tracebacks know the line, this exec does not
        assert here.diagnosis.split("of your code")[1] in there.diagnosis
        assert there.diagnosis.startswith("line ")
        assert "of your code, `" in there.diagnosis
    elif name != "random":
        assert here.diagnosis == there.diagnosis
    assert (here.passed, here.score, here.mistakes, here.hint) == (
        there.passed,
        there.score,
        there.mistakes,
        there.hint,
    )


def test_an_answer_that_interrupts_itself_is_told_and_the_next_one_is_asked():
    """Nobody sits at a keyboard in the jail; a notebook stops there."""
    cell = "def largest_stable_lr(H):\n    raise KeyboardInterrupt\ndef gd_step(theta, grad, lr):\n"
    results = graded(cell + "    return theta - lr * grad", chapter="gradient_descent")
    assert results["largest-stable-lr"].mistakes == ("crash",)
    assert results["largest-stable-lr"].diagnosis == "largest_stable_lr stops with KeyboardInterrupt."
    assert results["gd-step"].passed


@pytest.mark.parametrize("exercise", [e for e in exercises() if e.kind == "code"], ids=lambda e: e.id)
def test_every_known_mistake_is_told_alike_by_the_grader(exercise, monkeypatch):
    """Without the jail's walls, so that the program inside can fetch our wrong functions; all else is the same."""
    monkeypatch.setattr(jail, "require_another_user", lambda: None)  # this code is ours
    monkeypatch.setattr(jail, "_another_user", lambda: 0)
    fetch = (
        f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "sys.meta_path[:] = [finder for finder in sys.meta_path if 'shadow' not in type(finder).__module__]\n"
        f"from rmsprop_lib.exercises import find\nexercise = find({exercise.id!r})\n"
        "for i, mistake in enumerate(exercise.misconceptions):\n"
        "    globals()[f'answer{i}'] = exercise.wrong_answer(mistake)"
    )
    questions = [{**_question(exercise, 0), "answer": f"answer{i}"} for i in range(len(exercise.misconceptions))]
    reply = jail.run([fetch], questions, jail.Limits(cell_seconds=60), jail=False)
    for mistake, answer in zip(exercise.misconceptions, reply.answers, strict=True):
        there = _judge(exercise, answer, Task(exercise.chapter, ()), {})
        assert there == judge_function(exercise, exercise.wrong_answer(mistake))
        assert there.mistakes == (mistake.name,)


VALUES = [
    "10",
    "3.1",
    "np.float32(3.1623)",
    "'3.16'",
    "np.array([3.16])",
    "True",
    "None",
    "...",
    "1e999",
    "3.16j",
    "len",
]


def test_numbers_and_choices_are_told_as_in_the_notebook():
    for value in VALUES:
        here = check("first-step-factor", eval(value, {"np": np}))
        there = graded(f"first_step_factor = {value}")["first-step-factor"]
        assert (here.diagnosis, here.score, here.mistakes) == (there.diagnosis, there.score, there.mistakes)
    for value in ("'a'", "'D)'", "''", "'e'", "4", "..."):
        here, there = check("loss-times-1000", eval(value)), graded(f"loss_times_1000 = {value}")["loss-times-1000"]
        assert (here.diagnosis, here.score, here.mistakes) == (there.diagnosis, there.score, there.mistakes)


USES = [
    "from rmsprop_lib.optimizers import rmsprop\n" + HEAD + "    return rmsprop(theta, grad, v, lr, beta, eps)",
    "from rmsprop_lib import optimizers\nrmsprop_step = optimizers.rmsprop",
    "import rmsprop_lib\n" + HEAD + "    return rmsprop_lib.RMSProp.rule(theta, grad, v, lr, beta, eps)",
    "import importlib\n"
    + HEAD
    + "    return importlib.import_module('rmsprop_lib').RMSProp(lr, beta, eps).step(theta)",
    "from rmsprop_lib import RMSProp\n"
    + HEAD
    + "    try:\n        return RMSProp.rule(theta) + 1, v\n    except Exception:\n        return theta, v",
]


@pytest.mark.parametrize("source", USES)
def test_an_answer_that_calls_the_library_is_refused_with_a_sentence(source):
    result = graded(source)["rmsprop-step"]
    assert (result.score, result.mistakes) == (0, ("library",))
    assert "your answer calls rmsprop_lib" in result.diagnosis
    assert "write the lines yourself" in result.diagnosis


def test_a_notebook_may_use_the_library_beside_its_answers():
    play = (
        "from rmsprop_lib import RMSProp, run, problems, figures\npath = run(RMSProp(), problems.quadratic(10), 60)\n"
    )
    play += "figures.paths(path); path.loss[-1] > 3; print(f'{path}')"
    own = "from rmsprop_lib import Optimizer\nclass Mine(Optimizer): pass"
    asks = "from rmsprop_lib.grading import check\ncheck('rmsprop-step', rmsprop_step).score"
    outcome = grade(Task("rmsprop", ("import numpy as np", play, own, RIGHT, asks)))
    assert outcome.results[0].passed
    assert outcome.cells == ()


def test_a_loop_that_waits_for_the_library_does_not_last():
    began = time.monotonic()
    outcome = grade(Task("rmsprop", ("import rmsprop_lib as r\nwhile r.loss() > 1: pass", "import numpy as np", RIGHT)))
    assert outcome.results[0].passed
    assert "RuntimeError: rmsprop_lib is not here" in outcome.cells[0]
    assert time.monotonic() - began < 8


def test_a_missing_answer_is_told_with_the_cell_that_broke_it():
    results = graded("x = 1 / 0", "def gd_step(theta):\n    retrun theta", "momentum_step = 1 +")
    assert results["rmsprop-step"].diagnosis.startswith(
        "there is no function rmsprop_step in your notebook; cell 2 stopped"
    )
    assert "there is no variable first_step_factor" in results["first-step-factor"].diagnosis
    broken = graded("x = 1 / 0", HEAD + "    retrun theta")["rmsprop-step"].diagnosis
    assert "cell 3 stopped with SyntaxError: invalid syntax" in broken
    assert "`retrun theta`" in broken


def test_of_many_broken_cells_the_first_are_told():
    outcome = grade(Task("rmsprop", ("import numpy as np", *["1 / 0"] * 100, RIGHT)))
    assert outcome.results[0].passed
    assert len(outcome.cells) == 20
    assert outcome.cells[0].startswith("cell 2 stopped with ZeroDivisionError")


def test_a_function_that_hangs_costs_its_own_points_alone(solutions, maximum):
    hang = HEAD + "    while True: pass"
    outcome = grade(Task("rmsprop", (*solutions("rmsprop"), hang), limits=jail.Limits(question_seconds=1)))
    assert outcome.results[0].mistakes == ("time-limit",)
    assert "did not end within 1 seconds" in outcome.results[0].diagnosis
    assert sum(result.score for result in outcome.results) == maximum["rmsprop"] - find("rmsprop-step").points


def test_the_last_definition_counts():
    assert graded(HEAD + "    return theta, v", RIGHT)["rmsprop-step"].passed
    assert not graded(RIGHT, HEAD + "    return theta, v")["rmsprop-step"].passed


def test_another_seed_asks_other_hidden_cases(solutions):
    assert all(result.passed for result in grade(Task("rmsprop", tuple(solutions("rmsprop")), seed=5)).results)


def test_own_numbers_are_graded_by_those_numbers(solutions):
    numbers = {"first-step-factor": {"beta": 0.75}}
    results = graded("first_step_factor = 2.0", numbers=numbers)
    assert results["first-step-factor"].passed
    assert not graded("first_step_factor = 2.0")["first-step-factor"].passed


FORGED = [
    {"replies": {"first": [], "second": [], "shared": False, "names": []}},
    {
        "replies": {"first": [{"parts": [], "kinds": [], "changed": [], "fault": None}] * 64}
        | {"second": [], "shared": 0}
    },
    {"replies": []},
    {"replies": None},
    {"value": 4},
    {"fault": {"name": "beta-swapped", "sentence": "\x1b[31m" + "x" * 9999 + "\ud800"}},
    {"fault": {"name": ["a"], "sentence": None}},
    {"library": "\n" * 9999},
    {},
]


@pytest.mark.parametrize("answer", FORGED)
def test_forged_answers_get_no_points_and_no_long_words(answer, monkeypatch):
    def reply(cells, questions, *args, **options):
        return jail.Reply([{}] * len(cells), [answer] * len(questions))

    monkeypatch.setattr(jail, "run", reply)
    for result in grade(Task("rmsprop", ("x",))).results:
        assert result.score == 0
        assert len(result.diagnosis) < 700
        assert result.diagnosis.isprintable()
        assert not {"beta-swapped"} & set(result.mistakes)


@pytest.mark.parametrize("value", [1e999, -1e999, 10**400, True, None, "3.16", [3.16], {"a": 1}])
def test_forged_values_get_no_points(value, monkeypatch):
    monkeypatch.setattr(
        jail, "run", lambda cells, questions, *a, **o: jail.Reply([{}], [{"value": value}] * len(questions))
    )
    assert [result.score for result in grade(Task("rmsprop", ("x",))).results] == [0, 0, 0, 0]
