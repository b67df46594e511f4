"""ValleyRotation in Python: its numbers, JavaScript's numbers, and the claim that it shows."""

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, RMSProp, problems
from rmsprop_lib.widgets import ValleyRotation
from rmsprop_lib.widgets.valley_rotation import ANGLES, LIMIT, curve, hessian, starts, steps_to, turned

HYPER = {"lr": 0.1, "beta": 0.99, "eps": 1e-8}
METHODS = {"gd": lambda condition: GradientDescent(lr=2 / (1 + condition)), "rmsprop": lambda _: RMSProp(**HYPER)}


def nudges(H, start, count=8):
    """The same valley and start, each number moved by a few units of its last place.

    Near the two-cycle of a constant learning rate the last bit decides after how many steps a run gets through. A count
    that such a nudge changes is no property of the method, and the two languages owe each other none.
    """
    rng = np.random.default_rng(1)
    for _ in range(count):
        yield tuple(array * (1 + rng.uniform(-1.6e-15, 1.6e-15, array.shape)) for array in (H, start))


def test_the_valley_is_the_quadratic_of_the_library():
    for degrees in (0, 30, 77):
        wanted = problems.hessian(problems.quadratic(50.0, np.radians(degrees)))
        assert np.allclose(hessian(50.0, degrees), wanted, rtol=0, atol=1e-13)


def test_the_matrix_is_the_same_in_javascript(javascript, parity):
    for condition, degrees in ((1, 0), (7.5, 12.5), (1000, 89.5)):
        wanted = hessian(condition, degrees)
        assert parity("ValleyRotation", javascript("core.hessian", condition, degrees), wanted) <= 1e-14


@pytest.mark.parametrize("method", METHODS)
def test_the_steps_are_the_same_in_javascript_where_rounding_does_not_decide(javascript, method):
    rng, sure, cases = np.random.default_rng(0), 0, 60
    for _ in range(cases):
        condition, degrees, start = 10 ** rng.uniform(0, 3), rng.uniform(0, 90), rng.normal(size=2)
        optimizer = METHODS[method](condition)
        H = hessian(condition, degrees)
        wanted = steps_to(optimizer, H, start)
        if all(steps_to(optimizer, *nudged) == wanted for nudged in nudges(H, start)):
            sure += 1
            hyper = HYPER | {"lr": optimizer.lr}
            assert javascript("core.stepsTo", method, H.tolist(), start.tolist(), hyper) == wanted
    assert sure >= (cases if method == "gd" else 0.8 * cases)  # the rule must not excuse everything


@pytest.mark.parametrize("condition", [3.0, 20.0, 100.0, 1000.0])
@pytest.mark.parametrize("method", METHODS)
def test_the_curves_are_those_of_javascript_where_rounding_does_not_decide(javascript, parity, method, condition):
    optimizer, angles = METHODS[method](condition), ANGLES[:, None]
    H, start = hessian(condition, angles), turned(starts(condition), angles)
    wanted = curve(optimizer, condition)
    medians = [np.median(steps_to(optimizer, *nudged), axis=1) for nudged in nudges(H, start)]
    sure = (np.array(medians) == wanted).all(axis=0)
    got = np.array(javascript("core.curve", method, condition, HYPER))
    assert parity("ValleyRotation", got[sure], wanted[sure]) == 0
    assert sure.mean() >= (1 if method == "gd" else 2 / 3)  # the rule must not excuse everything


def test_turning_the_valley_does_nothing_to_gradient_descent_and_costs_rmsprop_its_advantage():
    gd, rmsprop = (curve(METHODS[m](100.0), 100.0) for m in ("gd", "rmsprop"))
    assert np.ptp(gd) <= 2
    assert rmsprop[[0, -1]].max() < 0.2 * gd[0]
    assert 0.7 * gd[0] < rmsprop[len(ANGLES) // 2] < LIMIT


def test_the_start_turns_with_the_valley():
    assert np.allclose(turned((1.0, 0.0), 90), (0, 1))
    figure = ValleyRotation(angle=10)
    figure.angle, figure.start = 80, (1, 2)
    assert (figure.angle, figure.start, figure._controls["angle"].value) == (80, (1.0, 2.0), 80)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"angle": 100}, r"angle must be in \[0, 90\] .*got 100"),
        ({"condition": 0.5}, "condition in"),
        ({"beta": 1.0}, r"beta must be in \[0, 1\)"),
        ({"start": (1,)}, "start must be two finite numbers"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        ValleyRotation(**arguments)
