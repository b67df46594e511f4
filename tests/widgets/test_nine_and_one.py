"""NineAndOne in Python: its drift is that of a long run, its border is where the drift turns, JavaScript agrees."""

import pytest

from rmsprop_lib import RMSProp, problems, run
from rmsprop_lib.widgets import NineAndOne
from rmsprop_lib.widgets.nine_and_one import METHODS, drift, threshold

BETAS = (0.0, 0.5, 0.9, 0.97, 0.999)


@pytest.mark.parametrize("beta", [0.5, 0.9, 0.97])
@pytest.mark.parametrize("imbalance", [0.0, 0.1, 0.5])
def test_the_drift_is_what_a_long_run_settles_to(beta, imbalance):
    path = run(RMSProp(lr=1.0, beta=beta, eps=0.0), problems.nine_and_one(imbalance), 3000, progress=False).theta[:, 0]
    assert drift(beta, imbalance) == pytest.approx((path[3000] - path[2000]) / 1000, abs=1e-9)


def test_the_border_is_where_the_sign_of_the_drift_turns():
    for beta in (0.8, 0.9, 0.99):
        border = threshold(beta, 10.0)
        assert drift(beta, border - 1e-6) < 0 < drift(beta, border + 1e-6)
    assert threshold(0.5, 1.0) == pytest.approx(1.0)  # sign descent and its neighbours never go the right way


@pytest.mark.parametrize("method", METHODS)
def test_the_paths_are_those_of_javascript(javascript, parity, method):
    for imbalance, beta in ((0.0, 0.0), (0.1, 0.9), (1.0, 0.999)):
        figure = NineAndOne(imbalance=imbalance, beta=beta)
        hyper = figure.figure.rprop | {"lr": figure.lr, "beta": figure.beta, "eps": figure.eps}
        wanted = run(figure._method(method), problems.nine_and_one(imbalance), 200, progress=False).theta[:, 0]
        assert parity("NineAndOne", javascript("core.walk", method, imbalance, 200, hyper), wanted) == 0


def test_drift_and_border_are_those_of_javascript(javascript, parity):
    for beta in BETAS:
        assert parity("NineAndOne", javascript("core.drift", beta, 0.1), drift(beta, 0.1), scale=1) <= 1e-12
        assert javascript("core.threshold", beta, 1.1) == pytest.approx(threshold(beta, 1.1), abs=1e-9)
    for imbalance in (0.05, 0.2, 1.0):
        least = javascript("core.leastBeta", imbalance)
        assert threshold(least, 10.0) == pytest.approx(imbalance, rel=1e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"methods": ("adam",)}, r"methods must be some of gd, .*got \['adam'\]"),
        ({"imbalance": 2}, r"imbalance must be in \[0, 1\], got 2"),
        ({"beta": 1.0}, r"beta must be in \[0, 1\)"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        NineAndOne(**arguments)
