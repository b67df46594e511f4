"""The rules, from gradient descent to Adam, and the optimizers made from them.

A rule is the equation: a pure function that works element by element. The class below it holds the hyper-parameters.
What came after Adam is in `descendants`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .optimizer import Optimizer, bounds_in_order

Hyper = float | np.ndarray | Callable[[int], float]


def gradient_descent(theta, grad, lr):
    theta = theta - lr * grad
    return theta


def momentum(theta, grad, m, lr, mu):
    m = mu * m + grad
    theta = theta - lr * m
    return theta, m


def nesterov(theta, grad, m, lr, mu):
    m = mu * m + grad
    theta = theta - lr * (grad + mu * m)
    return theta, m


def sign_descent(theta, grad, lr):
    theta = theta - lr * np.sign(grad)
    return theta


def rprop(theta, grad, h, previous, shrink, grow, h_min, h_max):
    agreement = np.sign(grad * previous)
    h = h * np.where(agreement > 0, grow, np.where(agreement < 0, shrink, 1.0))
    h = np.clip(h, h_min, h_max)
    grad = np.where(agreement < 0, 0.0, grad)  # after a change of sign: wait one step
    theta = theta - np.sign(grad) * h
    return theta, h, grad


def adagrad(theta, grad, s, lr, eps):
    s = s + grad**2
    theta = theta - lr * grad / np.sqrt(s + eps)
    return theta, s


def adadelta(theta, grad, v, u, lr, beta, eps):
    v = beta * v + (1 - beta) * grad**2
    step = grad * np.sqrt(u + eps) / np.sqrt(v + eps)
    u = beta * u + (1 - beta) * step**2
    theta = theta - lr * step
    return theta, v, u


def rmsprop(theta, grad, v, lr, beta, eps):
    v = beta * v + (1 - beta) * grad**2
    theta = theta - lr * grad / np.sqrt(v + eps)
    return theta, v


def adam(theta, grad, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)  # bias correction
    v_hat = v / (1 - beta2**t)
    theta = theta - lr * m_hat / (np.sqrt(v_hat) + eps)
    return theta, m, v


@dataclass(frozen=True, eq=False)
class GradientDescent(Optimizer):
    r"""Gradient descent: walk against the gradient.

    .. math:: \theta_t = \theta_{t-1} - \alpha\, g_t

    lr: learning rate :math:`\alpha \ge 0`, in units of θ² per unit of loss. It must stay below
    :math:`2/\lambda_{max}`, the
        largest curvature, or the iteration diverges.

    The state holds only the step number t. Source: Nocedal and Wright (2006), Numerical Optimization, section 2.2.
    """

    lr: Hyper = 0.1
    rule = staticmethod(gradient_descent)


@dataclass(frozen=True, eq=False)
class Momentum(Optimizer):
    r"""Heavy-ball momentum: walk along a decaying sum of the gradients.

    .. math:: m_t = \mu\, m_{t-1} + g_t, \qquad \theta_t = \theta_{t-1} - \alpha\, m_t

    lr: learning rate :math:`\alpha \ge 0`; along a steady gradient the step grows to :math:`\alpha/(1-\mu)` times it.
    mu: momentum :math:`\mu \in [0, 1)`, no unit.

    State: m, like θ, in units of the gradient. PyTorch has α outside the sum, as here; Keras puts it inside, which
    differs when α changes. Source: Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    """

    lr: Hyper = 0.01
    mu: Hyper = 0.9
    rule = staticmethod(momentum)
    slots = {"m": 0.0}


@dataclass(frozen=True, eq=False)
class Nesterov(Optimizer):
    r"""Nesterov momentum: heavy ball that looks one step ahead.

    .. math:: m_t = \mu\, m_{t-1} + g_t, \qquad \theta_t = \theta_{t-1} - \alpha\,(g_t + \mu\, m_t)

    lr, mu: as in `Momentum`. State: m, like θ.

    θ here is the look-ahead point of Nesterov's paper, the form that PyTorch and Keras use: the gradient is taken
    where θ is.
    Source: Nesterov (1983); the form is from Sutskever et al. (2013), ICML, section 2.
    """

    lr: Hyper = 0.01
    mu: Hyper = 0.9
    rule = staticmethod(nesterov)
    slots = {"m": 0.0}


@dataclass(frozen=True, eq=False)
class SignDescent(Optimizer):
    r"""Sign descent: the same step in every coordinate, whatever the size of the gradient.

    .. math:: \theta_t = \theta_{t-1} - \alpha\, \mathrm{sign}(g_t)

    lr: step :math:`\alpha \ge 0`, in the unit of θ. It is RMSProp with β = 0 and ε = 0.

    The state holds only the step number t. Source: Bernstein et al. (2018), signSGD, ICML.
    """

    lr: Hyper = 0.01
    rule = staticmethod(sign_descent)


@dataclass(frozen=True, eq=False)
class Rprop(Optimizer):
    r"""Rprop: each weight keeps its own step, grown while the sign of its gradient stays and shrunk when it changes.

    .. math:: h_t = \mathrm{clip}(h_{t-1}\,\eta_\pm), \qquad \theta_t = \theta_{t-1} - \mathrm{sign}(g_t)\, h_t

    lr: first step :math:`h_0`, in the unit of θ.
    shrink, grow: factors :math:`\eta_- < 1 < \eta_+`, no unit. h_min, h_max: bounds of h, in the unit of θ.

    State: h and previous (the gradient used last), both like θ. After a change of sign the gradient counts as 0 for one
    step, as in PyTorch (the variant iRprop⁻). Source: Riedmiller and Braun (1993), IEEE ICNN, 586-591.
    """

    lr: Hyper = 0.01
    shrink: Hyper = 0.5
    grow: Hyper = 1.2
    h_min: Hyper = 1e-6
    h_max: Hyper = 50.0
    rule = staticmethod(rprop)
    slots = {"h": "lr", "previous": 0.0}

    def __post_init__(self):
        super().__post_init__()
        bounds_in_order(self.h_min, self.h_max)


@dataclass(frozen=True, eq=False)
class Adagrad(Optimizer):
    r"""Adagrad: divide by the root of the sum of all squared gradients.

    .. math:: s_t = s_{t-1} + g_t^2, \qquad \theta_t = \theta_{t-1} - \frac{\alpha\, g_t}{\sqrt{s_t + \varepsilon}}

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ: the length of the first step.
    eps: :math:`\varepsilon \ge 0`, in the unit of g².

    State: s, like θ, starting at 0. PyTorch puts ε outside the root; Keras and Optax put it inside and start s at 0.1.
    Source: Duchi, Hazan and Singer (2011), JMLR 12, 2121-2159.
    """

    lr: Hyper = 0.1
    eps: Hyper = 1e-8
    rule = staticmethod(adagrad)
    slots = {"s": 0.0}


@dataclass(frozen=True, eq=False)
class Adadelta(Optimizer):
    r"""Adadelta: RMSProp whose learning rate is the running size of its own steps.

    .. math:: v_t = \beta v_{t-1} + (1-\beta) g_t^2, \quad
        d_t = \frac{\sqrt{u_{t-1} + \varepsilon}}{\sqrt{v_t + \varepsilon}}\, g_t, \quad
        u_t = \beta u_{t-1} + (1-\beta) d_t^2, \quad \theta_t = \theta_{t-1} - \alpha d_t

    lr: a factor :math:`\alpha`, no unit; 1 in the paper, 0.001 in Keras. beta: decay in [0, 1), ρ in the paper.
    eps: :math:`\varepsilon`, added to squares of g and of θ alike; it sets the size of the first steps.

    State: v and u, like θ. Source: Zeiler (2012), arXiv:1212.5701, algorithm 1.
    """

    lr: Hyper = 1.0
    beta: Hyper = 0.9
    eps: Hyper = 1e-6
    rule = staticmethod(adadelta)
    slots = {"v": 0.0, "u": 0.0}


@dataclass(frozen=True, eq=False)
class RMSProp(Optimizer):
    r"""RMSProp: divide by the root of a moving average of the squared gradients.

    .. math:: v_t = \beta\, v_{t-1} + (1-\beta)\, g_t^2, \qquad
        \theta_t = \theta_{t-1} - \frac{\alpha\, g_t}{\sqrt{v_t + \varepsilon}}

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ, because g/√v has none.
    beta: decay :math:`\beta \in [0, 1)` of the average, no unit; it remembers about :math:`1/(1-\beta)` steps.
    eps: :math:`\varepsilon \ge 0`, inside the root, in the unit of g².

    State: v, like θ, starting at 0, so the first step is :math:`\alpha/\sqrt{1-\beta}` long. PyTorch puts ε outside
    the root and has β = 0.99; TensorFlow 1 starts v at 1: see `conventions`. Source: Tieleman and Hinton (2012),
    lecture 6.5, slide 29.
    """

    lr: Hyper = 0.01
    beta: Hyper = 0.9
    eps: Hyper = 1e-8
    rule = staticmethod(rmsprop)
    slots = {"v": 0.0}


@dataclass(frozen=True, eq=False)
class Adam(Optimizer):
    r"""Adam: RMSProp on an averaged gradient, both averages corrected for their start at zero.

    .. math:: m_t = \beta_1 m_{t-1} + (1-\beta_1) g_t, \quad v_t = \beta_2 v_{t-1} + (1-\beta_2) g_t^2, \quad
        \theta_t = \theta_{t-1} - \alpha\, \frac{m_t/(1-\beta_1^t)}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon}

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ. beta1, beta2: decays in [0, 1), no unit.
    eps: :math:`\varepsilon \ge 0`, outside the root, in the unit of g.

    State: m and v, like θ, and t. Keras adds ε before the correction of v (the ε̂ of the paper's section 2).
    Source: Kingma and Ba (2015), ICLR, algorithm 1.
    """

    lr: Hyper = 1e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    rule = staticmethod(adam)
    slots = {"m": 0.0, "v": 0.0}
