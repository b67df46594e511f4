"""The step written out does what the careful one does, and lets nothing through that the careful one looks at."""

import pickle
from dataclasses import dataclass, replace

import numpy as np
import pytest

from rmsprop_lib import Adam, GradientDescent, Momentum, Optimizer, RMSProp, conventions, problems, run
from rmsprop_lib.hyper import Number
from tests.optimizer_table import OPTIMIZERS

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


def careful(optimizer, theta, grad, state):
    """A step of the optimizer that was never proven, with everything looked at."""
    return Optimizer.step(replace(optimizer), theta, grad, state)


def walk(optimizer, dtype=np.float64, steps=3, shape=(2, 3)):
    """θ and state after some steps, when the quick way is open."""
    theta = np.linspace(-2, 3, int(np.prod(shape))).reshape(shape).astype(dtype)
    state = optimizer.init(theta)
    for t in range(steps):
        theta, state = optimizer.step(theta, np.cos(theta + t), state)
    return theta, state


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_and_an_advance_have_the_bits_of_a_careful_step(name, dtype):
    optimizer = OPTIMIZERS[name]
    theta, state = walk(optimizer, dtype)
    for t in range(4):
        grad = np.sin(theta * (t + 1)).astype(theta.dtype)
        expected, wanted = careful(optimizer, theta, grad, state)
        for new, after in (optimizer.step(theta, grad, state), optimizer._advance(theta, grad, state)):
            assert new.dtype == dtype and type(new) is np.ndarray and np.array_equal(new, expected)
            assert type(after) is type(wanted) and after.t == wanted.t
            for a, b in zip(after[:-1], wanted[:-1], strict=True):
                assert type(a) is np.ndarray and a.dtype == b.dtype and np.array_equal(a, b)
        theta, state = expected, wanted


@pytest.mark.parametrize(
    "optimizer", [RMSProp(), Adam(), GradientDescent(), conventions.like("torch", lr=0.1)], ids=str
)
def test_the_quick_way_is_open_after_two_steps_and_for_its_dtype_alone(optimizer):
    optimizer = replace(optimizer)
    walk(optimizer, np.float32, steps=1)
    assert not optimizer._proven
    walk(optimizer, np.float32, steps=2)
    assert set(optimizer._proven) == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    "optimizer",
    [
        RMSProp(lr=lambda t: 0.1 / t),
        RMSProp(lr=np.array([0.1, 0.2])),
        Optimizer.from_rule(lambda theta, grad, lr: theta - lr * grad, lr=0.1),
    ],
    ids=["function of t", "array", "reader's rule"],
)
def test_what_changes_or_is_not_ours_is_never_proven(optimizer):
    walk(optimizer, shape=(3, 2))
    assert not optimizer._proven


SHAPE = (2, 3)
BAD = {
    "grad of one row": (lambda g: {"grad": g[:1]}, ValueError),
    "grad of one number": (lambda g: {"grad": g[0, 0]}, ValueError),
    "grad with an axis more": (lambda g: {"grad": g[None]}, ValueError),
    "whole numbers": (lambda g: {"grad": g.astype(int)}, TypeError),
    "complex": (lambda g: {"grad": g.astype(complex)}, TypeError),
    "masked": (lambda g: {"grad": np.ma.array(g, mask=g > 0)}, TypeError),
    "theta of whole numbers": (lambda g: {"theta": g.astype(int)}, TypeError),
    "theta of one row": (lambda g: {"theta": g[:1]}, ValueError),
    "average of one row": (lambda g: {"v": g[:1]}, ValueError),
    "average of whole numbers": (lambda g: {"v": g.astype(int)}, TypeError),
    "t below zero": (lambda g: {"t": -1}, ValueError),
    "t between two steps": (lambda g: {"t": 1.5}, TypeError),
    "t true": (lambda g: {"t": True}, TypeError),
    "t of many steps": (lambda g: {"t": np.arange(3)}, TypeError),
    "no t": (lambda g: {"t": None}, TypeError),
}


@pytest.mark.parametrize("case", BAD)
def test_the_quick_way_refuses_what_the_careful_one_refuses(case):
    change, error = BAD[case]
    optimizer = RMSProp(lr=0.1)
    theta, state = walk(optimizer, shape=SHAPE)
    given = {"theta": theta, "grad": np.cos(theta), "v": state.v, "t": state.t} | change(np.cos(theta))
    with pytest.raises(error):
        optimizer.step(given["theta"], given["grad"], optimizer.State(given["v"], given["t"]))


@pytest.mark.parametrize("t", [np.int64(3), np.uint8(255), np.array(3)])
def test_a_step_number_of_numpy_becomes_an_int_which_cannot_overflow(t):
    optimizer = Adam()
    theta, state = walk(optimizer)
    _, after = optimizer.step(theta, theta, state._replace(t=t))
    assert type(after.t) is int
    assert after.t == int(t) + 1


def test_numbers_without_an_axis_stay_arrays_after_others_were_proven():
    optimizer = RMSProp(lr=0.1)
    walk(optimizer)
    theta, state = np.array(1.0), optimizer.init(np.array(1.0))
    for _ in range(3):
        theta, state = optimizer.step(theta, theta, state)
        assert type(theta) is np.ndarray and type(state.v) is np.ndarray
        assert theta.shape == state.v.shape == ()


def test_another_byte_order_is_not_taken_for_the_proven_one():
    optimizer = GradientDescent(lr=0.5)
    walk(optimizer)
    theta = np.array([1.0, 2.0]).astype(">f8" if np.little_endian else "<f8")
    new, _ = optimizer.step(theta, theta, optimizer.State(5))
    assert new.dtype.isnative
    assert new.tolist() == [0.5, 1.0]


def test_a_subclass_with_a_rule_or_a_step_of_its_own_keeps_it():
    @dataclass(frozen=True, eq=False)
    class Signed(Momentum):
        rule = staticmethod(lambda theta, grad, m, lr, mu: (theta - np.sign(grad), m))

    @dataclass(frozen=True, eq=False)
    class Twice(Momentum):
        def step(self, theta, grad, state):
            return super().step(theta, 2 * grad, state)

    path = run(Twice(lr=0.1), problems.bowl(), 3)
    assert np.array_equal(path.theta, run(Momentum(lr=0.2), problems.bowl(), 3).theta)
    theta, grad = np.array([1.0, -2.0]), np.array([3.0, -4.0])
    for _ in range(2):
        for cls, expected in ((Signed, theta - np.sign(grad)), (Twice, theta - 0.02 * grad)):
            optimizer = cls()
            state = optimizer.init(theta)
            optimizer.step(theta, grad, state._replace(t=1))
            assert np.array_equal(optimizer.step(theta, grad, state)[0], expected)


def test_a_copy_of_an_optimizer_carries_nothing_that_was_prepared():
    optimizer = Adam(lr=0.1)
    fresh = len(pickle.dumps(optimizer))
    walk(optimizer)
    again = pickle.loads(pickle.dumps(optimizer))
    assert len(pickle.dumps(optimizer)) == fresh
    assert again == optimizer
    assert np.array_equal(walk(again)[0], walk(optimizer)[0])


@pytest.mark.parametrize("base", [0.0, 0.5, 0.9, 0.999, 1 - 1e-9])
def test_a_numbers_powers_have_the_bits_of_an_arrays(base):
    number, column = Number(base), np.full((3, 1, 1), base)
    for t in [*range(1, 200), 1000, 999, 5, 99_999, 10**6]:
        assert number**t == (column**t)[1, 0, 0]
    assert number**0.5 == (column**0.5)[0, 0, 0]


@pytest.mark.parametrize("exponent", [np.array([1.0, 2.0]), np.array([[3, 4]]), np.array(2.0)])
def test_a_number_may_be_raised_to_an_array(exponent):
    def rule(theta, grad, v, t, beta):
        return theta - grad * (beta**exponent).ravel(), v

    optimizer = Optimizer.from_rule(rule, state={"v": 0.0}, beta=0.9)
    new, _ = optimizer.step(np.ones(2), np.ones(2), optimizer.init(np.ones(2)))
    assert np.array_equal(new, 1 - np.ones(2) * (0.9**exponent).ravel())
    assert np.array_equal(Number(0.9) ** exponent, 0.9**exponent)
