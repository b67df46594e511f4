"""What a data set must be: refused where it enters, with what, wanted, got."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ..arrays import host
from ..problems.problem import whole


def table(name: str, X, ndim: int = 2):
    """X as a finite array of numbers with `ndim` axes and at least one row; a sparse matrix stays one."""
    sparse = ndim == 2 and hasattr(X, "tocsr")
    numbers(name, X.tocsr().data if sparse else X)
    X = X if sparse else host(name, X)
    if X.ndim != ndim or not math.prod(X.shape):
        wanted = "(n, d), one row an example" if ndim == 2 else "(n, T, inputs), one sequence a row"
        raise ValueError(f"{name} must have shape {wanted}, got {X.shape}")
    return X


def numbers(name: str, y):
    """y as an array of finite real numbers."""
    y = host(name, y)
    if y.dtype.kind not in "fiub":
        raise TypeError(f"{name} must be an array of real numbers, got {y.dtype}")
    if not np.isfinite(y).all():
        raise ValueError(f"{name} must be finite, got {np.count_nonzero(~np.isfinite(y))} NaN or infinite numbers")
    return y


def targets(y):
    """y as floats of shape (n, outputs), from (n,) or (n, outputs)."""
    y = numbers("y", y).astype(float)
    if y.ndim not in (1, 2):
        raise ValueError(f"y must have shape (n,) or (n, outputs), got {y.shape}")
    return y[:, None] if y.ndim == 1 else y


def class_numbers(y, classes: int | None = None):
    """y as integers 0, 1, ... of shape (n,)."""
    y = _whole_numbers("y", y, "iub")
    if y.ndim != 1 or not y.size:
        raise ValueError(f"y must have shape (n,), got {y.shape}")
    most = "" if classes is None else f" {whole('classes', classes, 2) - 1}"
    if y.min() < 0 or (classes is not None and y.max() >= classes):
        raise ValueError(f"y must be in 0 ...{most}, got {y.min()} ... {y.max()}")
    return y.astype(int)


def sequence_of_classes(name: str, X, classes: int):
    """X as class numbers 0 ... classes - 1 of shape (n, T)."""
    X = _whole_numbers(name, X, "iu")
    if X.ndim != 2 or not X.size:
        raise ValueError(f"{name} must have shape (n, T), one sequence a row, got {X.shape}")
    if X.min() < 0 or X.max() >= classes:
        raise ValueError(f"{name} must be in 0 ... {classes - 1}, got {X.min()} ... {X.max()}")
    return X.astype(int)


def same_length(of_x: int, of_y: int):
    """ValueError unless X and y have as many rows."""
    if of_x != of_y:
        raise ValueError(f"X and y must have the same number of rows, got {of_x} and {of_y}")


def batch_size(batch, n: int) -> int:
    """`batch` as an int in 1 ... n."""
    if whole("batch", batch, 1) > n:
        raise ValueError(f"batch must be in 1 ... {n}, the number of rows, got {batch}")
    return int(batch)


def _whole_numbers(name, y, kinds):
    try:
        y = host(name, y)
    except TypeError:
        if not isinstance(y, Iterable) or not any(isinstance(label, str) for label in y):
            raise
        raise TypeError(
            f"{name} must hold class numbers (integers), got words; number them first: "
            f"words, {name} = np.unique({name}, return_inverse=True)"
        ) from None
    if y.dtype.kind not in kinds:
        advice = "; convert them first with astype(int)" if y.dtype.kind in "fb" else ""
        raise TypeError(f"{name} must hold class numbers (integers), got {y.dtype}{advice}")
    return y
