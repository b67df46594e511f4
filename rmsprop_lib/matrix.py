"""Descendants that look at a weight matrix as a whole: Adafactor, Shampoo, Muon, and `ByPart` to use them in a network.

RMSProp keeps one number per weight. Adafactor keeps one per row and one per column; Shampoo replaces the division by
√v with two matrices that turn and scale; Muon makes all singular values of the step equal. θ is one matrix of shape
(m, n).
"""

from __future__ import annotations

import functools
import math
import re
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from .arrays import floating, same_shape
from .optimizer import Optimizer
from .optimizers import Hyper


def adafactor(theta, grad, row, column, t, lr, decay, eps, clip):
    beta = 1 - t**-decay
    square = grad**2 + eps
    row = beta * row + (1 - beta) * square.mean(axis=1)
    column = beta * column + (1 - beta) * square.mean(axis=0)
    step = grad / np.sqrt(row / row.mean())[:, None] / np.sqrt(column)  # v is the outer product of row and column
    step = step / np.maximum(1.0, _root_mean_square(step) / clip)
    theta = theta - lr * step
    return theta, row, column


def shampoo(theta, grad, left, right, lr, eps):
    left = left + grad @ grad.T
    right = right + grad.T @ grad
    theta = theta - lr * _inverse_fourth_root(left, eps) @ grad @ _inverse_fourth_root(right, eps)
    return theta, left, right


def muon(theta, grad, m, lr, mu):
    m = mu * m + grad
    rows, columns = theta.shape
    theta = theta - lr * max(1.0, rows / columns) ** 0.5 * orthogonalized(grad + mu * m)
    return theta, m


def orthogonalized(matrix, iterations: int = 5):
    r"""The matrix with all its singular values near 1, shape (m, n); a zero matrix stays zero.

    Newton and Schulz's iteration with the quintic of Jordan et al.,
    :math:`X \leftarrow a X + b\, (X X^\top) X + c\, (X X^\top)^2 X`, which sends singular values from (0, 1] to about
    0.7 ... 1.2.
    iterations: ≥ 1. Source: Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / np.maximum(np.sqrt((x * x).sum()), np.finfo(x.dtype).tiny)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class _OfMatrix:
    """θ has two axes; a state array may live on either side of it."""

    elementwise = False
    sides: ClassVar[Mapping[str, str]] = {}  # slot -> axes, as in "mm" for a square matrix of θ's rows

    def slot_shape(self, name, shape):
        if len(shape) != 2:
            raise ValueError(f"theta must be a matrix, got shape {shape}; for a network's flat theta use matrix.ByPart")
        sizes = dict(zip("mn", shape, strict=True))
        return tuple(sizes[axis] for axis in self.sides.get(name, "mn"))


@dataclass(frozen=True, eq=False)
class Adafactor(_OfMatrix, Optimizer):
    r"""Adafactor: RMSProp that remembers row and column means of g² in place of every entry.

    .. math:: r_t = \beta_t r_{t-1} + (1-\beta_t)\, \overline{g_t^2 + \varepsilon}^{\,rows}, \qquad
        v_{ij} = r_i\, c_j / \bar r, \qquad \theta_t = \theta_{t-1} - \alpha\, \frac{g_t/\sqrt{v_t}}{\max(1,
        \mathrm{rms}/d)}

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ. decay: the power in :math:`\beta_t = 1 - t^{-decay}`, so
    that the memory grows with t and needs no correction. eps: > 0, in the unit of g². clip: d > 0, the largest root
    mean square of a step before α.

    State: row, shape (m,), and column, shape (n,): m + n numbers where RMSProp has m·n. The paper's relative step
    sizes (α times the size of θ) are left out. Source: Shazeer and Stern (2018), ICML, algorithms 4 and 5.
    """

    lr: Hyper = 1e-2
    decay: Hyper = 0.8
    eps: Hyper = 1e-30
    clip: Hyper = 1.0
    rule = staticmethod(adafactor)
    slots = {"row": 0.0, "column": 0.0}
    sides = {"row": "m", "column": "n"}


@dataclass(frozen=True, eq=False)
class Shampoo(_OfMatrix, Optimizer):
    r"""Shampoo: Adagrad with one full matrix for the rows and one for the columns; it does not mind a rotated valley.

    .. math:: L_t = L_{t-1} + g_t g_t^\top, \quad R_t = R_{t-1} + g_t^\top g_t, \qquad
        \theta_t = \theta_{t-1} - \alpha\, (L_t + \varepsilon)^{-1/4}\, g_t\, (R_t + \varepsilon)^{-1/4}

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ. eps: ≥ 0, added to the eigenvalues, in the unit of g².

    State: left, shape (m, m), and right, shape (n, n). A step costs two eigenvalue decompositions; practice renews them
    every few steps. Source: Gupta, Koren and Singer (2018), ICML, algorithm 1.
    """

    lr: Hyper = 0.1
    eps: Hyper = 1e-6
    rule = staticmethod(shampoo)
    slots = {"left": 0.0, "right": 0.0}
    sides = {"left": "mm", "right": "nn"}


@dataclass(frozen=True, eq=False)
class Muon(_OfMatrix, Optimizer):
    r"""Muon: momentum whose step is made orthogonal, so that every direction of the matrix moves by the same amount.

    .. math:: m_t = \mu m_{t-1} + g_t, \qquad \theta_t = \theta_{t-1} - \alpha \sqrt{\max(1, m/n)}\; \mathrm{orth}(g_t
        + \mu m_t)

    lr: learning rate :math:`\alpha \ge 0`, in the unit of θ: the size of each singular value of a step, up to the
    root of m/n. mu: momentum in [0, 1).

    State: m, like θ: half the memory of Adam. For hidden weight matrices; biases and embeddings are left to Adam, see
    `ByPart`. Source: Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks.
    """

    lr: Hyper = 0.02
    mu: Hyper = 0.95
    rule = staticmethod(muon)
    slots = {"m": 0.0}


@dataclass(frozen=True, eq=False)
class ByPart(Optimizer):
    """One optimizer for the matrices of a network and another for the rest; θ is the network's flat vector.

    shapes: {name: shape} of the parts of θ, in order, such as
        ``{name: part.shape for name, part in models.views(problem, problem.start).items()}``.
    matrices: the optimizer of every part with two axes, such as `Muon()`. others: the one of every other part.
    lr: a factor on both learning rates, no unit; schedules and sweeps act on it.

    State: the arrays of each part as ``part_slot``, and t; `parts(state)` has them by name. Raises ValueError when θ
    does not have the size of the parts.
    Source: how Muon is used in practice, Jordan et al. (2024).
    """

    shapes: Mapping[str, tuple[int, ...]]
    matrices: Optimizer
    others: Optimizer
    lr: Hyper = 1.0
    rule = staticmethod(lambda theta, grad, lr: theta)
    elementwise = False

    def __post_init__(self):
        super().__post_init__()
        for name in ("matrices", "others"):
            if not isinstance(getattr(self, name), Optimizer):
                raise TypeError(f"{name} must be an optimizer such as Muon(), got {getattr(self, name)!r}")
        parts = {name: self.matrices if len(shape) == 2 else self.others for name, shape in self.shapes.items()}
        places = [(part, slot) for part, optimizer in parts.items() for slot in optimizer.slots]
        fields = _fields(places)
        squares = tuple(f for f, (part, slot) in zip(fields, places, strict=True) if slot in parts[part]._squares)
        self.__dict__.update(_parts=parts, _places=places, _squares=squares, State=_state_class((*fields, "t")))

    def __reduce__(self):
        return type(self), (dict(self.shapes), self.matrices, self.others, self.lr)

    def _key(self):
        return type(self), tuple(self.shapes.items()), self.matrices, self.others, *super()._key()[1:]

    def init(self, theta):
        """The first state of every part, and t = 0."""
        return self._state([self._parts[n].init(part)[:-1] for n, part in self._split("theta", theta)], 0)

    def step(self, theta, grad, state):
        """One step of every part; arguments and result as for `Optimizer.step`."""
        theta = floating("theta", theta)
        state = self._named(state)
        state = state if state.t else self.check_state(state)
        return self._compute(theta, same_shape("grad", grad, theta), state)

    def _compute(self, theta, grad, state):
        grads, now = dict(self._split("grad", grad)), self._now(state.t + 1)
        arrays, new, states = list(state[:-1]), [], []
        for name, part in self._split("theta", theta):
            optimizer = now[id(self._parts[name])]
            own = [arrays.pop(0) for _ in optimizer.slots]
            moved, after = optimizer.step(part, grads[name], optimizer.State(*own, t=state.t))
            new.append(moved.reshape(-1))
            states.append(after[:-1])
        return np.concatenate(new), self._state(states, state.t + 1)

    def parts(self, state) -> dict[str, dict[str, Any]]:
        """The arrays of a state by part and slot: ``parts(state)["layer.0.weight"]["m"]``."""
        found = {name: {} for name in self.shapes}
        for (part, slot), array in zip(self._places, state[:-1], strict=True):
            found[part][slot] = array
        return found

    def _now(self, t) -> dict[int, Optimizer]:
        """The two optimizers with what changes as it is at step t, asked for once, and lr multiplied."""
        factor, found = self._at(t, "lr"), {}
        for optimizer in (self.matrices, self.others):
            numbers = {name: optimizer._told(t, name) for name in optimizer._changing}
            if numbers or factor != 1.0:
                numbers["lr"] = numbers.get("lr", optimizer.lr) * factor
            found[id(optimizer)] = replace(optimizer, **numbers) if numbers else optimizer
        return found

    def _state(self, states, t):
        return self.State(*(array for part in states for array in part), t)

    def _split(self, name: str, flat) -> list[tuple[str, Any]]:
        flat = floating(name, flat)
        sizes = [math.prod(shape) for shape in self.shapes.values()]
        if flat.shape != (sum(sizes),):
            raise ValueError(f"{name} must have shape ({sum(sizes)},), the sum of its parts, got {flat.shape}")
        ends = np.cumsum(sizes)[:-1].tolist()
        pieces = np.split(flat, ends)
        return [(n, piece.reshape(shape)) for (n, shape), piece in zip(self.shapes.items(), pieces, strict=True)]


def _fields(places) -> list[str]:
    """A name for each array of each part; what cannot stand in a name, as the dots of a network's, becomes _."""
    names = {}
    for part, slot in places:
        name = re.sub(r"\W", "_", f"{part}_{slot}")
        name = name if name[0].isalpha() else f"part_{name}"
        if name in names:
            raise ValueError(f"shapes must have names that differ in letters, got {names[name]!r} and {part!r}")
        names[name] = part
    return list(names)


@functools.lru_cache(maxsize=256)
def _state_class(fields):
    """One class for the same fields, found again by pickle."""
    cls = namedtuple("State", fields)
    cls.__reduce__ = lambda state: (_state_of, (fields, tuple(state)))
    return cls


def _state_of(fields, values):
    return _state_class(fields)(*values)


def _root_mean_square(x):
    return np.sqrt((x * x).mean())


def _inverse_fourth_root(matrix, eps):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * (np.maximum(values, 0.0) + eps) ** -0.25) @ vectors.T
