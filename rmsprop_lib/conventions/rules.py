"""One rule per family, with a flag for every point on which frameworks differ.

The order inside a step is the same everywhere: negate the gradient (maximize), decay the weights, update the
averages, step.
"""

from __future__ import annotations

import math

import numpy as np

from .. import optimizers


def rmsprop_rule(
    theta, grad, v, mean, buffer, t, lr, beta, eps,
    eps_inside, centered, momentum, nesterov, lr_in_momentum,
    bias_correction, weight_decay, decoupled, maximize,
):  # fmt: skip
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    k_before, k = 1.0, 1.0
    if bias_correction:
        k_before, k = 1 - beta ** (t - 1), 1 - beta**t
    if centered:  # v is the variance itself; v - mean**2 could become negative
        v = beta * (v + (1 - beta) * k_before / k * (grad - mean) ** 2)
        mean = mean + (1 - beta) / k * (grad - mean)
    else:
        v = beta * v + (1 - beta) * grad**2
    divisor = np.sqrt(v / k + eps) if eps_inside else np.sqrt(v / k) + eps
    momenta = momentum, nesterov, lr_in_momentum
    theta, buffer = _walk(theta, grad / divisor, buffer, lr, *momenta)
    return theta, v, mean, buffer


def adagrad_rule(theta, grad, s, t, lr, eps, eps_inside, lr_decay, weight_decay, decoupled, maximize):
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    s = s + grad**2
    direction = grad / np.sqrt(s + eps) if eps_inside else grad / (np.sqrt(s) + eps)
    theta = theta - lr / (1 + (t - 1) * lr_decay) * direction
    return theta, s


def adadelta_rule(theta, grad, v, u, lr, beta, eps, weight_decay, decoupled, maximize):
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    return optimizers.adadelta(theta, grad, v, u, lr, beta, eps)


def adam_rule(
    theta, grad, m, v, v_max, t, lr, beta1, beta2, eps,
    eps_root, eps_hat, amsgrad, bias_correction, weight_decay, decoupled, maximize,
):  # fmt: skip
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    corrected = bias_correction and amsgrad != "reddi"
    k1, k2 = (1 - beta1**t, 1 - beta2**t) if corrected else (1.0, 1.0)
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    if amsgrad == "corrected":  # Optax: the largest v_hat, where the others keep the largest v
        v_max, k2 = np.maximum(v_max, v / k2), 1.0
    elif amsgrad is not None:
        v_max = np.maximum(v_max, v)
    second = v if amsgrad is None else v_max
    if eps_hat:
        theta = theta - lr * _sqrt(k2) / k1 * m / (np.sqrt(second + eps_root) + eps)
    else:
        theta = theta - lr * (m / k1) / (np.sqrt(second / k2 + eps_root) + eps)
    return theta, m, v, v_max


def adamax_rule(theta, grad, m, u, t, lr, beta1, beta2, eps, eps_in_max, weight_decay, decoupled, maximize):
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    m = beta1 * m + (1 - beta1) * grad
    u = np.maximum(beta2 * u, abs(grad) + eps if eps_in_max else abs(grad))
    theta = theta - lr / (1 - beta1**t) * m / (u if eps_in_max else u + eps)
    return theta, m, u


def nadam_rule(theta, grad, m, v, product, t, lr, beta1, beta2, eps, momentum_decay, weight_decay, decoupled, maximize):
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    mu, mu_next = _growing(beta1, t, momentum_decay), _growing(beta1, t + 1, momentum_decay)
    product = product * mu
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    ahead = (1 - mu) * grad / (1 - product) + mu_next * m / (1 - product * mu_next)
    theta = theta - lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v, product


def sgd_rule(
    theta, grad, buffer, t, lr, momentum, dampening, nesterov, lr_in_momentum, weight_decay, decoupled, maximize
):
    theta, grad = _prepared(theta, grad, lr, weight_decay, decoupled, maximize)
    # As in PyTorch: the buffer starts as the first gradient, undamped, and without momentum there is none to damp.
    damped = (1.0 if t == 1 else 1 - dampening * (momentum != 0)) * grad
    return _walk(theta, damped, buffer, lr, momentum, nesterov, lr_in_momentum)


def rprop_rule(theta, grad, h, previous, shrink, grow, h_min, h_max, maximize):
    return optimizers.rprop(theta, -grad if maximize else grad, h, previous, shrink, grow, h_min, h_max)


def _prepared(theta, grad, lr, weight_decay, decoupled, maximize):
    """θ and the gradient that the averages see."""
    if maximize:
        grad = -grad
    if _is_zero(weight_decay):
        return theta, grad
    if decoupled:
        return theta * (1 - lr * weight_decay), grad
    return theta, grad + weight_decay * theta


def _walk(theta, direction, buffer, lr, momentum, nesterov, lr_in_momentum):
    """New θ and momentum buffer; with momentum 0 the buffer is the step."""
    step = lr * direction if lr_in_momentum else direction
    buffer = step if _is_zero(momentum) else momentum * buffer + step
    step = step + momentum * buffer if nesterov else buffer
    return theta - (step if lr_in_momentum else lr * step), buffer


def _growing(beta1, t, momentum_decay):
    return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))


def _is_zero(x):
    """Whether a hyper-parameter is the number 0, so that what it multiplies need not be looked at."""
    return isinstance(x, float) and x == 0


def _sqrt(x):
    """The root of a number as a number: NumPy's would be a float64 that widens float32 arrays."""
    return math.sqrt(x) if isinstance(x, float) else np.sqrt(x)
