"""A sweep is as many runs, or it is refused: functions that look right for one θ and are wrong for many at once."""

import re
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import Adam, GradientDescent, RMSProp, conventions, models, problems, run, sweep
from tests.model_table import LABELS, X

A = np.array([[2.0, 0.5], [0.5, 1.0]])
START = np.array([3.0, 4.0])


def loss(theta):
    return 0.5 * (theta**2).sum(-1)


def own(gradient=lambda theta: theta, objective=loss, **options):
    return problems.Problem("mine", objective, gradient, START, **options)


def clipped(theta):
    return theta * min(1.0, 1.0 / np.linalg.norm(theta))


def largest_alone(theta):
    out = np.zeros_like(theta)
    out[np.argmax(np.abs(theta))] = 1.0
    return out


def by_branch(theta):
    return theta if theta.sum() > 3.5 * theta.size else -theta


def noise(theta, rng=np.random.default_rng(0)):  # noqa: B008
    return theta + rng.standard_normal(theta.shape)


# Every one is right for a single θ, save the last, which is never the same.
GRADIENTS = {
    "norm": lambda theta: theta / np.linalg.norm(theta),
    "clipping": clipped,
    "product": lambda theta: A @ theta,
    "dot": lambda theta: np.dot(A, theta),
    "coordinates by number": lambda theta: np.array([theta[0], 20 * theta[1]]),
    "largest alone": largest_alone,
    "mean": lambda theta: theta - theta.mean(),
    "largest": lambda theta: theta / theta.max(),
    "softmax": lambda theta: np.exp(theta) / np.exp(theta).sum(),
    "reversed": lambda theta: theta[::-1],
    "cumulated": lambda theta: np.cumsum(theta, axis=0),
    "rolled": lambda theta: np.roll(theta, 1),
    "sorted": lambda theta: np.sort(theta, axis=0),
    "length": lambda theta: theta / len(theta),
    "transposed": lambda theta: (np.array([1.0, 20.0]) * theta.T).T,
    "branch": by_branch,
    "first alone": lambda theta: theta * np.atleast_1d(theta)[0],
    "number of axes": lambda theta: theta * theta.ndim,
    "flat": lambda theta: (np.arange(theta.size) * theta.ravel()).reshape(theta.shape),
    "noise of its own": noise,
}
OBJECTIVES = {
    "norm": lambda theta: np.linalg.norm(theta),
    "other axis": lambda theta: (theta**2).sum(0),
    "number": lambda theta: float(theta @ theta),
    "product": lambda theta: theta @ A @ theta,
    "coordinates by number": lambda theta: theta[0] ** 2 + theta[1],
    "repeated": lambda theta: np.full(theta.shape[:-1], (theta**2).sum()),
}
PROJECTIONS = {
    "ball": lambda theta: theta / max(1.0, np.linalg.norm(theta)),
    "simplex": lambda theta: theta / theta.sum(),
    "coordinates by number": lambda theta: np.array([max(theta[0], 0), theta[1]]),
}
WRONG = (
    {f"gradient {n}": own(f) for n, f in GRADIENTS.items()}
    | {f"objective {n}": own(objective=f) for n, f in OBJECTIVES.items()}
    | {f"projection {n}": own(project=f) for n, f in PROJECTIONS.items()}
)
# As many runs as parameters; more; two axes; an axis along which the first steps are all equal.
AXES = [{"lr": [0.1, 0.2]}, {"lr": [0.1, 0.2, 0.3]}, {"lr": [0.1, 0.2], "eps": [0.0, 1e-8]}, {"beta": [0.5, 0.9]}]


@pytest.mark.parametrize("axes", AXES, ids=lambda axes: f"{len(axes)} {len(next(iter(axes.values())))}")
@pytest.mark.parametrize("name", WRONG)
def test_a_sweep_is_as_many_runs_or_is_refused(name, axes):
    alone = replace(WRONG[name], broadcasts=False)
    expected = sweep(RMSProp(), alone, 6, **axes)
    try:
        grid = sweep(RMSProp(), WRONG[name], 6, **axes)
    except TypeError as refused:
        assert re.search(r"the (gradient|objective|projection) of mine must .* broadcasts=False", str(refused))
    else:
        assert np.allclose(grid.theta, expected.theta, rtol=1e-12)
        assert np.allclose(grid.loss, expected.loss, rtol=1e-12)


@pytest.mark.parametrize("name", WRONG)
def test_each_of_them_is_refused_on_some_grid(name):
    refused = 0
    for axes in AXES:
        try:
            sweep(RMSProp(), WRONG[name], 6, **axes)
        except TypeError:
            refused += 1
    assert refused


def test_the_refusal_says_what_was_compared_and_what_to_do():
    wanted = (
        r"the gradient of mine must give each theta what it gives it alone, for theta of shape \(3, 2\) got "
        r"\[.*\] and not \[.*\] for theta\[\d\]; a Problem with broadcasts=False takes one theta at a time"
    )
    with pytest.raises(TypeError, match=wanted):
        sweep(RMSProp(), own(GRADIENTS["norm"]), 3, lr=[0.1, 0.2, 0.3])
    with pytest.raises(TypeError, match=r"got ValueError: matmul.*; a Problem with broadcasts=False"):
        sweep(RMSProp(), own(GRADIENTS["product"]), 3, lr=[0.1, 0.2, 0.3])
    with pytest.raises(TypeError, match=r"the gradient of mine .* got None; a Problem"):
        sweep(RMSProp(), own(lambda theta: None if theta.ndim > 1 else theta), 3, lr=[0.1, 0.2, 0.3])


RIGHT = {
    "product": own(lambda theta: theta @ A.T),
    "sum of products": own(lambda theta: np.einsum("ij,...j->...i", A, theta)),
    "norm": own(lambda theta: theta / np.linalg.norm(theta, axis=-1, keepdims=True)),
    "of t and seed": own(lambda theta, t, seed: theta * t + seed),
    "undefined around the start": own(np.log, lambda theta: np.log(theta - 3.01).sum(-1)),
    "a list": own(lambda theta: [theta[..., 0]] if theta.ndim < 1 else theta.tolist()),
    "clipped noise": problems.clipped(problems.noisy(problems.rosenbrock()), 2.0),
    "saddle near its ridge": problems.saddle(),
    "reddi": problems.reddi(),
    "softmax": models.softmax_regression(X, LABELS, batch=5),
    "relu": models.mlp(X, LABELS, (6,), activation="relu"),
    "chain": models.chain(30),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_function_passes_with_all_its_rounding(name, dtype):
    problem = RIGHT[name]
    with np.errstate(invalid="ignore"):
        grid = sweep(Adam(), problem, 3, start=problem.start.astype(dtype), lr=np.linspace(0.01, 0.1, 7))
    assert grid.theta.dtype == dtype


@pytest.mark.parametrize("steps", [3, 30])
def test_what_goes_wrong_on_the_way_is_refused_on_the_way(steps):
    late = own(lambda theta: theta / max(1.0, np.linalg.norm(theta)))
    with pytest.raises(TypeError, match=r"the gradient of mine .* broadcasts=False"):
        sweep(GradientDescent(), late, steps, start=np.array([0.3, 0.2]), lr=[0.1, 30.0])


def test_the_question_is_asked_once_for_all_seeds():
    count = []

    def gradient(theta):
        count.append(theta.shape)
        return theta

    sweep(GradientDescent(), own(gradient), 10, seed=range(20), lr=[0.1, 0.2])
    looks = 4  # at the start and at steps 2, 4 and 8 of the first seed
    assert len(count) == 20 * 10 + looks * (1 + 2)
    assert count.count((2, 2)) == 20 * 10 + looks


# Values that a single run refuses


@pytest.mark.parametrize(
    ("optimizer", "axes", "message"),
    [
        (conventions.sgd(0.1, momentum=0.9, nesterov=True), {"momentum": [0.0, 0.9]}, "momentum"),
        (conventions.sgd(0.1, momentum=0.9), {"momentum": [0.0, 0.9], "nesterov": [False, True]}, "momentum"),
        (RMSProp(), {"beta": [0.5, 1.0]}, r"beta must be in \[0, 1\), got 1.0"),
        (RMSProp(), {"lr": [0.1, -0.5, 0.2]}, "lr must be a finite number >= 0, got -0.5"),
        (RMSProp(), {"lr": [0.1, np.nan, 0.2]}, "lr must be a finite number >= 0, got nan"),
        (RMSProp(), {"seed": [0, -1]}, "seed must be >= 0, got -1"),
    ],
)
def test_what_a_single_run_refuses_is_refused_before_the_sweep_begins(optimizer, axes, message):
    asked = []
    watched = own(lambda theta: asked.append(theta) or theta, broadcasts=False)
    with pytest.raises(ValueError, match=message):
        sweep(optimizer, watched, 3, **axes)
    assert not asked


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (0.1, "lr must be a list of numbers, got 0.1 alone"),
        ((x for x in (0.1, 0.2)), "lr must be an array of numbers, got generator"),
        (np.ma.array([0.1, 0.2], mask=[False, True]), "lr must be a plain array of numbers, .*masked"),
    ],
)
def test_what_is_no_list_of_numbers_is_refused_as_what_it_is(values, message):
    with pytest.raises((TypeError, ValueError), match=message):
        sweep(GradientDescent(), problems.bowl(), 3, lr=values)


def test_seeds_that_are_no_whole_numbers_are_refused():
    with pytest.raises(TypeError, match=r"seed must be a whole number, got 1\.5"):
        sweep(RMSProp(), own(), 3, seed=[1.5])


@pytest.mark.parametrize("problem", [models.chain(6), problems.bowl()], ids=lambda p: p.name)
@pytest.mark.parametrize(
    ("optimizer", "axis"),
    [
        (conventions.nadam(0.01), {"momentum_decay": np.linspace(0, 0.02, 9)}),
        (RMSProp(), {"lr": np.linspace(0.001, 0.1, 40)}),
    ],
)
def test_a_sweep_has_the_bits_of_its_runs(problem, optimizer, axis):
    grid = sweep(optimizer, problem, 100, **axis)
    ((name, values),) = axis.items()
    for i, value in enumerate(values.tolist()):
        path = run(replace(optimizer, **{name: value}), problem, 100)
        assert np.array_equal(grid.theta[:, i], path.theta)
        assert np.array_equal(grid.loss[:, i], path.loss)


@pytest.mark.parametrize(("optimizer", "axis"), [(RMSProp(), {"beta": 1 - 10.0 ** -np.arange(1, 10)}),
                                                 (Adam(), {"beta2": 1 - 10.0 ** -np.arange(1, 10)})])  # fmt: skip
def test_a_sweep_in_float32_keeps_what_is_left_of_one(optimizer, axis):
    start = np.array([-4.0, 1.0], np.float32)
    grid = sweep(optimizer, problems.bowl(), 3, start=start, **axis)
    ((name, values),) = axis.items()
    for i, value in enumerate(values.tolist()):
        path = run(replace(optimizer, **{name: value}), problems.bowl(), 3, start=start)
        assert np.allclose(grid.theta[:, i], path.theta, rtol=1e-6)
