"""Every optimizer of the library, with a learning rate that brings it down a bowl: what the laws run over."""

import numpy as np

import rmsprop_lib
from rmsprop_lib import (
    Adadelta,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    GradientDescent,
    Lion,
    Momentum,
    Nadam,
    Nesterov,
    Optimizer,
    RMSProp,
    Rprop,
    SignDescent,
    conventions,
    schedules,
)


def _quasi_newton(theta, grad, s, t, lr, eps):
    """A rule of a reader's own, with state and step number."""
    s = s + grad**2 / t
    return theta - lr * grad / (s + eps) ** 0.5, s


# name -> (optimizer, schedule for the descent test)
TABLE = {
    "gradient descent": (GradientDescent(lr=0.5), None),
    "momentum": (Momentum(lr=0.05, mu=0.8), None),
    "nesterov": (Nesterov(lr=0.05, mu=0.8), None),
    "sign descent": (SignDescent(lr=0.1), schedules.linear(400)),
    "rprop": (Rprop(lr=0.1), None),
    "adagrad": (Adagrad(lr=1.0), None),
    "adadelta": (Adadelta(lr=0.3, eps=1e-2), None),
    "rmsprop": (RMSProp(lr=0.1), schedules.linear(400)),
    "adam": (Adam(lr=0.2), schedules.linear(400)),
    "adamw": (AdamW(lr=0.2, weight_decay=0.0), schedules.linear(400)),
    "amsgrad": (AMSGrad(lr=0.2), None),
    "adamax": (Adamax(lr=0.2), schedules.linear(400)),
    "nadam": (Nadam(lr=0.2), schedules.linear(400)),
    "lion": (Lion(lr=0.1), schedules.linear(400)),
    "reader's rule": (Optimizer.from_rule(_quasi_newton, state={"s": 0.0}, lr=0.5, eps=1e-8), None),
    "conventions.rmsprop": (
        conventions.rmsprop(lr=0.05, momentum=0.5, nesterov=True, bias_correction=True),
        schedules.linear(400),
    ),
    "conventions.rmsprop centered": (
        conventions.rmsprop(lr=0.02, eps=1e-2, centered=True, v0=0.3, eps_inside=False),
        schedules.linear(400),
    ),
    "conventions.adagrad": (conventions.adagrad(lr=1.0, eps_inside=False, lr_decay=0.001, v0=0.1), None),
    "conventions.adadelta": (conventions.adadelta(lr=0.3, eps=1e-2), None),
    "conventions.adam": (conventions.adam(lr=0.2, eps_hat=True, amsgrad="raw"), schedules.linear(400)),
    "conventions.adamax": (conventions.adamax(lr=0.2), schedules.linear(400)),
    "conventions.nadam": (conventions.nadam(lr=0.2), schedules.linear(400)),
    "conventions.sgd": (conventions.sgd(lr=0.05, momentum=0.8, dampening=0.1), None),
    "conventions.rprop": (conventions.rprop(lr=0.1), None),
}
OPTIMIZERS = {name: row[0] for name, row in TABLE.items()}
# Those whose step does not depend on the unit of the gradient, when ε = 0.
ADAPTIVE = tuple(name for name, o in OPTIMIZERS.items() if "eps" in o._hyper)


def classes():
    """Every optimizer class that the library exports, and those of `conventions`."""
    spaces = (vars(rmsprop_lib), vars(conventions))
    found = {v for space in spaces for v in space.values() if isinstance(v, type) and issubclass(v, Optimizer)}
    return found - {Optimizer}


# Gradients over seven orders of magnitude: where two conventions differ, some coordinate shows it.
GRADS = np.random.default_rng(0).standard_normal((30, 4)) * [1.0, 1e-2, 1e-4, 1e-7] + [0.3, 0.0, 0.0, 1e-7]
START = np.array([1.0, -0.5, 0.2, -0.1])


def replay(optimizer, start=START, grads=GRADS):
    """θ after each recorded gradient, shape (30, 4), or (30, *grid, 4) for hyper-parameters that are arrays."""
    theta, state, path = start, optimizer.init(start), []
    for grad in grads:
        theta, state = optimizer.step(theta, np.broadcast_to(grad, theta.shape), state)
        path.append(theta)
    return np.array(path)
