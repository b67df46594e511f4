"""What a reader brings along: rules and problems of their own, used like those of the library."""

import functools
import gc
import pickle
import weakref
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from rmsprop_lib import Optimizer, RMSProp, fuse, problems, run, sweep
from tests.test_optimizer import one_step

BOWL = problems.quadratic(condition=10)


def my_step(theta, grad, v, lr, beta, eps):
    """RMSProp, as a reader might write it."""
    v = beta * v + (1 - beta) * grad**2
    theta = theta - lr * grad / np.sqrt(v + eps)
    return theta, v


def test_a_readers_rule_is_used_like_the_built_in_one():
    mine = Optimizer.from_rule(my_step, state={"v": 0.0}, lr=0.1, beta=0.9, eps=1e-8)
    path, expected = (run(o, problems.ravine(), 50) for o in (mine, RMSProp(lr=0.1)))
    assert np.array_equal(path.theta, expected.theta)
    assert np.array_equal(path.state.v, expected.state.v)
    assert repr(mine) == "my_step(lr=0.1, beta=0.9, eps=1e-08)"
    assert mine.__doc__ == my_step.__doc__ == "RMSProp, as a reader might write it."
    assert mine == Optimizer.from_rule(my_step, state={"v": 0.0}, lr=0.1, beta=0.9, eps=1e-8)
    assert mine != Optimizer.from_rule(my_step, state={"v": 1.0}, lr=0.1, beta=0.9, eps=1e-8)
    assert replace(mine, lr=np.ones(2)) == replace(mine, lr=np.ones(2))
    with pytest.raises(FrozenInstanceError):
        mine.lr = 0.2


def test_a_readers_rule_receives_t_and_its_first_state():
    def rule(theta, grad, t, s, u, lr):
        return theta - lr * grad * t, s + t, u * 2

    optimizer = Optimizer.from_rule(rule, state={"u": 3.0, "s": 0.5}, lr=1.0)
    theta, state = one_step(optimizer, [0.0], [1.0])
    theta, state = optimizer.step(theta, np.array([1.0]), state)
    assert theta == [-3.0]
    assert state.t == 2
    assert (state.s, state.u) == ([0.5 + 1 + 2], [3.0 * 2 * 2])  # named by the rule, whatever the order of the dict


def test_a_readers_rule_without_state_returns_theta_alone():
    optimizer = Optimizer.from_rule(lambda theta, grad, lr: theta - lr * grad, lr=0.5)
    theta, state = one_step(optimizer)
    assert np.array_equal(theta, [-0.5, 0.0])
    assert state == (1,)


def test_a_readers_rule_may_be_any_callable():
    partial = functools.partial(my_step, beta=0.9, eps=1e-8)
    optimizer = Optimizer.from_rule(partial, state={"v": 0.0}, lr=0.1, beta=0.9, eps=1e-8)
    assert np.array_equal(one_step(optimizer)[0], one_step(RMSProp(lr=0.1))[0])
    assert repr(optimizer).startswith("partial(lr=0.1")


def test_a_number_that_is_a_default_of_the_rule_need_not_be_given():
    def with_defaults(theta, grad, v, lr=0.1, beta=0.9, eps=1e-8, verbose=False):
        return my_step(theta, grad, v, lr, beta, eps)

    optimizer = Optimizer.from_rule(with_defaults, state={"v": 0.0}, beta=0.5)
    assert repr(optimizer) == "with_defaults(lr=0.1, beta=0.5, eps=1e-08)"
    assert np.array_equal(one_step(optimizer)[0], one_step(RMSProp(lr=0.1, beta=0.5))[0])
    assert np.array_equal(one_step(replace(optimizer, lr=1.0))[0], one_step(RMSProp(lr=1.0, beta=0.5))[0])


def test_the_state_of_a_readers_rule_can_be_pickled():
    mine = Optimizer.from_rule(my_step, state={"v": 0.0}, lr=0.1, beta=0.9, eps=1e-8)
    path = run(mine, problems.bowl(), 3)
    again = pickle.loads(pickle.dumps(path))
    assert type(again.last) is mine.State
    assert again.last.t == 3
    assert np.array_equal(again.state.v, path.state.v)


def test_a_readers_rule_that_works_in_place_changes_nothing_outside():
    def in_place(theta, grad, v, lr):
        v *= 0.9
        v += 0.1 * grad**2
        grad /= np.sqrt(v)
        theta -= lr * grad
        return theta, v

    optimizer = Optimizer.from_rule(in_place, state={"v": 0.0}, lr=0.1)
    theta, grad = np.array([1.0, -2.0]), np.array([3.0, -4.0])
    state = optimizer.init(theta)
    _, new_state = optimizer.step(theta, grad, state)
    assert np.array_equal(theta, [1.0, -2.0])
    assert np.array_equal(grad, [3.0, -4.0])
    assert np.array_equal(state.v, [0.0, 0.0])
    assert np.allclose(new_state.v, [0.9, 1.6])
    path = run(optimizer, problems.bowl(), 5)
    assert np.allclose(path.theta, run(RMSProp(lr=0.1, eps=0), problems.bowl(), 5).theta, rtol=1e-13)
    assert len(np.unique(path.theta[:, 0])) == 6


@pytest.mark.parametrize(
    ("rule", "state", "message"),
    [
        (lambda theta, grad, v, lr: theta, {"v": 0.0}, r"must return \(theta, v\), got one array of shape \(2,\)"),
        (lambda theta, grad, v, lr: (theta, v, v), {"v": 0.0}, r"must return \(theta, v\), got 3 values"),
        (lambda theta, grad, v, lr: None, {"v": 0.0}, r"must return \(theta, v\), got None"),
        (lambda theta, grad, lr: None, {}, "must return theta, got None"),
        (lambda theta, grad, lr: (theta, theta), {}, "must return theta, got 2 values"),
    ],
)
def test_a_rule_that_forgets_to_return_something_is_told(rule, state, message):
    with pytest.raises(TypeError, match=message):
        one_step(Optimizer.from_rule(rule, state=state, lr=0.1))


@pytest.mark.parametrize(
    ("rule", "state", "message"),
    [
        (
            lambda theta, grad, v, lr: (theta.sum(), v),
            {"v": 0.0},
            r"return theta in the shape of theta, \(2,\), got \(\)",
        ),
        (
            lambda theta, grad, v, lr: (theta, v[:1]),
            {"v": 0.0},
            r"return state.v in the shape of theta, \(2,\), got \(1,\)",
        ),
    ],
)
def test_a_rule_that_returns_another_shape_is_told(rule, state, message):
    with pytest.raises(ValueError, match=message):
        one_step(Optimizer.from_rule(rule, state=state, lr=0.1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((my_step, {"v": 0.0}), r"not given: \['lr', 'beta', 'eps'\], not in the rule: \[\]"),
        ((my_step, {"v": 0.0}, {"lr": 1, "beta": 0, "eps": 0, "mu": 0}), r"not in the rule: \['mu'\]"),
        ((lambda theta: theta,), "must take theta and grad first"),
        ((my_step, {"v": np.zeros(2)}, {"lr": 1, "beta": 0, "eps": 0}), "state v must start at a number"),
        ((3,), "rule must be a function, got 3"),
        ((my_step, ["v"]), r"state must give each array its first value, such as {'v': 0.0}, got \['v'\]"),
        ((lambda theta, grad, t, lr: theta, {"t": 0}, {"lr": 1}), "t must not be given: the rule receives the step"),
        ((lambda theta, grad, t, lr: theta, {}, {"lr": 1, "t": 3}), "t must not be given: the rule receives the step"),
        ((lambda theta, grad, step: theta, {}, {"step": 1}), "a hyper-parameter must not be named step, which every"),
    ],
)
def test_a_rule_whose_parameters_are_not_covered_is_refused(arguments, message):
    rule, state, hyper = (*arguments, {}, {})[:3]
    with pytest.raises(TypeError, match=message):
        Optimizer.from_rule(rule, state=state, **hyper)


def of_unit_length(theta, grad, lr):
    return theta - lr * grad / np.linalg.norm(grad)


def only_when_it_moves(theta, grad, lr):
    return theta - lr * grad if lr > 0 else theta


def plain(theta, grad, v, lr):
    return theta - lr * grad / np.sqrt(v + grad * grad), v + 1


@pytest.mark.parametrize(("rule", "state"), [(of_unit_length, {}), (only_when_it_moves, {}), (plain, {"v": 0.0})])
def test_a_sweep_of_a_readers_rule_equals_a_loop_of_runs(rule, state):
    optimizer, axis = Optimizer.from_rule(rule, state=state, lr=0.1), [0.0, 0.1, 0.2]
    grid = sweep(optimizer, BOWL, 5, lr=axis)
    for i, lr in enumerate(axis):
        assert np.array_equal(grid.theta[:, i], run(replace(optimizer, lr=lr), BOWL, 5).theta)


class _Doubled:
    """A wrapper that looks like the function inside it, as those of Numba do."""

    def __init__(self, rule):
        functools.update_wrapper(self, rule)
        self.rule = rule

    def __call__(self, theta, grad, lr):
        return self.rule(theta, 2 * grad, lr)


def test_a_rule_in_a_wrapper_is_called_and_not_what_is_inside_it():
    optimizer = Optimizer.from_rule(_Doubled(lambda theta, grad, lr: theta - lr * grad), lr=0.1)
    wrapped = Optimizer.from_rule(_Doubled(of_unit_length), lr=0.1)
    for mine in (optimizer, wrapped):
        theta, grad = np.array([1.0, -2.0]), np.array([3.0, 4.0])
        expected, _ = mine.step(theta, grad, mine.init(theta))
        assert np.array_equal(fuse(mine, theta).step(theta, grad), expected)
        assert np.array_equal(sweep(mine, BOWL, 3, lr=[0.1]).theta[:, 0], run(mine, BOWL, 3).theta)


def own(objective, gradient=lambda theta: theta, **options):
    return problems.Problem("mine", objective, gradient, np.ones(2), **options)


@pytest.mark.parametrize(
    ("objective", "got"),
    [
        (lambda theta: theta**2, r"shape \((2,|3, 2)\)"),
        (lambda theta: np.ones(4), r"shape \(4,\)"),
        (lambda theta: None, "None"),
        (lambda theta: [1.0], r"(\[1.0\]|shape \(1,\))"),
    ],
)
def test_a_loss_that_is_no_number_is_told(objective, got):
    for question in (run, functools.partial(sweep, lr=[0.1, 0.2, 0.3])):
        with pytest.raises(TypeError, match=f"the objective of mine must return shape .* got {got}; a Problem with"):
            question(RMSProp(), own(objective), steps=2)


def test_a_loss_that_sums_over_the_grid_is_told_and_swept_one_by_one_when_asked():
    with pytest.raises(
        TypeError, match=r"must return shape \(2,\) for theta of shape \(2, 2\), got shape \(\); a Problem"
    ):
        sweep(RMSProp(), own(lambda theta: (theta**2).sum()), 2, lr=[0.1, 0.2])
    alone = own(lambda theta: (theta**2).sum(), broadcasts=False)
    grid = sweep(RMSProp(), alone, 2, lr=[0.1, 0.2])
    assert np.array_equal(grid.loss[:, 1], run(RMSProp(lr=0.2), alone, 2).loss)


def test_a_gradient_that_forgets_to_return_something_is_told():
    with pytest.raises(TypeError, match="the gradient of mine must be an array like theta, got None"):
        run(RMSProp(), own(lambda theta: (theta**2).sum(), lambda theta: None), 2)


class _Data:
    """Something large that a rule closes over."""


@pytest.mark.parametrize(
    "use",
    [
        lambda optimizer: optimizer.init(np.ones(2)),
        lambda optimizer: run(optimizer, BOWL, 3),
        lambda optimizer: sweep(optimizer, BOWL, 3, lr=[0.1, 0.2]),
        lambda optimizer: fuse(optimizer, np.ones(2)).step(np.ones(2), np.ones(2)),
        lambda optimizer: pickle.dumps(optimizer.init(np.ones(2)).t),
    ],
    ids=["init", "run", "sweep", "fuse", "pickle"],
)
def test_a_rule_that_nobody_uses_any_more_is_let_go_with_all_it_holds(use):
    data = _Data()

    def rule(theta, grad, v, lr, data=data):
        return theta - lr * grad / np.sqrt(v + grad * grad), v + 1

    optimizer = Optimizer.from_rule(rule, state={"v": 0.0}, lr=0.1)
    use(optimizer)
    assert optimizer == Optimizer.from_rule(rule, state={"v": 0.0}, lr=0.1)
    held = weakref.ref(data)
    del data, rule, optimizer
    gc.collect()
    assert held() is None
