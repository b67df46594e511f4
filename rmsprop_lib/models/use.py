"""What a trained model is asked: its parts, its answers, its loss on other data."""

from __future__ import annotations

import numpy as np

from ..problems import Problem
from .batches import for_each
from .checks import same_length
from .parts import labels_of_outputs, split_parts


def views(problem: Problem, theta) -> dict[str, np.ndarray]:
    """The parts of θ by name, such as W of shape (..., d, classes) and b of shape (..., classes).

    theta: shape (..., p), for example a whole `Trajectory.theta`, or a gradient. The parts are views: who writes
    into them writes into theta. Raises TypeError when the problem is not a model of this module.
    """
    return split_parts(model_of(problem).shapes, _parameters(problem, theta))


def predict(problem: Problem, theta, X) -> np.ndarray:
    """What the model says of the rows of X: class numbers, shape (..., n), or for squares outputs, (..., n, outputs).

    theta: shape (..., p). Characters of a `char_rnn` are class numbers, too, of shape (..., n · T).
    """
    model = model_of(problem)
    rows = model.rows(X, np.zeros(len(X), dtype=int))
    theta = _parameters(problem, theta)
    x, _ = rows.like(theta)
    z = for_each(lambda part, x, _: model.outputs(part, x), model, theta, x, None)
    labels = labels_of_outputs(model.output, z)
    return labels.reshape(*theta.shape[:-1], *labels.shape[1:])


def accuracy(problem: Problem, theta, X, y):
    """The share of the rows of X whose class the model names right, in [0, 1]: shape (...) for θ of shape (..., p)."""
    if model_of(problem).output == "squares":
        raise TypeError(f"problem must have classes, got {problem.name} with squared loss")
    same_length(X, y)
    return (predict(problem, theta, X) == np.asarray(y, like=theta).ravel()).mean(axis=-1)


def loss(problem: Problem, theta, X, y):
    """The mean loss of the model on other data, such as a test set: shape (...) for θ of shape (..., p)."""
    model = model_of(problem)
    rows = model.rows(X, y)
    theta = _parameters(problem, theta)
    return for_each(model.loss, model, theta, *rows.like(theta)).reshape(theta.shape[:-1])[()]


def model_of(problem: Problem):
    """The model behind a problem of this module; TypeError for another problem."""
    model = getattr(problem.objective, "model", None)
    if model is None:
        raise TypeError(f"problem must be a model of rmsprop_lib.models, got {problem.name}")
    return model


def _parameters(problem: Problem, theta):
    """θ as an array; ValueError unless its last axis has one number for each parameter of the problem."""
    theta = theta if hasattr(theta, "shape") else np.asarray(theta)
    if theta.shape[-1:] != problem.start.shape:
        raise ValueError(f"theta must have shape (..., {problem.start.size}), got {theta.shape}")
    return theta
