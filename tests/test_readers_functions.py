"""Readers' own objectives, gradients, projections and conditions: asked for what they name, and refused by name."""

import functools
import inspect

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, RMSProp, models, problems, run, sweep

H = np.array([1.0, 20.0])
START = np.array([-4.0, 1.0])


def loss(theta):
    return 0.5 * (H * theta**2).sum(-1)


def own(gradient, objective=loss, **options):
    return problems.Problem("mine", objective, gradient, START, **options)


class Weighted:
    """A gradient that is an object, and one that is its method."""

    def __call__(self, theta, H=H):
        return H * theta

    def slope(self, theta, *, H=H):
        return H * theta


def wrapped(function):
    @functools.wraps(function)
    def inner(*arguments, **named):
        return function(*arguments, **named)

    return inner


def compiled(function):
    numba = pytest.importorskip("numba", reason="Numba is optional and not installed")
    return numba.njit(function)


def bound(theta, H=H):
    return H * theta


def with_step(theta, H=H, t=None):
    assert t is not None
    return H * theta


# Each is the gradient of `loss`, with its data bound in another way.
BOUND = {
    "default": lambda: bound,
    "default before t": lambda: with_step,
    "keyword only": lambda: lambda theta, *, H=H: H * theta,
    "several": lambda: lambda theta, H=H, scale=1.0, verbose=False: scale * H * theta,
    "default between t and seed": lambda: lambda theta, t, H=H, seed=None: H * theta + 0 * t * seed,
    "partial": lambda: functools.partial(lambda H, theta: H * theta, H),
    "partial by name": lambda: functools.partial(lambda theta, H: H * theta, H=H),
    "partial that binds t": lambda: functools.partial(lambda theta, t: t * theta, t=H),
    "object": Weighted,
    "method": lambda: Weighted().slope,
    "wrapped": lambda: wrapped(bound),
    "any arguments": lambda: lambda *arguments: H * arguments[0],
    "any names": lambda: lambda theta, **named: H * theta if not named else None,
    "ufunc": lambda: functools.partial(np.multiply, H),
    "compiled": lambda: compiled(bound),
    "compiled with t": lambda: compiled(lambda theta, t: np.array([1.0, 20.0]) * theta + 0 * t),
}


@pytest.mark.parametrize("how", BOUND)
def test_data_that_a_gradient_has_bound_stays_bound(how):
    gradient = BOUND[how]()
    expected = run(GradientDescent(lr=0.01), own(lambda theta: H * theta), 4, seed=3)
    path = run(GradientDescent(lr=0.01), own(gradient), 4, seed=3)
    assert np.array_equal(path.theta, expected.theta)
    grid = sweep(GradientDescent(), own(gradient), 4, lr=[0.01, 0.02])
    assert np.array_equal(grid.theta[:, 0], expected.theta)


def test_data_that_an_objective_has_bound_stays_bound():
    objective = lambda theta, H=H: 0.5 * (H * theta**2).sum(-1)  # noqa: E731
    assert np.array_equal(run(GradientDescent(lr=0.01), own(bound, objective), 3).loss,
                          run(GradientDescent(lr=0.01), own(bound), 3).loss)  # fmt: skip


def positional(theta, t, seed, /):
    return theta + t + seed


SEES = {
    "t": lambda theta, t: theta + t,
    "seed": lambda theta, seed: theta + seed,
    "seed before t": lambda theta, seed, t: theta + t + 10 * seed,
    "keyword only": lambda theta, *, t, seed: theta + t + 10 * seed,
    "seed with a default": lambda theta, seed=None: theta + seed,
    "theta is called t": lambda t: t + 1.0,
    "seed by name alone": lambda x, c=0.0, seed=1: x + seed + c,
}
SEEN = {"t": 5, "seed": 7, "seed before t": 75, "keyword only": 75, "seed with a default": 7, "theta is called t": 1,
        "seed by name alone": 7}  # fmt: skip


@pytest.mark.parametrize("how", SEES)
def test_t_and_seed_go_where_they_are_asked_for_by_name(how):
    problem = own(SEES[how])
    assert problem.grad(np.zeros(2), 5, 7).tolist() == [SEEN[how]] * 2
    assert problem.with_seed(7).grad(np.zeros(2), 5).tolist() == [SEEN[how]] * 2
    assert own(positional).grad(np.zeros(2), 5, 7).tolist() == [12, 12]


@pytest.mark.parametrize(
    ("function", "got"),
    [
        (lambda theta, k: theta, r"'k' in <lambda>\(theta, k\)"),
        (lambda theta, step, seed: theta, "'step' in"),
        (lambda theta, *, scale: theta, "'scale' in"),
        (np.dot, "'b' in dot"),
        (functools.partial(lambda a, theta, x: theta, 1), "'x' in partial"),
    ],
)
@pytest.mark.parametrize("place", ["objective", "gradient"])
def test_a_parameter_that_nothing_fills_is_refused_when_the_problem_is_made(function, got, place):
    functions = {"objective": loss, "gradient": bound} | {place: function}
    with pytest.raises(TypeError, match=f"the {place} of mine must take theta, and after it t and seed .* got {got}"):
        problems.Problem("mine", start=START, **functions)


@pytest.mark.parametrize(("function", "got"), [(lambda: 0, "must take theta first, got <lambda>"),
                                               (lambda *, theta: 0, "must take theta first"),
                                               (3.0, "must be a function, got 3.0")])  # fmt: skip
def test_what_takes_no_theta_is_refused(function, got):
    with pytest.raises(TypeError, match=got):
        own(function)


def test_a_function_in_c_is_asked_with_theta_alone():
    assert own(bound, np.sum).f(START) == -3.0
    assert own(np.negative).grad(START).tolist() == [4.0, -1.0]
    assert own(abs).grad(START).tolist() == [4.0, 1.0]
    assert own(bound, max).f(START) == 1.0  # tells no signature
    with pytest.raises(ValueError, match="no signature"):
        inspect.signature(max)


@pytest.mark.parametrize(
    ("options", "got"),
    [
        ({"project": lambda theta, low: theta}, r"project of mine must take \(theta\)"),
        ({"project": lambda: 0}, r"project of mine must take \(theta\)"),
        ({"path": lambda t: 0}, r"path of mine must take \(t, seed\)"),
        ({"path": lambda t, rate=1: 0}, r"path of mine must take \(t, seed\)"),
    ],
)
def test_a_projection_and_a_path_take_what_they_are_given(options, got):
    with pytest.raises(TypeError, match=got):
        own(bound, **options)
    own(bound, project=lambda theta, low=-1.0: np.maximum(theta, low), path=lambda t, seed, rate=0.1: rate * t)


@pytest.mark.parametrize("make", [lambda seed: problems.noisy(own(bound), seed=seed), own(bound).with_seed,
                                  lambda seed: run(RMSProp(), own(bound), 1, seed=seed),
                                  lambda seed: sweep(RMSProp(), own(bound), 1, seed=[seed]),
                                  lambda seed: problems.generator(seed, 1),
                                  lambda seed: problems.normal(2, 1, seed),
                                  lambda seed: models.mlp(np.eye(3), [0, 1, 2], (2,), seed=seed)])  # fmt: skip
def test_a_seed_that_is_too_large_is_told_so(make):
    with pytest.raises(ValueError, match=r"seed must be < 2\*\*128, got 340282366920938463463374607431768211456"):
        make(2**128)
