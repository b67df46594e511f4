"""What a diagnosis says of an answer is so: its numbers, its names, its grammar."""

import re
from itertools import combinations

import numpy as np
import pytest

from rmsprop_lib.exercises import find
from rmsprop_lib.grading import check, exercises
from rmsprop_lib.grading.code import judge_function

STEPS = [exercise for exercise in exercises() if len(exercise.recipe) > 1]
CODE = [exercise for exercise in exercises() if exercise.kind == "code"]
PAIRS = 20  # of mistakes, drawn for each exercise
V = "v = beta * v + (1 - beta) * grad**2\n"
RMS = "return theta - lr * grad / np.sqrt(v + eps), v"
ADAM = "m = beta1 * m + (1 - beta1) * grad\nv = beta2 * v + (1 - beta2) * grad**2\n"
HATS = "a = m / (1 - beta1**t)\nb = v / (1 - beta2**t)\n"

SAID = [
    ("rmsprop-step", "v = beta * v + (1 - v) * grad**2\n" + RMS, ("one-minus-v",), "1 − v stands where 1 − β belongs"),
    (
        "rmsprop-step",
        "v = beta * v + (1 - v) * grad**2\nreturn theta - lr * grad / (np.sqrt(v) + eps), v",
        ("one-minus-v", "eps-outside"),
        "your v after one step is 9, expected 0.9: two mistakes",
    ),
    ("momentum-step", "m = m + mu * grad\nreturn theta - lr * m, m", ("mu-on-the-gradient-alone",), "other way round"),
    ("momentum-step", "m = mu * m + grad\nreturn theta - mu * m, m", ("unknown",), "Your m is right in all cases."),
    ("gd-step", "return theta - lr * grad, {'lr': lr}", ("result-count",), "returned 2 results, expected theta alone"),
    ("gd-step", "return theta, 0.5, grad", ("result-count",), "returned 3 results, expected theta alone"),
    ("gd-step", "return theta", ("unchanged",), "returns theta just as it came in"),
    ("gd-step", "return ...", ("empty",), "there is no answer yet"),
    ("gd-step", "return np.broadcast_to(theta.flat[0], (10**6, 10**6))", ("not-numbers",), "more numbers than can be"),
    ("gd-step", "return np.array([None] * theta.size)", ("not-numbers",), "holds None"),
    ("gd-step", "return np.array([{}] * theta.size)", ("not-numbers",), "holds a value of type dict"),
    ("gd-step", "return theta.astype('m8[s]')", ("not-numbers",), "holds a value of type timedelta64"),
    (
        "rmsprop-step",
        V + "return theta - lr * v / (np.sqrt(v) + eps), v",
        ("eps-outside", "average-for-gradient"),
        "v stands above the fraction line",
    ),
    ("rmsprop-step", V + "return theta + lr * grad / (np.sqrt(v) + eps), v", ("eps-outside", "sign"), "up the hill"),
    (
        "rmsprop-step",
        "if not v.any(): v = 1e-6 * theta\n" + V + RMS,
        ("start",),
        "v goes wrong only where it comes in as 0",
    ),
    (
        "rmsprop-step",
        "v = 0.9 * v + grad**2\n" + RMS,
        ("no-one-minus-beta", "argument-fixed"),
        "beta is fixed at 0.9",
    ),
    ("rmsprop-step", V + "return 3 * theta, v * np.nan", ("not-finite",), "your v after one step is nan"),
    (
        "rmsprop-step",
        "theta *= 2\nv *= 3\nreturn theta, v",
        ("unknown", "changes-argument"),
        "also changes its arguments theta and v.",
    ),
    (
        "adam-step",
        ADAM + HATS + "return m, v, theta - lr * a / np.sqrt(b + 1e-8)",
        ("result-order", "eps-inside", "argument-fixed"),
        "in the order (m, v, theta), expected (theta, m, v). Put right, your theta",
    ),
    (
        "adam-step",
        ADAM + "return v, theta, m",
        ("result-order", "unchanged"),
        "in the order (v, theta, m), expected (theta, m, v). Put right, your theta",
    ),
    (
        "adam-step",
        ADAM + HATS + "return theta - lr * a / (np.sqrt(b) + eps), v, m",
        ("result-order",),
        "in the order (theta, v, m), expected (theta, m, v).",
    ),
    (
        "torch-step",
        V + "m = mu * m + grad / (np.sqrt(v) + eps)\nreturn theta - lr * m, m, v",
        ("result-order",),
        "in the order (theta, m, v), expected (theta, v, m).",
    ),
    (
        "torch-step",
        V + "m = mu * m + grad / np.sqrt(v)\nreturn theta - lr * m, m, v",
        ("result-order", "no-eps"),
        "in the order (theta, m, v), expected (theta, v, m). Put right, your m",
    ),
    (
        "adam-step",
        ADAM + HATS + "return m, theta - lr * a / (np.sqrt(b) + eps), v",
        ("result-order",),
        "in the order (m, theta, v), expected (theta, m, v).",
    ),
]


def written(id, body):
    exercise, names = find(id), {"np": np}
    exec(f"def {exercise.name}({', '.join(exercise.parameters)}):\n    " + body.replace("\n", "\n    "), names)
    return names[exercise.name]


@pytest.mark.parametrize(("id", "body", "mistakes", "words"), SAID, ids=[" ".join(row[2]) for row in SAID])
def test_a_diagnosis_says_what_is_so(id, body, mistakes, words):
    result = check(id, written(id, body))
    assert result.mistakes == mistakes, result
    assert words in result.diagnosis


STATE = {"rmsprop-step": "v", "adagrad-step": "s"}
OUTSIDE = {
    "rmsprop-step": V + "return theta - lr * grad / (np.sqrt(v) + {eps}), v",
    "adagrad-step": "s = s + grad**2\nreturn theta - lr * grad / (np.sqrt(s) + {eps}), s",
    "adam-step": ADAM + HATS + "return theta - lr * a / (np.sqrt(b) + {eps}), m, v",
    "torch-step": V + "m = mu * m + grad / (np.sqrt(v) + {eps})\nreturn theta - lr * m, v, m",
}


@pytest.mark.parametrize("eps", ["1e-3", "1e-6", "1e-7", "1e-10", "1e-12", "1e-16"])
@pytest.mark.parametrize("id", OUTSIDE)
def test_an_eps_of_ones_own_is_told_with_its_value_wherever_it_stands(id, eps):
    result = check(id, written(id, OUTSIDE[id].format(eps=eps)))
    assert result.mistakes[-1] == "argument-fixed", result
    assert f"eps is fixed at {float(eps):g} in your code" in result.diagnosis
    assert ("outside" in result.diagnosis) == (id in STATE)


def test_results_that_a_later_call_overwrites_are_no_memory():
    kept = {}

    def gd_step(theta, grad, lr):
        out = kept.setdefault(theta.shape, theta.copy())
        out[:] = theta + lr * grad
        return out

    assert check("gd-step", gd_step).mistakes == ("shared-result",)


@pytest.mark.parametrize("exercise", STEPS, ids=lambda exercise: exercise.id)
def test_the_numbers_told_of_two_mistakes_are_those_of_the_case_that_is_told(exercise):
    rng = np.random.default_rng(0)
    pairs = combinations(exercise.misconceptions, 2)
    apart = [(one, other) for one, other in pairs if not one.lines.keys() & other.lines.keys()]
    for one, other in (apart[k] for k in rng.choice(len(apart), PAIRS, replace=False)):
        answer = exercise.wrong_answer(one, other)
        result = judge_function(exercise, answer)
        assert not result.passed, (one.name, other.name)
        assert_true_numbers(exercise, answer, result.diagnosis)
        assert_grammar(result.diagnosis)


@pytest.mark.parametrize("exercise", CODE, ids=lambda exercise: exercise.id)
def test_the_numbers_told_of_a_mistake_are_those_of_the_case_that_is_told(exercise):
    for mistake in exercise.misconceptions:
        answer = exercise.wrong_answer(mistake)
        told = judge_function(exercise, answer).diagnosis
        assert_true_numbers(exercise, answer, told)
        assert_grammar(told)


def assert_true_numbers(exercise, answer, told):
    shown = re.match(r"your (\w+)(?: after one step)? is (.+?), expected (.+?)[:.] .*\(Asked: (.*)\.\)", told)
    if not shown:
        assert re.search(r"just as (it|they) came in|hidden case|has shape|to five digits", told), told
        return
    name, got, want, asked = shown.groups()
    space = {"nan": np.nan, "inf": np.inf}
    given = eval(f"dict({asked})", space).values()
    one_case = exercise.cases(0)[0].args
    args = [np.atleast_1d(a) * 1.0 if isinstance(b, np.ndarray) else a for a, b in zip(given, one_case, strict=True)]
    part = 0 if name == "result" else exercise.results.index(name)
    for text, function in ((got, answer), (want, exercise.reference)):
        with np.errstate(all="ignore"):
            out = function(*args)
        out = out[part] if len(exercise.results) > 1 else out
        np.testing.assert_allclose(np.ravel(eval(text, space)), np.ravel(out), rtol=6e-4, atol=1e-300)


BAD_GRAMMAR = (
    *(
        r"\ba [aeiouAEIO]\w",
        r"\ban [^aeioumnAEIOUMNF\W]",
        r"\b1 (results|arguments|numbers)",
        r"\b(\w+) and \w+ and \w+\b(?! be)",
        r"  ",
    ),
    *(r"\.\.(?!\.)", r"arguments \w+[,.]", r"argument \w+ and", r"[{}]", r"\bhere\b"),
)


def assert_grammar(told):
    assert not [rule for rule in BAD_GRAMMAR if re.search(rule, told)], told
