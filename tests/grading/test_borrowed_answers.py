"""The library's own rules are no answers, however they are called; what uses NumPy alone is the reader's own."""

import functools
import importlib
import sys

import numpy as np
import pytest

import rmsprop_lib
from rmsprop_lib import RMSProp, optimizers
from rmsprop_lib.exercises import BY_ID, find
from rmsprop_lib.grading import check, exercises
from rmsprop_lib.grading.borrowed import own_part

rms = optimizers.rmsprop


def by_name(theta, grad, v, lr, beta, eps):
    return rms(theta, grad, v, lr, beta, eps)


def by_attribute(theta, grad, v, lr, beta, eps):
    return rmsprop_lib.RMSProp.rule(theta, grad, v, lr, beta, eps)


def by_import(theta, grad, v, lr, beta, eps):
    return importlib.import_module("rmsprop" + "_lib").optimizers.rmsprop(theta, grad, v, lr, beta, eps)


def by_class(theta, grad, v, lr, beta, eps):
    opt = RMSProp(lr=lr, beta=beta, eps=eps)
    theta, state = opt.step(theta, grad, opt.init(theta)._replace(v=v))
    return theta, state.v


def for_a_part(theta, grad, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grad**2
    return rms(theta, grad, v, lr, beta, eps)[0], v


def by_solution(theta, grad, v, lr, beta, eps):
    return BY_ID["rmsprop-step"].reference(theta, grad, v, lr, beta, eps)


class Holds:
    def __init__(self, inner):
        self.inner = inner

    def __call__(self, theta, grad, v, lr, beta, eps):
        return self.inner(theta, grad, v, lr, beta, eps)

    def method(self, theta, grad, v, lr, beta, eps):
        return self.inner(theta, grad, v, lr, beta, eps)

    static = staticmethod(rms)


def inside(inner):
    return lambda *args: inner(*args)


BORROWED = [rms, RMSProp.rule, functools.partial(rms), staticmethod(rms), Holds(rms), Holds(rms).method, Holds.static]
BORROWED += [
    by_name,
    by_attribute,
    by_import,
    by_class,
    for_a_part,
    by_solution,
    inside(rms),
    functools.wraps(rms)(Holds(rms)),
]
BORROWED += [inside(inside(functools.partial(rms)))]


@pytest.mark.parametrize("answer", BORROWED, ids=lambda answer: getattr(answer, "__qualname__", type(answer).__name__))
def test_an_answer_that_calls_the_library_gets_no_points(answer):
    result = check("rmsprop-step", answer)
    assert (result.passed, result.score, result.mistakes) == (False, 0, ("library",))
    assert "your answer calls rmsprop_lib.opt" in result.diagnosis
    assert result.diagnosis.endswith("which does the work for you: write the lines yourself.")


@pytest.mark.parametrize("exercise", [e for e in exercises() if e.kind == "code"], ids=lambda e: e.id)
def test_a_solution_itself_is_borrowed_and_its_lines_are_not(exercise):
    assert check(exercise.id, exercise.reference).mistakes == ("library",)
    names = {"np": np, **{name: getattr(rmsprop_lib, name) for name in rmsprop_lib.__all__}}
    exec(exercise.solution_text, names)
    assert check(exercise.id, names[exercise.name]).passed


def test_an_answer_may_have_the_name_of_a_part_of_the_library():
    names = {"np": np, "problems": rmsprop_lib.problems, "run": rmsprop_lib.run}
    lines = "def rmsprop_step(theta, grad, v, lr, beta, eps):\n    run = beta * v + (1 - beta) * grad**2\n"
    exec(lines + "    return theta - lr * grad / np.sqrt(run + eps), run", names)
    assert check("rmsprop-step", names["rmsprop_step"]).passed


def test_a_compiled_answer_is_looked_into():
    class Compiled:
        """As Numba's functions are: called without a frame, with the Python function beside."""

        def __init__(self, py_func):
            self.py_func = py_func

    assert own_part(Compiled(rms)) == "rmsprop_lib.optimizers.rmsprop"
    assert own_part(Compiled(by_name)) == "rmsprop_lib.optimizers.rmsprop"
    assert own_part(Compiled(inside)) == ""


def test_a_look_at_an_answer_leaves_the_profiler_and_the_arguments_alone(capsys):
    def seen(*args):
        pass

    def gd_step(theta, grad, lr):
        print("a step")
        return theta - lr * grad

    sys.setprofile(seen)
    try:
        assert check("gd-step", gd_step).passed
        assert sys.getprofile() is seen
    finally:
        sys.setprofile(None)
    assert capsys.readouterr().out == ""
    assert find("gd-step").cases(0)[0].args[0] == [1.0]
