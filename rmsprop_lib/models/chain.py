"""The simplest deep network: one number per layer."""

from __future__ import annotations

import functools

import numpy as np

from ..optimizer import check_number
from ..problems import Problem
from ..problems.problem import gather, positive, whole


def chain(depth: int = 10, weight: float = 0.5, target: float = 1.0) -> Problem:
    r"""A chain of scalar layers, :math:`f = \tfrac12 (w_1 w_2 \cdots w_L - y)^2`, minimum 0 where the product is y.

    depth: L ≥ 1 layers. weight: where every w starts. target: y > 0. With weight 0.5 and target 1 all first
    gradients are close to :math:`-0.5^{L-1}`: at L = 30 they are 2e-9, equally tiny, and the side of the root on
    which ε stands decides. The `minimum` is the one with equal weights.
    """
    depth, target = whole("depth", depth, 1), positive("target", target)
    check_number("weight", weight)
    return Problem(
        "chain",
        functools.partial(_chain, target),
        functools.partial(_chain_gradient, target),
        np.full(depth, float(weight)),
        np.full(depth, target ** (1 / depth)),
        title=f"chain of {depth} weights",
    )


def _chain(target, theta):
    return 0.5 * np.square(_products(theta)[-1] - target)  # a number's ** 2 has another last bit than an array's


def _chain_gradient(target, theta):
    before = _products(theta)
    after = _products(theta[..., ::-1])
    error, last = before[-1] - target, theta.shape[-1] - 1
    return gather(theta, (error * before[i] * after[last - i] for i in range(last + 1)))


def _products(theta):
    """1, w₁, w₁w₂, ..., w₁…w_L."""
    products = [np.ones_like(theta[..., 0])]
    for i in range(theta.shape[-1]):
        products.append(products[-1] * theta[..., i])
    return products
