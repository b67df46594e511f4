"""Models of every kind, small: what the laws run over."""

import numpy as np

from rmsprop_lib import models

RNG = np.random.default_rng(0)
X = RNG.standard_normal((23, 4))
LABELS = np.arange(23) % 3
FEW = (RNG.random((30, 40)) < 0.05) * RNG.standard_normal((30, 40))
SEQUENCES = RNG.standard_normal((9, 6, 2))
TEXT = "the quick brown fox jumps over the lazy dog; " * 30

MODELS = {
    "linear": lambda **k: models.linear_regression(X, X @ [1, 2, 0, -1] + 3, **k),
    "linear with l2": lambda **k: models.linear_regression(X, X[:, 0], l2=0.3, **k),
    "logistic": lambda **k: models.logistic_regression(X, LABELS == 1, l2=0.1, **k),
    "softmax": lambda **k: models.softmax_regression(X, LABELS, l2=0.2, **k),
    "softmax with an empty class": lambda **k: models.softmax_regression(X, LABELS, 5, **k),
    "sparse logistic": lambda **k: models.logistic_regression(FEW, np.arange(30) % 2, **k),
    "sparse softmax": lambda **k: models.softmax_regression(FEW, np.arange(30) % 3, **k),
    "mlp": lambda **k: models.mlp(X, LABELS, (5, 4), **k),
    "relu mlp": lambda **k: models.mlp(X, LABELS, (6,), activation="relu", l2=0.1, **k),
    "deep linear": lambda **k: models.mlp(X, X[:, :2], (3, 3), activation="identity", loss="squares", **k),
    "logistic mlp": lambda **k: models.mlp(X, LABELS == 0, (4,), loss="logistic", **k),
    "regression mlp": lambda **k: models.mlp(X, X[:, 1] ** 2, (5,), loss="squares", **k),
    "sparse mlp": lambda **k: models.mlp(FEW, np.arange(30) % 2, (3,), **k),
    "rnn": lambda **k: models.rnn(SEQUENCES, SEQUENCES[:, 0], 5, **k),
}
FRESH = {
    "adding": lambda **k: models.adding(8, 5, batch=4, test=6, **k),
    "char rnn": lambda **k: models.char_rnn(TEXT, 6, length=7, batch=3, test=10, **k),
    "stream": lambda **k: models.stream(models.softmax_regression(X, LABELS), relabel_every=5, **k),
    "random stream": lambda **k: models.stream(MODELS["mlp"](), order="random", **k),
}
ALL = MODELS | FRESH


def somewhere(problem, shape=(), seed=1):
    rng = np.random.default_rng(seed)
    return problem.start + 0.3 * rng.standard_normal((*shape, problem.start.size))


def batch_loss(problem, theta, t):
    """The loss whose gradient `grad(theta, t)` is said to be."""
    x, y = problem.gradient.batches(theta, t, problem.seed)
    return problem.objective.model.loss(theta[None], x, y)[0]


def seen(problem, steps):
    """Which rows each step saw, for a problem whose first column counts the rows."""
    return [problem.gradient.batches(problem.start, t, problem.seed)[0][:, 0].tolist() for t in range(1, steps + 1)]
