"""Feed-forward networks: loss, and gradient by backpropagation.

Every method takes a stack of R parameter vectors, shape (R, p), and treats each by the operations it would see alone.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from ..problems import generator
from .checks import class_numbers, same_length, table, targets
from .parts import error_of_outputs, labels_of_outputs, loss_of_outputs, split_parts
from .rows import Rows, Sparse, times, transposed_times

ACTIVATIONS = ("tanh", "relu", "identity")


@dataclass(frozen=True)
class Network:
    """Layers of `widths` units, from input to output: z = h W + b, and h = activation(z) for all layers but the last.

    output: "softmax" (cross-entropy of class numbers, in nats), "logistic" (cross-entropy of 0 and 1 from one
    output) or "squares" (half the squared error, summed over outputs); each a mean over examples. l2: adds l2/2
    times the sum of W².
    """

    widths: tuple[int, ...]
    activation: str = "tanh"
    output: str = "softmax"
    l2: float = 0.0

    @functools.cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The parts of θ in order: W and b of the only layer, or W1, b1, W2, b2, ..."""
        parts = {}
        for k, (inputs, outputs) in enumerate(zip(self.widths, self.widths[1:], strict=False), start=1):
            number = k if len(self.widths) > 2 else ""
            parts[f"W{number}"], parts[f"b{number}"] = (inputs, outputs), (outputs,)
        return parts

    @functools.cached_property
    def size(self) -> int:
        """How many numbers θ has."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def rows(self, X, y) -> Rows:
        """Examples as the network reads them; TypeError or ValueError where they do not fit it."""
        x = self.read(X)
        if self.output == "squares":
            y = targets(y)
        else:
            y = class_numbers(y, self.widths[-1] if self.output == "softmax" else 2)
            y = y if self.output == "softmax" else y.astype(float)
        same_length(x.shape[0], len(y))
        return Rows(x, y)

    def read(self, X):
        """X as the network reads it, one row an example."""
        X = table("X", X)
        if X.shape[1] != self.widths[0]:
            raise ValueError(f"X must have {self.widths[0]} columns, got {X.shape[1]}")
        return Sparse.of(X)

    def init(self, seed: int, gain: float) -> np.ndarray:
        """Random weights with standard deviation gain/√(inputs), √2 larger for relu; biases 0."""
        rng = generator(seed, 0)
        scale = gain * (math.sqrt(2.0) if self.activation == "relu" else 1.0)
        parts = [
            rng.standard_normal(shape) * scale / math.sqrt(shape[0]) if len(shape) == 2 else np.zeros(shape)
            for shape in self.shapes.values()
        ]
        return np.concatenate([part.ravel() for part in parts])

    def outputs(self, theta, x):
        """What the last layer gives, before softmax or logistic function: shape (R, n, outputs)."""
        return self._forward(self._parts(theta), x)[1]

    def labels(self, theta, x):
        """What the outputs say: class numbers, shape (R, n), or the outputs themselves."""
        return labels_of_outputs(self.output, self.outputs(theta, x))

    def loss(self, theta, x, y):
        """The mean loss of each of R parameter vectors: shape (R,)."""
        return loss_of_outputs(self.output, self.outputs(theta, x), y) + self._penalty(theta)

    def gradient(self, theta, x, y):
        """The gradient of `loss`: shape (R, p)."""
        out = np.empty_like(theta)
        weights, gradients = self._parts(theta), self._parts(out)
        hidden, z = self._forward(weights, x)
        d = error_of_outputs(self.output, z, y)
        for k in reversed(range(len(hidden))):
            W, gW, gb = weights[2 * k], gradients[2 * k], gradients[2 * k + 1]
            transposed_times(hidden[k], d, out=gW)
            if self.l2:
                gW[...] = gW + self.l2 * W
            gb[...] = d.sum(axis=-2)
            if k:
                d = times(d, np.swapaxes(W, -1, -2))
                d *= self._slope(hidden[k])
        return out

    def hessian(self, x):
        """The second derivatives of the loss, shape (p, p), where they are the same for all θ; TypeError otherwise."""
        if self.output != "squares" or len(self.widths) != 2 or self.widths[1] != 1:
            raise TypeError("problem must be a quadratic, got a network whose curvature depends on theta")
        X = x.dense() if isinstance(x, Sparse) else x
        A = np.hstack([X, np.ones((len(X), 1))])
        return A.T @ A / len(X) + self.l2 * np.diag([*np.ones(X.shape[1]), 0.0])

    def cost(self, x) -> int:
        """How many numbers the forward pass of one parameter vector writes in its largest layer."""
        return x.columns.size * self.widths[1] if isinstance(x, Sparse) else len(x) * max(self.widths[1:])

    def _parts(self, theta):
        return list(split_parts(self.shapes, theta).values())

    def _forward(self, parts, x):
        """The values of all layers but the last, x among them, and the outputs."""
        hidden = [x]
        for k in range(0, len(parts), 2):
            z = times(hidden[-1], parts[k])
            z += parts[k + 1][:, None, :]
            if k < len(parts) - 2:
                hidden.append(self._activate(z))
        return hidden, z

    def _activate(self, z):
        return np.tanh(z) if self.activation == "tanh" else np.maximum(z, 0) if self.activation == "relu" else z

    def _slope(self, h):
        """The derivative of the activation, from its value."""
        if self.activation == "tanh":
            return 1 - h * h
        return (h > 0).astype(h.dtype) if self.activation == "relu" else np.ones_like(h)

    def _penalty(self, theta):
        if not self.l2:
            return 0.0
        weights = [part for part in self._parts(theta) if part.ndim == 3]
        return 0.5 * self.l2 * sum(np.square(W.reshape(len(W), -1)).sum(axis=-1) for W in weights)
