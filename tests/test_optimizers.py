"""Laws that hold for every optimizer, and what is special to each: first steps by hand, invariances, limits."""

import copy
import inspect
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import rmsprop_lib
from rmsprop_lib import (
    Adadelta,
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    Rprop,
    SignDescent,
    problems,
    run,
)
from tests import optimizer_table
from tests.optimizer_table import ADAPTIVE, OPTIMIZERS, TABLE

DTYPES = (np.float16, np.float32, np.float64)
PROBLEMS = ("bowl", "ravine", "rosenbrock", "beale", "himmelblau")
moderate = st.floats(-10, 10).map(lambda x: x if abs(x) > 1e-3 else 0.0)
gradients = arrays(np.float64, (6, 3), elements=moderate)


def steps(optimizer, theta, grads):
    """θ after each of the given gradients, shape (len(grads), ...)."""
    state, path = optimizer.init(theta), []
    for grad in grads:
        theta, state = optimizer.step(theta, grad, state)
        path.append(theta)
    return np.array(path)


def test_the_table_holds_every_optimizer():
    assert optimizer_table.classes() <= {type(o) for o in OPTIMIZERS.values()}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (0,)])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_keeps_shape_and_dtype_and_changes_no_argument(name, shape, dtype):
    optimizer = OPTIMIZERS[name]
    rng = np.random.default_rng(0)
    theta, grad = (np.asarray(rng.standard_normal(shape), dtype) for _ in range(2))
    state = optimizer.init(theta)
    for t in (1, 2, 3):
        before = copy.deepcopy((theta, grad, state))
        new, new_state = optimizer.step(theta, grad, state)
        assert all(np.array_equal(a, b) for a, b in zip((theta, grad, *state), (*before[:2], *before[2]), strict=True))
        assert new.dtype == dtype
        assert new.shape == theta.shape
        assert new_state.t == t
        assert all(a.shape == theta.shape for a in new_state[:-1])
        assert not any(np.shares_memory(a, b) for a in (new, *new_state[:-1]) for b in (theta, grad) if a.size)
        theta, state = new, new_state


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_on_every_problem_a_run_descends_keeps_its_dtype_and_repeats_its_bits(name, problem, dtype):
    problem = problems.by_name(problem)
    optimizer = replace(OPTIMIZERS[name], lr=2e-4)
    first, second = (run(optimizer, problem, 20, start=problem.start.astype(dtype)) for _ in range(2))
    assert np.array_equal(first.theta, second.theta)
    assert first.theta.dtype == first.grad.dtype == first.loss.dtype == dtype
    assert np.isfinite(first.theta).all()
    if dtype != np.float16:  # there, the smallest steps are lost beside a large theta
        assert first.loss[-1] < first.loss[0]


@pytest.mark.parametrize("name", TABLE)
def test_every_optimizer_reaches_the_minimum_of_a_bowl(name):
    optimizer, schedule = TABLE[name]
    path = run(optimizer, problems.bowl(), 400, schedule=schedule)
    assert np.abs(path.theta[-1] - problems.bowl().minimum).max() < 0.01
    assert path.loss[-1] < 1e-4 * path.loss[0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ADAPTIVE)
def test_a_zero_gradient_gives_a_zero_step_even_without_eps(name, dtype):
    optimizer = replace(OPTIMIZERS[name], eps=0.0)
    theta = np.array([1.0, -2.0], dtype)
    path = steps(optimizer, theta, np.zeros((3, 2), dtype))
    assert np.array_equal(path, np.broadcast_to(theta, (3, 2)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1e-7, 1e-3, 1.0, 1e3, 6e4])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_size_of_gradient_gives_nan(name, scale, dtype):
    path = steps(replace(OPTIMIZERS[name], lr=1e-4), np.ones(2, dtype), np.full((5, 2), scale, dtype))
    assert np.isfinite(path).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float16_agrees_with_float64_to_its_own_precision(name):
    grads = np.random.default_rng(1).standard_normal((20, 2)) * [1e-4, 300.0]
    optimizer = replace(OPTIMIZERS[name], lr=1e-5)
    low, high = (steps(optimizer, np.ones(2, d), grads.astype(np.float16).astype(d)) for d in (np.float16, np.float64))
    assert np.abs(low - high).max() < 20 * np.finfo(np.float16).eps


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_float32_is_computed_in_float32_and_agrees_with_float64(name):
    grads = np.random.default_rng(2).standard_normal((30, 4))
    low, high = (steps(OPTIMIZERS[name], np.ones(4, d), grads.astype(d)) for d in (np.float32, np.float64))
    assert np.abs(low - high).max() < 2e-4 * max(1.0, np.abs(high).max())


@pytest.mark.parametrize("cls", [RMSProp, Adam])
def test_the_rule_of_a_float32_parameter_sees_float32_only(cls):
    seen = []

    def spy(*arguments, **kwargs):
        out = cls.rule(*arguments, **kwargs)
        seen.extend(array.dtype for array in out)
        return out

    spy.__signature__ = inspect.signature(cls.rule)

    class Spy(cls):
        rule = staticmethod(spy)

    steps(Spy(), np.ones(2, np.float32), np.ones((2, 2), np.float32))
    assert set(seen) == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_survive_pickle_copy_and_replace(name):
    optimizer = OPTIMIZERS[name]
    for twin in (pickle.loads(pickle.dumps(optimizer)), copy.deepcopy(optimizer), replace(optimizer)):
        assert twin == optimizer
        assert hash(twin) == hash(optimizer)
        assert repr(twin) == repr(optimizer)
    assert replace(optimizer, lr=0.123) != optimizer
    assert "lr=" in repr(optimizer)


@pytest.mark.parametrize("cls", sorted(optimizer_table.classes(), key=lambda c: c.__name__))
def test_every_class_documents_its_fields_its_state_and_its_source(cls):
    doc = cls.__doc__
    assert [f.name for f in fields(cls) if f.name not in doc] == []
    assert "Source" in doc
    assert "tate" in doc


# The defaults are part of what the book says; a change is made here too.
DEFAULTS = """
GradientDescent(lr=0.1)
Momentum(lr=0.01, mu=0.9)
Nesterov(lr=0.01, mu=0.9)
SignDescent(lr=0.01)
Rprop(lr=0.01, shrink=0.5, grow=1.2, h_min=1e-06, h_max=50.0)
Adagrad(lr=0.1, eps=1e-08)
Adadelta(lr=1.0, beta=0.9, eps=1e-06)
RMSProp(lr=0.01, beta=0.9, eps=1e-08)
Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08)
AdamW(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01)
AMSGrad(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08)
Adamax(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08)
Nadam(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08)
Lion(lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0)
"""


@pytest.mark.parametrize("expected", DEFAULTS.strip().splitlines())
def test_the_defaults_are_the_documented_ones(expected):
    assert repr(getattr(rmsprop_lib, expected.partition("(")[0])()) == expected


# First steps by hand: θ = (1, -2), g = (3, -4), then g = (1, 0).
THETA, G1, G2 = np.array([1.0, -2.0]), np.array([3.0, -4.0]), np.array([1.0, 0.0])


@pytest.mark.parametrize(
    ("optimizer", "first", "second"),
    [
        (GradientDescent(lr=0.1), [0.7, -1.6], [0.6, -1.6]),
        # m = (3, -4), then (3.7, -3.6)
        (Momentum(lr=0.1, mu=0.9), [0.7, -1.6], [0.33, -1.24]),
        # g + μ m = (5.7, -7.6), then (1 + 3.33, -3.24)
        (Nesterov(lr=0.1, mu=0.9), [0.43, -1.24], [-0.003, -0.916]),
        (SignDescent(lr=0.1), [0.9, -1.9], [0.8, -1.9]),
        # h grows to 0.12 where the sign stays; a zero gradient waits
        (Rprop(lr=0.1), [0.9, -1.9], [0.78, -1.9]),
        # s = (9, 16), then (10, 16)
        (Adagrad(lr=0.1, eps=0.0), [0.9, -1.9], [0.9 - 0.1 / 10**0.5, -1.9]),
        # ε = 1 inside the root: s + ε = (10, 17)
        (Adagrad(lr=0.1, eps=1.0), [1 - 0.3 / 10**0.5, -2 + 0.4 / 17**0.5], None),
        # v = (0.9, 1.6), then (0.91, 1.44)
        (
            RMSProp(lr=0.1, beta=0.9, eps=0.0),
            [1 - 0.3 / 0.9**0.5, -2 + 0.4 / 1.6**0.5],
            [1 - 0.3 / 0.9**0.5 - 0.1 / 0.91**0.5, -2 + 0.4 / 1.6**0.5],
        ),
        # ε = 0.1 inside the root: v + ε = (1, 1.7)
        (RMSProp(lr=0.1, beta=0.9, eps=0.1), [0.7, -2 + 0.4 / 1.7**0.5], None),
        # corrected averages of one gradient are the gradient: ± lr; then m̂ = 0.37/0.19, v̂ = 0.01891/0.001999 and
        # m̂ = -0.36/0.19, v̂ = 0.015984/0.001999
        (
            Adam(lr=0.1, beta1=0.9, beta2=0.999, eps=0.0),
            [0.9, -1.9],
            [
                0.9 - 0.1 * (0.37 / 0.19) / (0.009991 / 0.001999) ** 0.5,
                -1.9 + 0.1 * (0.36 / 0.19) / (0.015984 / 0.001999) ** 0.5,
            ],
        ),
        # ε = 1 outside the root: |g| / (|g| + 1)
        (Adam(lr=0.1, eps=1.0), [1 - 0.1 * 3 / 4, -2 + 0.1 * 4 / 5], None),
        # v = 0.1 g²; d = g √ε / √(v + ε) with ε = 0.01
        (
            Adadelta(lr=1.0, beta=0.9, eps=0.01),
            [1 - 3 * 0.1 / 0.91**0.5, -2 + 4 * 0.1 / 1.61**0.5],
            None,
        ),
    ],
    ids=lambda x: repr(x) if isinstance(x, tuple(map(type, OPTIMIZERS.values()))) else "",
)
def test_the_first_steps_are_those_worked_by_hand(optimizer, first, second):
    path = steps(optimizer, THETA, [G1, G2])
    assert np.allclose(path[0], first, rtol=1e-13, atol=0)
    if second is not None:
        assert np.allclose(path[1], second, rtol=1e-13, atol=0)


def test_the_state_of_rmsprop_is_the_average_of_squares():
    optimizer = RMSProp(lr=0.1, beta=0.9)
    state = optimizer.init(THETA)
    assert np.array_equal(state.v, [0.0, 0.0])
    _, state = optimizer.step(THETA, G1, state)
    assert np.allclose(state.v, [0.9, 1.6], rtol=1e-14)
    _, state = optimizer.step(THETA, G2, state)
    assert np.allclose(state.v, [0.91, 1.44], rtol=1e-14)


def test_rprop_shrinks_waits_and_stays_between_its_bounds():
    optimizer = Rprop(lr=1.0, shrink=0.5, grow=1.2, h_min=0.4, h_max=1.3)
    path = steps(optimizer, np.zeros(1), [[1.0], [1.0], [1.0], [-1.0], [-1.0], [1.0], [1.0], [-1.0]])
    # h: 1, 1.2, 1.3 (bound), halved and waiting, 0.65 again, halved to the lower bound and waiting, 0.4, waiting
    assert np.allclose(-np.diff(path[:, 0], prepend=0.0), [1.0, 1.2, 1.3, 0.0, -0.65, 0.0, 0.4, 0.0], atol=1e-15)


@given(grads=gradients, scale=st.sampled_from([1e-30, 1e-9, 0.5, 3.0, 1e6, 1e30]))
@pytest.mark.parametrize("optimizer", [RMSProp(eps=0), Adagrad(eps=0), Adam(eps=0), Rprop(), SignDescent()])
def test_the_unit_of_the_loss_does_not_matter(optimizer, grads, scale):
    theta = np.zeros(3)
    assert np.allclose(steps(optimizer, theta, grads), steps(optimizer, theta, scale * grads), rtol=1e-9, atol=1e-12)


@given(grads=gradients, order=st.permutations(range(3)))
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_order_of_the_parameters_does_not_matter(name, grads, order):
    theta = np.array([1.0, -2.0, 0.5])
    path = steps(OPTIMIZERS[name], theta, grads)
    assert np.array_equal(path[:, order], steps(OPTIMIZERS[name], theta[order], grads[:, order]))


@given(grads=gradients)
def test_rmsprop_without_memory_is_sign_descent(grads):
    theta = np.zeros(3)
    ours = steps(RMSProp(lr=0.1, beta=0.0, eps=0.0), theta, grads)
    assert np.allclose(ours, steps(SignDescent(lr=0.1), theta, grads), rtol=0, atol=1e-13)


@given(grads=gradients)
def test_rmsprop_with_endless_memory_is_adagrad(grads):
    theta, beta = np.zeros(3), 1 - 1e-9
    ours = steps(RMSProp(lr=0.1 * np.sqrt(1 - beta), beta=beta, eps=0.0), theta, grads)
    assert np.allclose(ours, steps(Adagrad(lr=0.1, eps=0.0), theta, grads), rtol=0, atol=1e-6)


@given(g=st.floats(1e-6, 1e6), beta=st.floats(0, 0.999))
def test_the_first_step_of_rmsprop_is_lr_over_the_root_of_one_minus_beta(g, beta):
    (theta,) = steps(RMSProp(lr=0.1, beta=beta, eps=0.0), np.zeros(1), [[g]])[0]
    assert theta == pytest.approx(-0.1 / np.sqrt(1 - beta), rel=1e-12)


@given(grads=gradients, beta=st.floats(0, 0.99))
def test_no_step_of_rmsprop_is_longer_than_the_bound(grads, beta):
    path = steps(RMSProp(lr=0.1, beta=beta, eps=0.0), np.zeros(3), grads)
    assert np.abs(np.diff(path, axis=0, prepend=np.zeros((1, 3)))).max() <= 0.1 / np.sqrt(1 - beta) * (1 + 1e-12)


@pytest.mark.parametrize("curvature", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize("lr", [1e-2, 1e-3])
def test_on_a_parabola_rmsprop_ends_in_a_two_cycle_of_half_the_learning_rate(curvature, lr):
    def parabola(theta):
        return 0.5 * curvature * theta[..., 0] ** 2

    bowl = problems.Problem("parabola", parabola, lambda theta: curvature * theta, [1.0], [0.0])
    path = run(RMSProp(lr=lr, beta=0.99, eps=0.0), bowl, 12_000)
    assert np.allclose(np.abs(path.theta[-20:, 0]), lr / 2, rtol=1e-3)
    assert np.array_equal(np.sign(path.theta[-20:-1, 0]), -np.sign(path.theta[-19:, 0]))
    # effective sharpness: curvature times effective learning rate sits at the stability limit
    assert curvature * lr / np.sqrt(path.state.v[-1, 0]) == pytest.approx(2.0, rel=1e-3)


def test_adam_without_averaging_is_a_corrected_rmsprop():
    grads = np.random.default_rng(3).standard_normal((10, 4))
    ours = steps(Adam(lr=0.1, beta1=0.0, beta2=0.9, eps=0.0), np.zeros(4), grads)
    corrected = RMSProp(lr=lambda t: 0.1 * np.sqrt(1 - 0.9**t), beta=0.9, eps=0.0)
    assert np.allclose(ours, steps(corrected, np.zeros(4), grads), rtol=1e-13)
