"""EpsilonDial in Python: its numbers are those of the rule, JavaScript agrees, and ε = 1 is gradient descent."""

import numpy as np
import pytest

from rmsprop_lib import RMSProp
from rmsprop_lib.widgets import EpsilonDial
from rmsprop_lib.widgets.epsilon_dial import cosine, rates, recorded_gradients, second, spread

G = recorded_gradients().astype(float)


def test_the_update_is_that_of_the_rule():
    optimizer = RMSProp(lr=0.003, beta=0.95, eps=1e-6)
    theta = np.zeros(G.shape[1])
    state = optimizer.init(theta)
    for g in G:
        theta, state = optimizer.step(np.zeros_like(g), g, state)
    assert np.allclose(-theta, rates(second(G, 0.95), 1e-6, "inside", 0.003) * G[-1], rtol=1e-13)


@pytest.mark.parametrize("beta", [0.0, 0.9, 0.999])
@pytest.mark.parametrize("eps", [0.0, 1e-16, 1e-5, 1.0])
@pytest.mark.parametrize("place", ["inside", "outside"])
def test_javascript_computes_the_same(javascript, parity, beta, eps, place):
    v = second(G, beta)
    got = javascript(f"((g, n) => Array.from(core.second(g, n, {beta})))", G.ravel().tolist(), G.shape[1])
    assert parity("EpsilonDial", got, v) <= 1e-14
    rate = rates(v, eps, place, 0.01)
    theirs = javascript("core.rates", v.tolist(), eps, place == "inside", 0.01)
    assert parity("EpsilonDial", theirs, rate) <= 1e-14
    assert javascript("core.cosine", G[-1].tolist(), theirs) == pytest.approx(cosine(G[-1], rate), rel=1e-12)
    assert javascript("core.spread", theirs) == pytest.approx(spread(rate), rel=1e-12)


def test_a_large_epsilon_is_gradient_descent_and_a_small_one_is_not():
    v = second(G, 0.9)
    cosines = [cosine(G[-1], rates(v, eps, "inside", 1.0)) for eps in (1e-16, 1e-5, 1.0)]
    assert cosines[0] < 0.8 < cosines[1] < 0.95 and cosines[2] > 0.9999
    assert spread(rates(v, 1e-16, "inside", 1.0)) > 10 and spread(rates(v, 1.0, "inside", 1.0)) < 1.01


def test_inside_the_root_counts_like_its_root_outside():
    v = second(G, 0.9)
    inside, outside = (cosine(G[-1], rates(v, eps, place, 1.0)) for eps, place in ((1e-6, "inside"), (1e-3, "outside")))
    assert inside == pytest.approx(outside, abs=0.05)


def test_the_canvas_holds_the_gradients_and_settings_follow():
    figure = EpsilonDial(G[:5, :7])
    assert np.array_equal(np.frombuffer(figure.figure.gradients, "<f4").reshape(5, 7), G[:5, :7].astype("<f4"))
    figure.place, figure.eps = "outside", 0.5
    assert (figure.place, figure._controls["place"].index, figure._controls["eps"].value) == ("outside", 1, 0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gradients": np.ones(3)}, r"gradients must be finite numbers of shape \(T, n\), got shape \(3,\)"),
        ({"gradients": np.full((2, 2), np.nan)}, "finite"),
        ({"gradients": np.zeros((2, 2))}, "must not all be 0"),
        ({"gradients": np.ones((2, 2)), "place": "under"}, "place must be .*got 'under'"),
        ({"gradients": np.ones((2, 2)), "beta": 1.0}, r"beta must be in \[0, 1\)"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        EpsilonDial(**arguments)
