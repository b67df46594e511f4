"""Conventions: presets with each framework's defaults, the book's table, and the rules beyond the recordings."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from rmsprop_lib import RMSProp, Rprop, conventions, problems, run, sweep
from rmsprop_lib.conventions import PRESETS, like, table
from tests.optimizer_table import GRADS, START, replay


def test_the_defaults_are_the_books_rmsprop():
    ours, book = (run(o, problems.rosenbrock(), 50).theta for o in (conventions.rmsprop(0.01), RMSProp(lr=0.01)))
    assert np.allclose(ours, book, rtol=1e-12)
    assert like("book") == conventions.rmsprop(0.01, 0.9, 1e-8)


# name, lr, beta, eps, ε inside, v0, centered, momentum, lr in the buffer, decoupled: read off each framework's source.
DEFAULTS = """
torch            0.01   0.99 1e-8  False 0 False 0   False False
torch7           0.01   0.99 1e-8  False 0 False 0   True  False
keras            0.001  0.9  1e-7  True  0 False 0   True  True
tf1              -      0.9  1e-10 True  1 False 0   True  False
tf_keras_legacy  0.001  0.9  1e-7  False 0 False 0   True  False
optax            -      0.9  1e-8  True  0 False 0   True  False
jax              -      0.9  1e-8  True  0 False 0   True  False
chainer          0.01   0.99 1e-8  False 0 False 0   True  False
chainer_graves   0.0001 0.95 1e-4  True  0 True  0.9 True  False
timm             0.01   0.9  1e-10 True  1 False 0   True  False
sb3              0.01   0.99 1e-8  True  1 False 0   False False
climin           -      0.9  1e-8  True  1 False 0   True  False
mlx              -      0.99 1e-8  False 0 False 0   True  False
lasagne          1.0    0.9  1e-6  True  0 False 0   True  False
caffe            -      0.99 1e-8  False 0 False 0   True  False
mxnet            0.001  0.9  1e-8  True  0 False 0   True  False
optimisers_jl    0.001  0.9  1e-8  False 0 False 0   True  False
graves2013       0.0001 0.95 1e-4  True  0 True  0.9 True  False
hinton2012       -      0.9  0     True  0 False 0   True  False
goodfellow       -      0.9  1e-6  True  0 False 0   True  False
book             0.01   0.9  1e-8  True  0 False 0   True  False
"""
ROWS = {words[0]: words[1:] for words in map(str.split, DEFAULTS.strip().splitlines())}


def test_there_is_a_row_for_every_preset():
    assert set(ROWS) == set(PRESETS) == {row["name"] for row in table()}


@pytest.mark.parametrize("name", ROWS)
def test_like_gives_the_frameworks_own_defaults(name):
    lr, beta, eps, inside, v0, centered, momentum, in_buffer, decoupled = ROWS[name]
    if lr == "-":
        with pytest.raises(TypeError, match=rf"like\('{name}'\) needs lr: .* has no default learning rate"):
            like(name)
        lr = "0.5"
        optimizer = like(name, lr=0.5)
    else:
        optimizer = like(name)
    assert optimizer == conventions.rmsprop(
        float(lr), float(beta), float(eps), eps_inside=inside == "True", v0=float(v0), centered=centered == "True",
        momentum=float(momentum), lr_in_momentum=in_buffer == "True", decoupled=decoupled == "True",
    )  # fmt: skip


def test_a_preset_is_an_optimizer_like_any_other():
    optimizer = like("torch", lr=0.1, beta=0.9)
    path = run(optimizer, problems.bowl(), 20)
    grid = sweep(optimizer, problems.bowl(), 20, lr=[0.01, 0.1], eps=[1e-8, 1e-2])
    assert np.array_equal(grid.loss[:, 1, 0], path.loss)
    assert replace(optimizer, beta=0.5).eps_inside is False
    assert isinstance(optimizer, conventions.rmsprop)


@pytest.mark.parametrize(
    ("name", "overrides", "expected"),
    [
        ("tf_keras_legacy", {"momentum": 0.9}, {"eps_inside": True}),
        ("tf_keras_legacy", {"momentum": 0.9, "eps_inside": False}, {"eps_inside": False}),
        ("climin", {"lr": 0.1, "momentum": 0.9}, {"nesterov": True}),
        ("climin", {"lr": 0.1}, {"nesterov": False}),
        ("mxnet", {"centered": True}, {"momentum": 0.9}),
        ("mxnet", {"centered": True, "momentum": 0.5}, {"momentum": 0.5}),
        ("torch", {"eps_inside": True, "v0": 1.0}, {"eps_inside": True, "v0": 1.0}),
    ],
)
def test_settings_that_follow_from_others_do_so_unless_given(name, overrides, expected):
    optimizer = like(name, **overrides)
    assert {n: getattr(optimizer, n) for n in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("pytorch",), ValueError, "name must be one of book, hinton2012, .*optimisers_jl, got 'pytorch'"),
        (("torch", {"alpha": 0.9}), TypeError, "got alpha; PyTorch calls it alpha, here it is beta"),
        (
            ("torch", {"rho": 0.9}),
            TypeError,
            r"like\('torch'\) must be among lr, beta, .*, got rho; rho is called beta",
        ),
        (("torch", {"centred": True}), TypeError, r"got centred; did you mean centered\?$"),
        (("pytorch",), ValueError, r"got 'pytorch'; did you mean torch or torch7\?$"),
        (("TensorFlow",), ValueError, r"got 'TensorFlow'; did you mean tf1\?$"),
        (("stable_baselines3",), ValueError, r"; did you mean sb3\?$"),
        (("kears",), ValueError, r"; did you mean keras\?$"),
        (("rmsprpo",), ValueError, r'; rmsprop is a family, which stands second: like\("torch", "rmsprop"\)$'),
        (("something else",), ValueError, "got 'something else'$"),
        ((None,), ValueError, "got None$"),
        (("torch", {"beta": 1.5}), ValueError, r"beta must be in \[0, 1\), got 1.5"),
    ],
)
def test_unknown_presets_and_settings_are_refused(arguments, error, message):
    name, overrides = (*arguments, {})[:2]
    with pytest.raises(error, match=message):
        like(name, **overrides)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (("torch", "adagrad"), conventions.adagrad(0.01, 1e-10, eps_inside=False)),
        (("keras", "adagrad"), conventions.adagrad(1e-3, 1e-7, v0=0.1, decoupled=True)),
        (("tf1", "adagrad"), conventions.adagrad(0.5, 0.0, v0=0.1)),
        (("optax", "adagrad"), conventions.adagrad(0.5, 1e-7, v0=0.1)),
        (("chainer", "adagrad"), conventions.adagrad(1e-3, 1e-8, eps_inside=False)),
        (("mlx", "adagrad"), conventions.adagrad(0.5, 1e-8, eps_inside=False)),
        (("lasagne", "adagrad"), conventions.adagrad(1.0, 1e-6)),
        (("optimisers_jl", "adagrad"), conventions.adagrad(0.1, 1e-8, eps_inside=False, v0=1e-8)),
        (("torch", "adadelta"), conventions.adadelta(1.0, 0.9, 1e-6)),
        (("keras", "adadelta"), conventions.adadelta(1e-3, 0.95, 1e-7, decoupled=True)),
        (("lasagne", "adadelta"), conventions.adadelta(1.0, 0.95, 1e-6)),
        (("optimisers_jl", "adadelta"), conventions.adadelta(1.0, 0.9, 1e-8)),
        (("torch", "adam"), conventions.adam(1e-3, 0.9, 0.999, 1e-8)),
        (("keras", "adam"), conventions.adam(1e-3, eps=1e-7, eps_hat=True, decoupled=True)),
        (("tf1", "adam"), conventions.adam(1e-3, eps_hat=True)),
        (("optax", "adam"), conventions.adam(0.5)),
        (("mlx", "adam"), conventions.adam(0.5, bias_correction=False)),
        (("lasagne", "adam"), conventions.adam(1e-3, eps_hat=True)),
        (("sklearn", "adam"), conventions.adam(1e-3, eps_hat=True)),
        (("optimisers_jl", "adam"), conventions.adam(1e-3)),
    ],
    ids=lambda x: "-".join(x) if isinstance(x, tuple) else "",
)
def test_the_relatives_have_their_frameworks_defaults_too(call, expected):
    if conventions.RELATIVES[call[1]][call[0]]["lr"] is None:
        with pytest.raises(TypeError, match=rf"like\('{call[0]}', '{call[1]}'\) needs lr: there is no default"):
            like(*call)
        assert like(*call, lr=0.5) == expected
    else:
        assert like(*call) == expected
        assert like(*call, lr=0.5, weight_decay=0.1) == replace(expected, lr=0.5, weight_decay=0.1)


def test_every_relative_is_checked():
    assert sum(map(len, conventions.RELATIVES.values())) == 20


@pytest.mark.parametrize(
    ("name", "family", "message"),
    [
        ("torch", "lion", "family must be one of rmsprop, adagrad, adadelta, adam, got 'lion'$"),
        ("torch", "adm", r"got 'adm'; did you mean adam\?$"),
        ("kreas", "adam", r"for adam, got 'kreas'; did you mean keras\?$"),
        ("caffe", "adam", "name must be one of torch, keras, tf1, .* for adam, got 'caffe'"),
    ],
)
def test_an_unknown_relative_is_refused(name, family, message):
    with pytest.raises(ValueError, match=message):
        like(name, family)


WORDS = """
book | beta | This book | chapter 5
hinton2012 | – | Hinton's lecture | Tieleman and Hinton (2012), lecture 6e, slide 29
graves2013 | ℵ | Graves (2013) | arXiv:1308.0850, equations 38-45
goodfellow | ρ | Goodfellow, Bengio and Courville (2016) | Deep Learning, algorithm 8.5
torch7 | alpha | Torch7 | optim.rmsprop
torch | alpha | PyTorch | torch.optim.RMSprop
keras | rho | Keras 3 | keras.optimizers.RMSprop
tf1 | decay | TensorFlow 1 | tf.compat.v1.train.RMSPropOptimizer
tf_keras_legacy | rho | tf.keras, TensorFlow 2.0-2.10 | tf.keras.optimizers.legacy.RMSprop
optax | decay | Optax | optax.rmsprop
jax | gamma | JAX examples | jax.example_libraries.optimizers.rmsprop
chainer | alpha | Chainer | chainer.optimizers.RMSprop
chainer_graves | alpha | Chainer, Graves' form | chainer.optimizers.RMSpropGraves
timm | alpha | timm | timm.optim.RMSpropTF
sb3 | alpha | Stable-Baselines3 | stable_baselines3.common.sb2_compat.rmsprop_tf_like.RMSpropTFLike
climin | decay | climin | climin.RmsProp
mlx | alpha | MLX | mlx.optimizers.RMSprop
lasagne | rho | Lasagne | lasagne.updates.rmsprop
caffe | rms_decay | Caffe | RMSPropSolver
mxnet | rho | MXNet 1 | mx.optimizer.RMSProp
optimisers_jl | ρ | Optimisers.jl | Optimisers.RMSProp
"""


@pytest.mark.parametrize("line", WORDS.strip().splitlines())
def test_the_table_names_framework_decay_and_source(line):
    name, *words = line.split(" | ")
    row = next(row for row in table() if row["name"] == name)
    assert [row["decay"], row["title"], row["source"]] == words


def test_the_table_says_what_the_chapters_print():
    rows = {row["name"]: row for row in table()}
    columns = "name title lr decay beta eps eps_place v0 centered momentum lr_in_momentum weight_decay bias_correction"
    assert all([*row] == [*columns.split(), "maximize", "source", "evidence", "note"] for row in rows.values())
    assert rows["torch"]["note"] == ""
    assert rows["caffe"]["note"] == "refuses momentum"
    wanted = {
        "torch": {"decay": "alpha", "eps_place": "outside", "lr_in_momentum": False, "weight_decay": "L2", "lr": 0.01},
        "keras": {"decay": "rho", "eps_place": "inside", "weight_decay": "decoupled", "momentum": "heavy ball"},
        "tf1": {"lr": None, "v0": 1.0, "eps": 1e-10, "weight_decay": "none", "lr_in_momentum": True},
        "tf_keras_legacy": {"eps_place": "outside, inside with momentum"},
        "optax": {"eps_place": "inside or outside", "momentum": "heavy ball or Nesterov", "bias_correction": "option"},
        "chainer": {"eps_place": "outside or inside", "momentum": "none", "lr_in_momentum": None},
        "timm": {"weight_decay": "L2 or decoupled", "lr_in_momentum": "option", "centered": "option"},
        "graves2013": {"centered": "always", "decay": "ℵ"},
        "climin": {"momentum": "Nesterov", "v0": 1.0},
        "hinton2012": {"eps": None, "eps_place": "none", "centered": "no"},
        "goodfellow": {"beta": None, "eps": 1e-6},
    }
    for name, cells in wanted.items():
        assert {key: rows[name][key] for key in cells} == cells
    assert rows["torch"]["maximize"] == "option"
    assert rows["keras"]["maximize"] == rows["keras"]["bias_correction"] == "no"
    assert all(row["source"] and row["evidence"] and row["title"] for row in rows.values())


# The rules themselves, where no recording reaches


@pytest.mark.parametrize("centered", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_stable_baselines3_is_pytorch_with_eps_inside_and_v_from_one(momentum, centered):
    settings = {"momentum": momentum, "centered": centered, "weight_decay": 0.1}
    optimizer = like("sb3", lr=lambda t: 0.1 / t, eps=1e-5, **settings)
    theta, v, mean, buffer = START.copy(), np.ones_like(START), np.zeros_like(START), np.zeros_like(START)
    walked, state = START, optimizer.init(START)
    for t, g in enumerate(GRADS, 1):
        walked, state = optimizer.step(walked, g, state)
        g = g + 0.1 * theta
        v = 0.99 * v + 0.01 * g * g
        mean = 0.99 * mean + 0.01 * g
        buffer = momentum * buffer + g / np.sqrt(v - centered * mean**2 + 1e-5)
        theta = theta - 0.1 / t * buffer
        assert np.allclose(walked, theta, rtol=1e-12)


@pytest.mark.parametrize("eps_inside", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_centered_variance_cannot_go_negative(dtype, eps_inside):
    optimizer = conventions.rmsprop(1e-3, 0.9, 1e-8, centered=True, eps_inside=eps_inside)
    theta, state = np.zeros(3, dtype), optimizer.init(np.zeros(3, dtype))
    for _ in range(500):
        theta, state = optimizer.step(theta, np.array([0.1, 3.0, 1e4], dtype), state)
        assert (state.v >= 0).all()
    assert np.isfinite(theta).all()


def test_the_centered_recursion_equals_the_difference_of_the_averages():
    optimizer = conventions.rmsprop(0.1, 0.9, 1e-3, centered=True, v0=0.25, bias_correction=True)
    theta, state = np.zeros(4), optimizer.init(np.zeros(4))
    square, mean, x = np.full(4, 0.25), np.zeros(4), np.zeros(4)
    for t, g in enumerate(GRADS, 1):
        theta, state = optimizer.step(theta, g, state)
        square, mean, k = 0.9 * square + 0.1 * g**2, 0.9 * mean + 0.1 * g, 1 - 0.9**t
        x = x - 0.1 * g / np.sqrt(square / k - (mean / k) ** 2 + 1e-3)
        assert np.allclose(theta, x, rtol=1e-10)


def test_with_centering_and_correction_the_first_step_divides_by_eps_alone():
    optimizer = conventions.rmsprop(0.1, 0.9, 1e-4, centered=True, bias_correction=True)
    theta, _ = optimizer.step(np.zeros(1), np.array([2.0]), optimizer.init(np.zeros(1)))
    assert theta[0] == pytest.approx(-0.1 * 2.0 / math.sqrt(1e-4))


def test_weight_decay_sees_the_gradient_after_its_sign_was_changed():
    theta, grad = np.array([2.0]), np.array([3.0])
    for decoupled, expected in ((False, 2 - 0.1 * np.sign(-3 + 0.5 * 2)), (True, 2 * (1 - 0.1 * 0.5) + 0.1)):
        optimizer = conventions.rmsprop(0.1, 0.0, 0.0, weight_decay=0.5, decoupled=decoupled, maximize=True)
        new, _ = optimizer.step(theta, grad, optimizer.init(theta))
        assert new[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "make",
    [
        lambda **kw: conventions.rmsprop(0.1, **kw),
        lambda **kw: conventions.adagrad(0.1, **kw),
        lambda **kw: conventions.adadelta(0.1, **kw),
        lambda **kw: conventions.adam(0.1, **kw),
        lambda **kw: conventions.adamax(0.1, **kw),
        lambda **kw: conventions.nadam(0.1, **kw),
        lambda **kw: conventions.sgd(0.1, **kw),
        lambda **kw: conventions.rprop(0.1, **kw),
    ],
)
def test_maximize_is_the_mirror_of_descent(make):
    down, up = replay(make()), replay(make(maximize=True), grads=-GRADS)
    assert np.array_equal(down, up)
    names = {f.name for f in fields(make())}
    if "weight_decay" in names:
        decayed = replay(make(weight_decay=0.3, decoupled=True), grads=np.zeros((3, 4)))
        assert np.allclose(decayed, START * (0.97 ** np.arange(1, 4))[:, None], rtol=1e-14)
        pulled = replay(make(weight_decay=0.3), grads=np.zeros((2, 4)))
        expected = replay(make(), grads=np.array([0.3 * START, 0.3 * pulled[0]]))
        assert np.allclose(pulled, expected, rtol=1e-13)


def test_the_families_agree_with_the_books_rules_where_they_meet():
    assert np.array_equal(replay(conventions.rprop(0.1)), replay(Rprop(lr=0.1)))
    adagrad = conventions.adagrad(0.1, 0.0, v0=1e-3)
    assert np.allclose(
        replay(adagrad), replay(conventions.adagrad(0.1, 1e-3)), rtol=1e-13
    )  # a start of the sum and an ε inside are the same for Adagrad


PLAIN = """
rmsprop(lr=0.5, beta=0.9, eps=1e-08, eps_inside=True, v0=0.0, centered=False, momentum=0.0, nesterov=False,
    lr_in_momentum=True, bias_correction=False, weight_decay=0.0, decoupled=False, maximize=False)
adagrad(lr=0.5, eps=1e-08, eps_inside=True, v0=0.0, lr_decay=0.0, weight_decay=0.0, decoupled=False, maximize=False)
adadelta(lr=1.0, beta=0.95, eps=1e-06, weight_decay=0.0, decoupled=False, maximize=False)
adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, eps_root=0.0, eps_hat=False, amsgrad=None, bias_correction=True,
    weight_decay=0.0, decoupled=False, maximize=False)
adamax(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, eps_in_max=True, weight_decay=0.0, decoupled=False, maximize=False)
nadam(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, momentum_decay=0.004, weight_decay=0.0, decoupled=False,
    maximize=False)
sgd(lr=0.5, momentum=0.0, dampening=0.0, nesterov=False, lr_in_momentum=False, weight_decay=0.0, decoupled=False,
    maximize=False)
rprop(lr=0.01, shrink=0.5, grow=1.2, h_min=1e-06, h_max=50.0, maximize=False)
"""


@pytest.mark.parametrize("expected", PLAIN.replace("\n    ", " ").strip().splitlines())
def test_the_defaults_of_the_families_are_the_documented_ones(expected):
    family = getattr(conventions, expected.partition("(")[0])
    needs_lr = family in (conventions.rmsprop, conventions.adagrad, conventions.sgd)
    assert repr(family(0.5) if needs_lr else family()) == expected
    with pytest.raises(TypeError):  # the conventions themselves are given by name
        family(*[0.5] * 6)


def test_without_bias_correction_adam_is_shorter_at_first():
    plain, corrected = (
        replay(conventions.adam(0.1, 0.9, 0.99, 0.0, bias_correction=flag))[0] - START for flag in (False, True)
    )
    assert np.allclose(plain / corrected, 0.1 / math.sqrt(0.01), rtol=1e-12)


@pytest.mark.parametrize("eps_hat", [True, False])
def test_eps_root_is_added_to_v_inside_the_root(eps_hat):
    optimizer = conventions.adam(0.1, 0.0, 0.0, 1.0, eps_root=7.0, eps_hat=eps_hat)
    theta, _ = optimizer.step(np.zeros(1), np.array([3.0]), optimizer.init(np.zeros(1)))
    assert theta[0] == pytest.approx(-0.1 * 3 / (4 + 1), rel=1e-14)  # √(9 + 7) + 1


def test_nadam_without_a_momentum_schedule_is_the_limit_of_a_fast_one():
    fast = replay(conventions.nadam(0.1, momentum_decay=1e6))
    assert np.allclose(replay(conventions.nadam(0.1, momentum_decay=math.inf)), fast, rtol=1e-12)


def test_pytorchs_buffer_starts_undamped():
    optimizer = conventions.sgd(0.1, momentum=0.5, dampening=0.3)
    theta, state = optimizer.step(np.zeros(1), np.ones(1), optimizer.init(np.zeros(1)))
    assert state.buffer == [1.0]
    _, state = optimizer.step(theta, np.ones(1), state)
    assert state.buffer == [0.5 + 0.7]


def test_without_momentum_there_is_nothing_to_dampen():
    """As in PyTorch 2.15, where SGD(momentum=0, dampening=0.3) is gradient descent."""
    plain, damped = (replay(conventions.sgd(0.1, dampening=d), START, GRADS) for d in (0.0, 0.3))
    assert np.array_equal(plain, damped)
    grid = sweep(conventions.sgd(0.1, dampening=0.3), problems.bowl(), 3, momentum=[0.0, 0.5])
    assert np.array_equal(grid.theta[:, 0], run(conventions.sgd(0.1), problems.bowl(), 3).theta)


def test_an_unknown_field_of_another_family_is_refused_by_name():
    with pytest.raises(
        TypeError,
        match=r"like\('torch', 'adam'\) must be among lr, beta1, .*, got betas; betas is called beta1 and beta2 here",
    ):
        like("torch", "adam", betas=(0.9, 0.99))
