"""Linear, logistic and softmax regression and the multilayer perceptron, as problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as changed

import numpy as np

from ..optimizer import check_number
from ..problems import Problem
from ..problems.problem import whole
from .batches import All, Gradient, Loss, Sampled, Shuffled
from .checks import batch_size, class_numbers, table, targets
from .network import ACTIVATIONS, Network
from .parts import LOSSES
from .rows import Sparse


def linear_regression(
    X, y, *, l2: float = 0.0, batch: int | None = None, replace: bool = False, seed: int = 0
) -> Problem:
    r"""Least squares, :math:`f = \frac{1}{2n} \sum_i (x_i^\top W + b - y_i)^2 + \frac{l_2}{2} \lVert W \rVert^2`.

    X: shape (n, d); y: shape (n,). θ of shape (d + 1,): W, then the intercept b; it starts at 0. f has the unit of
    y².
    l2, batch, replace, seed: as in `softmax_regression`. The problem knows its `minimum`, and `problems.hessian`
    works on it.
    """
    problem = _problem(Network((_columns(X), 1), "identity", "squares", _penalty(l2)), X, y, batch, replace, seed)
    x, y = problem.objective.rows
    A = np.hstack([x.dense() if isinstance(x, Sparse) else x, np.ones((len(y), 1))])
    if l2:
        minimum = np.linalg.solve(problem.objective.hessian(), A.T @ y[:, 0] / len(y))
    else:
        minimum = np.linalg.lstsq(A, y[:, 0], rcond=None)[0]
    return changed(problem, name="linear_regression", title="linear regression", minimum=minimum)


def logistic_regression(
    X, y, *, l2: float = 0.0, batch: int | None = None, replace: bool = False, seed: int = 0
) -> Problem:
    r"""Logistic regression, :math:`f = -\frac1n \sum_i \log p(y_i \mid x_i)`, in nats.

    Here :math:`p(1 \mid x) = 1/(1 + e^{-x^\top W - b})`. X: shape (n, d), kept sparse as in `softmax_regression`;
    y: shape (n,), 0 or 1. θ of shape (d + 1,): W, then b; it starts at 0, where f is log 2.
    l2, batch, replace, seed: as in `softmax_regression`.
    """
    problem = _problem(Network((_columns(X), 1), "identity", "logistic", _penalty(l2)), X, y, batch, replace, seed)
    return changed(problem, name="logistic_regression", title="logistic regression")


def softmax_regression(
    X,
    y,
    classes: int | None = None,
    *,
    l2: float = 0.0,
    batch: int | None = None,
    replace: bool = False,
    seed: int = 0,
) -> Problem:
    r"""Softmax regression: f is the mean cross-entropy of :math:`p(k \mid x) \propto e^{(x^\top W + b)_k}`, in nats.

    X: shape (n, d), one row an example; where fewer than one number in ten is not 0, only these are kept and
    computed. A sparse matrix of SciPy's is read as it is.
    y: shape (n,), class numbers 0, 1, ... classes: how many, default max(y) + 1.
    θ of shape (d · classes + classes,): W (d, classes), then b; it starts at 0, where f is log(classes).
    l2: adds l2/2 times the sum of W², ≥ 0. batch: rows per gradient, default all. replace: False goes through the
    rows in a new order each epoch and leaves out the few that fill no batch; True draws each batch independently.
    seed: which order.

    The gradient at step t depends on (θ, t, seed) alone; all runs of a sweep see the same batches. Raises
    ValueError for shapes that do not fit, unknown classes, and a batch outside 1 ... n.
    """
    classes = _outputs("softmax", y) if classes is None else whole("classes", classes, 2)
    model = Network((_columns(X), classes), "identity", "softmax", _penalty(l2))
    problem = _problem(model, X, y, batch, replace, seed)
    return changed(problem, name="softmax_regression", title=f"softmax regression, {classes} classes")


def mlp(
    X,
    y,
    hidden: Sequence[int] = (32,),
    *,
    activation: str = "tanh",
    loss: str = "softmax",
    l2: float = 0.0,
    gain: float = 1.0,
    init: int = 0,
    batch: int | None = None,
    replace: bool = False,
    seed: int = 0,
) -> Problem:
    """A multilayer perceptron with `hidden` units in each hidden layer; a linear output layer and a loss.

    X: shape (n, d). y: class numbers (n,) for loss="softmax", 0 or 1 (n,) for "logistic", numbers (n,) or (n,
    outputs) for "squares" (half the squared error, summed over outputs). activation: "tanh", "relu" or "identity".
    gain, init: weights start normal with standard deviation gain/√(inputs), √2 larger for relu, drawn from the seed
    `init`; biases start at 0. l2, batch, replace, seed: as in `softmax_regression`. Views: W1 (d, h1), b1 (h1,), W2
    (h1, h2), ...

    Units saturate where |x| is large: scale X first. Raises ValueError for unknown words and widths below 1.
    """
    for name, word, words in (("activation", activation, ACTIVATIONS), ("loss", loss, LOSSES)):
        if word not in words:
            raise ValueError(f"{name} must be one of {', '.join(words)}, got {word!r}")
    if not isinstance(hidden, Sequence):
        raise TypeError(f"hidden must list the units of each hidden layer, such as (32,), got {hidden!r}")
    hidden = tuple(whole("hidden", width, 1) for width in hidden)
    check_number("gain", gain)
    model = Network((_columns(X), *hidden, _outputs(loss, y)), activation, loss, _penalty(l2))
    problem = _problem(model, X, y, batch, replace, seed)
    title = f"{activation} network {'-'.join(map(str, model.widths))}"
    return changed(problem, name="mlp", title=title, start=model.init(whole("init", init, 0), gain))


def _problem(model, X, y, batch, replace, seed):
    rows = model.rows(X, y)
    batches = All(rows)
    if batch is not None:
        batches = (Sampled if replace else Shuffled)(rows, batch_size(batch, len(rows)))
    return Problem("network", Loss(model, rows), Gradient(model, batches), np.zeros(model.size), seed=seed)


def _columns(X):
    return table("X", X).shape[1]


def _outputs(loss, y):
    """How many outputs the targets ask for."""
    if loss == "squares":
        return targets(y).shape[1]
    return 1 if loss == "logistic" else max(int(class_numbers(y).max()) + 1, 2)


def _penalty(l2):
    check_number("l2", l2)
    if l2 < 0:
        raise ValueError(f"l2 must be >= 0, got {l2!r}")
    return float(l2)
