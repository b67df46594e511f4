"""One rule in many equal forms passes for every seed: rounding may differ, the verdict may not."""

import math
import re

import numpy as np
import pytest

from rmsprop_lib.exercises import find
from rmsprop_lib.grading.code import judge_code
from rmsprop_lib.grading.compare import key
from rmsprop_lib.grading.inside.ask import ask

SEEDS = (0, 1, 12)

# A moving average of x with decay b, kept in a; the last ones are for what is no less than 0.
AVERAGES = (
    "a = b * a + (1 - b) * x",
    "a = a + (1 - b) * (x - a)",
    "a = a - (1 - b) * (a - x)",
    "a = x + b * (a - x)",
    "a = a - a * (1 - b) + x * (1 - b)",
    "a = (1 - b) * (x + b / (1 - b) * a)",
)
SQUARES = (
    *AVERAGES,
    "a = np.sqrt(b * a + (1 - b) * x) ** 2",
    "a = np.hypot(np.sqrt(b * a), np.sqrt((1 - b) * x)) ** 2",
    "a = a + (1 - b) * (np.sqrt(x) - np.sqrt(a)) * (np.sqrt(x) + np.sqrt(a))",
)
SUMS = ("s + grad**2", "np.hypot(np.sqrt(s), grad) ** 2", "np.sqrt(s + grad**2) ** 2", "-(-s - np.abs(grad) ** 2)")
STEPS = (
    "theta - lr * grad / np.sqrt(v + eps)",
    "theta - lr / np.sqrt(v + eps) * grad",
    "theta + -lr * (grad * (v + eps) ** -0.5)",
    "theta - lr * grad / np.hypot(np.sqrt(v), np.sqrt(eps))",
    "theta - lr * np.sign(grad) * np.sqrt(grad**2 / (v + eps))",
    "-(lr * grad / np.sqrt(v + eps) - theta)",
)
BUFFERS = (  # u is what is added to m
    "m = mu * m + u\nreturn theta - lr * m, ",
    "m = m + (u - (1 - mu) * m)\nreturn -(m * lr - theta), ",
    "m, old = u - -mu * m, m\nreturn theta - lr * mu * old - lr * u, ",
    "m, old = m - (1 - mu) * m + u, m\nreturn theta - (lr * u + lr * mu * old), ",
)
CORRECTIONS = (  # c and d are 1 - beta**t
    "theta - lr * (m / c) / (np.sqrt(v / d) + eps)",
    "theta - (lr / c) * m / (np.sqrt(v / d) + eps)",
    "theta - (lr / c) * (m / (np.sqrt(v) / math.sqrt(d) + eps))",
    "theta - lr * math.sqrt(d) / c * m / (np.sqrt(v) + eps * math.sqrt(d))",
    "-(lr * m / (c * (np.sqrt(v / d) + eps)) - theta)",
)
STREAM = "out, a = [], 0.0\nfor y in x:\n    {}\n    out.append(a)\nreturn out"


def average(form, **names):
    """The line with other names for a, b and x."""
    return re.sub(r"\b[abx]\b", lambda found: names[found[0]], form) + "\n"


def adam(m, v, step):
    lines = average(m, a="m", b="beta1", x="grad") + average(v, a="v", b="beta2", x="(grad**2)")
    return f"{lines}c, d = 1 - beta1**t, 1 - beta2**t\nreturn {step}, m, v"


V = [average(form, a="v", b="beta", x="(grad**2)") for form in SQUARES]
FORMS = {
    "ema": [STREAM.format(average(form, a="a", b="beta", x="y").strip()) for form in AVERAGES],
    "momentum-step": ["u = grad\n" + form + "m" for form in BUFFERS],
    "rmsprop-step": [*(v + f"return {STEPS[0]}, v" for v in V), *(V[1] + f"return {step}, v" for step in STEPS)],
    "adagrad-step": [f"v = {new}\nreturn {step}, v" for new in SUMS for step in STEPS],
    "torch-step": [v + "u = grad / (np.sqrt(v) + eps)\n" + form + "v, m" for v in V for form in BUFFERS],
    "adam-step": [
        *(adam(m, SQUARES[1], CORRECTIONS[0]) for m in AVERAGES),
        *(adam(AVERAGES[1], v, CORRECTIONS[0]) for v in SQUARES),
        *(adam(AVERAGES[0], SQUARES[0], step) for step in CORRECTIONS),
    ],
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("id", FORMS)
def test_every_form_of_a_rule_passes_for_every_seed(id, seed):
    exercise, asked = find(id), key(id, seed)
    for form in FORMS[id]:
        space = {"np": np, "math": math}
        lines = form.strip().replace("\n", "\n    ")
        exec(f"def answer({', '.join(exercise.parameters)}):\n    {lines}", space)
        replies = ask(space["answer"], exercise.name, asked.cases, exercise.parameters, exercise.results)
        result = judge_code(exercise, asked, replies)
        assert result.passed, (form, result)
