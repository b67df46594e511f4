"""What all models share: the named parts of θ, and losses of outputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..arrays import floating

LOSSES = ("softmax", "logistic", "squares")


def parameters(model, theta, door=floating):
    """θ through a door for arrays; ValueError unless its last axis has a number for each parameter of the model."""
    theta = door("theta", theta)
    if theta.shape[-1:] != (model.size,):
        raise ValueError(f"theta must have shape (..., {model.size}), got {theta.shape}")
    return theta


def split_parts(shapes: dict[str, tuple[int, ...]], theta) -> dict[str, Any]:
    """The parts of θ by name, θ of shape (..., p), each a view of shape (..., *part): writing into it writes into θ."""
    parts, begin = {}, 0
    for name, shape in shapes.items():
        end = begin + math.prod(shape)
        parts[name] = theta[..., begin:end].reshape(*theta.shape[:-1], *shape)
        begin = end
    return parts


def loss_of_outputs(name: str, z, y):
    """The mean over n examples of the loss of outputs z, shape (R, n, outputs): shape (R,)."""
    if name == "softmax":
        z = z - z.max(axis=-1, keepdims=True)
        each = np.log(np.exp(z).sum(axis=-1)) - z[:, np.arange(z.shape[1], like=z), y]
    elif name == "logistic":
        each = np.logaddexp(0, z[..., 0]) - y * z[..., 0]
    else:
        each = 0.5 * ((z - y) ** 2).sum(axis=-1)
    return each.mean(axis=-1)


def error_of_outputs(name: str, z, y):
    """The gradient of `loss_of_outputs` with respect to z, shape (R, n, outputs)."""
    if name == "softmax":
        d = np.exp(z - z.max(axis=-1, keepdims=True))
        d /= d.sum(axis=-1, keepdims=True)
        d[:, np.arange(z.shape[1], like=z), y] -= 1
    elif name == "logistic":
        d = (0.5 * (1 + np.tanh(0.5 * z[..., 0])) - y)[..., None]
    else:
        d = z - y
    d /= z.shape[1]
    return d


def labels_of_outputs(name: str, z):
    """What the outputs say: the largest of them, or whether the only one is positive, or themselves."""
    if name == "squares":
        return z
    return np.argmax(z, axis=-1) if name == "softmax" else (z[..., 0] > 0).astype(int)
