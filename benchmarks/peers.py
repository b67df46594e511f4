"""One step of RMSProp and of Adam, by this library, by hand and by its peers: functions to call again and again.

Each maker takes θ and g as flat NumPy arrays and returns the methods by name. Numbers are the same for all:
lr = 1e-6 (θ stays where it is), β = 0.9 or β₁ = 0.9 and β₂ = 0.999, ε = 1e-8.
"""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks import kernels
from rmsprop_lib import Adam, RMSProp, conventions, fuse

LR, BETA, BETA2, EPS = 1e-6, 0.9, 0.999, 1e-8


def ours(theta, grad) -> dict:
    """`step` and `fuse` for the two rules and for PyTorch's convention."""
    optimizers = {
        "rmsprop": RMSProp(LR, BETA, EPS),
        "adam": Adam(LR, BETA, BETA2, EPS),
        "like torch": conventions.like("torch", lr=LR),
    }
    calls = {}
    for name, optimizer in optimizers.items():
        state = optimizer.step(theta, grad, optimizer.init(theta))[1]
        calls[f"{name}: step"] = lambda o=optimizer, s=state: o.step(theta, grad, s)
        for backend in ("numpy", "numba"):
            calls[f"{name}: fuse {backend}"] = _stepping(fuse(optimizer, theta, backend), theta, grad)
    loose = fuse(optimizers["adam"], theta, "numba", exact=False)
    return calls | {"adam: fuse numba, exact=False": _stepping(loose, theta, grad)}


def by_hand(theta, grad) -> dict:
    """The formulas in plain NumPy, the loops for Numba, and the traffic of memory alone."""
    number, m, v = theta.dtype.type, np.zeros_like(theta), grad**2
    m2, v2, steps, steps2 = m.copy(), v.copy(), itertools.count(1), itertools.count(1)
    lr, b1, b2, r1, r2, eps = map(number, (LR, BETA, BETA2, 1 - BETA, 1 - BETA2, EPS))
    copies = [theta.copy() for _ in range(3)]

    def adam():
        t = next(steps)
        kernels.adam(theta, grad, m2, v2, lr, b1, r1, b2, r2, number(1 - BETA**t), number(1 - BETA2**t), eps)

    def folded():
        t = next(steps2)
        step, scale = number(LR / (1 - BETA**t)), number(1 / (1 - BETA2**t))
        kernels.adam_folded(theta, grad, m2, v2, step, b1, r1, b2, r2, scale, eps)

    def naive():
        new = BETA * v + (1 - BETA) * grad**2
        return theta - LR * grad / np.sqrt(new + EPS), new

    return {
        "rmsprop: NumPy formula": naive,
        "rmsprop: Numba by hand": lambda: kernels.rmsprop(theta, grad, v, lr, b1, r1, eps),
        "adam: Numba by hand": adam,
        "adam: Numba by hand, folded": folded,
        "rmsprop: memory alone": lambda: kernels.stream5(copies[0], grad, copies[1], b1),
        "adam: memory alone": lambda: kernels.stream7(copies[0], grad, copies[1], copies[2], b1),
    }


def torch(theta, grad) -> dict:
    """PyTorch's own optimizers, and the equation compiled."""
    import torch

    torch.set_num_threads(1)

    def own(kind, **options):
        parameter = torch.nn.Parameter(torch.from_numpy(theta))
        parameter.grad = torch.from_numpy(grad)
        return kind([parameter], lr=LR, **options).step

    where, slope, v = torch.from_numpy(theta), torch.from_numpy(grad), torch.from_numpy(grad**2)

    @torch.compile(dynamic=False)
    def equation(where, slope, v):
        v.mul_(BETA).add_((1 - BETA) * slope**2)
        where.sub_(LR * slope / torch.sqrt(v + EPS))

    return {
        "rmsprop: torch, foreach=False": own(torch.optim.RMSprop, alpha=BETA, foreach=False),
        "rmsprop: torch, foreach=True": own(torch.optim.RMSprop, alpha=BETA, foreach=True),
        "rmsprop: torch.compile": lambda: equation(where, slope, v),
        "adam: torch, foreach=False": own(torch.optim.Adam, foreach=False),
        "adam: torch, fused": own(torch.optim.Adam, fused=True),
    }


def optax(theta, grad) -> dict:
    """Optax, compiled by JAX, which may use the memory of its arguments again."""
    import jax
    import optax

    jax.config.update("jax_enable_x64", True)

    def own(transformation):
        slope, held = jax.numpy.array(grad), [jax.numpy.array(theta)]
        held.append(transformation.init(held[0]))

        def step(where, state):
            updates, state = transformation.update(slope, state)
            return optax.apply_updates(where, updates), state

        compiled = jax.jit(step, donate_argnums=(0, 1))

        def call():
            held[:] = compiled(*held)
            held[0].block_until_ready()

        return call

    rmsprop = optax.rmsprop(LR, decay=BETA, eps=EPS)
    return {"rmsprop: optax, jit": own(rmsprop), "adam: optax, jit": own(optax.adam(LR))}


def numexpr(theta, grad) -> dict:
    import numexpr

    numexpr.set_num_threads(1)
    v, lr, beta, rest, eps = grad**2, *map(theta.dtype.type, (LR, BETA, 1 - BETA, EPS))

    def call():
        numexpr.evaluate("beta * v + rest * g * g", {"v": v, "g": grad, "beta": beta, "rest": rest}, out=v)
        names = {"theta": theta, "g": grad, "v": v, "lr": lr, "eps": eps}
        numexpr.evaluate("theta - lr * g / sqrt(v + eps)", names, out=theta)

    return {"rmsprop: numexpr": call}


def scikit_learn(theta, grad) -> dict:
    from sklearn.neural_network._stochastic_optimizers import AdamOptimizer

    optimizer = AdamOptimizer([theta], LR)
    return {"adam: scikit-learn": lambda: optimizer.update_params([theta], [grad])}


MAKERS = (ours, by_hand, torch, optax, numexpr, scikit_learn)


def _stepping(fast, theta, grad):
    step = fast.step
    return lambda: step(theta, grad)
