"""What becomes of a run: records that nobody can change later, going on from an earlier run, what an error leaves."""

import functools
import sys
import threading
import tracemalloc
import warnings
from dataclasses import replace

import numpy as np
import pytest
from tqdm import tqdm

from rmsprop_lib import (
    Adam,
    GradientDescent,
    Momentum,
    Optimizer,
    RMSProp,
    Trajectory,
    problems,
    run,
    schedules,
    sweep,
)
from rmsprop_lib.runner import DivergenceWarning
from tests.optimizer_table import OPTIMIZERS

BOWL = problems.quadratic(condition=10)
NOISY = problems.noisy(BOWL, 0.3)


# Records: each of these functions computes what BOWL or a step says, and does more than it should.


def in_a_buffer(function):
    """Write every answer into the same memory."""
    memory = {}

    def reused(theta):
        answer = np.asarray(function(theta))
        buffer = memory.setdefault(answer.shape, np.empty_like(answer))
        buffer[...] = answer
        return buffer

    return reused


def spoiling(function):
    """Change θ after use."""

    def spoiled(theta):
        answer = np.array(function(theta))
        theta[...] = 7.0
        return answer if answer.ndim else answer[()]

    return spoiled


def in_theta(function):
    """Give back θ itself, changed."""

    def changed(theta):
        theta[...] = function(theta)
        return theta

    return changed


HOW = {"buffer": in_a_buffer, "spoils theta": spoiling, "theta itself": in_theta}


def box(theta):
    return np.clip(theta, -3.0, 3.0)


@pytest.mark.parametrize("record", ["all", "loss", "last"])
@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("which", ["gradient", "objective", "project", "all"])
def test_a_function_that_works_in_place_is_recorded_like_one_that_does_not(which, how, record):
    right = replace(BOWL, project=box)
    names = ["gradient", "objective", "project"] if which == "all" else [which]
    if how == "theta itself":
        names = [name for name in names if name != "objective"]
    odd = replace(right, **{name: HOW[how](getattr(right, name)) for name in names})
    for optimizer in (RMSProp(lr=0.3), OPTIMIZERS["rprop"], GradientDescent(lr=0.01)):
        expected, path = (run(optimizer, p, 12, record=record) for p in (right, odd))
        for name in ("theta", "grad", "loss"):
            assert np.array_equal(getattr(path, name), getattr(expected, name))
        assert all(np.array_equal(a, b) for a, b in zip(path.state, expected.state, strict=True))
    grid, expected = (sweep(RMSProp(), p, 12, lr=[0.1, 0.3, 0.5], record=record) for p in (odd, right))
    assert np.array_equal(grid.theta, expected.theta)
    assert np.array_equal(grid.loss, expected.loss)


def test_a_condition_that_changes_theta_changes_nothing():
    def until(theta, loss, t):
        theta[...] = 7.0
        return False

    assert np.array_equal(run(RMSProp(), BOWL, 9, until=until).theta, run(RMSProp(), BOWL, 9).theta)


def test_gradients_that_are_rows_of_data_are_copied():
    data = np.arange(10.0).reshape(5, 2)
    path = run(
        GradientDescent(), problems.Problem("rows", lambda theta: 0.0, lambda theta, t: data[t - 1], [0.0, 0.0]), 5
    )
    kept = data.copy()
    data[...] = -1
    assert np.array_equal(path.grad, kept)


def test_what_happens_after_a_run_does_not_reach_its_record():
    kept = {}

    def rule(theta, grad, v, lr):
        kept["v"] = v + grad**2
        return theta - lr * grad, kept["v"]

    for record in ("all", "last"):
        path = run(Optimizer.from_rule(rule, {"v": 0.0}, lr=0.1), BOWL, 4, record=record)
        before = path.last.v.copy()
        kept["v"][...] = 99
        assert np.array_equal(path.last.v, before)


@pytest.mark.parametrize("until", [None, lambda theta, loss, t: t == 19_000])
def test_a_long_run_needs_the_memory_of_its_arrays_and_little_more(until):
    run(RMSProp(), BOWL, 3)
    tracemalloc.start()
    path = run(RMSProp(lr=1e-3), BOWL, 20_000, until=until)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    arrays = [path.theta, path.loss, path.grad, *path.state]
    assert path.steps == (19_000 if until else 20_000)
    # With `until` the length is not known: arrays are made twice as long, of which the system gives what is written.
    assert used <= (1.2 if until is None else 2.4) * sum(a.nbytes for a in arrays)


def test_a_run_that_may_end_early_is_as_long_as_it_is_whatever_it_was_given():
    path = run(RMSProp(lr=1e-3), BOWL, 10**12, until=lambda theta, loss, t: t == 5000)
    assert np.array_equal(path.theta, run(RMSProp(lr=1e-3), BOWL, 5000).theta)
    assert path.state.t.tolist() == list(range(5001))


@pytest.mark.parametrize("steps", [10**16, 10**18, 10**30])
@pytest.mark.parametrize("call", [run, functools.partial(sweep, lr=[0.1])])
def test_a_record_too_large_for_the_machine_is_told_what_to_do(call, steps):
    with pytest.raises(MemoryError, match=r'takes .* GiB, more than there is; record="loss" keeps the losses alone'):
        call(RMSProp(), BOWL, steps)


# Going on


@pytest.mark.parametrize("from_file", [False, True])
@pytest.mark.parametrize("record", ["all", "loss", "last"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_goes_on_from_an_earlier_one_bit_for_bit(name, record, from_file, tmp_path):
    start, schedule = np.array([-2.0, 1.5]), schedules.inverse_time(20.0)
    whole = run(OPTIMIZERS[name], NOISY, 30, start=start, seed=5, schedule=schedule)
    first = run(OPTIMIZERS[name], NOISY, 12, start=start, seed=5, schedule=schedule, record=record)
    if from_file:
        second = run(OPTIMIZERS[name], NOISY, 18, resume=first.save(tmp_path / "first"), schedule=schedule)
    else:
        second = run(OPTIMIZERS[name], NOISY, 18, resume=first)
    assert np.array_equal(second.theta, whole.theta[12:])
    assert np.array_equal(second.loss, whole.loss[12:])
    assert all(np.array_equal(a, b) for a, b in zip(second.last, whole.last, strict=True))
    assert (second.begin, second.steps, second.seed) == (12, 18, 5)


def test_a_run_in_float32_goes_on_in_float32():
    first = run(Adam(), BOWL, 5, start=np.array([1, 2], np.float32))
    assert run(Adam(), BOWL, 5, resume=first).theta.dtype == np.float32


def test_a_run_of_a_readers_rule_goes_on_from_its_file(tmp_path):
    mine = Optimizer.from_rule(lambda theta, grad, v, lr: (theta - lr * grad, v + grad), {"v": 0.0}, lr=0.01)
    path = run(mine, BOWL, 5).save(tmp_path / "mine")
    assert np.array_equal(run(mine, BOWL, 5, resume=str(path)).last.v, run(mine, BOWL, 10).last.v)


EARLIER = run(RMSProp(lr=0.1), NOISY, 5, seed=3, schedule=schedules.inverse_sqrt())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"optimizer": RMSProp(lr=0.2)}, ValueError, r"optimizer must be RMSProp\(lr=0.1.*got RMSProp\(lr=0.2"),
        ({"optimizer": Momentum()}, ValueError, r"optimizer must be RMSProp\(lr=0.1"),
        ({"seed": 4}, ValueError, "seed must be 3, that of the earlier run, got 4"),
        ({"schedule": schedules.linear(5)}, ValueError, r"schedule must be inverse_sqrt\(\), .*got linear\(steps=5\)"),
        ({"problem": problems.beale()}, ValueError, "problem must be that of the earlier run, whose last loss was"),
        ({"problem": problems.noisy(problems.quadratic(9))}, ValueError, "problem must be that of the earlier run"),
        ({"problem": problems.quadratic(d=3)}, ValueError, r"start must have shape \(3,\), got \(2,\)"),
        ({"start": np.ones(2)}, ValueError, "start and state must not be given with resume"),
        ({"state": EARLIER.last}, ValueError, "start and state must not be given with resume"),
        ({"resume": EARLIER.last}, TypeError, "resume must be a Trajectory or the path of its file, got State"),
        ({"resume": "nowhere.npz"}, FileNotFoundError, "nowhere.npz"),
    ],
)
def test_a_run_does_not_go_on_as_another(options, error, message):
    with pytest.raises(error, match=message):
        run(**{"optimizer": RMSProp(lr=0.1), "problem": NOISY, "steps": 5, "resume": EARLIER} | options)


def test_a_schedule_is_given_again_to_what_comes_from_a_file(tmp_path):
    path = EARLIER.save(tmp_path / "earlier")
    with pytest.raises(ValueError, match=r"schedule must be given again, .* had inverse_sqrt\(\)"):
        run(RMSProp(lr=0.1), NOISY, 5, resume=path)
    with pytest.raises(ValueError, match=r"schedule must be inverse_sqrt\(\), that of the earlier run, got linear"):
        run(RMSProp(lr=0.1), NOISY, 5, resume=path, schedule=schedules.linear(9))
    own = run(RMSProp(lr=0.1), NOISY, 5, schedule=lambda t: 1 / t)
    assert run(RMSProp(lr=0.1), NOISY, 5, resume=own).schedule is own.schedule
    assert run(RMSProp(lr=0.1), NOISY, 5, resume=own.save(path), schedule=lambda t: 1 / t).begin == 5
    assert Trajectory.load(path).seed == 0


def test_a_state_without_its_start_is_refused():
    path = run(RMSProp(), BOWL, 17)
    with pytest.raises(ValueError, match=r"start must be given with state, as start=path.theta\[-1\], state=path.last"):
        run(RMSProp(), BOWL, 23, state=path.last)
    assert run(RMSProp(), BOWL, 2, state=RMSProp().init(BOWL.start)).steps == 2  # the state of the start


# Overflow


def steep(at=3, size=1e25):
    return replace(BOWL, gradient=lambda theta, t: np.array([1, size if t == at else 1], theta.dtype))


START32 = np.ones(2, np.float32)


@pytest.mark.parametrize("record", ["all", "loss", "last"])
def test_a_coordinate_that_an_overflow_freezes_is_named_once(record):
    when = " at step 3" if record == "all" else ""
    with pytest.warns(RuntimeWarning) as warned:
        path = run(RMSProp(), steep(), 9, start=START32, record=record)
    assert [str(w.message) for w in warned] == [
        f"v[1] overflowed to infinity{when}, for the gradient was too large for float32: a coordinate that is divided "
        "by it does not move any more"
    ]
    assert path.steps == 9 and path.stopped is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(RMSProp(), steep(), 9)  # in float64 there is room
        run(RMSProp(), steep(size=1e18), 9, start=START32)


def test_a_state_that_begins_at_infinity_has_not_overflowed():
    def best_so_far(theta, grad, best, lr):
        return theta - lr * grad, best

    keeper = Optimizer.from_rule(best_so_far, {"best": np.inf}, lr=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(keeper, BOWL, 3)
        sweep(keeper, BOWL, 3, lr=[0.1, 0.2])


def test_runs_of_a_sweep_that_an_overflow_freezes_are_counted():
    for problem in (
        replace(steep(), broadcasts=False),
        replace(steep(), gradient=lambda theta: 1e25 * np.ones_like(theta)),
    ):
        with pytest.warns(
            RuntimeWarning, match="in 4 of 4 runs the state overflowed to infinity, and a coordinate"
        ) as warned:
            sweep(RMSProp(), problem, 5, start=START32, lr=[0.1, 0.2], beta=[0.5, 0.9])
        assert len(warned) == 1


def test_a_run_that_diverges_is_told_once():
    with pytest.warns(DivergenceWarning) as warned:
        run(RMSProp(), steep(size=np.inf), 9, start=START32)
    assert len(warned) == 1


# What is asked of a function of t, and of `until`


@pytest.mark.parametrize("axes", [{}, {"beta": [0.5, 0.9]}])
def test_a_schedule_is_asked_once_for_each_step(axes):
    seen = []

    def schedule(t):
        seen.append(t)
        return 1 / t

    (sweep if axes else run)(RMSProp(), BOWL, 4, schedule=schedule, **axes)
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"until": lambda theta, loss: True},
            TypeError,
            r"until must take \(theta, loss, t\), got <lambda>\(theta, loss\)",
        ),
        ({"until": lambda theta, loss, limit=1.0: True}, TypeError, r"until must take \(theta, loss, t\)"),
        ({"until": 3}, TypeError, "until must be a function, got 3"),
        ({"schedule": lambda: 1.0}, TypeError, r"schedule must take \(t\), got <lambda>\(\)"),
        ({"schedule": lambda t, tau: 1.0}, TypeError, r"schedule must take \(t\)"),
        ({"schedule": lambda t: None}, TypeError, "the schedule must return a number, got None at t = 1"),
        ({"schedule": lambda t: "a"}, TypeError, "the schedule must return a number, got 'a' at t = 1"),
        ({"schedule": lambda t: np.ones(2)}, TypeError, "the schedule must return a number, got array"),
        ({"schedule": lambda t: -1.0}, ValueError, "lr must be a finite number >= 0, got -0.01"),
        (
            {"problem": replace(BOWL, project=lambda theta: None)},
            TypeError,
            "the projection of quadratic must be an array",
        ),
        (
            {"problem": replace(BOWL, project=lambda theta: theta[:1])},
            ValueError,
            "the projection of quadratic must have",
        ),
    ],
)
def test_functions_that_do_not_fit_are_told(options, error, message):
    with pytest.raises(error, match=message):
        run(**{"optimizer": RMSProp(), "problem": BOWL, "steps": 3} | options)


# The bar


def test_a_bar_starts_no_thread(capsys, monkeypatch):
    started = []
    monkeypatch.setattr(tqdm, "monitor", None)  # that of another test
    monkeypatch.setattr(threading.Thread, "start", lambda self: started.append(self))
    run(RMSProp(), BOWL, 3, progress=True)
    assert "0/3" in capsys.readouterr().err
    assert not started


def test_without_tqdm_a_run_has_no_bar_unless_it_is_asked_for(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "tqdm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert run(RMSProp(), BOWL, 3).steps == 3
    with pytest.raises(ImportError, match="a progress bar needs tqdm: pip install tqdm"):
        run(RMSProp(), BOWL, 3, progress=True)
