"""Translator in Python: JavaScript steps as the frameworks and `conventions.rmsprop` do, settings as `translate`."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib import conventions, schedules
from rmsprop_lib.conventions import PRESETS
from rmsprop_lib.widgets import Translator
from rmsprop_lib.widgets.translator import FRAMEWORKS, PLANS

RECORDINGS = json.loads((Path(__file__).parent.parent / "goldens/goldens.json").read_text("utf8"))
FLAGS = ("eps_inside", "centered", "nesterov", "lr_in_momentum", "bias_correction")
REPLAYED = [
    case
    for case in RECORDINGS["cases"]
    if case["algo"] == "rmsprop"
    and case["dtype"] == "float64"
    and case["problem"]["kind"] == "replay"
    and not case["schedule"]
    and not case["config"]["weight_decay"]
    and not case["config"]["maximize"]
    and case["edge"] is None
]


@pytest.fixture(scope="module")
def replay(javascript):
    """replay(x0, gradients, settings): θ_1 … θ_T of JavaScript for given gradients, α constant."""
    javascript.context.eval("""
        function replay(x0, gradients, o) {
          const states = x0.map(() => core.newBuffers(o));
          let x = x0;
          return gradients.map((g, i) => (x = x.map((one, k) => core.step(one, g[k], states[k], o, o.lr, i + 1))));
        }
    """)
    return lambda *arguments: np.array(javascript("replay", *arguments), dtype=float)


def test_many_recordings_are_replayed_with_every_convention_among_them():
    assert len(REPLAYED) >= 30
    configs = [case["config"] for case in REPLAYED]
    for name in ("eps_in_sqrt", "centered", "lr_in_momentum", "bias_correction"):
        assert {config[name] for config in configs} == {True, False}, name
    assert {config["v0"] for config in configs} >= {0.0, 1.0}
    assert {config["momentum"] > 0 for config in configs} == {True, False}


@pytest.mark.parametrize("case", REPLAYED, ids=lambda case: case["id"])
def test_javascript_steps_as_the_framework_did(replay, case):
    config = case["config"]
    settings = {
        **config,
        "eps_inside": config["eps_in_sqrt"],
        "nesterov": config["nesterov"] and config["momentum"] > 0,
    }
    path = replay(case["x0"], RECORDINGS["sequences"][case["problem"]["name"]][: case["T"]], settings)
    wanted = np.array(case["x"], dtype=float)
    size = np.maximum(np.abs(wanted).max(axis=0), 1e-300)
    assert (np.abs(path[np.array(case["steps"]) - 1] - wanted) / size).max() <= 1e-9


@pytest.mark.parametrize(
    "flags", list(itertools.product((True, False), repeat=5)), ids=lambda f: "".join("ny"[x] for x in f)
)
def test_javascript_steps_as_python_with_every_combination_of_flags(replay, parity, flags):
    gradients = np.random.default_rng(1).standard_normal((50, 3)) * [1e-4, 1.0, 100.0]
    for v0, momentum in ((0.0, 0.9), (1.0, 0.5)):
        rule = conventions.rmsprop(0.01, 0.95, 1e-6, v0=v0, momentum=momentum, **dict(zip(FLAGS, flags, strict=True)))
        theta, state, wanted = np.zeros(3), rule.init(np.zeros(3)), []
        for g in gradients:
            theta, state = rule.step(theta, g, state)
            wanted.append(theta)
        names = ("lr", "beta", "eps", "v0", "momentum", *FLAGS)
        got = replay([0.0, 0.0, 0.0], gradients.tolist(), {name: getattr(rule, name) for name in names})
        assert parity("Translator", got, wanted, scale=1e-3) <= 1e-10


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("source", "target"), list(itertools.product(FRAMEWORKS, repeat=2)))
def test_the_runs_of_javascript_are_those_of_translate(javascript, source, target, plan):
    for i, momentum in enumerate((0.0, 0.8)):
        figure = Translator(source, target, momentum=momentum, plan=plan, eps=1e-6, lr=0.03, scale=1e-3)
        canvas, place = figure.figure, 2 * i + (plan != "constant")
        verdict = canvas.verdicts[canvas.source][canvas.target][place]
        told = figure.translation
        assert (verdict["exact"], canvas.reasons[verdict["why"]]) == (told.exact, told.why)
        numbers = {name: getattr(canvas, name) for name in ("lr", "beta", "eps", "momentum")}
        runs = figure._runs()
        data = [canvas.frameworks[canvas.source]["own"][i], verdict, canvas.frameworks[canvas.target]["own"][i]]
        for settings, wanted in zip(data, runs.values(), strict=False):
            made = canvas.usual | javascript("core.settingsOf", settings, numbers)
            factor = f"((o) => core.descend(o, 1e-3, 60, core.FACTORS[{canvas.plan}]))"
            assert np.allclose(javascript(factor, made), wanted, rtol=0, atol=1e-6)


def test_an_exact_translation_runs_the_same_way_and_an_inexact_one_does_not():
    exact, other = Translator("tf1", "timm"), Translator("torch", "keras", scale=1e-6)
    first, translated = exact._runs().values()
    assert exact.translation.exact and np.array_equal(first, translated)
    first, translated, copied = other._runs().values()
    assert not other.translation.exact
    assert 1e-4 < np.abs(first - translated).max() < 0.05 < 1 < np.abs(first - copied).max()


def test_where_alpha_stands_in_the_momentum_matters_only_while_alpha_changes():
    constant = Translator("torch", "tf_keras_legacy", momentum=0.9, lr=0.02)
    moving = Translator("torch", "optax", momentum=0.9, lr=0.02, plan="α / (1 + t/20)")
    assert Translator("torch", "optax", momentum=0.9).translation.exact and not moving.translation.exact
    assert "α changes with t" in moving.translation.why and "α changes with t" not in constant.translation.why


def test_numbers_are_set_and_read_by_name():
    figure = Translator("keras", "torch")
    figure.source, figure.target, figure.plan, figure.eps = "tf1", "optax", "α / (1 + t/20)", 1e-4
    assert (figure.source, figure.target, figure.plan) == ("tf1", "optax", "α / (1 + t/20)")
    assert figure._controls["source"].index == FRAMEWORKS.index("tf1")
    assert figure.translation.optimizer.lr == schedules.scaled(0.1, schedules.inverse_time(20))
    assert [f["title"] for f in figure.figure.frameworks] == [PRESETS[name].title for name in FRAMEWORKS]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "pytorch"}, "source must be one of torch, .*got 'pytorch'"),
        ({"target": "mlx"}, "target must be one of torch, .*got 'mlx'"),
        ({"frameworks": ("torch", "jaxx")}, "frameworks must be one of book, .*got 'jaxx'"),
        ({"eps": 0.0}, "eps must be > 0, got 0.0"),
        ({"beta": 1.0}, r"beta must be in \[0, 1\), got 1.0"),
        ({"plan": "cosine"}, "plan must be one of constant, .*got 'cosine'"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        Translator(**arguments)
