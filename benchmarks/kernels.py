"""Loops written by hand for Numba, one for each rule, and the bare traffic of memory that a step cannot do without."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(error_model="numpy")
def rmsprop(theta, grad, v, lr, beta, rest, eps):
    for i in range(theta.size):
        v[i] = beta * v[i] + rest * (grad[i] * grad[i])
        theta[i] = theta[i] - lr * grad[i] / np.sqrt(v[i] + eps)


@numba.njit(error_model="numpy")
def adam(theta, grad, m, v, lr, beta1, rest1, beta2, rest2, k1, k2, eps):
    for i in range(theta.size):
        m[i] = beta1 * m[i] + rest1 * grad[i]
        v[i] = beta2 * v[i] + rest2 * (grad[i] * grad[i])
        theta[i] = theta[i] - lr * (m[i] / k1) / (np.sqrt(v[i] / k2) + eps)


@numba.njit(error_model="numpy")
def adam_folded(theta, grad, m, v, step, beta1, rest1, beta2, rest2, scale, eps):
    for i in range(theta.size):
        m[i] = beta1 * m[i] + rest1 * grad[i]
        v[i] = beta2 * v[i] + rest2 * (grad[i] * grad[i])
        theta[i] = theta[i] - step * m[i] / (np.sqrt(v[i] * scale) + eps)


@numba.njit(error_model="numpy")
def stream5(a, b, c, s):
    """Three arrays read and two written, as in RMSProp."""
    for i in range(a.size):
        c[i] = s * c[i] + b[i]
        a[i] = a[i] + s * b[i]


@numba.njit(error_model="numpy")
def stream7(a, b, c, d, s):
    """Four arrays read and three written, as in Adam."""
    for i in range(a.size):
        c[i] = s * c[i] + b[i]
        d[i] = s * d[i] + b[i]
        a[i] = a[i] + s * b[i]
