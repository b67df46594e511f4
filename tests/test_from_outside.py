"""What comes in from outside: numbers under other names, states from files, functions of t, columns of a grid."""

from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import Adam, GradientDescent, Momentum, Optimizer, RMSProp, conventions
from rmsprop_lib.hyper import Column
from tests.optimizer_table import OPTIMIZERS, classes
from tests.test_optimizer import one_step


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: RMSProp(alpha=0.99), "got alpha; alpha is called beta or lr here"),
        (lambda: RMSProp(rho=0.9), "got rho; rho is called beta here"),
        (lambda: RMSProp(learning_rate=0.1), "got learning_rate; learning_rate is called lr here"),
        (lambda: Adam(betas=(0.9, 0.999)), "got betas; betas is called beta1 and beta2 here"),
        (lambda: Adam(beta_2=0.9), "got beta_2; beta_2 is called beta2 here"),
        (lambda: Momentum(momentum=0.9), "got momentum; momentum is called mu here"),
        (lambda: GradientDescent(alpha=0.1), "the arguments of GradientDescent must be among lr, got alpha; alpha is"),
        (lambda: conventions.rmsprop(0.1, mu=0.9), "got mu; mu is called momentum here"),
        (lambda: conventions.rmsprop(0.1, epsilon=1e-7), "got epsilon; epsilon is called eps here"),
        (lambda: replace(RMSProp(), wd=1), "the arguments of RMSProp must be among lr, beta, eps, got wd"),
        (lambda: RMSProp(colour=1), "the arguments of RMSProp must be among lr, beta, eps, got colour"),
    ],
)
def test_another_librarys_name_of_a_number_is_answered_with_ours(make, advice):
    with pytest.raises(TypeError) as caught:
        make()
    assert advice in str(caught.value)


@pytest.mark.parametrize("cls", sorted(classes(), key=lambda cls: cls.__name__), ids=lambda cls: cls.__name__)
def test_a_negative_average_of_squares_is_refused_when_it_comes_in_and_a_negative_average_is_not(cls):
    optimizer = cls(lr=0.1)
    theta = np.ones(2)
    _, state = optimizer.step(theta, theta, optimizer.init(theta))
    for name in cls.slots:
        negative = state._replace(**{name: np.array([1.0, -0.5])})
        if name in {"m", "mean", "buffer", "previous", "product"}:
            assert optimizer.check_state(negative) == negative
            continue
        for fails in (optimizer.check_state, lambda s: optimizer.step(theta, theta, s._replace(t=0))):
            with pytest.raises(ValueError, match=rf"^state\.{name} must be >= 0, got -0\.5$"):
                fails(negative)


def test_a_readers_state_may_have_any_sign_whatever_its_name():
    optimizer = Optimizer.from_rule(lambda theta, grad, v: (theta, v - grad), state={"v": 0.0})
    _, state = one_step(optimizer, [1.0], [2.0])
    assert optimizer.check_state(state).v == [-2.0]


@pytest.mark.parametrize(
    ("t", "error", "message"),
    [(-1, ValueError, "state.t must be >= 0, got -1"), (1.5, TypeError, "state.t must be a whole number, got 1.5"),
     (None, TypeError, "got None"), (True, TypeError, "got True"), (np.bool(True), TypeError, "whole number")],
)  # fmt: skip
def test_a_step_number_that_is_none_is_refused(t, error, message):
    state = RMSProp().init(np.ones(2))._replace(t=t)
    for fails in (RMSProp().check_state, lambda s: RMSProp().step(np.ones(2), np.ones(2), s)):
        with pytest.raises(error) as caught:
            fails(state)
        assert message in str(caught.value)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_function_of_t_is_asked_once_a_step_in_order(name):
    asked = {field: [] for field in OPTIMIZERS[name]._hyper if field not in OPTIMIZERS[name].flags}

    def asking(field, value):
        return lambda t: asked[field].append(t) or value

    optimizer = OPTIMIZERS[name]
    optimizer = replace(optimizer, **{f: asking(f, getattr(optimizer, f)) for f in asked})
    theta = np.array([1.0, -2.0])
    state = optimizer.init(theta)
    for _ in range(3):
        theta, state = optimizer.step(theta, theta, state)
    first = {value for value in optimizer.slots.values() if isinstance(value, str)}  # `init` needs them before
    for field, seen in asked.items():
        assert seen == ([1] if field in first else [1, 2, 3])


def test_a_column_of_float32_keeps_what_one_minus_beta_has():
    beta = np.array([[0.5], [0.999], [0.9999999], [1 - 1e-9]])
    theta = np.linspace(-1, 2, 4, dtype=np.float32)[:, None] * np.ones(2, np.float32)
    for cls in (RMSProp, Adam):
        name = "beta" if cls is RMSProp else "beta2"
        grid, state = cls(**{name: beta}), cls().init(theta)
        new, after = grid.step(theta, np.cos(theta), state)
        new, after = grid.step(new, np.cos(new), after)
        assert new.dtype == after.v.dtype == np.float32
        for i, value in enumerate(beta.ravel()):
            single, row = cls(**{name: float(value)}), theta[i]
            moved, alone = single.step(row, np.cos(row), cls().init(row))
            moved, alone = single.step(moved, np.cos(moved), alone)
            assert np.array_equal(new[i], moved)
            assert np.array_equal(after.v[i], alone.v)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_an_array_of_numbers_is_like_any_other_to_a_readers_rule_which_may_change_it(dtype):
    def own(theta, grad, lr):
        first = lr[:1] * np.ones(2, lr.dtype)
        lr *= 2
        lr += lr - lr * 1
        return theta - np.where(grad > 0, first, 0) - np.clip(grad, -lr, lr) + 0 / lr - (lr - lr)

    theta, lr = np.array([1.0, -2.0], dtype), np.array([0.25, 0.125])
    optimizer = Optimizer.from_rule(own, lr=lr)
    for _ in range(3):
        new, _ = optimizer.step(theta, np.ones(2, dtype), optimizer.init(theta))
        assert new.tolist() == [0.25, -2.5]
        assert new.dtype == dtype
    assert lr.tolist() == [0.25, 0.125]


@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
@pytest.mark.parametrize("operation", [
    lambda x, a: x * a, lambda x, a: a * x, lambda x, a: a + x, lambda x, a: x + a, lambda x, a: a / x,
    lambda x, a: x / a, lambda x, a: a - x, lambda x, a: x - a, lambda x, a: (1 - x) * a, lambda x, a: (1 - x**3) * a,
    lambda x, a: a / (1 - x**2), lambda x, a: np.maximum(x * 0.5, a), lambda x, a: a * (1 - x * 2 * (x != 0)),
    lambda x, a: (2 - x) * a, lambda x, a: (1.0 - x) * a, lambda x, a: -x * a,
])  # fmt: skip
def test_a_column_does_beside_an_array_what_a_number_does(operation, dtype):
    array, values = np.linspace(-2, 3, 8).astype(dtype).reshape(4, 2), np.array([[0.1], [0.9], [0.999], [1 - 1e-9]])
    found = operation(Column.of(values, np.dtype(dtype)), array)
    assert type(found) is np.ndarray
    assert found.dtype == dtype
    for row, value, one in zip(found, values.ravel().tolist(), array, strict=True):
        assert np.array_equal(row, operation(value, one).astype(dtype))
