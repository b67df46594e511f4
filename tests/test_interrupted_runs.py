"""What an error on the way leaves of a run, and that it stays the error that it is."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pytest

from rmsprop_lib import RMSProp, problems, run, sweep

BOWL = problems.quadratic(condition=10)


def failing(error, at=8):
    def gradient(theta, t):
        if t == at:
            raise error
        return BOWL.grad(theta)

    return replace(BOWL, gradient=gradient)


@dataclass(frozen=True)
class Unchangeable(Exception):
    row: int


def test_an_error_that_takes_no_attributes_stays_what_it_is():
    with pytest.raises(Unchangeable) as caught:
        run(RMSProp(lr=0.1), failing(Unchangeable(17)), 20)
    assert caught.value.row == 17


def fail_at_step_8(_):
    run(RMSProp(lr=0.1), replace(BOWL, gradient=lambda theta, t: theta / (t - 8) if t < 8 else 1 / 0), 20)


def test_an_error_comes_home_from_a_worker_process():
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool, pytest.raises(ZeroDivisionError):
        pool.submit(fail_at_step_8, 0).result(timeout=300)


def test_an_error_that_passes_several_runs_has_one_note_and_it_is_true():
    error = ZeroDivisionError("here")
    inner = failing(error)
    outer = replace(BOWL, gradient=lambda theta, t: theta if t < 2 else run(RMSProp(lr=0.1), inner, 20).theta[-1])
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            run(RMSProp(lr=0.1), outer, 20)
    assert error.trajectory.steps == 1
    assert error.__notes__ == ["The 1 step before it are in the .trajectory of this error."]


@pytest.mark.parametrize("answer", [None, np.zeros(1), "low"])
def test_a_loss_that_is_none_any_more_is_refused(answer):
    forgetful = replace(BOWL, objective=lambda theta, t: (theta**2).sum(-1) if t < 3 else answer)
    with pytest.raises(TypeError, match="the objective of quadratic must return shape"):
        run(RMSProp(lr=0.1), forgetful, 5)


@pytest.mark.parametrize("record", ["all", "loss", "last"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, SystemExit])
def test_an_error_in_the_gradient_brings_the_run_so_far_along(error, record):
    with pytest.raises(error) as caught:
        run(RMSProp(lr=0.1), failing(error("here")), 20, record=record)
    path, expected = caught.value.trajectory, run(RMSProp(lr=0.1), BOWL, 7, record=record)
    assert (path.steps, path.stopped) == (7, 8)
    assert np.array_equal(path.theta, expected.theta)
    assert np.array_equal(path.loss, expected.loss, equal_nan=True) or record == "last"
    assert caught.value.__notes__ == ["The 7 steps before it are in the .trajectory of this error."]
    assert np.array_equal(
        run(RMSProp(lr=0.1), BOWL, 13, resume=path).theta[-1], run(RMSProp(lr=0.1), BOWL, 20).theta[-1]
    )


def test_an_error_in_until_in_the_objective_and_in_the_projection_brings_the_run_along():
    def fails_at(steps):
        count = iter(range(1, 100))

        def function(theta, *_):
            if next(count) > steps:
                raise KeyboardInterrupt
            return theta

        return function

    condition, loss = fails_at(4), fails_at(5)
    for options in (
        {"until": lambda theta, loss, t: condition(theta) is None},
        {"problem": replace(BOWL, project=fails_at(4))},
        {"problem": replace(BOWL, objective=lambda theta: BOWL.f(loss(theta)))},
    ):
        with pytest.raises(KeyboardInterrupt) as caught:
            run(**{"optimizer": RMSProp(), "problem": BOWL, "steps": 20} | options)
        assert caught.value.trajectory.steps == (5 if "until" in options else 4)


def test_an_error_of_one_run_of_a_sweep_is_as_small_as_it_was():
    with pytest.raises(ZeroDivisionError) as caught:
        sweep(RMSProp(), replace(failing(ZeroDivisionError("here")), broadcasts=False), 20, lr=[0.1, 0.2])
    assert not hasattr(caught.value, "trajectory")
