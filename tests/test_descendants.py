"""What came after Adam: first steps by hand, and agreement with the recorded conventions where they overlap."""

import math

import numpy as np
import pytest

from rmsprop_lib import Adam, Adamax, AdamW, AMSGrad, Lion, Nadam, RMSProp, conventions

GRADS = np.random.default_rng(0).standard_normal((25, 5)) * np.geomspace(1e-3, 1e3, 5)
START = np.array([1.0, -2.0, 0.5, 3.0, -1.0])


def steps(optimizer, theta, grads):
    state, path = optimizer.init(theta), []
    for grad in grads:
        theta, state = optimizer.step(theta, grad, state)
        path.append(theta)
    return np.array(path)


@pytest.mark.parametrize(
    ("ours", "convention"),
    [
        (AdamW(0.1, 0.9, 0.99, 1e-3, 0.2), conventions.adam(0.1, 0.9, 0.99, 1e-3, weight_decay=0.2, decoupled=True)),
        (AMSGrad(0.1, 0.9, 0.99, 1e-3), conventions.adam(0.1, 0.9, 0.99, 1e-3, amsgrad="reddi")),
        (Adamax(0.1, 0.9, 0.99, 1e-3), conventions.adamax(0.1, 0.9, 0.99, 1e-3, eps_in_max=False)),
        (Nadam(0.1, 0.9, 0.99, 1e-3), conventions.nadam(0.1, 0.9, 0.99, 1e-3, momentum_decay=math.inf)),
    ],
    ids=lambda o: type(o).__name__,
)
def test_a_descendant_is_one_of_the_recorded_conventions(ours, convention):
    assert np.allclose(steps(ours, START, GRADS), steps(convention, START, GRADS), rtol=1e-12)


@pytest.mark.parametrize(
    ("optimizer", "first"),
    [
        # first shrinks θ by 1 - 0.1 · 0.5, then ± lr
        (AdamW(lr=0.1, eps=0.0, weight_decay=0.5), [1 * 0.95 - 0.1, -2 * 0.95 + 0.1]),
        # (1 - β₁) g / √((1 - β₂) g²)
        (AMSGrad(lr=0.1, beta1=0.9, beta2=0.99, eps=0.0), [0.9, -1.9]),
        (Adamax(lr=0.1, eps=0.0), [0.9, -1.9]),
        # β₁ (1 - β₁) g / (1 - β₁²) + g, over |g|: 0.09/0.19 + 1
        (Nadam(lr=0.1, beta1=0.9, eps=0.0), [1 - 0.1 * (1 + 0.09 / 0.19), -2 + 0.1 * (1 + 0.09 / 0.19)]),
        (Lion(lr=0.1, weight_decay=0.5), [1 - 0.1 * (1 + 0.5), -2 - 0.1 * (-1 - 1.0)]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_the_first_step_is_the_one_worked_by_hand(optimizer, first):
    path = steps(optimizer, np.array([1.0, -2.0]), [np.array([3.0, -4.0])])
    assert np.allclose(path[0], first, rtol=1e-13)


def test_adamw_without_decay_is_adam():
    assert np.array_equal(steps(AdamW(0.1, weight_decay=0.0), START, GRADS), steps(Adam(0.1), START, GRADS))


def test_amsgrad_never_raises_its_effective_learning_rate_where_rmsprop_does():
    grads = np.array([[10.0]] + [[0.1]] * 40)
    amsgrad, rmsprop = AMSGrad(0.1, 0.0, 0.9, 0.0), RMSProp(0.1, 0.9, 0.0)
    assert np.allclose(-np.diff(steps(amsgrad, np.zeros(1), grads)[:, 0]), 0.1 * 0.1 / math.sqrt(10), rtol=1e-12)
    assert (np.diff(-np.diff(steps(rmsprop, np.zeros(1), grads)[:, 0])) > 0).all()


def test_adamax_divides_by_a_maximum_that_fades():
    optimizer = Adamax(0.1, 0.0, 0.5, 0.0)
    path = steps(optimizer, np.zeros(1), [[8.0], [1.0], [1.0], [3.0]])
    # u = 8, 4, 2, 3
    assert np.allclose(-np.diff(path[:, 0], prepend=0.0), [0.1, 0.1 / 4, 0.1 / 2, 0.1], rtol=1e-13)


def test_lion_takes_equal_steps_and_remembers_after_stepping():
    optimizer = Lion(0.1, 0.9, 0.5)
    path = steps(optimizer, np.zeros(1), [[1.0], [-4.0], [-4.0], [0.5]])
    # m before each step: 0, 0.5, -1.75, -2.875; direction of 0.9 m + 0.1 g: +, +, -, -
    assert np.allclose(path[:, 0], [-0.1, -0.2, -0.1, 0.0], atol=1e-15)
