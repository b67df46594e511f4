"""Data a row an example, in the precision and on the device where θ is; matrices with few non-zeros kept as lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

FEW = 0.1  # share of non-zeros below which only these are kept
LEAST = 32  # rows that are worth a product of their own


@dataclass(frozen=True, eq=False)
class Rows:
    """x and y with as many rows, and their copies like θ."""

    x: Any
    y: np.ndarray
    _copies: dict = field(default_factory=dict, repr=False)

    def __len__(self):
        return len(self.y)

    def like(self, theta):
        """(x, y): integers as they are, other numbers in θ's precision, both on θ's device."""
        key = type(theta), theta.dtype
        if key not in self._copies:
            self._copies[key] = tuple(
                part.like(theta) if isinstance(part, Sparse) else on(part, theta) for part in self
            )
        return self._copies[key]

    def take(self, theta, index):
        """(x, y) of the given rows."""
        x, y = self.like(theta)
        return x[index], y[index]

    def __iter__(self):
        return iter((self.x, self.y))

    def __reduce__(self):  # the copies can be made again
        return Rows, (self.x, self.y)


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix (n, inputs) with few non-zeros: each row's columns and values, filled up with zeros in column 0."""

    columns: np.ndarray
    values: np.ndarray
    inputs: int

    @staticmethod
    def of(X):
        """X itself, or its non-zeros alone when they are few."""
        sparse = hasattr(X, "tocsr")
        if (X.count_nonzero() if sparse else np.count_nonzero(X)) >= FEW * X.shape[0] * X.shape[1]:
            return (X.toarray() if sparse else X).astype(float, order="C")
        values, row, column = _non_zeros(X)
        count = np.bincount(row, minlength=X.shape[0])
        place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        columns = np.zeros((X.shape[0], max(count.max(), 1)), dtype=int)
        filled = np.zeros(columns.shape)
        columns[row, place], filled[row, place] = column, values
        return Sparse(columns, filled, X.shape[1])

    @property
    def shape(self):
        return len(self.columns), self.inputs

    def __getitem__(self, rows):
        return Sparse(self.columns[rows], self.values[rows], self.inputs)

    def like(self, theta):
        return Sparse(on(self.columns, theta), on(self.values, theta), self.inputs)

    def dense(self):
        """The whole matrix, shape (n, inputs)."""
        X = np.zeros(self.shape)
        np.add.at(X, (np.arange(len(X))[:, None], self.columns), self.values)
        return X


def _non_zeros(X):
    """The numbers of a matrix that are not 0, their rows and their columns, row by row."""
    if not hasattr(X, "tocsr"):
        row, column = np.nonzero(X)
        return X[row, column], row, column
    X = X.tocsr(copy=True)
    X.sum_duplicates()
    X.eliminate_zeros()
    return X.data, np.repeat(np.arange(X.shape[0]), np.diff(X.indptr)), X.indices


def on(array, theta):
    """Integers as they are, other numbers in θ's precision, both on θ's device."""
    return np.asarray(array, dtype=array.dtype if array.dtype.kind in "iu" else theta.dtype, like=theta)


def times(h, W):
    """h W for each of R matrices W, (R, inputs, outputs): shape (R, n, outputs). h: (n, inputs), or one for each."""
    if isinstance(h, Sparse):
        picked = np.take(np.swapaxes(W, -1, -2), h.columns, axis=-1)  # (R, outputs, n, non-zeros)
        return np.swapaxes((picked * h.values).sum(axis=-1), -1, -2)
    # Row by row in memory, so that sums over it run in one order, for one θ as for many.
    out = np.empty_like(W, order="C", shape=(len(W), h.shape[-2], W.shape[-1]))
    for rows in _blocks(h.shape[-2], *W.shape[-2:]):
        np.matmul(h[..., rows, :], W, out=out[:, rows])
    return out


def transposed_times(h, d, out):
    """hᵀ d for each of R matrices d, (R, n, outputs), written into `out`, (R, inputs, outputs)."""
    R, _, outputs = d.shape
    if isinstance(h, Sparse):
        r, k = np.arange(R, like=d)[:, None, None, None], np.arange(outputs, like=d)
        place = (r * h.inputs + h.columns[None, :, :, None]) * outputs + k
        weight = h.values[..., None] * d[:, :, None, :]
        total = np.bincount(place.ravel(), weights=weight.ravel(), minlength=R * h.inputs * outputs)
        out[...] = total.reshape(R, h.inputs, outputs)
        return
    h = np.swapaxes(h, -1, -2)
    first, *others = _blocks(h.shape[-1], h.shape[-2], outputs)
    np.matmul(h[..., first], d[:, first], out=out)
    for rows in others:
        out[...] = out + h[..., rows] @ d[:, rows]


def _blocks(n, inputs, outputs):
    """Slices of n rows, so short that BLAS starts no threads: the bits do not depend on the number of cores, and small
    products do not wait for cores that others use. Wide layers would be cut into slivers: their products stay whole."""
    size = (2**13 if 1 in (inputs, outputs) else 2**18) // (inputs * outputs)
    if size < LEAST:
        return [slice(0, n)]
    return [slice(i, min(i + size, n)) for i in range(0, n, size)]
