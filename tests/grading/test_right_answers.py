"""Right answers in many styles pass: the check judges results, not spelling."""

import math
from collections import deque, namedtuple
from decimal import Decimal
from functools import cache, partial

import numpy as np
import pytest

from rmsprop_lib import RMSProp, optimizers
from rmsprop_lib.exercises import find
from rmsprop_lib.grading.code import judge_function

Pair = namedtuple("Pair", "theta v")


def rms_lines(theta, grad, v, lr, beta, eps):
    v = v * beta + np.square(grad) * (1 - beta)
    return [theta - grad * lr / (v + eps) ** 0.5, v]


def rms_power(w, g, cache, learning_rate, decay, tiny):
    cache = decay * cache + (1.0 - decay) * np.power(g, 2)
    return w - (learning_rate / np.sqrt(cache + tiny)) * g, cache


def rms_difference(theta, grad, v, lr, beta, eps):
    v = v + (1 - beta) * (grad * grad - v)
    return np.stack([theta - lr * grad * (v + eps) ** -0.5, v])


def rms_in_place_on_copies(theta, grad, v, lr, beta, eps):
    theta, v = theta.copy(), np.array(v)
    v *= beta
    v += (1 - beta) * grad**2
    theta -= lr * grad / np.sqrt(v + eps)
    return theta, v


def rms_loop(theta, grad, v, lr, beta, eps):
    new_theta, new_v = np.empty_like(theta), np.empty_like(v)
    for i in np.ndindex(theta.shape):
        new_v[i] = beta * v[i] + (1 - beta) * grad[i] ** 2
        new_theta[i] = theta[i] - lr * grad[i] / math.sqrt(new_v[i] + eps)
    return new_theta, new_v


def rms_lists(theta, grad, v, lr, beta, eps):
    out_theta, out_v = [], []
    for p, g, a in zip(theta.ravel().tolist(), grad.ravel().tolist(), v.ravel().tolist(), strict=True):
        a = beta * a + (1 - beta) * g * g
        out_v.append(a)
        out_theta.append(p - lr * g / math.sqrt(a + eps))
    return np.reshape(out_theta, theta.shape).tolist(), np.reshape(out_v, theta.shape).tolist()


def rms_vectorize(theta, grad, v, lr, beta, eps):
    step = np.vectorize(lambda p, g, a: p - lr * g / math.sqrt(a + eps), otypes=[float])
    v = beta * v + (1 - beta) * grad**2
    return deque([step(theta, grad, v), v])


def rms_hypot(theta, grad, v, lr, beta, eps):
    root = np.hypot(np.sqrt(beta * v + (1 - beta) * grad**2), np.sqrt(eps))
    return Pair(theta - np.divide(lr * grad, root), beta * v + (1 - beta) * grad**2)


def rms_extended(theta, grad, v, lr, beta, eps):
    v = np.longdouble(beta) * v + (1 - np.longdouble(beta)) * grad.astype(np.longdouble) ** 2
    return theta - lr * grad / np.sqrt(v + eps), v


def rms_logs(theta, grad, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grad**2
    return theta - lr * grad * np.exp(-0.5 * np.log(v + eps)), v


def rms_scalars(theta, grad, v, lr, beta, eps):
    v = np.multiply(np.float64(beta), v) + np.subtract(1, np.float64(beta)) * np.abs(grad) ** 2
    return theta - np.sign(grad) * lr * np.sqrt(grad**2 / (v + eps)), v


def rms_objects(theta, grad, v, lr, beta, eps):
    return np.array(optimizers.rmsprop(theta, grad, v, lr, beta, eps), dtype=object)


def rms_chatty(theta, grad, v, lr, beta, eps, verbose=True):
    print("theta is", theta)
    return optimizers.rmsprop(theta, grad, v, lr, beta, eps)


def rms_noise(theta, grad, v, lr, beta, eps):
    """Rounding of one part in 1e9 on every result."""
    theta, v = optimizers.rmsprop(theta, grad, v, lr, beta, eps)
    sign = np.where(np.arange(theta.size).reshape(theta.shape) % 2, 1, -1)
    return theta * (1 + 1e-9 * sign), v * (1 - 1e-9 * sign)


def rms_keeps_argument(theta, grad, v, lr, beta, eps):
    if lr == 0:
        return theta, optimizers.rmsprop(theta, grad, v, lr, beta, eps)[1]  # the very array that came in
    return optimizers.rmsprop(theta, grad, v, lr, beta, eps)


def rms_any_arguments(*args):
    return optimizers.rmsprop(*args)


class Callable:
    def __call__(self, theta, grad, v, lr, beta, eps):
        return optimizers.rmsprop(theta, grad, v, lr, beta, eps)


@cache
def _remembered(theta, grad, v, shape, lr, beta, eps):
    back = [np.frombuffer(x).reshape(shape) for x in (theta, grad, v)]
    return optimizers.rmsprop(*back, lr, beta, eps)


def rms_cached(theta, grad, v, lr, beta, eps):
    """A cache is no hidden state: the same question gets the same answer."""
    return _remembered(theta.tobytes(), grad.tobytes(), v.tobytes(), theta.shape, lr, beta, eps)


def gd_loop(theta, grad, lr):
    return np.array([t - lr * g for t, g in zip(theta.flat, grad.flat, strict=True)]).reshape(theta.shape).tolist()


def gd_plus_negative(theta, grad, lr):
    return np.add(theta, -(grad * lr))


def gd_copy(theta, grad, lr):
    theta = +theta
    theta -= np.multiply(lr, grad)
    return theta


def lr_power(H):
    x = np.ones(len(H)) + 0.1 * np.arange(len(H))
    for _ in range(3000):
        x = H @ x
        x /= np.linalg.norm(x)
    return np.array(2 / (x @ H @ x))


def ema_filter(x, beta):
    n = np.arange(len(x))
    weights = np.where(n[:, None] >= n, (1 - beta) * float(beta) ** np.maximum(n[:, None] - n, 0), 0.0)
    return weights @ x


def ema_list(x, beta):
    out, m = [], 0
    for value in x:
        m += (1 - beta) * (value - m)
        out.append(m)
    return out


def ema_recursive(x, beta):
    if len(x) == 1:
        return [(1 - beta) * x[0]]
    before = ema_recursive(x[:-1], beta)
    return [*before, beta * before[-1] + (1 - beta) * x[-1]]


def half_life_search(beta):
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if beta**middle > 0.5 else (low, middle)
    return middle


def spike_in_python(beta, spike):
    above = (1 - beta) * (spike - 1) * (spike + 1)  # how far v is above 1
    return math.log(3 / above, beta) if above > 3 else 0


def momentum_regrouped(theta, grad, m, lr, mu):
    new = grad + m * mu
    return theta - lr * mu * m - lr * grad, new


def momentum_stack(theta, grad, m, lr, mu):
    m = mu * m + grad
    return np.array([theta - m * lr, m])


def adagrad_rsqrt(theta, grad, s, lr, eps):
    s = np.add(s, grad * grad)
    return theta - lr * grad * np.power(s + eps, -0.5), s


def adagrad_in_place_on_copies(theta, grad, s, lr, eps):
    theta, s = theta * 1, s * 1
    s += grad**2
    theta -= lr / np.sqrt(s + eps) * grad
    return [theta, s]


def adam_expm1(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = m + (1 - beta1) * (grad - m)
    v = v * beta2 + (1 - beta2) * grad * grad
    fix1 = -math.expm1(t * math.log(beta1)) if beta1 else 1.0
    fix2 = -math.expm1(t * math.log(beta2)) if beta2 else 1.0
    return theta - lr * (m / fix1) / (np.sqrt(v / fix2) + eps), m, v


def adam_combined(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m, v = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2
    c = math.sqrt(1 - beta2**t)
    return [theta - lr * c / (1 - beta1**t) * m / (np.sqrt(v) + eps * c), m, v]


def adam_stack(theta, grad, m, v, t, lr, beta1, beta2, eps):
    return np.stack(optimizers.adam(theta, grad, m, v, np.int64(t), lr, beta1, beta2, eps))


def torch_average(theta, grad, v, m, lr, beta, mu, eps):
    v = np.average([v, grad**2], axis=0, weights=[beta, 1 - beta])
    m = np.sum([mu * m, grad / (v**0.5 + eps)], axis=0)
    return [theta + m * -lr, v, m]


def torch_in_place_on_copies(theta, grad, v, m, lr, beta, mu, eps):
    theta, square_avg, buf = theta.copy(), v.copy(), m.copy()
    square_avg *= beta
    square_avg += (1 - beta) * grad * grad
    buf *= mu
    buf += np.divide(grad, np.sqrt(square_avg) + eps)
    theta -= lr * buf
    return theta, square_avg, buf


def torch_regrouped(theta, grad, v, m, lr, beta, mu, eps):
    v = v + (1 - beta) * (grad**2 - v)
    u = grad / (np.sqrt(v) + eps)
    return np.stack([theta - lr * mu * m - lr * u, v, mu * m + u])


def torch_as_its_source_has_it(theta, grad, v, m, lr, beta, mu, eps):
    """Without momentum PyTorch has no buffer, so m comes back as it went in."""
    theta, square_avg, buf = theta.copy(), v.copy(), m.copy()
    square_avg *= beta
    square_avg += (1 - beta) * grad * grad
    avg = np.sqrt(square_avg)
    avg += eps
    if mu > 0:
        buf *= mu
        buf += grad / avg
        theta += -lr * buf
    else:
        theta += -lr * grad / avg
    return theta, square_avg, buf


def rotate_written_out(H, angle):
    (a, b), (_, d), c, s = *H.tolist(), math.cos(angle), math.sin(angle)
    across = c * s * (a - d) + (c * c - s * s) * b
    return [[c * c * a - 2 * c * s * b + s * s * d, across], [across, s * s * a + 2 * c * s * b + c * c * d]]


def rotate_complex(H, angle):
    z = np.exp(1j * angle)
    R = np.array([[z.real, -z.imag], [z.imag, z.real]])
    return np.einsum("ij,jk,lk->il", R, H, R)


def rotate_the_axes(H, angle):
    values, axes = np.linalg.eigh(H)
    axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ axes
    return axes * values @ axes.T


def rotate_back(H, angle):
    R = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.linalg.inv(R).dot(H).dot(R)


RIGHT = {
    "gd-step": [gd_loop, gd_plus_negative, gd_copy, optimizers.gradient_descent],
    "largest-stable-lr": [
        lambda H: 2 / np.linalg.eigvalsh(H)[-1],
        lambda H: 2 / np.linalg.norm(H, 2),
        lambda H: float(2.0 / max(np.linalg.eigvals(H))),
        lambda H: 2 / np.linalg.svd(H)[1][0],
        lambda H: 2 / np.linalg.eig(H)[0].max(),  # of a round bowl too
        lambda H: Decimal(2 / float(np.linalg.eigvalsh(H)[-1])),
        lambda H: np.array(2.0) / np.abs(np.linalg.eigh(H)[0]).max(),
        lr_power,
    ],
    "ema": [ema_filter, ema_list, ema_recursive, lambda x, beta: tuple(ema_list(x, beta))],
    "half-life": [
        lambda beta: math.log(0.5) / math.log(beta),
        lambda beta: math.log(0.5, beta),
        lambda beta: -(np.log2(beta) ** -1),
        lambda beta: np.array(math.log10(0.5) / math.log10(beta)),
        lambda beta: -math.log(2) / math.log1p(beta - 1),
        half_life_search,
    ],
    "spike-recovery": [
        spike_in_python,
        lambda beta, spike: np.where(
            beta + (1 - beta) * spike**2 > 4, np.emath.logn(beta, 3 / ((1 - beta) * (spike**2 - 1))), 0.0
        ),
    ],
    "momentum-step": [momentum_regrouped, momentum_stack, optimizers.momentum],
    "adagrad-step": [adagrad_rsqrt, adagrad_in_place_on_copies, optimizers.adagrad],
    "torch-step": [torch_average, torch_in_place_on_copies, torch_regrouped, torch_as_its_source_has_it],
    "rotate-quadratic": [rotate_written_out, rotate_complex, rotate_the_axes, rotate_back],
    "adam-step": [adam_expm1, adam_combined, adam_stack, optimizers.adam],
    "rmsprop-step": [
        rms_lines,
        rms_power,
        rms_difference,
        rms_in_place_on_copies,
        rms_loop,
        rms_lists,
        rms_vectorize,
        rms_hypot,
        rms_extended,
        rms_logs,
        rms_scalars,
        rms_objects,
        rms_chatty,
        rms_noise,
        rms_keeps_argument,
        rms_any_arguments,
        rms_cached,
        Callable(),
        partial(rms_chatty, verbose=False),
        RMSProp.rule,
    ],
}


@pytest.mark.parametrize(("id", "answer"), [(id, answer) for id, answers in RIGHT.items() for answer in answers])
def test_right_answers_pass_in_any_style(id, answer, capsys):
    result = judge_function(find(id), answer)  # some call the library
    assert result.passed, result
    assert result.mistakes == ()
    assert capsys.readouterr().out == ""
