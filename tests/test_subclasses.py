"""Optimizers that a reader derives from the library's: a constructor, a step or numbers of their own act everywhere."""

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest

from rmsprop_lib import Momentum, Optimizer, RMSProp, fuse, matrix, problems, run, sweep
from rmsprop_lib.fused import CannotCompile
from rmsprop_lib.optimizers import rmsprop
from tests.array_table import WithArray

BOWL = problems.bowl()
THETA, GRAD = np.array([1.0, -2.0]), np.array([3.0, 0.5])


class Named(RMSProp):
    def __init__(self, alpha=0.3):
        super().__init__(lr=alpha)


@dataclass(frozen=True, eq=False)
class NamedDataclass(RMSProp):
    def __init__(self, alpha=0.3):
        super().__init__(lr=alpha)


class Open(RMSProp):
    def __init__(self, **options):
        super().__init__(lr=options["alpha"])


@dataclass(frozen=True, eq=False)
class Silent(RMSProp):
    def __post_init__(self):
        pass


class Undeclared(Optimizer):
    rule = staticmethod(rmsprop)
    slots = {"v": 0.0}
    lr, beta, eps = 0.2, 0.9, 1e-8


class Double(Momentum):
    """A step of its own."""

    def step(self, theta, grad, state):
        return super().step(theta, 2 * grad, state)


class Mixed:
    def step(self, theta, grad, state):
        return super().step(theta, 2 * grad, state)


class FromTheSide(Mixed, Momentum):
    """A step that comes from another base."""


class Applied(Momentum):
    def _apply(self, theta, grad, arrays, arguments):
        return super()._apply(theta, 2 * grad, arrays, arguments)


class Halved(RMSProp):
    """Numbers of its own, by the public name."""

    def hyper(self, t):
        numbers = super().hyper(t)
        return numbers | {"lr": numbers["lr"] / 2**t}


def by_hand(optimizer, steps, theta=BOWL.start):
    theta, state = theta.copy(), optimizer.init(theta)
    for t in range(1, steps + 1):
        theta, state = optimizer.step(theta, BOWL.grad(theta, t), state)
    return theta


@pytest.mark.parametrize("cls", [Named, NamedDataclass, Open])
def test_a_constructor_of_a_subclass_has_parameters_of_its_own(cls):
    optimizer = cls(alpha=0.2)
    assert optimizer.lr == 0.2
    assert np.array_equal(run(optimizer, BOWL, 5).theta, run(RMSProp(lr=0.2), BOWL, 5).theta)


@pytest.mark.parametrize("cls", [Named, NamedDataclass])
@pytest.mark.parametrize("name", ["lr", "colour"])
def test_a_name_that_the_constructor_of_a_subclass_does_not_take_is_refused(cls, name):
    with pytest.raises(TypeError, match=name):
        cls(**{name: 0.2})


def test_a_subclass_without_a_constructor_answers_another_librarys_name_like_its_base():
    with pytest.raises(TypeError, match="got learning_rate; learning_rate is called lr here"):
        Double(learning_rate=0.1)


@pytest.mark.parametrize("optimizer", [Silent(lr=0.2), Undeclared()], ids=["own __post_init__", "no dataclass"])
def test_a_subclass_that_prepares_nothing_runs(optimizer):
    assert np.array_equal(run(optimizer, BOWL, 5).theta, run(RMSProp(lr=0.2, beta=0.9, eps=1e-8), BOWL, 5).theta)
    theta = THETA.copy()
    expected, _ = optimizer.step(THETA, GRAD, optimizer.init(THETA))
    assert np.array_equal(fuse(optimizer, theta).step(theta, GRAD), expected)


def test_a_subclass_that_prepares_nothing_is_checked_when_it_is_used():
    with pytest.raises(ValueError, match="lr must be a finite number >= 0, got -1"):
        Silent(lr=-1).step(THETA, GRAD, Silent(lr=-1).init(THETA))
    with pytest.raises(AttributeError, match="colour"):
        _ = Silent().colour


@pytest.mark.parametrize("make", [lambda: Undeclared(0.1), lambda: Undeclared(lr=5), lambda: Optimizer(lr=1)])
def test_arguments_that_nothing_would_take_are_refused(make):
    with pytest.raises(TypeError, match="takes no arguments: it must be a dataclass"):
        make()


@pytest.mark.parametrize("lost", [(), ("_has_arrays",), ("_changing", "_has_arrays")], ids=len)
@pytest.mark.parametrize("optimizer", [RMSProp(lr=0.2), RMSProp(lr=np.array([0.1, 0.2]))], ids=["number", "array"])
def test_an_optimizer_whose_pickle_knows_less_steps_again(optimizer, lost):
    again = pickle.loads(pickle.dumps(optimizer))
    for name in lost:
        again.__dict__.pop(name, None)
    assert again == optimizer
    assert np.array_equal(by_hand(again, 4), by_hand(optimizer, 4))


def test_a_pickle_holds_the_fields_alone():
    assert RMSProp(lr=0.2).__getstate__().keys() == {"lr", "beta", "eps"}


def test_a_problem_whose_pickle_knows_less_is_asked_again():
    problem = pickle.loads(pickle.dumps(BOWL))
    problem.__dict__.pop("_asked", None)
    assert problem.f(problem.start) == BOWL.f(BOWL.start)
    assert np.array_equal(run(RMSProp(), problem, 3).theta, run(RMSProp(), BOWL, 3).theta)


def test_numbers_that_a_subclass_tells_act_in_every_way_to_step():
    optimizer, told = Halved(lr=0.4), RMSProp(lr=lambda t: 0.4 / 2**t)
    expected = by_hand(told, 5)
    assert np.array_equal(by_hand(optimizer, 5), expected)
    assert np.array_equal(run(optimizer, BOWL, 5).theta[-1], expected)
    grid = sweep(optimizer, BOWL, 5, lr=[0.2, 0.4])
    assert np.array_equal(grid.loss[:, 1], run(optimizer, BOWL, 5).loss)
    theta = BOWL.start.copy()
    fast = fuse(optimizer, theta)
    for t in range(1, 6):
        fast.step(theta, BOWL.grad(theta, t))
    assert np.array_equal(theta, expected)


def test_a_number_that_a_subclass_tells_is_checked():
    class Wrong(RMSProp):
        def hyper(self, t):
            return super().hyper(t) | {"beta": 2.0}

    with pytest.raises(ValueError, match=r"beta must be in \[0, 1\), got 2.0"):
        Wrong().step(THETA, GRAD, Wrong().init(THETA))


@pytest.mark.parametrize("lr", [np.array(0.1), np.array([0.1, 0.2])], ids=["no axis", "one axis"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("before", [0, 3])
def test_an_array_that_changes_after_it_was_given_changes_no_optimizer(lr, dtype, before):
    start, given = BOWL.start.astype(dtype), lr.copy()
    optimizer = RMSProp(lr=given)
    kept = hash(optimizer)
    by_hand(optimizer, before, start)
    given[...] = 7.0
    assert np.array_equal(by_hand(optimizer, 4, start), by_hand(RMSProp(lr=lr), 4, start))
    assert hash(optimizer) == kept


def test_a_column_of_a_table_becomes_a_plain_array():
    optimizer = RMSProp(lr=WithArray(np.array([0.1, 0.2])))
    assert type(optimizer.lr) is np.ndarray
    assert optimizer == RMSProp(lr=np.array([0.1, 0.2]))
    assert hash(optimizer) == hash(replace(optimizer))
    assert np.array_equal(by_hand(optimizer, 3), by_hand(RMSProp(lr=np.array([0.1, 0.2])), 3))


@pytest.mark.parametrize("cls", [Double, FromTheSide, Applied])
def test_a_step_of_a_subclass_acts_in_every_way_to_step(cls):
    optimizer = cls(lr=0.05)
    expected = by_hand(optimizer, 5)
    assert not np.array_equal(expected, by_hand(Momentum(lr=0.05), 5))
    assert np.array_equal(run(optimizer, BOWL, 5).theta[-1], expected)
    theta = BOWL.start.copy()
    fast = fuse(optimizer, theta)
    for t in range(1, 6):
        fast.step(theta, BOWL.grad(theta, t))
    assert np.array_equal(theta, expected)
    with pytest.raises(CannotCompile, match=f"{cls.__name__} has a step of its own"):
        fuse(optimizer, theta, backend="numba")


class Clipped(Momentum):
    """A step that looks at the gradient as a whole."""

    def step(self, theta, grad, state):
        return super().step(theta, grad / np.linalg.norm(grad), state)


class Scaled(Momentum):
    """A first state that looks at θ as a whole."""

    def init(self, theta):
        state = super().init(theta)
        return state._replace(m=state.m + np.linalg.norm(theta))


@pytest.mark.parametrize("cls", [Clipped, Scaled])
def test_a_sweep_does_not_stack_what_a_subclass_may_look_at_as_a_whole(cls):
    grid = sweep(cls(), BOWL, 4, lr=[0.1, 0.2])
    assert np.array_equal(grid.loss[:, 1], run(cls(lr=0.2), BOWL, 4).loss)


def test_numbers_that_a_subclass_tells_act_once_in_an_optimizer_of_parts():
    shapes, theta = {"weight": (2, 2), "bias": (2,)}, np.arange(1.0, 7.0)
    found, expected = (
        matrix.ByPart(shapes, matrix.Muon(), others) for others in (Halved(lr=0.4), RMSProp(lr=lambda t: 0.4 / 2**t))
    )
    here, there, state, other = theta, theta, found.init(theta), expected.init(theta)
    for _ in range(3):
        here, state = found.step(here, here, state)
        there, other = expected.step(there, there, other)
    assert np.array_equal(here, there)
