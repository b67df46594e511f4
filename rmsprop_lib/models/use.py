"""What a trained model is asked: its parts, its answers, its loss on other data."""

from __future__ import annotations

import numpy as np

from ..arrays import plain
from ..problems import Problem
from .batches import for_each
from .checks import class_numbers, same_length
from .parts import parameters, split_parts
from .rows import Rows


def views(problem: Problem, theta) -> dict[str, np.ndarray]:
    """The parts of θ by name, such as W of shape (..., d, classes) and b of shape (..., classes).

    theta: shape (..., p), for example a whole `Trajectory.theta`, or a gradient. The parts are views: who writes
    into them writes into theta. Raises TypeError when the problem is not a model of this module.
    """
    model = model_of(problem)
    return split_parts(model.shapes, parameters(model, theta, plain))


def predict(problem: Problem, theta, X) -> np.ndarray:
    """What the model says of the rows of X: class numbers, shape (..., n), or for squares outputs, (..., n, outputs).

    theta: shape (..., p). For a `char_rnn` X holds class numbers, shape (n, T), and the answer those of the characters
    that come next, shape (..., n, T).
    """
    model = model_of(problem)
    theta = parameters(model, theta)
    x, _ = Rows(model.read(X), np.zeros(0)).like(theta)
    labels = for_each(lambda part, x, _: model.labels(part, x), model, theta, x, None)
    return labels.reshape(*theta.shape[:-1], *labels.shape[1:])


def accuracy(problem: Problem, theta, X, y):
    """The share of the rows of X whose class the model names right, in [0, 1]: shape (...) for θ of shape (..., p)."""
    if model_of(problem).output == "squares":
        raise TypeError(f"problem must have classes, got {problem.name} with squared loss")
    said, y = predict(problem, theta, X), class_numbers(np.ravel(y))
    said = said.reshape(*np.shape(theta)[:-1], -1)
    same_length(said.shape[-1], len(y))
    return (said == np.asarray(y, like=said)).mean(axis=-1)


def loss(problem: Problem, theta, X, y):
    """The mean loss of the model on other data, such as a test set: shape (...) for θ of shape (..., p)."""
    model = model_of(problem)
    rows = model.rows(X, y)
    theta = parameters(model, theta)
    return for_each(model.loss, model, theta, *rows.like(theta)).reshape(theta.shape[:-1])[()]


def model_of(problem: Problem):
    """The model behind a problem of this module; TypeError for another problem."""
    model = getattr(problem.objective, "model", None)
    if model is None:
        raise TypeError(f"problem must be a model of rmsprop_lib.models, got {problem.name}")
    return model
