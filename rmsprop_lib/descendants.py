"""What came after Adam, element by element: AdamW, AMSGrad, Adamax, Nadam, Lion. For matrices see `matrix`.

Rules and classes in the pattern of `optimizers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .optimizer import Optimizer
from .optimizers import Hyper, adam


def adamw(theta, grad, m, v, t, lr, beta1, beta2, eps, weight_decay):
    theta = theta - lr * weight_decay * theta
    return adam(theta, grad, m, v, t, lr, beta1, beta2, eps)


def amsgrad(theta, grad, m, v, v_max, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    v_max = np.maximum(v_max, v)
    theta = theta - lr * m / (np.sqrt(v_max) + eps)
    return theta, m, v, v_max


def adamax(theta, grad, m, u, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    u = np.maximum(beta2 * u, np.abs(grad))
    theta = theta - lr / (1 - beta1**t) * m / (u + eps)
    return theta, m, u


def nadam(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    ahead = beta1 * m / (1 - beta1 ** (t + 1)) + (1 - beta1) * grad / (1 - beta1**t)
    theta = theta - lr * ahead / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v


def lion(theta, grad, m, lr, beta1, beta2, weight_decay):
    direction = np.sign(beta1 * m + (1 - beta1) * grad)
    theta = theta - lr * (direction + weight_decay * theta)
    m = beta2 * m + (1 - beta2) * grad
    return theta, m


@dataclass(frozen=True, eq=False)
class AdamW(Optimizer):
    r"""AdamW: Adam whose weight decay does not pass through the division by √v.

    .. math:: \theta_t = (1 - \alpha\lambda)\, \theta_{t-1} - \alpha\, \frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}

    lr, beta1, beta2, eps: as in `Adam`. weight_decay: :math:`\lambda \ge 0`; each step shrinks θ by the factor 1 − αλ.

    State: m and v, like θ, and t. PyTorch and Optax decay by αλ as here (defaults 0.01 and 0.0001); the paper keeps λ
    free of α and multiplies both by the schedule. Source: Loshchilov and Hutter (2019), ICLR, algorithm 2.
    """

    lr: Hyper = 1e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    weight_decay: Hyper = 0.01
    rule = staticmethod(adamw)
    slots = {"m": 0.0, "v": 0.0}


@dataclass(frozen=True, eq=False)
class AMSGrad(Optimizer):
    r"""AMSGrad: Adam that divides by the largest v so far, so that its effective learning rate never grows.

    .. math:: v^{max}_t = \max(v^{max}_{t-1}, v_t), \qquad
        \theta_t = \theta_{t-1} - \frac{\alpha\, m_t}{\sqrt{v^{max}_t} + \varepsilon}

    lr, beta1, beta2: as in `Adam`; beta1 = 0 is RMSProp with a maximum. eps: ≥ 0, outside the root; the paper has none.

    State: m, v and v_max, like θ. No bias correction, as in the paper; PyTorch and Keras correct after the maximum,
    Optax
    before it: see `conventions.adam`. Source: Reddi, Kale and Kumar (2018), ICLR, algorithm 2.
    """

    lr: Hyper = 1e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    rule = staticmethod(amsgrad)
    slots = {"m": 0.0, "v": 0.0, "v_max": 0.0}


@dataclass(frozen=True, eq=False)
class Adamax(Optimizer):
    r"""Adamax: Adam with a decaying maximum of \|g\| in place of the root of an average of g².

    .. math:: u_t = \max(\beta_2 u_{t-1}, |g_t|), \qquad
        \theta_t = \theta_{t-1} - \frac{\alpha}{1-\beta_1^t}\, \frac{m_t}{u_t + \varepsilon}

    lr, beta1, beta2: as in `Adam`. eps: ≥ 0, in the unit of g; the paper has none.

    State: m and u, like θ, and t. u needs no bias correction: a maximum is not pulled towards its start at 0. PyTorch
    and Optax add ε to \|g\| inside the maximum: see `conventions.adamax`. Source: Kingma and Ba (2015), ICLR,
    algorithm 2.
    """

    lr: Hyper = 2e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    rule = staticmethod(adamax)
    slots = {"m": 0.0, "u": 0.0}


@dataclass(frozen=True, eq=False)
class Nadam(Optimizer):
    r"""Nadam: Adam with Nesterov's look-ahead in place of the heavy ball.

    .. math:: \theta_t = \theta_{t-1} - \frac{\alpha}{\sqrt{\hat v_t} + \varepsilon}
        \left( \frac{\beta_1 m_t}{1-\beta_1^{t+1}} + \frac{(1-\beta_1)\, g_t}{1-\beta_1^t} \right)

    lr, beta1, beta2, eps: as in `Adam`.

    State: m and v, like θ, and t. β₁ is constant here, as in Optax; Dozat's schedule of it, as in PyTorch and Keras, is
    `conventions.nadam`. Source: Dozat (2016), ICLR workshop.
    """

    lr: Hyper = 2e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    rule = staticmethod(nadam)
    slots = {"m": 0.0, "v": 0.0}


@dataclass(frozen=True, eq=False)
class Lion(Optimizer):
    r"""Lion: the sign of an averaged gradient; it keeps RMSProp's equal steps and drops v.

    .. math:: \theta_t = \theta_{t-1} - \alpha\,(\mathrm{sign}(\beta_1 m_{t-1} + (1-\beta_1) g_t) + \lambda
        \theta_{t-1}), \qquad m_t = \beta_2 m_{t-1} + (1-\beta_2) g_t

    lr: the step α ≥ 0, in the unit of θ; 3 to 10 times smaller than Adam's. beta1, beta2: decays in [0, 1), no unit.
    weight_decay: :math:`\lambda \ge 0`, 3 to 10 times larger than AdamW's.

    State: m, like θ: half the memory of Adam. Source: Chen et al. (2023), Symbolic discovery of optimization
    algorithms, NeurIPS, program 1.
    """

    lr: Hyper = 1e-4
    beta1: Hyper = 0.9
    beta2: Hyper = 0.99
    weight_decay: Hyper = 0.0
    rule = staticmethod(lion)
    slots = {"m": 0.0}
