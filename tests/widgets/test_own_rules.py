"""A reader's own rule in every figure that takes one: what is sent is what Python computes, and follows the sliders."""

import json

import numpy as np
import pytest

from rmsprop_lib import Adagrad, GradientDescent, RMSProp, problems, run
from rmsprop_lib.widgets import GradientStream, NineAndOne, PathExplorer, ValleyRotation
from rmsprop_lib.widgets.gradient_stream import respond
from rmsprop_lib.widgets.valley_rotation import curve, hessian, steps_to, turned

OPEN = {
    "PathExplorer": lambda: PathExplorer(steps=30),
    "GradientStream": lambda: GradientStream("spike"),
    "NineAndOne": lambda: NineAndOne(steps=50),
    "ValleyRotation": lambda: ValleyRotation(),
}


def my_rmsprop(theta, grad, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grad**2
    return theta - lr * grad / np.sqrt(v + eps), v


def my_momentum(theta, grad, m, lr):
    m = 0.9 * m + grad
    return theta - lr * m, m


@pytest.fixture(params=OPEN)
def figure(request):
    return OPEN[request.param]()


def only(figure) -> dict:
    (entry,) = figure.figure.added
    json.dumps(entry, allow_nan=False)
    return entry


def test_a_rule_follows_the_sliders_of_the_same_name_and_says_what_it_was_computed_for(figure):
    figure.add(my_rmsprop)
    first = only(figure)
    figure.eps = 0.5
    second = only(figure)
    assert first != second
    assert second["label"] == "my_rmsprop" and second["token"]["marker"] == "h"
    assert second["at"]["eps"] == 0.5
    assert all(second["at"][name] == getattr(figure.figure, name) for name in second["at"])
    assert set(figure._controls) - set(second["at"]) <= {"other"}


def test_an_optimizer_stays_as_it_is_and_a_rule_that_cannot_run_is_forgotten(figure):
    figure.add(RMSProp(lr=0.01, beta=0.5), label="mine")
    with pytest.raises(ZeroDivisionError):
        figure.add(lambda theta, grad: theta / 0 if 1 / 0 else theta)
    with pytest.raises(ValueError, match=r"an optimizer has its own state and numbers, got None and \{'lr': 1.0\}"):
        figure.add(RMSProp(), lr=1.0)
    assert only(figure)["label"] == "mine"


def test_the_picture_without_javascript_shows_it_too(figure):
    before = figure._static_face()
    figure.add(my_momentum, label="my own momentum")
    assert "my own momentum" not in before and "my own momentum" in figure._static_face()


def test_what_diverges_is_sent_as_json_and_said(figure):
    figure.add(lambda theta, grad, lr: theta - 1e300 * np.sign(grad) * np.abs(theta + 1e300), label="far away")
    only(figure)
    assert "far away" in figure._static_face()


def test_a_rule_like_the_built_in_one_does_the_same_in_the_stream():
    stream = GradientStream("noise", beta=0.95)
    stream.add(my_rmsprop)
    root, rate, update = respond(RMSProp(lr=stream.lr, beta=0.95, eps=stream.eps), stream.gradients)
    entry = only(stream)
    for name, wanted in (("root", root), ("rate", rate), ("update", update)):
        assert np.allclose(entry[name], wanted, rtol=1e-5), name


def test_of_a_rule_without_a_second_moment_the_stream_shows_the_rate_it_has_in_effect():
    stream = GradientStream("silence", lr=0.1)
    stream.add(my_momentum)
    entry = only(stream)
    assert entry["root"] == [None] * 120
    assert entry["rate"][:2] == [pytest.approx(0.1), pytest.approx(0.19)]
    assert entry["rate"][40] is None and entry["update"][40] > 0  # no gradient, and still it moves


def test_the_weight_walks_as_run_does():
    figure = NineAndOne(imbalance=0.3, steps=80)
    figure.add(my_momentum)
    rule = my_momentum
    path, m = [0.0], np.zeros(1)
    weight = problems.nine_and_one(0.3)
    for t in range(1, 81):
        theta, m = rule(np.array([path[-1]]), weight.grad(np.array([path[-1]]), t), m, figure.lr)
        path.append(theta[0])
    assert np.allclose(only(figure)["ys"], path, rtol=1e-5)


def test_the_valley_counts_the_steps_of_a_rule_at_every_angle():
    figure = ValleyRotation(angle=20, condition=50)
    figure.add(Adagrad(lr=1.0))
    entry, optimizer = only(figure), Adagrad(lr=1.0)
    assert entry["curve"] == curve(optimizer, 50.0).tolist()
    assert entry["steps"] == steps_to(optimizer, hessian(50.0, 20), turned(figure.start, 20))
    wanted = run(optimizer, problems.quadratic(50.0, np.radians(20)), 5, start=turned(figure.start, 20)).theta
    assert np.allclose(np.column_stack([entry["x"], entry["y"]])[:6], wanted, rtol=1e-5)
    figure.add(GradientDescent(lr=1.0), label="too far")
    assert figure.figure.added[1]["steps"] == 1001 and set(figure.figure.added[1]["curve"]) == {1001}
