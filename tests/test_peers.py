"""Numbers that other projects' own test suites expect of their optimizers, reached with our conventions.

Only numbers are taken. Keras: keras/src/optimizers/*_test.py of keras-team/keras, to the four decimals given there.
Lasagne: lasagne/tests/test_updates.py, which has its numbers from Torch7's optim, to its relative tolerance of 1e-5.
"""

from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import conventions

KERAS = {
    "rmsprop": conventions.like("keras"),
    "sgd": conventions.sgd(0.01, lr_in_momentum=True, decoupled=True),
    "adagrad": conventions.like("keras", "adagrad"),
    "adadelta": conventions.like("keras", "adadelta"),
    "adam": conventions.like("keras", "adam"),
    "adamax": conventions.adamax(1e-3, 0.9, 0.999, 1e-7, eps_in_max=False, decoupled=True),
    "nadam": conventions.nadam(1e-3, 0.9, 0.999, 1e-7, momentum_decay=1.0, decoupled=True),
}


def keras(name, **hyper):
    return replace(KERAS[name], **hyper)


def steps(optimizer, theta, gradient, count):
    """θ after `count` steps along gradient(θ, t)."""
    state = optimizer.init(theta)
    for t in range(1, count + 1):
        theta, state = optimizer.step(theta, gradient(theta, t), state)
    return theta


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rmsprop", [-0.5811, 0.4189, 1.4189, 2.4189]),
        ("sgd", [0.5, -1.0, -0.5, 3.0]),
        ("adagrad", [0.5233, 1.5007, 2.5005, 3.5061]),
        ("adadelta", [0.9993, 1.9993, 2.9993, 3.9993]),
        ("adam", [0.5, 1.5, 2.5, 3.5]),
        ("adamax", [0.5, 1.5, 2.5, 3.5]),
        ("nadam", [0.4686, 1.4686, 2.4686, 3.4686]),
    ],
)
def test_the_first_step_that_keras_expects(name, expected):
    theta, grad = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 6.0, 7.0, 2.0])
    assert np.allclose(steps(keras(name, lr=0.5), theta, lambda *_: grad, 1), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("optimizer", "first", "last"),
    [
        (keras("rmsprop", centered=True), [0.9967, 0.9933, 0.9908, 0.9885, 0.9864], None),
        (keras("adam", amsgrad="raw"), [0.999, 0.9982, 0.9974, 0.9965, 0.9955], None),
        (keras("adadelta", lr=1.0, beta=0.8, eps=1e-6), [0.9978, 0.9947, 0.9915, 0.9882, 0.9849], None),
        (
            keras("adagrad", lr=0.2, v0=0.3, eps=1e-6),
            [0.9963, 0.9604, 0.9251, 0.8903, 0.856],
            [0.9963, 0.8209, 0.6891, 0.579, 0.4825],
        ),
        (
            keras("nadam", lr=0.5, beta1=0.5, beta2=0.67, eps=1e-5),
            [0.4281, -0.1738, -0.7115, -1.2335, -1.7492],
            [0.4281, -0.1717, -0.7084, -1.2299, -1.7454],
        ),
        (
            keras("adamax", lr=0.2, beta1=0.85, beta2=0.95, eps=1e-6),
            [0.8, 0.6827, 0.5333, 0.368, 0.1933],
            [0.8, 0.691, 0.5466, 0.3848, 0.2126],
        ),
        (keras("sgd"), [0.9999, 0.9989, 0.9979, 0.9969, 0.9959], [0.9999, 0.9899, 0.9799, 0.9699, 0.9599]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_the_five_steps_that_keras_expects(optimizer, first, last):
    """A first gradient of 0.01 everywhere, then 0.1 ... 1.0; the first and the last of ten parameters."""
    grads = np.arange(1, 11) / 10
    for count in range(1, 6):
        theta = steps(optimizer, np.ones(10), lambda _, t: grads if t > 1 else np.full(10, 0.01), count)
        expected = [first[count - 1], (last or first)[count - 1]]
        assert np.allclose(theta[[0, -1]], expected, rtol=5e-4, atol=5e-4)


@pytest.mark.parametrize("name", KERAS)
def test_the_weight_decay_that_keras_expects(name):
    theta = np.array(2.0)
    for _ in range(3):  # its test sends one variable through three optimizers
        theta = steps(keras(name, lr=1.0, weight_decay=0.004), theta, lambda *_: np.array(0.0), 1)
    assert theta == pytest.approx(1.9760959, abs=5e-7)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (conventions.sgd(0.1), [0.81707280688755, 0.6648326359915, 0.5386151140949]),
        (
            conventions.sgd(0.1, momentum=0.5, lr_in_momentum=True),
            [0.6848486952183, 0.44803321781003, 0.27431190123502],
        ),
        (
            conventions.sgd(0.1, momentum=0.5, lr_in_momentum=True, nesterov=True),
            [0.67466543592725, 0.44108468114241, 0.2769002108997],
        ),
        (conventions.like("lasagne", "adagrad", lr=0.1), [0.55373120047759, 0.55373120041518, 0.55373120039438]),
        (conventions.like("lasagne", lr=0.01), [0.83205403985348, 0.83205322744821, 0.83205295664444]),
        (conventions.like("lasagne", "adadelta"), [0.95453237704725, 0.9545237471374, 0.95452214847397]),
        (conventions.like("lasagne", "adam", lr=0.01), [0.90034972009036, 0.90034967993061, 0.90034966654402]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_the_ten_steps_that_lasagne_expects(optimizer, expected):
    theta = steps(optimizer, np.ones(3), lambda theta, t: 2 * np.array([0.1, 0.2, 0.3]) * theta, 10)
    assert np.allclose(theta, expected, rtol=1e-5)
