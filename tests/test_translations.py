"""Translations between frameworks, checked by running both: the exact ones agree, the impossible ones do not."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib.conventions import PRESETS, corrected_lr, like, translate
from tests.optimizer_table import START, replay


def distance(a, b):
    """How far two paths are apart, as a part of how far the second one goes, in the worst coordinate."""
    travelled = np.abs(b - START).max(axis=0)
    return (np.abs(a - b).max(axis=0) / travelled).max(axis=-1)


# Settings in which two frameworks may or may not meet.
SETTINGS = [
    {},
    {"momentum": 0.9},
    {"eps": 0.0},
    {"beta": 0.0, "eps": 0.0},
    {"centered": True},
    {"centered": True, "eps": 1e-3},
    {"centered": True, "momentum": 0.5, "eps": 1e-3},
    {"weight_decay": 0.1},
    {"maximize": True},
    {"eps": 0.0, "bias_correction": True},
    {"eps": 0.0, "bias_correction": True, "momentum": 0.9},
    {"eps": 0.0, "bias_correction": True, "weight_decay": 0.1},
    {"eps": 0.0, "bias_correction": True, "lr": lambda t: 0.01 / t},
    {"eps": 0.0, "bias_correction": True, "beta": lambda t: 1 - 0.5 / t},
    {"bias_correction": True},
    {"momentum": 0.9, "nesterov": True},
    {"momentum": 0.9, "lr": lambda t: 0.01 / t},
    {"momentum": 0.9, "weight_decay": 0.1, "decoupled": True},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda s: ",".join(s) or "defaults")
@pytest.mark.parametrize("from_", PRESETS)
def test_a_translation_called_exact_is_and_one_called_impossible_is(from_, settings):
    given, settings = settings, {"lr": 0.01} | settings
    source = replay(like(from_, **settings))
    for to in PRESETS:
        told = translate(from_, to, **settings)
        assert told.optimizer == like(to, **told.hyper)
        assert told.why
        target = replay(told.optimizer)
        if told.exact:
            assert distance(target, source) < 1e-12, told
        else:
            assert distance(target, source) > 1e-11, told
            if set(given) <= {"momentum", "centered"}:  # the search takes a while: only where the forms differ most
                assert nearest(told.optimizer, source, PRESETS[to].options) > 1e-11, told


def nearest(target, source, options):
    """How near the target comes to the source when its learning rate, decay and ε may be chosen from a small grid."""
    if callable(target.lr):
        return math.inf
    lr = target.lr * np.array([0.1, 0.3, 0.5, 0.9, 1.0, 1.1, 2.0, 3.0, 10.0]).reshape(-1, 1, 1, 1)
    beta = np.unique([target.beta, 0.5, 0.9, 0.95, 0.99]).reshape(-1, 1, 1)
    eps = target.eps * np.array([0.01, 0.1, 1.0, 10.0, 100.0] if "eps" in options else [1.0]).reshape(-1, 1)
    grid = replace(target, lr=lr, beta=beta, eps=eps)
    path = replay(grid, np.broadcast_to(START, (lr.size, beta.size, eps.size, 4)))
    return distance(path, source[:, None, None, None]).min()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("torch", "keras"), "Keras 3 has ε inside the root and the source outside: .*ε² agrees where v is 0"),
        (("keras", "torch"), "PyTorch has ε outside the root and the source inside: .*√ε agrees where v is 0"),
        (("tf1", "keras", {"lr": 0.1}), "Keras 3 starts v at 0 and the source at 1: .* fades like βᵗ"),
        (("torch", "tf1"), "TensorFlow 1 starts v at 1 and the source at 0"),
        (("graves2013", "torch"), "ε outside the root"),
        (("graves2013", "jax"), "JAX examples has no centered form"),
        (("torch", "graves2013"), "always divides by the root of the variance"),
        (("torch", "mlx", {"momentum": 0.9}), "MLX has no momentum here"),
        (("optax", "torch", {"lr": 0.1, "momentum": 0.9, "nesterov": True}), "PyTorch is the heavy ball"),
        (("keras", "climin", {"momentum": 0.9}), "the momentum of climin is Nesterov's"),
        (("torch", "hinton2012"), "Hinton's lecture has no ε"),
        (("torch", "climin"), "climin starts v at 1"),
        (("tf1", "climin", {"lr": 0.1}), "ε is fixed at 1e-08 in climin"),
        (("torch", "keras", {"maximize": True}), "Keras 3 only descends; negate the gradient yourself"),
        (("torch", "tf1", {"weight_decay": 0.1}), "TensorFlow 1 has no weight decay of its own"),
        (("torch", "keras", {"weight_decay": 0.1}), "Keras 3 shrinks θ directly, where it is not divided by √v"),
        (
            ("keras", "torch", {"weight_decay": 0.1}),
            "PyTorch adds the weight decay to the gradient, where it is divided",
        ),
        (("optax", "keras", {"lr": 0.1, "bias_correction": True}), "Keras 3 has no bias correction, .*needs ε = 0"),
        (
            ("optax", "torch", {"lr": lambda t: 0.1 / t, "momentum": 0.9, "eps_inside": False}),
            "PyTorch keeps α outside the momentum buffer, and α changes with t",
        ),
        (
            ("torch", "tf_keras_legacy", {"lr": lambda t: 0.1 / t, "momentum": 0.9}),
            "keeps α inside the momentum buffer, and α changes with t",
        ),
        (("graves2013", "graves2013", {"momentum": 0.0}), "has an option or the same convention"),
        (("torch", "mxnet", {"eps": 0.0, "momentum": 0.9}), "MXNet 1 has no momentum here"),
    ],
)
def test_the_reason_is_said(arguments, why):
    from_, to, hyper = (*arguments, {})[:3]
    told = translate(from_, to, **hyper)
    assert re.search(why, told.why), told.why


def test_exact_translations_say_why_too():
    assert translate("timm", "tf1", momentum=0.9).hyper == {"lr": 0.01, "beta": 0.9, "eps": 1e-10, "momentum": 0.9}
    assert "the same convention" in translate("timm", "tf1", momentum=0.9).why  # both have α inside the buffer
    assert "momentum" not in translate("torch", "optax").hyper  # the default
    told = translate("torch", "optax", momentum=0.9)
    assert told.hyper == {"lr": 0.01, "beta": 0.99, "eps": 1e-8, "eps_inside": False, "momentum": 0.9}
    assert "optimizer" not in repr(told)  # it says the same again
    same = translate("torch", "chainer", beta=0.95)
    assert same.exact
    assert same.hyper == {"lr": 0.01, "beta": 0.95, "eps": 1e-8}
    assert "an option or the same convention" in same.why
    assert "while ε is 0" in translate("torch", "keras", eps=0.0).why
    assert "while α is constant" in translate("torch", "keras", eps=0.0, momentum=0.9).why
    through_lr = translate("optax", "torch", lr=0.1, eps=0.0, bias_correction=True)
    assert through_lr.exact
    assert through_lr.hyper["lr"] == corrected_lr(0.1, 0.9)
    assert "a learning rate of α√(1 − βᵗ)" in through_lr.why
    assert translate("optax", "keras", lr=0.1, eps=0.0, bias_correction=True, momentum=0.9).exact
    assert corrected_lr(0.1, 0.9)(1) == pytest.approx(0.1 * math.sqrt(0.1))


def test_without_memory_bias_correction_and_the_start_of_v_do_not_matter():
    told = translate("optax", "tf1", lr=0.1, beta=0.0, eps=0.0, bias_correction=True, momentum=0.9)
    assert told.exact
    assert told.hyper["lr"] == 0.1


def test_all_reasons_are_said():
    why = translate("tf1", "hinton2012", lr=0.1, centered=True).why.split("; ")
    assert [w.partition("Hinton's lecture")[2][:8] for w in why] == [" has no ", " starts ", " has no "]


def test_a_framework_with_a_fixed_eps_on_the_other_side_is_told_both():
    why = translate("torch", "climin", lr=0.1, eps=1e-6).why
    assert "ε is fixed at 1e-08" in why
    assert "ε inside the root and the source outside" in why


@pytest.mark.parametrize("more", [{"centered": True}, {"v0": 1.0}])
def test_a_learning_rate_stands_in_for_bias_correction_only_for_a_plain_average_from_zero(more):
    told = translate("optax", "keras", lr=0.1, eps=0.0, bias_correction=True, **more)
    assert told.hyper["lr"] == 0.1
    assert "needs ε = 0, v₀ = 0, no centering" in told.why
    assert "outside" not in told.why.partition("and α inside")[0]  # both have ε inside


def test_a_grid_of_learning_rates_is_translated_whole():
    rates = np.array([0.1, 0.2])
    told = translate("torch", "chainer", lr=rates)
    assert told.exact
    assert np.array_equal(told.hyper["lr"], rates)


def test_momentum_survives_where_centering_allows_it():
    told = translate("graves2013", "mxnet", momentum=0.5)
    assert told.exact
    assert told.hyper["momentum"] == 0.5


def test_the_nearest_eps_on_the_other_side_has_the_same_effect_on_tiny_gradients():
    assert translate("torch", "keras").hyper["eps"] == pytest.approx(1e-16, rel=1e-9, abs=0)
    assert translate("keras", "torch").hyper["eps"] == pytest.approx(math.sqrt(1e-7))

    def eps(t):
        return 1e-8

    assert translate("keras", "torch", eps=eps).hyper["eps"] is eps


@pytest.mark.parametrize(("from_", "to"), [("pytorch", "keras"), ("torch", "keras3")])
def test_translating_from_or_to_an_unknown_name_is_refused(from_, to):
    with pytest.raises(ValueError, match="name must be one of"):
        translate(from_, to)


def test_translating_from_a_framework_without_a_learning_rate_needs_one():
    with pytest.raises(TypeError, match=r"like\('optax'\) needs lr"):
        translate("optax", "torch")
