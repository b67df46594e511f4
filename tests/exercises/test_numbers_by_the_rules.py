"""The right number of an exercise is what the library's own rules give for what the question describes."""

from itertools import product

import numpy as np
import pytest

from rmsprop_lib import optimizers
from rmsprop_lib.exercises import find
from rmsprop_lib.exercises.verdicts import verdict
from rmsprop_lib.grading import exercises


def after(rule, grads, *hyper, states=1, theta=0.0):
    """θ and states after these gradients; a rule that takes t is given it."""
    out = (np.array([theta]), *(np.zeros(1) for _ in range(states)))
    for t, grad in enumerate(grads, 1):
        count = (t,) if rule is optimizers.adam else ()
        out = rule(out[0], np.array([grad]), *out[1:], *count, *hyper)
    return [part.item() for part in out]


def first_step_factor(beta):
    return abs(after(optimizers.rmsprop, [3.0], 1.0, beta, 0.0)[0])


def adam_first_step(beta1, beta2):
    return abs(after(optimizers.adam, [3.0], 1.0, beta1, beta2, 0.0, states=2)[0])


def bias_correction_factor(beta2, t):
    v = after(optimizers.rmsprop, [2.0] * int(t), 1.0, beta2, 0.0)[1]
    return 4.0 / v  # v̂ of equal gradients is their square


def adagrad_effective_rate(lr, n, g):
    before, now = (after(optimizers.adagrad, [g] * k, lr, 0.0)[0] for k in (int(n) - 1, int(n)))
    return (before - now) / g


def adagrad_rare_feature(every):
    often, rare = (after(optimizers.adagrad, [1.0] * k, 1.0, 0.0)[1] for k in (int(10 * every), 10))
    return (often / rare) ** 0.5


def two_cycle_amplitude(lr, beta, h):
    theta, v = np.array([1.234 * lr]), np.zeros(1)
    for _ in range(20_000):
        theta, v = optimizers.rmsprop(theta, h * theta, v, lr, beta, 0.0)
    return abs(theta.item())


def slowest_mode_factor(kappa):
    theta = optimizers.gradient_descent(np.ones(2), np.array([1.0, kappa]), 2 / (1 + kappa))
    return np.abs(theta).max()


def diagonal_step(h, a, b):
    grad = np.array([a, h * b])
    step = optimizers.rmsprop(np.zeros(2), grad, np.zeros(2), 1.0, 0.9, 0.0)[0]
    return np.divide(*(step / grad))


def best_diagonal(a, b, c):
    root = np.sqrt([a, c])
    return np.linalg.cond(np.array([[a, b], [b, c]]) / np.outer(root, root))


def beta_for_half_life(n):
    betas = np.linspace(0.5, 0.999, 400_000)
    return betas[np.argmin(abs(betas**n - 0.5))]


def memory_error(beta):
    weights = (1 - beta) * beta ** np.arange(2000)
    return np.sqrt(2 * np.sum(weights**2))


def beta_one_limit(beta, lr):
    grads = np.random.default_rng(0).standard_normal(50)
    return lr * after(optimizers.rmsprop, grads, lr, beta, 0.0)[0] / after(optimizers.adagrad, grads, lr, 0.0)[0]


def port_eps(eps):
    sizes = np.geomspace(1e-40, 1e-2, 20_000)
    return sizes[np.argmin(abs(np.sqrt(sizes) / eps - 1))]


def float16_gradient():
    grads = np.geomspace(1e-5, 1e-3, 20_000)
    return grads[np.float16(grads.astype(np.float32)) ** 2 > 0].min()


BY_THE_RULES = (first_step_factor, adam_first_step, bias_correction_factor, adagrad_effective_rate)
BY_THE_RULES += (adagrad_rare_feature, two_cycle_amplitude, slowest_mode_factor, diagonal_step, best_diagonal)
BY_THE_RULES += (beta_for_half_life, memory_error, beta_one_limit, port_eps, float16_gradient)
DRAWS = 6  # of each question, evenly out of all


def asked(exercise):
    """The numbers of the book, and some of what a student may be given."""
    drawn = [dict(zip(exercise.draw, values, strict=True)) for values in product(*exercise.draw.values())]
    return [{**exercise.given, **numbers} for numbers in [{}, *drawn[:: max(1, len(drawn) // DRAWS)]]]


def test_every_number_is_found_by_the_rules():
    named = {function.__name__ for function in BY_THE_RULES}
    assert named == {exercise.answer_name for exercise in exercises() if exercise.kind == "number"}


@pytest.mark.parametrize("function", BY_THE_RULES)
def test_what_the_rules_give_is_right_for_all_numbers(function):
    exercise = find(function.__name__.replace("_", "-"))
    for numbers in asked(exercise):
        found = verdict(exercise.with_numbers(numbers), float(function(**numbers)))
        assert found.passed, (numbers, found)


@pytest.mark.parametrize("exercise", [e for e in exercises() if e.kind == "number"], ids=lambda e: e.id)
def test_no_known_mistake_becomes_right_by_other_numbers(exercise):
    for values in product(*exercise.draw.values()):
        drawn = exercise.with_numbers(dict(zip(exercise.draw, values, strict=True)))
        for mistake in drawn.misconceptions:
            assert not verdict(drawn, drawn.wrong_answer(mistake)).passed, (values, mistake.name)
