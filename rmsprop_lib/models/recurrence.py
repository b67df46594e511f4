"""A recurrent network with tanh units: loss, and gradient by backpropagation through time (BPTT).

As in `network`, every method takes a stack of R parameter vectors, shape (R, p), and treats each by the operations
it would see alone.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from ..problems import generator
from .checks import same_length, sequence_of_classes, table, targets
from .parts import error_of_outputs, labels_of_outputs, loss_of_outputs, split_parts
from .rows import Rows, Sparse, times, transposed_times

RECURRENT = ("orthogonal", "normal", "identity")


@dataclass(frozen=True)
class Recurrence:
    """h_t = tanh(x_t Wx + h_{t-1} Wh + b), h_0 = 0, and outputs z = h Wo + bo.

    output: "squares", half the squared error of the outputs after the last step, summed over outputs; or "softmax",
    the cross-entropy in nats of a class at every step, and then x_t is a class number, too, a row of Wx. A mean
    over examples (and steps). alphabet: the characters that the class numbers stand for, if any.
    """

    inputs: int
    hidden: int
    answers: int
    output: str = "squares"
    alphabet: str = ""

    @functools.cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The parts of θ in order."""
        H = self.hidden
        return {"Wx": (self.inputs, H), "Wh": (H, H), "b": (H,), "Wo": (H, self.answers), "bo": (self.answers,)}

    @functools.cached_property
    def size(self) -> int:
        """How many numbers θ has."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def rows(self, X, y) -> Rows:
        """Sequences as the network reads them; TypeError or ValueError where they do not fit it."""
        x = self.read(X)
        if self.output == "softmax":
            y = sequence_of_classes("y", y, self.answers)
            if x.shape != y.shape:
                raise ValueError(f"X and y must have the same shape (n, T), got {x.shape} and {y.shape}")
            return Rows(x, y)
        y = targets(y)
        same_length(len(x), len(y))
        return Rows(x, y)

    def read(self, X):
        """X as the network reads it, one sequence a row: class numbers, or numbers of shape (n, T, inputs)."""
        if self.output == "softmax":
            return sequence_of_classes("X", X, self.inputs)
        X = table("X", X, ndim=3).astype(float)
        if X.shape[2] != self.inputs:
            raise ValueError(f"X must have {self.inputs} numbers at each step, got {X.shape[2]}")
        return X

    def init(self, seed: int, gain: float, recurrent: str, scale: float) -> np.ndarray:
        """Wh is gain times a rotation, a normal matrix of spectral radius near 1, or the identity; biases are 0."""
        rng, H = generator(seed, 0), self.hidden
        Wx = scale * rng.standard_normal((self.inputs, H))
        Wh = rng.standard_normal((H, H))
        if recurrent == "orthogonal":
            Q, R = np.linalg.qr(Wh)
            Wh = Q * np.sign(np.diag(R))  # makes the rotation unique, and uniformly distributed
        else:
            Wh = np.eye(H) if recurrent == "identity" else Wh / np.sqrt(H)
        Wo = rng.standard_normal((H, self.answers)) / np.sqrt(H)
        parts = (Wx, gain * Wh, np.zeros(H), Wo, np.zeros(self.answers))
        return np.concatenate([part.ravel() for part in parts])

    def outputs(self, theta, x):
        """What is said after the last step, shape (R, n, outputs), or at every step, shape (R, n · T, outputs)."""
        return self._read(split_parts(self.shapes, theta), self._forward(theta, x))

    def labels(self, theta, x):
        """What the outputs say: class numbers, shape (R, n, T), or the outputs themselves."""
        said = labels_of_outputs(self.output, self.outputs(theta, x))
        return np.swapaxes(said.reshape(len(theta), *x.T.shape), 1, 2) if self.output == "softmax" else said

    def loss(self, theta, x, y):
        """The mean loss of each of R parameter vectors: shape (R,)."""
        return loss_of_outputs(self.output, self.outputs(theta, x), self._flat(y))

    def gradient(self, theta, x, y):
        """The gradient of `loss`: shape (R, p)."""
        parts, h = split_parts(self.shapes, theta), self._forward(theta, x)
        d_out = error_of_outputs(self.output, self._read(parts, h), self._flat(y))
        d = self._backward(parts, h, d_out)[0]
        R = len(theta)
        before, d = h[:, :-1].reshape(R, -1, self.hidden), d.reshape(R, -1, self.hidden)
        out = np.empty_like(theta)
        gradient = split_parts(self.shapes, out)
        transposed_times(self._inputs(x, theta), d, out=gradient["Wx"])
        transposed_times(before, d, out=gradient["Wh"])
        gradient["b"][...] = d.sum(axis=-2)
        transposed_times(self._said(h), d_out, out=gradient["Wo"])
        gradient["bo"][...] = d_out.sum(axis=-2)
        return out

    def lag_norms(self, theta, x, y):
        """The length of the gradient of the last step's loss with respect to h_{T-k}, k = 0 ... T-1: shape (R, T)."""
        parts, h = split_parts(self.shapes, theta), self._forward(theta, x)
        d_out = error_of_outputs(self.output, self._read(parts, h), self._flat(y))
        if self.output == "softmax":
            d_out[:, : -h.shape[2]] = 0  # the losses of all steps but the last
        arriving = self._backward(parts, h, d_out)[1][:, ::-1]
        return np.sqrt(np.square(arriving.reshape(*arriving.shape[:2], -1)).sum(axis=-1))

    def cost(self, x) -> int:
        """How many hidden states the forward pass of one parameter vector writes, in numbers."""
        return x.shape[0] * x.shape[1] * self.hidden

    def _forward(self, theta, x):
        """The hidden states h_0 ... h_T of every example, shape (R, T + 1, n, hidden)."""
        parts = split_parts(self.shapes, theta)
        n, T = x.shape[:2]
        driven = times(self._inputs(x, theta), parts["Wx"]) + parts["b"][:, None, :]
        driven = driven.reshape(len(theta), T, n, self.hidden)
        h = np.zeros_like(theta, shape=(len(theta), T + 1, n, self.hidden))
        for t in range(T):
            h[:, t + 1] = np.tanh(driven[:, t] + times(h[:, t], parts["Wh"]))
        return h

    def _backward(self, parts, h, d_out):
        """BPTT: the loss gradient for what enters tanh, and for h_1 ... h_T, both of shape (R, T, n, hidden)."""
        R, T, n = h.shape[0], h.shape[1] - 1, h.shape[2]
        from_outputs = times(d_out, np.swapaxes(parts["Wo"], -1, -2)).reshape(R, -1, n, self.hidden)
        entering, arriving = np.empty_like(h[:, 1:]), np.empty_like(h[:, 1:])
        later = np.zeros_like(h[:, 0])
        for t in reversed(range(T)):
            at_step = from_outputs[:, t] if self.output == "softmax" else from_outputs[:, 0] if t == T - 1 else 0
            arriving[:, t] = later + at_step
            entering[:, t] = arriving[:, t] * (1 - h[:, t + 1] ** 2)
            later = times(entering[:, t], np.swapaxes(parts["Wh"], -1, -2))
        return entering, arriving

    def _inputs(self, x, theta):
        """All inputs as one matrix (T · n, inputs), step by step; class numbers as rows with a single 1."""
        if self.output == "softmax":
            columns = np.swapaxes(x, 0, 1).reshape(-1, 1)
            return Sparse(columns, np.ones_like(theta, shape=columns.shape), self.inputs)
        return np.swapaxes(x, 0, 1).reshape(-1, self.inputs)

    def _said(self, h):
        """The hidden states that are read out: the last, or all as (R, T · n, hidden)."""
        return h[:, 1:].reshape(len(h), -1, self.hidden) if self.output == "softmax" else h[:, -1]

    def _read(self, parts, h):
        return times(self._said(h), parts["Wo"]) + parts["bo"][:, None, :]

    def _flat(self, y):
        return np.swapaxes(y, 0, 1).reshape(-1) if self.output == "softmax" else y
