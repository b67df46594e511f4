"""`run` and `sweep`: what they record, when they stop, and that a sweep is nothing but many runs."""

import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import (
    Adam,
    AMSGrad,
    GradientDescent,
    Momentum,
    Nadam,
    Optimizer,
    RMSProp,
    Rprop,
    conventions,
    problems,
    run,
    schedules,
    sweep,
)
from rmsprop_lib.runner import DivergenceWarning
from tests.optimizer_table import OPTIMIZERS

BOWL = problems.quadratic(condition=10)


def test_a_trajectory_holds_start_steps_and_state():
    path = run(RMSProp(lr=0.1), BOWL, steps=60)
    assert path.theta.shape == (61, 2)
    assert path.loss.shape == (61,)
    assert path.grad.shape == (60, 2)
    assert path.state.v.shape == (61, 2)
    assert path.state.t.tolist() == list(range(61))
    assert path.steps == 60
    assert path.stopped is None
    assert np.array_equal(path.theta[0], BOWL.start)
    assert np.array_equal(path.loss, BOWL.f(path.theta))
    assert np.array_equal(path.grad, BOWL.grad(path.theta[:-1]))
    assert np.array_equal(path.last.v, path.state.v[-1])
    assert path.last.t == 60


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_is_a_loop_over_step(name):
    optimizer = OPTIMIZERS[name]
    path = run(optimizer, BOWL, 10)
    theta, state = BOWL.start, optimizer.init(BOWL.start)
    for t in range(10):
        theta, state = optimizer.step(theta, BOWL.grad(theta), state)
        assert np.array_equal(path.theta[t + 1], theta)
        assert all(np.array_equal(a[t + 1], b) for a, b in zip(path.state, state, strict=True))


def test_no_steps_is_a_trajectory_of_the_start():
    path = run(Adam(), BOWL, 0)
    assert path.theta.shape == (1, 2)
    assert path.grad.shape == (0, 2)
    assert path.steps == 0


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_goes_on_bit_for_bit_from_where_it_stopped(name):
    problem = problems.noisy(BOWL, sigma=0.3)
    options = {"schedule": schedules.inverse_sqrt(), "seed": 5}
    whole = run(OPTIMIZERS[name], problem, 30, **options)
    first = run(OPTIMIZERS[name], problem, 12, **options)
    second = run(OPTIMIZERS[name], problem, 18, start=first.theta[-1], state=first.last, **options)
    assert np.array_equal(whole.theta, np.concatenate([first.theta, second.theta[1:]]))
    assert np.array_equal(whole.loss, np.concatenate([first.loss, second.loss[1:]]))
    assert second.last.t == 30


def test_a_schedule_multiplies_the_learning_rate():
    path = run(GradientDescent(lr=0.1), BOWL, 3, schedule=schedules.step_decay(every=1, factor=0.5))
    moved = -np.diff(path.theta, axis=0)
    assert np.allclose(moved, path.grad * np.array([[0.1], [0.05], [0.025]]), rtol=1e-12)
    assert path.optimizer == GradientDescent(lr=0.1)


def test_a_schedule_multiplies_a_learning_rate_that_changes_already():
    path = run(GradientDescent(lr=lambda t: 0.1 * t), BOWL, 2, schedule=schedules.step_decay(every=1, factor=0.5))
    assert np.allclose(-np.diff(path.theta, axis=0), path.grad * 0.1, rtol=1e-12)


def test_a_schedule_needs_a_learning_rate_to_multiply():
    fixed = Optimizer.from_rule(lambda theta, grad: theta - 0.1 * grad)
    assert run(fixed, BOWL, 3).steps == 3
    with pytest.raises(ValueError, match=r"schedule multiplies lr, which .* does not have"):
        run(fixed, BOWL, 3, schedule=schedules.inverse_sqrt())
    with pytest.raises(ValueError, match=r"schedule multiplies lr, which .* does not have"):
        sweep(Optimizer.from_rule(lambda theta, grad, a: theta - a * grad, a=1.0), BOWL, 3, a=[0.1],
              schedule=schedules.inverse_sqrt())  # fmt: skip


def test_the_seed_decides_the_noise():
    problem = problems.noisy(BOWL, sigma=1.0)
    a, b, c = (run(RMSProp(), problem, 20, seed=seed).theta for seed in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_a_run_starts_where_it_is_told_and_leaves_the_start_alone():
    start = np.array([2.0, 3.0], np.float32)
    path = run(RMSProp(lr=0.1), BOWL, 5, start=start)
    assert path.theta.dtype == np.float32
    assert path.loss.dtype == np.float32
    assert np.array_equal(start, [2.0, 3.0])
    start[:] = 0
    assert np.array_equal(path.theta[0], [2.0, 3.0])


def test_only_the_loss_may_be_kept():
    whole, lean = run(Adam(lr=0.1), BOWL, 20), run(Adam(lr=0.1), BOWL, 20, record="loss")
    assert np.array_equal(whole.loss, lean.loss)
    assert np.array_equal(lean.theta, whole.theta[-1:])
    assert np.array_equal(lean.grad, whole.grad[-1:])
    assert np.array_equal(lean.state.v, whole.state.v[-1])
    assert lean.steps == 20


def test_until_ends_a_run_after_the_step_that_satisfied_it():
    path = run(GradientDescent(lr=0.1), BOWL, 1000, until=lambda theta, loss, t: loss < 1e-3)
    assert path.stopped == path.steps < 1000
    assert path.loss[-1] < 1e-3 <= path.loss[-2]


def test_a_gradient_that_is_not_finite_ends_the_run_and_keeps_what_came_before():
    def gradient(theta, t):
        return np.array([1.0, np.nan if t == 8 else 1.0])

    problem = problems.Problem("broken", lambda theta: theta.sum(-1), gradient, [0.0, 0.0], broadcasts=False)
    with pytest.warns(DivergenceWarning, match="the gradient at step 8 is not finite; the 7 steps before it are kept"):
        path = run(GradientDescent(lr=0.1), problem, 20)
    assert path.stopped == 8
    assert path.steps == 7
    assert path.theta.shape == (8, 2)
    assert np.allclose(path.theta[-1], -0.7)
    assert path.state.t[-1] == 7


def test_a_diverging_run_stops_at_infinity():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        path = run(GradientDescent(lr=1.0), problems.rosenbrock(), 100)
    assert path.stopped < 20
    assert np.isfinite(path.grad).all()


def test_a_projection_is_applied_after_each_step():
    boxed = replace(BOWL, project=lambda theta: np.clip(theta, -3.0, 3.0))
    path = run(GradientDescent(lr=0.01), boxed, 5, start=np.array([5.0, 5.0]))
    assert path.theta[1].tolist() == [3.0, 3.0]
    grid = sweep(GradientDescent(), boxed, 5, start=np.array([5.0, 5.0]), lr=[0.01])
    assert np.array_equal(grid.theta[:, 0], path.theta)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"steps": -1}, ValueError, "steps must be >= 0, got -1"),
        ({"steps": 2.5}, TypeError, "steps must be a whole number, got 2.5"),
        ({"steps": True}, TypeError, "steps must be a whole number, got True"),
        ({"record": "some"}, ValueError, 'record must be "all", "loss" or "last", got \'some\''),
        ({"start": np.ones(3)}, ValueError, r"start must have shape \(2,\), got \(3,\)"),
        ({"start": [1, 2]}, TypeError, "start must be an array of floating-point numbers, got int64"),
        (
            {"optimizer": RMSProp},
            TypeError,
            "optimizer must be an optimizer such as RMSProp\\(lr=0.1\\), got .*RMSProp",
        ),
        ({"schedule": 0.5}, TypeError, "schedule must be a function of t, such as schedules.inverse_time"),
        ({"schedule": schedules.inverse_sqrt}, TypeError, "schedule must be a function of t, .* got <class"),
        ({"problem": lambda theta: theta}, TypeError, "problem must be a Problem, such as problems.bowl\\(\\), got"),
    ],
)
@pytest.mark.parametrize("call", [run, sweep])
def test_bad_questions_are_refused(call, options, error, message):
    arguments = {"optimizer": RMSProp(), "problem": BOWL, "steps": 3} | options
    if call is sweep:
        arguments["lr"] = [0.1]
    with pytest.raises(error, match=message):
        call(**arguments)


def test_what_is_no_state_is_refused_by_name():
    for state in (run(RMSProp(), BOWL, 2), (np.ones(2), 1), Momentum().init(np.ones(2))):
        with pytest.raises(TypeError, match=r"state must have v and t, as RMSProp.init gives it, got "):
            run(RMSProp(), BOWL, 2, state=state)


# sweep

GRIDS = [
    (RMSProp(), {"lr": np.geomspace(1e-3, 0.3, 4), "beta": [0.0, 0.5, 0.9]}),
    (RMSProp(), {"eps": [0.0, 1e-8, 1.0]}),
    (Adam(), {"beta1": np.linspace(0, 0.99, 7), "beta2": np.linspace(0, 0.999, 9)}),
    (Momentum(), {"mu": [0.0, 0.5, 0.9], "lr": [1e-4]}),
    (Rprop(), {"lr": [0.01, 0.1], "grow": [1.1, 1.5], "shrink": [0.3, 0.5]}),
    (Nadam(), {"beta1": np.linspace(0, 0.99, 9)}),
    (AMSGrad(), {"beta2": [0.5, 0.9]}),
    (
        conventions.rmsprop(0.1, momentum=0.5, bias_correction=True, centered=True, eps=1e-3),
        {"v0": [0.0, 0.5], "beta": np.linspace(0.1, 0.99, 11), "momentum": [0.0, 0.9]},
    ),
    (conventions.adam(amsgrad="corrected"), {"beta2": np.linspace(0.5, 0.999, 9)}),
    (conventions.adam(amsgrad="raw", eps_hat=True), {"beta2": np.linspace(0.5, 0.999, 9)}),
]


@pytest.mark.parametrize("problem", [BOWL, problems.rosenbrock(), problems.noisy(problems.quadratic(angle=0.5), 0.5)])
@pytest.mark.parametrize(("optimizer", "axes"), GRIDS, ids=lambda x: type(x).__name__ if x else "")
def test_a_sweep_equals_a_loop_of_runs_bit_for_bit(optimizer, axes, problem):
    grid = sweep(optimizer, problem, 25, schedule=schedules.inverse_time(20), **axes)
    shape = tuple(len(v) for v in axes.values())
    assert grid.loss.shape == (26, *shape)
    assert grid.theta.shape == (26, *shape, 2)
    for index in np.ndindex(shape):
        point = {name: float(values[i]) for (name, values), i in zip(axes.items(), index, strict=True)}
        path = run(replace(optimizer, **point), problem, 25, schedule=schedules.inverse_time(20))
        assert np.array_equal(grid.theta[:, *index], path.theta)
        assert np.array_equal(grid.loss[:, *index], path.loss)


def test_a_sweep_asks_for_all_gradients_of_a_step_at_once():
    shapes = []

    def gradient(theta):
        shapes.append(theta.shape)
        return theta

    problem = problems.Problem("counted", lambda theta: 0.5 * (theta**2).sum(-1), gradient, [1.0, 2.0])
    sweep(RMSProp(), problem, 15, lr=np.linspace(0.01, 0.1, 20), beta=np.linspace(0, 0.9, 10))
    looks = 4  # at the start and at steps 2, 4 and 8, beside some θ alone
    assert shapes.count((20, 10, 2)) == 15 + looks
    assert shapes.count((2,)) == len(shapes) - 15 - looks <= 8 * looks


def test_a_sweep_in_float32_stays_there_and_agrees_with_runs():
    start = np.array([-4.0, 1.0], np.float32)
    grid = sweep(Adam(), BOWL, 20, start=start, lr=[0.01, 0.1], beta1=[0.5, 0.9])
    assert grid.theta.dtype == grid.loss.dtype == np.float32
    path = run(Adam(lr=0.1, beta1=0.5), BOWL, 20, start=start)
    assert np.allclose(grid.theta[:, 1, 0], path.theta, rtol=1e-4, atol=1e-5)


def test_a_sweep_may_keep_the_last_theta_alone():
    whole, lean = (sweep(RMSProp(), BOWL, 20, lr=[0.01, 0.1], record=r) for r in ("all", "loss"))
    assert np.array_equal(whole.loss, lean.loss)
    assert np.array_equal(whole.theta[-1:], lean.theta)
    seeds = sweep(RMSProp(), BOWL, 20, seed=[1, 2], lr=[0.01, 0.1], record="loss")
    assert seeds.theta.shape == (1, 2, 2, 2)


def test_seeds_are_an_axis():
    problem = problems.noisy(BOWL, sigma=1.0)
    grid = sweep(RMSProp(), problem, 15, seed=[3, 4], lr=[0.01, 0.1, 0.2])
    assert grid.loss.shape == (16, 2, 3)
    path = run(RMSProp(lr=0.2), problem, 15, seed=4)
    assert np.array_equal(grid.loss[:, 1, 2], path.loss)
    assert np.array_equal(grid.theta[:, 1, 2], path.theta)


def test_a_choice_is_an_axis():
    grid = sweep(conventions.rmsprop(0.1, eps=1e-2), BOWL, 10, eps_inside=[True, False], beta=[0.5, 0.9])
    path = run(conventions.rmsprop(0.1, 0.9, 1e-2, eps_inside=False), BOWL, 10)
    assert np.array_equal(grid.loss[:, *grid.at(eps_inside=False, beta=0.9)], path.loss)
    kinds = sweep(conventions.adam(0.1), BOWL, 10, amsgrad=[None, "raw", "reddi"])
    path = run(conventions.adam(0.1, amsgrad="reddi"), BOWL, 10)
    assert np.array_equal(kinds.loss[:, *kinds.at(amsgrad="reddi")], path.loss)
    with pytest.raises(ValueError, match=r"amsgrad must be one of .*got 'max'"):
        kinds.at(amsgrad="max")


def test_a_problem_that_takes_one_theta_at_a_time_is_swept_one_by_one():
    calls = []

    def gradient(theta):
        assert theta.shape == (2,)
        calls.append(theta)
        return theta

    single = problems.Problem(
        "single", lambda theta: 0.5 * float(theta @ theta), gradient, [1.0, 2.0], broadcasts=False
    )
    grid = sweep(RMSProp(), single, 5, lr=[0.1, 0.2])
    assert len(calls) == 10
    assert np.array_equal(grid.loss[:, 1], run(RMSProp(lr=0.2), single, 5).loss)


@pytest.mark.parametrize("together", [True, False])
def test_a_corner_that_diverges_does_not_stop_the_others(together):
    problem = replace(problems.rosenbrock(), broadcasts=together)
    grid = sweep(GradientDescent(), problem, 40, lr=[1e-4, 1.0])
    assert np.isfinite(grid.loss[:, 0]).all()
    assert not np.isfinite(grid.loss[-1, 1])
    assert grid.best()["lr"] == 1e-4
    assert grid.best()["loss"] == grid.loss[-1, 0]


def test_the_best_point_and_the_nearest_point_are_found():
    grid = sweep(RMSProp(), BOWL, 30, lr=[1e-3, 0.1, 3.0], beta=[0.5, 0.9])
    best = grid.best()
    assert best["loss"] == grid.loss[-1].min()
    assert grid.loss[-1, *grid.at(lr=best["lr"], beta=best["beta"])] == best["loss"]
    assert grid.at(lr=0.09, beta=0.8) == (1, 1)
    with pytest.raises(ValueError, match=r"values must name the axes \['lr', 'beta'\], got \['lr'\]"):
        grid.at(lr=0.1)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({}, r"at least one of \['lr', 'beta', 'eps', 'seed'\] must be given as a list of values"),
        ({"mu": [0.1]}, r"an axis must be one of \['lr', 'beta', 'eps', 'seed'\], got 'mu'"),
        ({"lr": 0.1}, r"lr must be a list of numbers, got 0.1 alone"),
        ({"lr": []}, r"lr must be a list of numbers, got an array of shape \(0,\)"),
        ({"lr": [[0.1]]}, r"lr must be a list of numbers, got an array of shape \(1, 1\)"),
        ({"beta": [0.5, 1.0]}, r"beta must be in \[0, 1\)"),
    ],
)
def test_bad_grids_are_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        sweep(RMSProp(), BOWL, 3, **axes)


@pytest.mark.parametrize("values", [["a"], [None], [True], [lambda t: 0.1], [1j]])
def test_an_axis_holds_numbers(values):
    with pytest.raises(TypeError, match="lr must be a list of numbers, got "):
        sweep(RMSProp(), BOWL, 3, lr=values)


def test_an_executor_is_told_from_other_things():
    for executor in (3, ThreadPoolExecutor):
        with pytest.raises(TypeError, match=r"executor must be one of concurrent.futures, or Client"):
            sweep(RMSProp(), BOWL, 3, lr=[0.1], executor=executor)


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_computes_the_same_sweep(pool):
    axes = {"lr": [0.01, 0.1], "beta": [0.5, 0.9]}
    with pool(2) as executor:
        grid = sweep(RMSProp(), BOWL, 20, executor=executor, **axes)
    together = sweep(RMSProp(), BOWL, 20, **axes)
    assert np.array_equal(grid.loss, together.loss)
    assert np.array_equal(grid.theta, together.theta)


def test_progress_is_shown_when_asked_for_and_only_then(capsys):
    for progress in (None, False):
        run(RMSProp(), BOWL, 3, progress=progress)
        assert capsys.readouterr().err == ""
    run(RMSProp(), BOWL, 3, progress=True)
    sweep(RMSProp(), BOWL, 3, lr=[0.1], progress=True)
    assert "0/3" in capsys.readouterr().err


def test_a_diverging_run_says_so_once_and_numpy_says_nothing():
    with pytest.warns(DivergenceWarning) as warned:  # overflow on the way would be a second warning
        path = run(GradientDescent(lr=1.0), problems.rosenbrock())
    assert len(warned) == 1
    assert path.stopped == path.steps + 1


def test_record_last_keeps_the_end_alone_and_the_end_is_the_same():
    whole, end = run(Adam(lr=0.1), BOWL, 20), run(Adam(lr=0.1), BOWL, 20, record="last")
    assert end.loss.shape == (1,)
    assert end.loss[-1] == whole.loss[-1]
    assert np.array_equal(end.theta[-1], whole.theta[-1])
    assert end.steps == whole.steps == 20
    axes = {"lr": [0.01, 0.1], "beta": [0.5, 0.9]}
    whole, end = (sweep(RMSProp(), BOWL, 20, **axes, record=r) for r in ("all", "last"))
    assert end.loss.shape == (1, 2, 2)
    assert np.array_equal(end.loss[-1], whole.loss[-1])
    assert np.array_equal(end.theta[-1], whole.theta[-1])


def test_record_last_asks_for_the_loss_once():
    asked = []

    def objective(theta):
        asked.append(theta)
        return (theta**2).sum(-1)

    problem = problems.Problem("counted", objective, lambda theta: 2 * theta, [1.0], broadcasts=False)
    run(GradientDescent(lr=0.1), problem, 50, record="last")
    assert len(asked) <= 2
    seeds = sweep(GradientDescent(), problem, 50, lr=[0.1, 5.0, 1e9], record="last")
    assert np.isfinite(seeds.loss[-1, 0])
    assert len(asked) <= 10


def test_a_run_that_diverges_has_no_last_loss_in_a_sweep():
    with np.errstate(over="ignore"):
        grid = sweep(GradientDescent(), problems.rosenbrock(), 60, lr=[1e-4, 1.0], seed=[0], record="last")
    assert np.isfinite(grid.loss[-1, 0, 0])
    assert np.isnan(grid.loss[-1, 1, 0])
