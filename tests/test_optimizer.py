"""The machinery between a rule and an optimizer: validation, hyper-parameters that change, rules of a reader's own."""

from dataclasses import FrozenInstanceError, replace
from fractions import Fraction

import numpy as np
import pytest

from rmsprop_lib import Adam, GradientDescent, Momentum, Optimizer, RMSProp, Rprop, conventions
from tests.optimizer_table import OPTIMIZERS


def one_step(optimizer, theta=(1.0, -2.0), grad=(3.0, -4.0)):
    theta, grad = np.array(theta), np.array(grad)
    return optimizer.step(theta, grad, optimizer.init(theta))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: RMSProp(beta=1.0), ValueError, "beta must be in [0, 1), got 1.0"),
        (lambda: RMSProp(beta=-0.1), ValueError, "beta must be in [0, 1), got -0.1"),
        (lambda: RMSProp(beta=float("nan")), ValueError, "beta must be in [0, 1), got nan"),
        (lambda: Adam(beta2=2), ValueError, "beta2 must be in [0, 1), got 2"),
        (lambda: Adam(beta1=1.0), ValueError, "beta1 must be in [0, 1), got 1.0"),
        (lambda: Rprop(h_max=-1.0), ValueError, "h_max must be a finite number >= 0, got -1.0"),
        (
            lambda: Optimizer.from_rule(RMSProp.rule, state={"v": 0.0, "beta": 0.0}, lr=1, eps=np.inf),
            ValueError,
            "eps must be a finite number >= 0, got inf",
        ),
        (
            lambda: Optimizer.from_rule(lambda theta, grad, a: theta, a=np.inf),
            ValueError,
            "a must be a finite number, got inf",
        ),
        (lambda: Momentum(mu=1), ValueError, "mu must be in [0, 1), got 1"),
        (lambda: RMSProp(lr=-1), ValueError, "lr must be a finite number >= 0, got -1"),
        (lambda: RMSProp(lr=float("inf")), ValueError, "lr must be a finite number >= 0, got inf"),
        (lambda: RMSProp(eps=-1e-8), ValueError, "eps must be a finite number >= 0, got -1e-08"),
        (
            lambda: RMSProp(lr="0.1"),
            TypeError,
            "lr must be a number, an array of numbers or a function of t, got '0.1'",
        ),
        (lambda: RMSProp(lr=None), TypeError, "lr must be a number, an array of numbers or a function of t, got None"),
        (lambda: RMSProp(lr=True), TypeError, "lr must be a number, an array of numbers or a function of t, got True"),
        (lambda: RMSProp(lr=1j), TypeError, "lr must be a number, an array of numbers or a function of t, got 1j"),
        (lambda: RMSProp(beta=np.array([0.5, 1.0])), ValueError, "beta must be in [0, 1), got array([0.5, 1. ])"),
        (lambda: RMSProp(beta=np.array(["a"])), TypeError, "beta must be a number"),
        (lambda: Rprop(shrink=1.0), ValueError, "shrink must be in (0, 1), got 1.0"),
        (lambda: Rprop(shrink=0.0), ValueError, "shrink must be in (0, 1), got 0.0"),
        (lambda: Rprop(grow=1.0), ValueError, "grow must be a finite number > 1, got 1.0"),
        (lambda: Rprop(h_min=-1.0), ValueError, "h_min must be a finite number >= 0, got -1.0"),
        (lambda: Rprop(h_min=2.0, h_max=1.0), ValueError, "h_min must be <= h_max, got h_min = 2.0 and h_max = 1.0"),
        (lambda: conventions.rprop(shrink=2.0), ValueError, "shrink must be in (0, 1), got 2.0"),
        (lambda: conventions.rprop(h_min=2.0, h_max=1.0), ValueError, "h_min must be <= h_max, got h_min = 2.0"),
        (lambda: conventions.rmsprop(0.1, momentum=1.0), ValueError, "momentum must be in [0, 1), got 1.0"),
        (lambda: conventions.rmsprop(0.1, v0=-1.0), ValueError, "v0 must be a finite number >= 0, got -1.0"),
        (lambda: conventions.rmsprop(0.1, weight_decay=-1), ValueError, "weight_decay must be a finite number >= 0"),
        (
            lambda: conventions.rmsprop(0.1, centered="yes"),
            ValueError,
            "centered must be one of False, True, got 'yes'",
        ),
        (lambda: conventions.rmsprop(0.1, centered=1), ValueError, "centered must be one of False, True, got 1"),
        (
            lambda: conventions.rmsprop(0.1, nesterov=True),
            ValueError,
            "momentum must be > 0 with nesterov=True, got 0.0",
        ),
        (lambda: conventions.sgd(0.1, nesterov=True), ValueError, "momentum must be > 0 with nesterov=True, got 0.0"),
        (
            lambda: conventions.sgd(0.1, momentum=0.5, nesterov=True, dampening=0.2),
            ValueError,
            "dampening must be 0 with nesterov=True, got 0.2",
        ),
        (lambda: conventions.sgd(0.1, dampening=1.1), ValueError, "dampening must be in [0, 1], got 1.1"),
        (lambda: conventions.sgd(0.1, dampening=-0.1), ValueError, "dampening must be in [0, 1], got -0.1"),
        (
            lambda: conventions.adam(0.1, amsgrad="max"),
            ValueError,
            "amsgrad must be one of None, 'raw', 'corrected', 'reddi', got 'max'",
        ),
        (lambda: conventions.adam(0.1, eps_root=-1.0), ValueError, "eps_root must be a finite number >= 0, got -1.0"),
        (lambda: conventions.adagrad(0.1, lr_decay=-1.0), ValueError, "lr_decay must be a finite number >= 0"),
        (
            lambda: conventions.nadam(momentum_decay=-1.0),
            ValueError,
            "momentum_decay must be a number >= 0, inf for none, got -1.0",
        ),
    ],
)
def test_an_illegal_hyper_parameter_is_refused_by_name(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RMSProp(lr=0, beta=0, eps=0),
        lambda: RMSProp(lr=np.float32(0.5), beta=np.array(0.5)),
        lambda: RMSProp(lr=np.array([1, 2])),
        lambda: RMSProp(lr=Fraction(1, 10), beta=lambda t: Fraction(1, 2)),
        lambda: Rprop(h_min=0.0),
        lambda: Rprop(h_min=0.5, h_max=0.5),
        lambda: conventions.nadam(momentum_decay=0),
        lambda: conventions.sgd(0.1, momentum=0.5, dampening=1),
        lambda: conventions.rmsprop(0.1, momentum=np.array([0.0, 0.9]), nesterov=True),
        lambda: conventions.rmsprop(0.1, momentum=lambda t: 0.5, nesterov=True),
    ],
)
def test_legal_hyper_parameters_at_the_edge_are_taken(make):
    new, _ = one_step(make())
    assert np.isfinite(new).all()


@pytest.mark.parametrize(
    ("theta", "grad", "error", "message"),
    [
        (
            [1, 2],
            [1.0, 2.0],
            TypeError,
            "theta must be an array of floating-point numbers, got int64; convert it first",
        ),
        ([1j, 2], [1.0, 2.0], TypeError, "got complex128; treat a complex number as two real parameters"),
        ([1.0, 2.0], [1, 2], TypeError, "grad must be an array of floating-point numbers, got int64"),
        ([1.0, 2.0], [1j, 2], TypeError, "grad must be an array of floating-point numbers, got complex128"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], ValueError, "grad must have the shape of theta, (2,), got (3,)"),
        ([1.0, 2.0], 1.0, ValueError, "grad must have the shape of theta, (2,), got ()"),
        ([True, False], [1.0, 1.0], TypeError, "got bool"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_name(theta, grad, error, message):
    optimizer = RMSProp()
    state = optimizer.init(np.zeros(2))
    with pytest.raises(error) as caught:
        optimizer.step(np.array(theta), np.array(grad), state)
    assert message in str(caught.value)


@pytest.mark.parametrize("grad", [None, "ab", [1j, 2.0], [[1.0], [2.0, 3.0]], {"v": 1.0}])
def test_a_gradient_that_is_no_array_is_refused_by_name(grad):
    for theta in (np.ones(2), np.array(1.0)):
        with pytest.raises(TypeError, match="grad must be an array of numbers, got "):
            RMSProp().step(theta, grad, RMSProp().init(theta))


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 2)])
def test_an_array_of_hyper_parameters_must_fit_theta(shape):
    with pytest.raises(ValueError, match=r"lr must broadcast to the shape of theta, \(2,\), got shape \(\d"):
        one_step(RMSProp(lr=np.ones(shape)))
    with pytest.raises(ValueError, match="v0 must broadcast to the shape of theta"):
        conventions.rmsprop(0.1, v0=np.ones(shape)).init(np.ones(2))


def test_a_zero_gradient_is_a_zero_step_in_every_precision():
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        theta = np.ones(2, dtype)
        assert np.array_equal(RMSProp(eps=0).step(theta, 0 * theta, RMSProp().init(theta))[0], theta)


def test_a_state_of_another_shape_or_optimizer_is_refused():
    with pytest.raises(ValueError, match=r"state.v must have the shape of theta, \(2,\), got \(3,\)"):
        RMSProp().step(np.ones(2), np.ones(2), RMSProp().init(np.ones(3)))
    with pytest.raises(TypeError, match=r"state must have v and t, as RMSProp.init gives it, got State with m, t"):
        RMSProp().step(np.ones(2), np.ones(2), Momentum().init(np.ones(2)))
    with pytest.raises(TypeError, match=r"state must have v and t, as RMSProp.init gives it, got tuple"):
        RMSProp().step(np.ones(2), np.ones(2), (np.zeros(2), 0))


@pytest.mark.parametrize("theta", [object(), "abc", [[1.0], [1.0, 2.0]], None])
def test_a_theta_that_is_no_array_is_refused(theta):
    with pytest.raises(TypeError, match="theta must be an array of"):
        RMSProp().init(theta)


def test_lists_of_numbers_are_taken_as_arrays():
    optimizer = RMSProp(lr=0.1, eps=0)
    new, state = optimizer.step([1.0, -2.0], [3.0, -4.0], optimizer.init([1.0, -2.0]))
    expected, expected_state = one_step(optimizer)
    assert np.array_equal(new, expected)
    assert np.array_equal(state.v, expected_state.v)


def test_an_optimizer_is_frozen_comparable_and_printable():
    optimizer = RMSProp(lr=0.1)
    with pytest.raises(FrozenInstanceError):
        optimizer.lr = 0.2
    assert optimizer == RMSProp(lr=0.1, beta=0.9, eps=1e-8)
    assert optimizer != RMSProp(lr=0.2)
    assert optimizer != GradientDescent(lr=0.1)
    assert optimizer != "RMSProp"
    assert repr(optimizer) == "RMSProp(lr=0.1, beta=0.9, eps=1e-08)"
    assert RMSProp(lr=np.array([1.0, 2.0])) == RMSProp(lr=np.array([1.0, 2.0]))
    assert RMSProp(lr=np.array([1.0, 2.0])) != RMSProp(lr=np.array([[1.0, 2.0]]))
    assert len({RMSProp(lr=np.array([1.0, 2.0])), RMSProp(lr=np.array([1.0, 2.0])), RMSProp()}) == 2


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_hyper_parameter_may_be_a_function_of_t_counted_from_one(name):
    seen = []

    def lr(t):
        seen.append(t)
        return 0.1 / t

    optimizer = replace(OPTIMIZERS[name], lr=lr)
    theta, grad = np.array([1.0, -2.0]), np.array([0.3, -4.0])
    state = optimizer.init(theta)
    seen.clear()
    for t in (1, 2, 3):
        constant = replace(optimizer, lr=0.1 / t)
        expected, _ = constant.step(theta, grad, state)
        theta, state = optimizer.step(theta, grad, state)
        assert np.array_equal(theta, expected)
        assert seen == [t] * ("lr" not in optimizer._first_only)
        seen.clear()


def test_beta_and_eps_may_change_with_t_too():
    def beta(t):
        return 1 - 0.9 / t

    optimizer = RMSProp(lr=0.1, beta=beta, eps=lambda t: 1e-3 / t**0.5)
    theta, grads = np.zeros(1), (3.0, 1.0)
    state = optimizer.init(theta)
    v = x = 0.0
    for t, g in enumerate(grads, 1):
        v = beta(t) * v + (1 - beta(t)) * g**2
        x -= 0.1 * g / (v + 1e-3 / t**0.5) ** 0.5
        theta, state = optimizer.step(theta, np.array([g]), state)
        assert theta[0] == pytest.approx(x, rel=1e-14)


def test_a_function_of_t_that_leaves_the_range_is_refused_when_it_does():
    optimizer = RMSProp(beta=lambda t: 0.5 * t)
    theta, state = one_step(optimizer)
    with pytest.raises(ValueError, match=r"beta must be in \[0, 1\), got 1.0"):
        optimizer.step(theta, theta, state)


def test_the_state_is_named_and_holds_the_step_number():
    state = Adam().init(np.ones(3))
    assert state._fields == ("m", "v", "t")
    assert type(state).__qualname__ == "Adam.State"
    assert state.t == 0
    assert GradientDescent().init(np.ones(3))._fields == ("t",)
    assert conventions.rmsprop(0.1, v0=0.25).init(np.ones(2)).v.tolist() == [0.25, 0.25]
    assert Rprop(lr=0.3).init(np.ones(2)).h.tolist() == [0.3, 0.3]


def test_float16_state_is_kept_in_float32_where_squares_fit():
    optimizer = RMSProp(lr=0.5)
    theta, state = np.ones(1, np.float16), RMSProp().init(np.ones(1, np.float16))
    for _ in range(3):
        theta, state = optimizer.step(theta, np.full(1, 300.0, np.float16), state)
    assert theta.dtype == np.float16
    assert state.v.dtype == np.float32
    assert state.v[0] == pytest.approx((1 - 0.9**3) * 9e4)
    assert theta[0] < -0.9
