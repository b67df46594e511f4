"""Answers that try to fool the check from inside the reader's own process.

A notebook's kernel cannot keep secrets from the code in it; the class is graded in a jail. These are the cheap tricks.
"""

import numpy as np
import pytest

from rmsprop_lib import optimizers
from rmsprop_lib.exercises import find
from rmsprop_lib.grading import check
from rmsprop_lib.grading.code import judge_function


class AlwaysEqual(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(self.shape)

    def __array_wrap__(self, *args, **kwargs):
        return self

    def tolist(self):
        return [0.683772233]

    __hash__ = None


class EqualFloat(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = None


class Chameleon:
    """A sequence whose parts are another thing each time."""

    def __init__(self):
        self.asked = 0

    def __len__(self):
        self.asked += 1
        return 2 if self.asked < 3 else 3

    def __getitem__(self, i):
        return np.full(self.asked, np.nan)


class Explodes:
    def __len__(self):
        raise MemoryError("boom")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("boom")

    def __float__(self):
        return 0.683772233


class EvilError(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def always_equal(theta, grad, v, lr, beta, eps):
    return theta.view(AlwaysEqual), v.view(AlwaysEqual)


def equal_floats(theta, grad, v, lr, beta, eps):
    return [np.full(theta.shape, EqualFloat(1.0), dtype=object)] * 2


def evil_error(theta, grad, v, lr, beta, eps):
    raise EvilError


def patched_numpy(theta, grad, v, lr, beta, eps):
    for name in ("abs", "array", "isfinite", "isnan"):
        setattr(np, name, lambda *args, **kwargs: True)
    np.allclose = np.array_equal = np.all = lambda *args, **kwargs: True
    return theta, v


def patched_roots(theta, grad, v, lr, beta, eps):
    np.sqrt = lambda x: x
    v = beta * v + (1 - beta) * grad**2
    return theta - lr * grad / (v + eps), v


def patched_rule(theta, grad, v, lr, beta, eps):
    optimizers.rmsprop.__code__ = (lambda theta, grad, v, lr, beta, eps: (theta, v)).__code__
    return theta, v


@pytest.fixture
def numpy_restored():
    kept = dict(vars(np))
    code = optimizers.rmsprop.__code__
    yield
    vars(np).update(kept)
    optimizers.rmsprop.__code__ = code


@pytest.mark.usefixtures("numpy_restored")
@pytest.mark.parametrize(
    "answer",
    [
        always_equal,
        equal_floats,
        evil_error,
        patched_numpy,
        patched_roots,
        patched_rule,
        lambda theta, grad, v, lr, beta, eps: Chameleon(),
        lambda theta, grad, v, lr, beta, eps: Explodes(),
        lambda theta, grad, v, lr, beta, eps: (Explodes(), Explodes()),
        lambda *args: [[]] * 2,
        lambda *args: (np.ma.masked_all(args[0].shape), np.ma.masked_all(args[0].shape)),
        type("Rule", (), {"__init__": lambda self, *args: None}),
        np.add,
        max,
    ],
)
def test_tricks_do_not_pass(answer):
    result = check("rmsprop-step", answer)
    assert not result.passed
    assert result.score <= 2
    assert result.diagnosis
    assert "mine" not in result.diagnosis  # no line of ours


def test_a_subclass_with_right_values_passes():
    def rmsprop_step(theta, grad, v, lr, beta, eps):
        return [part.view(AlwaysEqual) for part in optimizers.rmsprop(theta, grad, v, lr, beta, eps)]

    assert judge_function(find("rmsprop-step"), rmsprop_step).passed


@pytest.mark.parametrize("answer", [Explodes(), EqualFloat(1.0), np.ones(3).view(AlwaysEqual)])
def test_number_tricks_do_not_pass(answer):
    assert not check("first-step-factor", answer).passed
