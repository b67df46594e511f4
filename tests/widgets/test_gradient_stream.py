"""GradientStream in Python: the numbers it shows are those of the rules, and JavaScript's are the same."""

import numpy as np
import pytest

from rmsprop_lib import Adagrad, RMSProp
from rmsprop_lib.optimizers import SignDescent
from rmsprop_lib.widgets import GradientStream
from rmsprop_lib.widgets.gradient_stream import KINDS, respond, stream

METHODS = {"rmsprop": RMSProp, "adagrad": Adagrad, "sign": SignDescent}


def test_the_shapes_are_the_same_in_javascript(javascript):
    for place, kind in enumerate(KINDS):
        for seed in (0, 3):
            assert np.allclose(javascript("core.stream", place, 120, seed), stream(kind, 120, seed), rtol=0, atol=1e-14)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_method_makes_of_a_stream_is_the_same_in_javascript(javascript, parity, method, kind):
    numbers = {"lr": 0.03, "beta": 1 - 1 / 37, "eps": 1e-8}
    cls = METHODS[method]
    g = stream(kind, 120, 1)
    wanted = respond(cls(**{name: numbers[name] for name in cls.__dataclass_fields__}), g)
    got = javascript("core.respond", method, g.tolist(), numbers)
    for ours, theirs in zip(wanted, (got["root"], got["rate"], got["update"]), strict=True):
        theirs = np.array([np.inf if x is None else x for x in theirs], dtype=float)  # JSON has no ∞
        assert parity("GradientStream", ours, theirs) <= 1e-14


def test_a_spike_freezes_rmsprop_for_as_long_as_the_formula_says():
    _, rate, _ = respond(RMSProp(lr=1.0, beta=0.9, eps=0.0), stream("spike"))
    before, after = rate[28], rate[29:]
    wait = np.log(0.1 * 3**2 / (3 * 0.1**2)) / np.log(1 / 0.9)  # until the rate is back to half
    assert abs(int(np.argmax(after > before / 2)) - wait) <= 2


def test_edits_are_read_set_shown_and_forgotten_with_another_shape():
    figure = GradientStream("spike", edits={60: -2.0})
    assert figure.gradients[59] == -2.0 and figure.edits == {60: -2.0}
    figure.edits = {1: 0.5, 2: 0.25}
    assert figure.gradients[:3].tolist() == [0.5, 0.25, 0.1]
    figure.kind = "silence"
    assert figure.edits == {} and figure.kind == "silence"


def test_edits_are_read_alike_in_javascript_and_nonsense_is_left_out(javascript):
    g = stream("step").tolist()
    figure = GradientStream("step", edits={60: -2.0, 3: 1.25})
    assert javascript("core.edited", g, figure.figure.edits) == figure.gradients.tolist()
    for nonsense in ("0~1", "121~1", "2.5~1", "5~x", "5~99", "word", "5~", "~", "5~NaN"):
        assert javascript("core.edited", g, nonsense)[:4] == g[:4]
        assert len(javascript("core.edited", g, nonsense)) == 120
        assert None not in javascript("core.edited", g, nonsense)


def test_beta_is_moved_by_its_memory():
    figure = GradientStream(beta=0.99)
    assert figure.figure.memory == pytest.approx(100)
    figure.beta = 0.5
    assert (figure.beta, figure._controls["memory"].value) == (0.5, 2.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "wave"}, "kind must be one of step, .*got 'wave'"),
        ({"other": "adam"}, "other must be one of none, .*got 'adam'"),
        ({"beta": 1.0}, r"beta must be in \[0, 1\), got 1.0"),
        ({"edits": {0: 1.0}}, "steps 1 to 120, got 1.0 at 0"),
        ({"edits": {5: 4.0}}, "at most 3 .*got 4.0 at 5"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        GradientStream(**arguments)
