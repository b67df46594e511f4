"""Mistakes as readers write them down, in code of their own: each is told by its name."""

import numpy as np
import pytest

from rmsprop_lib.exercises import find
from rmsprop_lib.grading import check

V = "v = beta * v + (1 - beta) * grad**2\n"
S = "s = s + grad**2\n"
M = "m = mu * m + grad\n"
U = "u = grad / (np.sqrt(v) + eps)\n"
ADAM = "m = beta1 * m + (1 - beta1) * grad\nv = beta2 * v + (1 - beta2) * grad**2\n"
MOVE = "\nreturn theta - lr * a / (np.sqrt(b) + eps), m, v"
SHORT = "\nreturn theta - lr * m / (np.sqrt(v) + eps), m, v"
SPIKE = "\nreturn max(np.log((v - 1) / 3) / -np.log(beta), 0) if v > 1 else 0"
TURN = "c, s = np.cos(angle), np.sin(angle)\nR = np.array([[c, -s], [s, c]])\n"

WRITTEN = [
    ("largest-stable-lr", "first-eigenvalue", "return 2 / np.linalg.eig(H)[0][0]"),
    ("largest-stable-lr", "last-eigenvalue", "return 2 / np.linalg.eig(H)[0][-1]"),
    ("largest-stable-lr", "mean-eigenvalue", "return 2 * len(H) / np.trace(H)"),
    (
        "ema",
        "first-skipped",
        "m = 0 * x\nfor t in range(1, len(x)): m[t] = beta * m[t-1] + (1 - beta) * x[t]\nreturn m",
    ),
    (
        "ema",
        "oldest-heaviest",
        "return [(1 - beta) * sum(beta**i * x[i] for i in range(t + 1)) for t in range(len(x))]",
    ),
    ("ema", "no-memory", "return x - beta * x"),
    ("half-life", "mean-age", "return 1 / (1 - beta) - 1"),
    ("momentum-step", "velocity-sign", "m = mu * m - lr * grad\nreturn theta - m, m"),
    ("momentum-step", "lr-twice", "m = mu * m + lr * grad\nreturn theta - lr * m, m"),
    ("momentum-step", "gradient-twice", M + "return theta - lr * m - lr * grad, m"),
    ("adagrad-step", "doubled-not-squared", "s = s + grad * 2\nreturn theta - lr * grad / np.sqrt(s + eps), s"),
    ("adagrad-step", "square-of-sum", "s = (s + grad)**2\nreturn theta - lr * grad / np.sqrt(s + eps), s"),
    ("adagrad-step", "one-number-in-step", S + "return theta - lr * grad / np.sqrt(np.sum(s) + eps), s"),
    ("adagrad-step", "fixed-eps-outside", S + "return theta - lr * grad / (np.sqrt(s) + 1e-8), s"),
    ("adagrad-step", "eps-as-floor", S + "return theta - lr * grad / np.sqrt(np.clip(s, eps, None)), s"),
    ("adagrad-step", "no-division", S + "return theta - lr * grad, s"),
    ("rmsprop-step", "doubled-not-squared", V.replace("**", " * ") + "return theta - lr * grad / np.sqrt(v + eps), v"),
    (
        "rmsprop-step",
        "no-brackets",
        "v = beta * v + 1 - beta * grad**2\nreturn theta - lr * grad / np.sqrt(v + eps), v",
    ),
    ("rmsprop-step", "eps-in-state", V + "v = v + eps\nreturn theta - lr * grad / np.sqrt(v), v"),
    (
        "rmsprop-step",
        "length-in-state",
        "v = beta * v + (1 - beta) * np.linalg.norm(grad)**2\nreturn theta - lr * grad / np.sqrt(v + eps), v",
    ),
    ("rmsprop-step", "fixed-eps-outside", V + "return theta - lr * grad / (np.sqrt(v) + 1e-8), v"),
    ("rmsprop-step", "no-division", V + "return theta - lr * grad, v"),
    ("torch-step", "keras-step", V + "m = mu * m + lr * grad / np.sqrt(v + eps)\nreturn theta - m, v, m"),
    (
        "torch-step",
        "adam-without-correction",
        V + "m = mu * m + (1 - mu) * grad\nreturn theta - lr * m / (np.sqrt(v) + eps), v, m",
    ),
    ("torch-step", "mu-on-quotient", V + U + "m = mu * (m + u)\nreturn theta - lr * m, v, m"),
    ("torch-step", "no-root", V + "m = mu * m + grad / (v + eps)\nreturn theta - lr * m, v, m"),
    (
        "torch-step",
        "no-one-minus-beta",
        "v = beta * v + grad**2\n" + U + "m = mu * m + u\nreturn theta - lr * m, v, m",
    ),
    ("torch-step", "accumulates", "v = v + grad**2\n" + U + "m = mu * m + u\nreturn theta - lr * m, v, m"),
    (
        "adam-step",
        "beta1-for-both",
        ADAM.replace("beta2", "beta1") + "a = m / (1 - beta1**t)\nb = v / (1 - beta1**t)" + MOVE,
    ),
    (
        "adam-step",
        "absolute-value",
        ADAM.replace("grad**2", "abs(grad)") + "a = m / (1 - beta1**t)\nb = v / (1 - beta2**t)" + MOVE,
    ),
    ("adam-step", "v-corrected-with-beta1", ADAM + "a = m / (1 - beta1**t)\nb = v / (1 - beta1**t)" + MOVE),
    ("adam-step", "m-corrected-with-beta2", ADAM + "a = m / (1 - beta2**t)\nb = v / (1 - beta2**t)" + MOVE),
    ("adam-step", "power-of-bracket", ADAM + "a = m / (1 - beta1)**t\nb = v / (1 - beta2)**t" + MOVE),
    ("adam-step", "no-brackets", ADAM + "a = m / 1 - beta1**t\nb = v / 1 - beta2**t" + MOVE),
    ("adam-step", "short-form-without-root", ADAM + "lr = lr * (1 - beta2**t) / (1 - beta1**t)" + SHORT),
    ("adam-step", "short-form-upside-down", ADAM + "lr = lr * (1 - beta1**t) / np.sqrt(1 - beta2**t)" + SHORT),
    ("spike-recovery", "old-v-lost", "v = (1 - beta) * spike**2" + SPIKE),
    ("rotate-quadratic", "cos-and-sin-swapped", TURN.replace("c, s", "s, c") + "return R @ H @ R.T"),
    ("rotate-quadratic", "one-sided-right", TURN + "return H @ R"),
]


@pytest.mark.parametrize(("id", "mistake", "body"), WRITTEN, ids=[f"{id}-{mistake}" for id, mistake, _ in WRITTEN])
def test_a_likely_mistake_is_told_by_its_name(id, mistake, body):
    exercise = find(id)
    names = {"np": np}
    exec(f"def {exercise.name}({', '.join(exercise.parameters)}):\n    " + body.replace("\n", "\n    "), names)
    with np.errstate(all="ignore"):
        result = check(id, names[exercise.name])
    assert not result.passed
    assert result.mistakes == (mistake,), result
