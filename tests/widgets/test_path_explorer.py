"""PathExplorer in Python: what it shows, how its traits move, a reader's own rule, and its static face."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from rmsprop_lib import GradientDescent, RMSProp, problems, run
from rmsprop_lib.widgets import PathExplorer
from rmsprop_lib.widgets.picture import short


def my_rmsprop(theta, grad, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grad**2
    return theta - lr * grad / np.sqrt(v + eps), v


def static_face(explorer) -> str:
    return explorer._repr_mimebundle_()["text/html"]


def test_the_static_face_is_a_picture_with_its_numbers_in_words():
    face = static_face(PathExplorer(lr={"gd": 0.01}, steps=10))
    kind, data = re.search(r'src="data:image/([\w+]+);base64,([^"]+)"', face).groups()
    assert kind == "png"
    width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', face).groups())
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (2 * width, 2 * height)
    end = run(GradientDescent(lr=0.01), problems.ravine(), 10).loss[-1]
    alt, caption = re.search('alt="([^"]+)"', face)[1], re.search("<figcaption>(.+)</figcaption>", face)[1]
    assert f"gradient descent ends at f = {end:.1f}" in caption
    assert caption in alt


def test_numbers_are_written_as_in_javascript():
    wanted = {
        0: "0",
        0.0341: "0.034",
        17.3: "17",
        9932: "9900",
        3.14e-7: "3.1·10⁻⁷",
        0.5: "0.50",
        1e23: "1.0·10²³",
        np.inf: "∞",
    }
    assert {value: short(value) for value in wanted} == wanted


def test_values_can_be_read_and_set_and_move_their_sliders():
    explorer = PathExplorer(beta=0.95)
    assert (explorer.beta, explorer.steps, explorer.start) == (0.95, 60, (-4.0, 1.0))
    explorer.beta, explorer.lr, explorer.start = 0.5, {"rmsprop": 0.01}, (1, 2)
    sliders = {w.description: w.value for w in explorer.children[1].children}
    assert sliders["β RMSProp"] == explorer.figure.beta == 0.5
    assert sliders["α RMSProp"] == explorer.lr["rmsprop"] == 0.01
    assert explorer.lr["gd"] == 0.095
    assert explorer.figure.start == [1.0, 2.0]


def test_another_problem_brings_its_own_start_and_learning_rates():
    explorer = PathExplorer(("ravine", problems.rosenbrock(b=10)), lr={"gd": 0.01})
    explorer.problem = "rosenbrock"
    assert explorer.start == (-1.2, 1.0)
    assert explorer.lr == {"gd": 0.01, "rmsprop": 0.02}
    assert explorer.children[1].children[-1].index == 1
    assert explorer.figure.problems[1]["args"] == [1.0, 10]


def test_a_noisy_problem_is_drawn_with_the_noise_of_its_seed():
    noisy = problems.noisy(problems.noisy(problems.ravine(), 0.5), 2.0, seed=7)
    explorer = PathExplorer(noisy, ("gd",))
    layers = [{"sigma": 0.5, "stream": 0, "seed": 7}, {"sigma": 2.0, "stream": 16, "seed": 7}]
    assert explorer.figure.problems[0]["noise"] == layers
    assert explorer.lr == {"gd": 0.095}
    assert "noise σ = 2" in static_face(explorer)


def test_gradient_descent_begins_just_below_its_limit_on_any_quadratic():
    explorer = PathExplorer(problems.quadratic(condition=50, angle=0.3), ("gd",))
    assert explorer.lr["gd"] == pytest.approx(1.9 / 50, rel=0.01)


def test_a_rule_of_the_reader_follows_the_sliders_of_the_same_name():
    explorer = PathExplorer()
    explorer.add(my_rmsprop)
    for change in ({"beta": 0.99}, {"lr": {"rmsprop": 0.03}}, {"start": (2, -1)}, {"steps": 17}):
        for name, value in change.items():
            setattr(explorer, name, value)
        wanted = run(
            RMSProp(lr=explorer.lr["rmsprop"], beta=explorer.beta),
            problems.ravine(),
            explorer.steps,
            start=np.array(explorer.start),
        )
        (path,) = explorer.figure.added
        assert np.allclose(path["x"], wanted.theta[:, 0], rtol=1e-5)
        assert np.allclose(path["loss"], wanted.loss, rtol=1e-5)
        assert path["label"] == "my_rmsprop"
        assert all(path["at"][name] == getattr(explorer.figure, name) for name in path["at"])


def test_given_hyper_parameters_stay_and_optimizers_are_drawn_as_they_are():
    explorer = PathExplorer()
    explorer.add(my_rmsprop, lr=0.5, label="fast")
    explorer.add(RMSProp(lr=0.01, beta=0.5))
    before = explorer.figure.added
    explorer.lr = 0.02
    assert [p["x"] for p in explorer.figure.added] == [p["x"] for p in before]
    assert [p["label"] for p in before] == ["fast", "RMSProp(lr=0.01, beta=0.5, eps=1e-08)"]


def test_a_rule_that_diverges_is_sent_without_infinities():
    explorer = PathExplorer()
    explorer.add(GradientDescent(lr=100.0))
    explorer.steps = 500
    (path,) = explorer.figure.added
    json.dumps(path, allow_nan=False)
    assert path["stopped"] == len(path["x"]) < 500
    assert "GradientDescent(lr=100.0) diverges" in static_face(explorer)


def test_a_rule_that_cannot_run_is_refused_and_forgotten():
    explorer = PathExplorer()
    with pytest.raises(ZeroDivisionError):
        explorer.add(lambda theta, grad: theta / 0 if 1 / 0 else theta)
    explorer.steps = 10  # does not meet it again
    assert explorer.figure.added == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"problem": "hill"}, "problem must be one of .*got 'hill'"),
        ({"problem": problems.quadratic(d=3)}, "2 parameters"),
        ({"problem": problems.noisy(problems.bowl(), dof=3)}, "noise must be normal .*got Student's t with dof = 3"),
        ({"problem": problems.clipped(problems.bowl())}, "problem must be a quadratic, .*got clipped bowl"),
        ({"optimizers": ("sgd",)}, r"optimizers must be some of gd, .*got \('sgd',\)"),
        ({"optimizers": ()}, "optimizers must be some of"),
        ({"lr": {"adam": 0.1}}, "lr must be given for gd, rmsprop, got adam"),
        ({"mu": 0.9}, "hyper-parameters must be some of beta, eps, got mu"),
        ({"beta": 1.0}, r"beta must be in \[0, 1\), got 1.0"),
        ({"start": (1, 2, 3)}, "start must be two finite numbers"),
        ({"start": (1, np.nan)}, "start must be two finite numbers"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        PathExplorer(**arguments)
