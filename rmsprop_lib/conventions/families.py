"""The optimizers made from the general rules: every convention is a field, and the fields check each other."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

import numpy as np

from ..optimizer import Optimizer, bounds_in_order
from ..optimizers import Hyper
from . import rules

_YES_NO = (False, True)
_DECAY_FLAGS = {"decoupled": _YES_NO, "maximize": _YES_NO}


@dataclass(frozen=True, eq=False)
class rmsprop(Optimizer):
    r"""RMSProp with every convention as a field; the defaults are the book's RMSProp.

    .. math:: v_t = \beta v_{t-1} + (1-\beta) g_t^2, \qquad
        u_t = \frac{g_t}{\sqrt{v_t + \varepsilon}} \;\text{ or }\; \frac{g_t}{\sqrt{v_t} + \varepsilon}, \qquad
        \theta_t = \theta_{t-1} - \alpha u_t

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ. beta: decay in [0, 1). eps: ≥ 0, in the unit of g²
    inside the
        root, of g outside.
    eps_inside: ε under the root (True) or added to the root (False).
    v0: first value of v, ≥ 0, in the unit of g². With 1 the first steps are short.
    centered: divide by the root of the variance :math:`v_t - \bar g_t^2`, computed so that it cannot go negative; the
    state's
        v then holds the variance and `mean` the average gradient.
    momentum: decay of the buffer, in [0, 1). nesterov: look one step ahead (needs momentum).
    lr_in_momentum: the buffer holds α u (True) or u (False); the two differ only when α changes.
    bias_correction: divide v (and the mean) by 1 − β^t. Together with `centered` the first step divides by √ε alone,
    because
        the variance of one sample is 0.
    weight_decay: ≥ 0; added to the gradient as weight_decay·θ, or, when `decoupled`, θ shrinks by α·weight_decay first.
    maximize: climb instead of descend.

    State: v, mean and buffer, like θ, and t. Raises ValueError naming the field.
    Source: Tieleman and Hinton (2012), lecture 6.5, slide 29; centered and momentum: Graves (2013), arXiv:1308.0850,
    eq. 38-45.
    """

    lr: Hyper
    beta: Hyper = 0.9
    eps: Hyper = 1e-8
    _: KW_ONLY
    eps_inside: bool = True
    v0: Hyper = 0.0
    centered: bool = False
    momentum: Hyper = 0.0
    nesterov: bool = False
    lr_in_momentum: bool = True
    bias_correction: bool = False
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.rmsprop_rule)
    slots = {"v": "v0", "mean": 0.0, "buffer": 0.0}
    flags = _DECAY_FLAGS | dict.fromkeys(
        ("eps_inside", "centered", "nesterov", "lr_in_momentum", "bias_correction"), _YES_NO
    )

    def __post_init__(self):
        super().__post_init__()
        _nesterov_needs_momentum(self)


@dataclass(frozen=True, eq=False)
class adagrad(Optimizer):
    r"""Adagrad with every convention as a field.

    .. math:: s_t = s_{t-1} + g_t^2, \qquad \theta_t = \theta_{t-1} - \frac{\alpha}{1 + (t-1)\,d}\,
        \frac{g_t}{\sqrt{s_t + \varepsilon}}

    lr, eps, eps_inside, weight_decay, decoupled, maximize: as in `rmsprop`. v0: first value of s. lr_decay: d ≥ 0, no
    unit.
    State: s, like θ, and t. PyTorch puts ε outside; Keras and Optax start s at 0.1.
    Source: Duchi, Hazan and Singer (2011), JMLR 12, 2121-2159.
    """

    lr: Hyper
    eps: Hyper = 1e-8
    _: KW_ONLY
    eps_inside: bool = True
    v0: Hyper = 0.0
    lr_decay: Hyper = 0.0
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.adagrad_rule)
    slots = {"s": "v0"}
    flags = _DECAY_FLAGS | {"eps_inside": _YES_NO}


@dataclass(frozen=True, eq=False)
class adadelta(Optimizer):
    """Adadelta, the book's rule with weight decay and a direction to climb.

    lr, beta, eps: as in `rmsprop_lib.Adadelta`. weight_decay, decoupled, maximize: as in `rmsprop`. State: v and u,
    like θ. Every framework has ε inside both roots; PyTorch starts with lr = 1, Keras with 0.001.
    Source: Zeiler (2012), arXiv:1212.5701, algorithm 1.
    """

    lr: Hyper = 1.0
    beta: Hyper = 0.95
    eps: Hyper = 1e-6
    _: KW_ONLY
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.adadelta_rule)
    slots = {"v": 0.0, "u": 0.0}
    flags = _DECAY_FLAGS


@dataclass(frozen=True, eq=False)
class adam(Optimizer):
    r"""Adam with every convention as a field.

    .. math:: \theta_t = \theta_{t-1} - \alpha\, \frac{m_t/k_1}{\sqrt{v_t/k_2 + \varepsilon_r} + \varepsilon}, \qquad
        k_i = 1 - \beta_i^t

    lr, beta1, beta2, eps: as in `rmsprop_lib.Adam`. eps_root: :math:`\varepsilon_r`, inside the root, in the unit of
    g².
    eps_hat: add ε before the correction of v, :math:`\alpha \sqrt{k_2}/k_1 \cdot m_t/(\sqrt{v_t} + \varepsilon)`, as
    Keras does.
    amsgrad: None; "raw", the largest v so far instead of v, corrected afterwards (PyTorch, Keras); "corrected", the
    largest
        corrected v (Optax); "reddi", the largest v and no correction at all, as in the paper.
    bias_correction: False sets both k to 1 (MLX). weight_decay, decoupled, maximize: as in `rmsprop`.

    State: m, v and v_max, like θ, and t. Sources: Kingma and Ba (2015), ICLR; Reddi, Kale and Kumar (2018), ICLR.
    """

    lr: Hyper = 1e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    _: KW_ONLY
    eps_root: Hyper = 0.0
    eps_hat: bool = False
    amsgrad: str | None = None
    bias_correction: bool = True
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.adam_rule)
    slots = {"m": 0.0, "v": 0.0, "v_max": 0.0}
    flags = _DECAY_FLAGS | {
        "eps_hat": _YES_NO,
        "bias_correction": _YES_NO,
        "amsgrad": (None, "raw", "corrected", "reddi"),
    }


@dataclass(frozen=True, eq=False)
class adamax(Optimizer):
    r"""Adamax with every convention as a field.

    .. math:: u_t = \max(\beta_2 u_{t-1}, |g_t|), \qquad
        \theta_t = \theta_{t-1} - \frac{\alpha}{1-\beta_1^t}\, \frac{m_t}{u_t + \varepsilon}

    eps_in_max: ε is added to \|g\| inside the maximum (PyTorch, Optax) and not to u (Keras, Lasagne).
    lr, beta1, beta2, eps: as in `adam`, ε in the unit of g. weight_decay, decoupled, maximize: as in `rmsprop`.
    State: m and u, like θ, and t. Source: Kingma and Ba (2015), ICLR, algorithm 2.
    """

    lr: Hyper = 2e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    _: KW_ONLY
    eps_in_max: bool = True
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.adamax_rule)
    slots = {"m": 0.0, "u": 0.0}
    flags = _DECAY_FLAGS | {"eps_in_max": _YES_NO}


@dataclass(frozen=True, eq=False)
class nadam(Optimizer):
    r"""Nadam with Dozat's momentum that grows with t, as a field.

    .. math:: \mu_t = \beta_1 (1 - \tfrac12\, 0.96^{t \psi}), \quad P_t = \prod_{i \le t} \mu_i, \quad
        \theta_t = \theta_{t-1} - \alpha\, \frac{(1-\mu_t)\, g_t/(1-P_t) + \mu_{t+1}\,
        m_t/(1-P_{t+1})}{\sqrt{v_t/(1-\beta_2^t)} + \varepsilon}

    momentum_decay: ψ ≥ 0, no unit: 0.004 in PyTorch, 1 in Keras; `math.inf` is a constant μ = β₁, as in Optax.
    lr, beta1, beta2, eps: as in `adam`. weight_decay, decoupled, maximize: as in `rmsprop`.
    State: m, v and product (P), like θ, and t. Source: Dozat (2016), ICLR workshop.
    """

    lr: Hyper = 2e-3
    beta1: Hyper = 0.9
    beta2: Hyper = 0.999
    eps: Hyper = 1e-8
    _: KW_ONLY
    momentum_decay: Hyper = 4e-3
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.nadam_rule)
    slots = {"m": 0.0, "v": 0.0, "product": 1.0}
    flags = _DECAY_FLAGS


@dataclass(frozen=True, eq=False)
class sgd(Optimizer):
    r"""Gradient descent with every kind of momentum as a field.

    .. math:: b_t = \mu b_{t-1} + (1 - d)\, g_t, \qquad \theta_t = \theta_{t-1} - \alpha b_t

    momentum: μ in [0, 1). dampening: d in [0, 1]; the first gradient enters undamped, as in PyTorch, and without
    momentum all of them do.
    nesterov: step along :math:`g_t + \mu b_t` (needs momentum and no dampening).
    lr_in_momentum: the buffer holds α g (Keras) or g (PyTorch). weight_decay, decoupled, maximize: as in `rmsprop`.
    State: buffer, like θ, and t. Source: Sutskever et al. (2013), ICML.
    """

    lr: Hyper
    _: KW_ONLY
    momentum: Hyper = 0.0
    dampening: Hyper = 0.0
    nesterov: bool = False
    lr_in_momentum: bool = False
    weight_decay: Hyper = 0.0
    decoupled: bool = False
    maximize: bool = False
    rule = staticmethod(rules.sgd_rule)
    slots = {"buffer": 0.0}
    flags = _DECAY_FLAGS | {"nesterov": _YES_NO, "lr_in_momentum": _YES_NO}

    def __post_init__(self):
        super().__post_init__()
        _nesterov_needs_momentum(self)
        if self.nesterov and not is_zero(self.dampening):
            raise ValueError(f"dampening must be 0 with nesterov=True, got {self.dampening!r}")


@dataclass(frozen=True, eq=False)
class rprop(Optimizer):
    """Rprop, the book's rule with a direction to climb.

    lr, shrink, grow, h_min, h_max: as in `rmsprop_lib.Rprop`; the defaults are PyTorch's. maximize: climb instead of
    descend.
    State: h and previous, like θ, and t. Optax 0.2 takes its first step one gradient late, which no field here
    imitates.
    Source: Riedmiller and Braun (1993), IEEE ICNN, 586-591.
    """

    lr: Hyper = 0.01
    shrink: Hyper = 0.5
    grow: Hyper = 1.2
    h_min: Hyper = 1e-6
    h_max: Hyper = 50.0
    _: KW_ONLY
    maximize: bool = False
    rule = staticmethod(rules.rprop_rule)
    slots = {"h": "lr", "previous": 0.0}
    flags = {"maximize": _YES_NO}

    def __post_init__(self):
        super().__post_init__()
        bounds_in_order(self.h_min, self.h_max)


def _nesterov_needs_momentum(optimizer):
    if optimizer.nesterov and is_zero(optimizer.momentum):
        raise ValueError(f"momentum must be > 0 with nesterov=True, got {optimizer.momentum!r}")


def is_zero(value) -> bool:
    """Whether a hyper-parameter is the number 0; an array or a function of t is not."""
    return not callable(value) and np.ndim(value) == 0 and value == 0
