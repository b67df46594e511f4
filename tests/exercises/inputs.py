"""Inputs that an exercise may be asked, drawn over all that its question allows, and much of it special."""

import numpy as np

SHAPES = ((1,), (2,), (3,), (7,), (40,), (3, 4), (4, 3), (1, 5), (5, 1), (2, 2), (2, 1, 3), (2, 3, 2))


def draw(exercise, rng) -> tuple:
    """Arguments in the order of the signature."""
    special = {
        "largest-stable-lr": lambda: (matrix(rng, int(rng.integers(1, 9))),),
        "rotate-quadratic": lambda: (matrix(rng, 2), float(angle(rng))),
        "ema": lambda: (stream(rng), float(decay(rng))),
        "half-life": lambda: (float(rng.choice([rng.uniform(0.01, 0.99), 1 - 10 ** rng.uniform(-5, -1)])),),
        "spike-recovery": lambda: (float(rng.uniform(0.05, 0.9999)), float(1 + 10 ** rng.uniform(-2, 5))),
    }
    return special.get(exercise.id, lambda: step(exercise, rng))()


def step(exercise, rng) -> tuple:
    shape = SHAPES[rng.integers(len(SHAPES))]
    scale = 10.0 ** rng.uniform(-9, 6) * (10.0 ** rng.uniform(-3, 3, shape) if rng.random() < 0.3 else 1.0)
    eps = float(rng.choice([0.0, 1e-8, 10 ** rng.uniform(-12, 0), np.max(scale) ** 2, np.max(scale)]))
    given = {
        "grad": values(rng, shape, scale, zeros=eps > 0),
        "lr": float(rng.choice([0.0, 0.1, 10 ** rng.uniform(-3, 1)], p=[0.1, 0.3, 0.6])),
        "eps": eps,
        "t": int(rng.choice([1, 2, 3, rng.integers(1, 100), rng.integers(1, 50_000)])),
        **{name: float(decay(rng)) for name in ("beta", "beta1", "beta2", "mu")},
    }
    for name in ("v", "s"):
        given[name] = values(rng, shape, scale, zeros=True) ** 2
    divided = exercise.id in ("torch-step",)
    given["m"] = values(rng, shape, 1.0 if divided else scale, zeros=True)
    free = "eps" not in exercise.parameters  # the step has the unit of the gradient
    given["theta"] = values(rng, shape, (given["lr"] or 1.0) * (scale if free else 1.0), zeros=True)
    return tuple(given[name] for name in exercise.parameters)


def values(rng, shape, scale, zeros):
    """Numbers of this size: any, equal, of one sign, whole, or 0 in some places or all."""
    x = rng.uniform(0.3, 3.0, shape) * rng.choice([-1.0, 1.0], shape)
    kind = rng.integers(8)
    if kind == 0:
        x = np.full(shape, rng.choice([-1.0, 1.0, 2.5]))
    elif kind == 1:
        x = np.abs(x) * rng.choice([-1.0, 1.0])
    elif kind == 2:
        x = np.sign(x) * np.ceil(np.abs(x))
    elif kind == 3 and zeros:
        x = x * (rng.random(shape) < 0.5)
    elif kind == 4 and zeros:
        x = np.zeros(shape)
    return x * scale


def decay(rng):
    return rng.choice([0.0, 0.5, 0.9, 0.99, 0.999, rng.uniform(0, 1), 1 - 10 ** rng.uniform(-4, -1)])


def angle(rng):
    return rng.choice([0.0, np.pi / 2, np.pi, -np.pi / 2, np.pi / 4, rng.uniform(-1.5, 1.5), rng.uniform(-10, 10)])


def stream(rng):
    x = values(rng, (int(rng.integers(1, 80)),), 10.0 ** rng.uniform(-9, 6), zeros=True)
    if rng.random() < 0.2:
        x[: len(x) // 2] = 0
    return x


def matrix(rng, size):
    """Symmetric positive definite: round, diagonal in any order, in blocks, turned, or with a steepest direction that
    is at right angles to (1, …, 1), to the first axis, or to the last."""
    values = 10.0 ** rng.uniform(-6, 6) * 10.0 ** rng.uniform(0, rng.uniform(0, 4), size)
    kind = rng.integers(7)
    if kind == 0:
        values = np.full(size, values[0])
    elif kind == 1 and size > 1:
        values[rng.integers(size)] = values.max() * 1.5
        values[: size // 2] = values[-1]  # some equal
    basis = np.linalg.qr(rng.standard_normal((size, size)))[0]
    if kind == 2:
        basis = np.eye(size)[rng.permutation(size)]
    elif kind in (3, 4) and size > 1:
        away = np.ones(size) if kind == 3 else np.eye(size)[rng.choice([0, size - 1])]
        basis = np.linalg.qr(np.column_stack([away, rng.standard_normal((size, size - 1))]))[0]
        values = np.sort(values)
        values[-1] *= 1.5
    H = basis * values @ basis.T
    return (H + H.T) / 2
