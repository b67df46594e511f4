"""Laws that hold for every problem, and what is special to each: minima, noise, movement."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, RMSProp, models, problems, run, sweep
from tests.array_table import REFUSED
from tests.test_arrays import Device

BOWL = problems.bowl()
WIDE = problems.quadratic(condition=50, angle=0.4, d=5)
SMOOTH = {
    "bowl": BOWL,
    "ravine": problems.ravine(),
    "turned quadratic": problems.quadratic(condition=100, angle=0.7),
    "quadratic of five": WIDE,
    "quadratic of one": problems.quadratic(condition=4, d=1),
    "rosenbrock": problems.rosenbrock(),
    "another rosenbrock": problems.rosenbrock(a=2, b=5),
    "beale": problems.beale(),
    "himmelblau": problems.himmelblau(),
    "saddle": problems.saddle(),
    "turned saddle": problems.saddle(curvature=1, angle=0.8),
    "chain": models.chain(6),
    "projected": problems.projected(problems.rosenbrock(), -1, 0.5),
    "reddi": problems.reddi(),
    "nine and one": problems.nine_and_one(imbalance=0.3),
}
CHANGING = {
    "line": problems.drifting(BOWL, 0.3),
    "switch": problems.switching(WIDE, every=3, spread=2.0),
    "switch of a line": problems.switching(problems.drifting(BOWL, 0.1), every=2),
    "walk": problems.drifting(problems.rosenbrock(), 0.05, "walk"),
}
RANDOM = {
    "noisy": problems.noisy(BOWL, 0.5),
    "heavy tails": problems.noisy(problems.beale(), 0.5, dof=2),
    "noise upon noise": problems.noisy(problems.noisy(WIDE)),
    "sparse": problems.sparse(WIDE, [0.9, 0.5, 0.5, 0.3, 0.2]),
    "noisy, sparse, moving": problems.noisy(problems.sparse(problems.switching(WIDE, 2), 0.5), 0.1),
    "clipped noise": problems.clipped(problems.noisy(BOWL), 0.5),
    "clipped in forty dimensions": problems.clipped(problems.noisy(problems.quadratic(d=40)), 3.0),
    "rescaled noise": problems.rescaled(problems.noisy(BOWL), (1, 30, 0.1), 4),
    "walk": CHANGING["walk"],
    "switch": CHANGING["switch"],
    "reddi by chance": problems.reddi(10, stochastic=True, probability=0.12),
    "nine and one by chance": problems.nine_and_one(stochastic=True),
}
ALL = SMOOTH | CHANGING | RANDOM


def points(problem, shape=(), seed=0):
    return np.random.default_rng(seed).uniform(-2, 2, (*shape, problem.start.size))


def test_every_named_problem_is_under_these_laws():
    assert {type(maker()) for maker in problems.BY_NAME.values()} == {problems.Problem}
    assert {maker().name for maker in problems.BY_NAME.values()} <= {p.name for p in SMOOTH.values()}
    for name in problems.BY_NAME:
        assert problems.by_name(name).title


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", [n for n in SMOOTH if n not in ("reddi", "nine and one")])
def test_the_gradient_is_the_slope_of_the_loss(name, seed):
    assert problems.check_gradient(SMOOTH[name], points(SMOOTH[name], seed=seed)) < 1e-8


@pytest.mark.parametrize("t", [1, 2, 3, 4, 7, 8, 40])
@pytest.mark.parametrize("name", CHANGING)
def test_the_gradient_of_step_t_is_the_slope_of_the_loss_met_after_the_step_before(name, t):
    assert problems.check_gradient(CHANGING[name], points(CHANGING[name]), t, seed=3) < 1e-8


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ALL)
def test_many_points_at_once_give_the_bits_of_each_alone(name, dtype):
    problem = ALL[name]
    for shape in ((1,), (7,), (3, 5)):
        theta = points(problem, shape).astype(dtype)
        for layout in (theta, np.moveaxis(np.ascontiguousarray(np.moveaxis(theta, -1, 0)), 0, -1)):
            f, grad = problem.f(layout, 3), problem.grad(layout, 3)
            assert f.shape == shape
            assert grad.shape == theta.shape
            assert f.dtype == grad.dtype == dtype
            for i in np.ndindex(shape):
                assert f[i] == problem.f(theta[i], 3)
                assert np.array_equal(grad[i], problem.grad(theta[i], 3))


@pytest.mark.parametrize("name", ALL)
def test_on_another_device_the_bits_are_the_same_and_stay_there(name):
    problem, theta = ALL[name], points(ALL[name], (3, 5))
    f, grad = problem.f(Device(theta), 2), problem.grad(Device(theta), 3)
    assert np.array_equal(f.get(), problem.f(theta, 2))
    assert np.array_equal(grad.get(), problem.grad(theta, 3))
    if problem.project:
        assert np.array_equal(problem.project(Device(theta)).get(), problem.project(theta))


@pytest.mark.parametrize("name", ALL)
def test_asking_changes_nothing_and_the_answer_depends_on_theta_step_and_seed_alone(name):
    problem = ALL[name]
    theta = points(problem)
    before = theta.copy()
    forwards = [problem.grad(theta, t) for t in range(1, 20)]
    backwards = [problem.grad(theta, t) for t in reversed(range(1, 20))][::-1]
    assert np.array_equal(forwards, backwards)
    assert np.array_equal(theta, before)
    assert problem.f(theta, 3) == problem.f(theta, 3)
    again = pickle.loads(pickle.dumps(problem))
    assert np.array_equal(again.grad(theta, 5), forwards[4])
    assert again.f(theta, 5) == problem.f(theta, 5)


@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_gives_another_run_and_the_same_seed_the_same(name):
    problem = RANDOM[name]
    first, same, other = (run(GradientDescent(lr=1e-3), problem, 30, seed=s).theta for s in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)
    assert np.array_equal(first, run(GradientDescent(lr=1e-3), problem.with_seed(1), 30).theta)


@pytest.mark.parametrize("name", [n for n, p in SMOOTH.items() if p.minima is not None and p.project is None])
def test_minima_have_no_slope_and_nothing_near_them_is_lower(name):
    problem = SMOOTH[name]
    lowest = problem.f(problem.minima)
    assert np.abs(problem.grad(problem.minima)).max() < 1e-8
    assert np.ptp(lowest) < 1e-12
    for seed in range(20):
        near = problem.minima + 1e-3 * points(problem, seed=seed)
        assert (problem.f(near) >= lowest - 1e-15).all()
    assert np.array_equal(problem.minima[0], problem.minimum)
    assert (problem.f(problem.start) > lowest[0]).all()


def test_the_values_at_the_minima_are_those_of_the_books():
    for name in ("bowl", "rosenbrock", "beale", "himmelblau", "chain"):
        assert abs(SMOOTH[name].f(SMOOTH[name].minimum)) < 1e-20
    assert SMOOTH["turned saddle"].f(SMOOTH["turned saddle"].minimum) == pytest.approx(-1 / 4)
    assert problems.saddle(0.2).f(np.zeros(2)) == 0
    assert len(problems.himmelblau().minima) == 4


def test_a_quadratic_has_the_condition_and_the_turn_it_is_asked_for():
    problem = problems.quadratic(condition=30, angle=0.5, d=4)
    values, vectors = np.linalg.eigh(problems.hessian(problem))
    assert values == pytest.approx(np.geomspace(1, 30, 4))
    assert abs(vectors[:, 0] @ [math.cos(0.5), math.sin(0.5), 0, 0]) == pytest.approx(1)
    theta = points(problem)
    assert problem.f(theta) == pytest.approx(0.5 * theta @ problems.hessian(problem) @ theta)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda p: problems.noisy(p, sigma=0),
        lambda p: problems.sparse(p, 1.0),
        lambda p: problems.clipped(p, 1e9),
        lambda p: problems.rescaled(p, [1], 1),
        lambda p: problems.drifting(p, 0),
    ],
)
def test_the_seed_of_a_problem_reaches_the_noise_inside_it(wrapped):
    inside = problems.noisy(BOWL)
    theta = points(BOWL)
    for seed in (0, 5):
        assert np.array_equal(wrapped(inside).with_seed(seed).grad(theta, 3), inside.with_seed(seed).grad(theta, 3))
    moved = problems.noisy(problems.drifting(BOWL, 1.0, "walk"), 0)
    assert moved.with_seed(5).f(theta, 3) == problems.drifting(BOWL, 1.0, "walk", seed=5).f(theta, 3)


def draws(problem, steps=4000):
    theta = np.zeros(problem.start.size)
    return np.array([problem.grad(theta, t) for t in range(1, steps + 1)])


def test_gaussian_noise_has_mean_zero_the_given_deviation_and_no_memory():
    g = draws(problems.noisy(problems.quadratic(d=20), sigma=3.0))
    n = g.size
    assert abs(g.mean()) < 4 * 3 / math.sqrt(n)
    assert g.std() == pytest.approx(3, rel=4 / math.sqrt(2 * n))
    assert (np.abs(g) > 2 * 3).mean() == pytest.approx(0.0455, abs=4 * math.sqrt(0.0455 / n))
    correlation = np.corrcoef(g[:-1].ravel(), g[1:].ravel())[0, 1]
    assert abs(correlation) < 4 / math.sqrt(n)
    assert abs(np.corrcoef(g[:, :-1].ravel(), g[:, 1:].ravel())[0, 1]) < 4 / math.sqrt(n)


def test_student_noise_has_the_tails_of_its_degrees_of_freedom():
    n = 4000 * 20
    two = draws(problems.noisy(problems.quadratic(d=20), sigma=1.0, dof=2))
    exceed = 1 - 10 / math.sqrt(2 + 100)  # P(|t₂| > x) = 1 - x/√(2 + x²)
    assert (np.abs(two) > 10).mean() == pytest.approx(exceed, abs=4 * math.sqrt(exceed / n))
    five = draws(problems.noisy(problems.quadratic(d=20), sigma=2.0, dof=5))
    assert five.std() == pytest.approx(2 * math.sqrt(5 / 3), rel=0.03)


def test_noise_upon_noise_adds_variances():
    g = draws(problems.noisy(problems.noisy(problems.quadratic(d=20), 3.0), 4.0))
    assert g.std() == pytest.approx(5, rel=0.02)


def test_a_sparse_gradient_is_seen_as_often_as_it_is_asked_for_and_is_else_exactly_zero():
    frequency = np.array([1.0, 0.5, 0.1, 0.02])
    problem = problems.sparse(problems.quadratic(d=4), frequency)
    theta = np.ones(4)
    g = np.array([problem.grad(theta, t) for t in range(1, 4001)])
    seen = g != 0
    assert np.abs(seen.mean(axis=0) - frequency).max() < 4 * 0.5 / math.sqrt(4000)
    assert np.array_equal(g[seen], np.broadcast_to(problems.quadratic(d=4).grad(theta), g.shape)[seen])
    assert problem.f(theta) == problems.quadratic(d=4).f(theta)


def test_clipping_shortens_long_gradients_keeps_their_direction_and_leaves_short_ones():
    plain, clipped = WIDE, problems.clipped(WIDE, 2.0)
    for theta in points(WIDE, (50,)):
        g, c = plain.grad(theta), clipped.grad(theta)
        assert np.linalg.norm(c) == pytest.approx(min(np.linalg.norm(g), 2.0))
        assert c @ g == pytest.approx(np.linalg.norm(c) * np.linalg.norm(g))
    small = 1e-3 * points(WIDE)
    assert np.array_equal(plain.grad(small), clipped.grad(small))
    assert np.array_equal(clipped.grad(np.zeros(5)), np.zeros(5))


def test_a_line_moves_by_its_rate_and_a_walk_by_its_rate_on_average():
    line = problems.drifting(WIDE, 0.2)
    places = np.array([line.minimum_at(t) for t in range(50)])
    assert np.linalg.norm(np.diff(places, axis=0), axis=1) == pytest.approx(np.full(49, 0.2))
    assert np.linalg.norm(places[0] - WIDE.minimum) == pytest.approx(0.2)  # what step 1 meets
    first = [problems.drifting(WIDE, 0.2, "walk", seed=s).minimum_at(0) for s in range(2000)]
    assert np.sqrt(np.square(first).sum(axis=1).mean()) == pytest.approx(0.2, rel=0.03)
    walk = problems.drifting(WIDE, 0.2, "walk", seed=3)
    places = np.array([walk.minimum_at(t) for t in range(3000)])
    jumps = np.diff(places, axis=0)
    assert math.sqrt((jumps**2).sum(axis=1).mean()) == pytest.approx(0.2, rel=0.03)
    assert abs(np.corrcoef(jumps[:-1, 0], jumps[1:, 0])[0, 1]) < 4 / math.sqrt(3000)


def test_a_switch_happens_every_so_many_steps_and_not_before():
    problem = problems.switching(WIDE, every=10, spread=3.0, seed=1)
    places = np.array([problem.minimum_at(t) for t in range(5000)])
    changed = np.abs(np.diff(places, axis=0)).max(axis=1) > 0
    assert np.flatnonzero(changed).tolist() == list(range(9, 4999, 10))
    assert np.array_equal(places[0], WIDE.minimum)
    assert places[10::10].std() == pytest.approx(3, rel=0.06)


@pytest.mark.parametrize("name", [n for n in CHANGING if n != "walk"])
def test_the_loss_is_lowest_where_the_minimum_has_gone(name):
    problem = CHANGING[name]
    for t in (0, 1, 2, 3, 5, 17):
        place = problem.minimum_at(t)
        assert problem.f(place, t) == pytest.approx(0, abs=1e-18)
        assert np.abs(problem.grad(place, t + 1)).max() < 1e-9


def test_two_switches_are_independent():
    once = problems.switching(BOWL, every=1)
    twice = problems.switching(once, every=1)
    a = np.array([once.minimum_at(t) for t in range(1, 3000)])
    b = np.array([twice.minimum_at(t) for t in range(1, 3000)]) - a
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 4 / math.sqrt(a.size)


def test_a_change_of_scale_multiplies_the_gradient_and_not_the_loss():
    problem = problems.rescaled(BOWL, (1, 30, 0.5), every=4)
    theta = points(BOWL)
    ratios = [(problem.grad(theta, t) / BOWL.grad(theta))[0] for t in range(1, 20)]
    assert ratios == pytest.approx([1] * 4 + [30] * 4 + [0.5] * 11)
    assert problem.f(theta, 6) == BOWL.f(theta)


def test_the_start_of_the_saddle_is_near_the_ridge_and_turning_it_changes_no_loss():
    plain, turned = problems.saddle(0.3), problems.saddle(0.3, angle=1.0)
    assert plain.start == pytest.approx([1, 1e-4])
    assert turned.f(turned.start) == pytest.approx(plain.f(plain.start), rel=1e-12)
    assert np.linalg.norm(turned.start) == pytest.approx(np.linalg.norm(plain.start))
    hops = run(GradientDescent(lr=0.5), plain, 200)
    assert hops.theta[10, 0] == pytest.approx(0, abs=1e-3)
    assert np.abs(hops.theta[-1] - plain.minimum).max() < 1e-6


def test_rmsprop_follows_a_gradient_whose_scale_changes_and_gradient_descent_does_not():
    target = problems.drifting(problems.noisy(problems.quadratic(1.0, d=20), 0.3), 0.02, "walk")
    problem = problems.rescaled(target, (1, 30, 1 / 30, 1), 250)
    excess = {}
    for name, grid in (("rms", RMSProp(beta=0.9)), ("gd", GradientDescent())):
        losses = sweep(grid, problem, 1000, lr=np.geomspace(1e-3, 1, 10)).loss
        excess[name] = np.nanmin(losses.mean(axis=0))
    assert excess["rms"] < 0.5 * excess["gd"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: problems.quadratic(condition=0.5), ValueError, "condition must be >= 1, got 0.5"),
        (lambda: problems.quadratic(d=0), ValueError, "d must be >= 1, got 0"),
        (lambda: problems.quadratic(d=2.5), TypeError, "d must be a whole number, got 2.5"),
        (lambda: problems.rosenbrock(b=-1), ValueError, "b must be a finite number > 0, got -1"),
        (lambda: problems.saddle(curvature=0), ValueError, "curvature must be a finite number > 0, got 0"),
        (lambda: problems.noisy(BOWL, sigma=-1), ValueError, "sigma must be >= 0, got -1"),
        (lambda: problems.noisy(BOWL, sigma=np.ones(2)), TypeError, "sigma must be a number, got array"),
        (lambda: problems.noisy(BOWL, dof=0), ValueError, "dof must be a finite number > 0, got 0"),
        (lambda: problems.noisy(BOWL, seed=-1), ValueError, "seed must be >= 0, got -1"),
        (lambda: problems.noisy(BOWL, seed=0.5), TypeError, "seed must be a whole number, got 0.5"),
        (lambda: problems.sparse(BOWL, np.ones(3)), ValueError, r"frequency must be a number or of shape \(2,\), got"),
        (lambda: problems.quadratic(d=3, start=[1.0, 2.0]), ValueError, r"start must have shape \(3,\), .*got \(2,\)"),
        (lambda: problems.sparse(BOWL, 0.0), ValueError, r"frequency must be in \(0, 1\]"),
        (lambda: problems.clipped(BOWL, 0), ValueError, "norm must be a finite number > 0, got 0"),
        (lambda: problems.drifting(BOWL, -0.1), ValueError, "rate must be >= 0, got -0.1"),
        (lambda: problems.drifting(BOWL, kind="jump"), ValueError, 'kind must be "line" or "walk", got \'jump\''),
        (lambda: problems.switching(BOWL, every=0), ValueError, "every must be >= 1, got 0"),
        (lambda: problems.switching(BOWL, spread="x"), TypeError, "spread must be a number, got 'x'"),
        (lambda: problems.rescaled(BOWL, (1, 0), 5), ValueError, "factors must be a finite number > 0, got 0"),
        (lambda: problems.rescaled(BOWL, (), 5), ValueError, "factors must hold at least one number"),
        (lambda: problems.projected(BOWL, 1, 1), ValueError, "low must be < high, got 1.0 and 1.0"),
        (lambda: problems.reddi(1.5), ValueError, "the mean slope must be > 0, got -0.167"),
        (lambda: problems.reddi(probability=0.4), ValueError, "probability must be None without stochastic"),
        (lambda: problems.reddi(stochastic=True, probability=1.0), ValueError, r"probability must be in \(0, 1\)"),
        (lambda: problems.nine_and_one(imbalance=-1), ValueError, r"1 \+ imbalance must be a finite number > 0"),
        (lambda: problems.nine_and_one(count=1), ValueError, "count must be >= 2, got 1"),
        (lambda: problems.by_name("hill"), ValueError, "problem must be one of bowl, .* got 'hill'"),
        (lambda: problems.hessian(problems.beale()), TypeError, "problem must be a quadratic, got beale"),
        (lambda: problems.nine_and_one().minimum_at(3), ValueError, "must have a known minimum, got nine_and_one"),
        (lambda: problems.Problem("p", abs, abs, [[1.0]]), ValueError, r"start must be one point, of shape \(d,\)"),
    ],
)
def test_what_is_not_a_problem_is_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("field", ["start", "minimum", "minima"])
@pytest.mark.parametrize("kind", ["masked", "complex", "sparse", "objects", "texts", "booleans", "dates", "with units"])
def test_a_point_that_is_no_plain_array_of_real_numbers_is_refused_by_name(field, kind):
    point = REFUSED[kind](np.array([0.0, 1.0]))
    with pytest.raises(TypeError, match=f"^{field} must be an? .*array"):
        replace(BOWL, **{field: point})


@pytest.mark.parametrize("start", [[1, 2], (1.0, 2.0), np.array([1, 2]), np.float32([1, 2]), np.ma.array([1.0, 2.0])])
def test_a_start_of_whole_numbers_or_a_list_becomes_floats_of_its_own(start):
    problem = replace(BOWL, start=start)
    assert type(problem.start) is np.ndarray and problem.start.dtype == float
    assert problem.start.tolist() == [1.0, 2.0]
    assert not np.may_share_memory(problem.start, start)
