"""Finite differences find a wrong gradient, whatever is wrong with it, and let every right one pass."""

import numpy as np
import pytest

from rmsprop_lib import problems
from tests.model_table import ALL
from tests.test_arrays import Device


def loss(theta):
    return theta[..., 0] ** 2 * theta[..., 1] + np.exp(theta[..., 2])


def slope(theta):
    x, y, z = theta[..., 0], theta[..., 1], theta[..., 2]
    return np.stack([2 * x * y, x**2, np.exp(z)], axis=-1)


def own(gradient, objective=loss, start=(1.0, -2.0, 0.0)):
    return problems.Problem("mine", objective, gradient, start)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("theta", [[1.0, -2.0, 0.0], [0.0, 0.0, 0.0], [100.0, 1e-3, 5.0], [-1e3, 1e3, -20.0]])
def test_a_right_gradient_passes_in_every_precision_and_size(theta, dtype):
    assert problems.check_gradient(own(slope), np.array(theta, dtype)) < (1e-2 if dtype == np.float32 else 1e-7)


def test_without_a_point_one_near_the_start_is_taken():
    at_the_start = own(lambda theta: slope(theta) * [1, 1, 1 + theta[2]])  # right where the third number is 0
    assert problems.check_gradient(at_the_start, np.array([1.0, -2.0, 0.0])) < 1e-8
    with pytest.raises(ValueError, match=r"slope of its loss, .* for theta\[2\]"):
        problems.check_gradient(at_the_start)


MISTAKES = {
    "twice": (lambda theta: 2 * slope(theta), 0, 2),
    "sign": (lambda theta: slope(theta) * [1, -1, 1], 1, 0),
    "a term is missing": (lambda theta: slope(theta) * [1, 1, 0], 2, 0),
    "one thousandth": (lambda theta: slope(theta) * [1, 1.001, 1], 1, 0),
    "swapped": (lambda theta: slope(theta)[[1, 0, 2]], 0, 1),
    "not a number": (lambda theta: np.add(slope(theta), [0, 0, np.nan]), 2, 0),
    "infinite": (lambda theta: np.add(slope(theta), [0, np.inf, 0]), 1, 0),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_gradient_is_told_with_its_worst_coordinate_and_both_numbers(mistake):
    gradient, place, others = MISTAKES[mistake]
    theta = np.array([1.5, -2.0, 0.3])
    wanted, got = f"{slope(theta)[place]:.6g}", f"{gradient(theta)[place]:.6g}"
    more = rf", and {others} more of 3 coordinates differ" if others else ""
    with pytest.raises(ValueError) as told:
        problems.check_gradient(own(gradient), theta)
    assert str(told.value) == (
        f"the gradient of mine must be the slope of its loss, {wanted} for theta[{place}] = {theta[place]:.6g}, "
        f"got {got}{more}"
    )


@pytest.mark.parametrize(
    ("problem", "error", "message"),
    [
        (own(lambda theta: slope(theta)[:2]), ValueError, r"the gradient of mine must have the shape of theta, \(3,\)"),
        (own(lambda theta: None), TypeError, "the gradient of mine must be an array"),
        (own(slope, lambda theta: np.inf), ValueError, "the loss of mine must be finite, got"),
        (problems.noisy(problems.bowl()), ValueError, "the gradient of noisy bowl must be the slope of its loss"),
    ],
)
def test_what_cannot_be_checked_is_told(problem, error, message):
    with pytest.raises(error, match=message):
        problems.check_gradient(problem)


def test_a_gradient_that_works_in_place_is_checked_all_the_same():
    def in_place(theta):
        theta *= 2
        return theta

    assert problems.check_gradient(own(in_place, lambda theta: (theta**2).sum(-1))) < 1e-8


def test_t_and_seed_say_which_step():
    moving = problems.drifting(problems.rosenbrock(), 0.3, "walk")
    for t, seed in ((1, 0), (7, 5)):
        assert problems.check_gradient(moving, t=t, seed=seed) < 1e-8
    assert not np.array_equal(moving.grad(moving.start, 7, 5), moving.grad(moving.start, 7, 0))


def test_a_mini_batch_is_no_slope_of_the_whole_loss():
    with pytest.raises(ValueError, match="must be the slope of its loss"):
        problems.check_gradient(ALL["softmax"](batch=5))


def test_a_gradient_on_a_device_is_checked_there():
    theta = np.array([1.0, -2.0, 0.5])
    bowl = problems.quadratic(d=3)
    assert problems.check_gradient(bowl, Device(theta)) == problems.check_gradient(bowl, theta)
