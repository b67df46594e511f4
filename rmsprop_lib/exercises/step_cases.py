"""Questions for one step of an optimizer: shapes, scales and hyper-parameters where wrong rules give themselves away.

How far an answer may be from the reference is relative to |θ| + |θ'| (see `grading.compare`). So θ starts at 0 or is as
large as a step: with θ = 1 and a step of 1e-12, any rule would pass.

A rule may also go wrong for what is special: a gradient that is 0 here and there or everywhere, or of one sign; numbers
that are not round; many coordinates. The seed decides where each of these is met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import cycle

import numpy as np

from .exercise import Case

SHAPES = ((1,), (5,), (3, 4), (2, 1, 3))
SCALES = (1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6)
MANY = (70,)


def public(*args) -> Case:
    """A case whose numbers the reader may see; lists become arrays."""
    return Case(tuple(np.array(arg) if isinstance(arg, list) else arg for arg in args), public=True)


def step_cases(
    rule: Callable,
    seed: int,
    *,
    shown: Sequence[Case],
    settings: Sequence[Mapping[str, float | Callable[[float], float]]],
    state_power: Sequence[int] = (),
    with_t: bool = False,
    step_power: int = 0,
    steps: int = 3,
) -> tuple[Case, ...]:
    """The shown cases, then hidden ones: runs of some steps, whose states follow the rule.

    settings: hyper-parameters by name in the order of the signature; the first is asked at every scale from a zero
        state. A function among them gets the scale of the gradients: an ε that matters at 1e6 is lost on 1e-9.
    state_power: for each state, its unit as a power of the gradient (m: 1, v and s: 2). step_power: the same for a
        step.
    with_t: the rule takes the step number before the hyper-parameters.
    """
    rng = np.random.default_rng(seed)
    cases = list(shown)
    kinds = cycle(rng.permutation(list(_GRADIENTS)))

    def add_run(scale, shape, setting, *, fresh, first_t=1):
        hyper = [value(np.max(scale)) if callable(value) else value for value in setting.values()]
        state = [np.zeros(shape) if fresh else _state(rng, shape, scale, power) for power in state_power]
        size = 0.0 if fresh and rng.random() < 0.5 else scale**step_power * (hyper[0] or 1.0)
        theta = rng.standard_normal(shape) * size
        if shape == MANY:
            theta = -np.abs(theta)
        for t in range(first_t, first_t + steps):
            grad = rng.uniform(0.3, 3.0, shape) * rng.choice([-1.0, 1.0], shape) * scale
            if setting.get("eps") != 0.0:  # 0/0 is nobody's mistake
                grad = _GRADIENTS[next(kinds)](grad)
            args = (theta, grad, *state, *([t] if with_t else []), *hyper)
            cases.append(Case(args))
            out = rule(*args)
            theta, *state = out if isinstance(out, tuple) else (out,)

    with np.errstate(all="ignore"):
        for i, scale in enumerate(SCALES):
            add_run(scale, SHAPES[i % 4], settings[0], fresh=True)
        for i, setting in enumerate(settings):
            mixed = 10.0 ** rng.integers(-9, 7, SHAPES[2])
            mixed.flat[i] = SCALES[-1]  # else an ε that goes with the scale is large for some seeds alone
            add_run(mixed, SHAPES[2], settings[i], fresh=i % 2 == 0)
            add_run(SCALES[(5 * i + 3) % 6], SHAPES[(i + 1) % 4], setting, fresh=i % 2 == 1)
            if with_t:
                add_run(SCALES[i % 6], SHAPES[i % 4], setting, fresh=False, first_t=(7, 20_000, 1000)[i % 3])
        for shape, lr in ((MANY, 30.0), (SHAPES[2], 0.1)):
            add_run(10.0 ** rng.uniform(-3, 3), shape, _drawn(rng, settings, lr), fresh=False)
    return tuple(cases)


def _place(grad):
    return np.arange(grad.size).reshape(grad.shape)


_GRADIENTS = {
    "any": lambda grad: grad,
    "first is 0": lambda grad: np.where(_place(grad) == 0, 0.0, grad),
    "last is 0": lambda grad: np.where(_place(grad) == grad.size - 1, 0.0, grad),
    "all are 0": np.zeros_like,
    "of any size": lambda grad: grad,
    "negative": lambda grad: -np.abs(grad),
    "positive": np.abs,
    "balanced": lambda grad: np.where(_place(grad) % 2, -1.0, 1.0) * np.abs(grad).max(),
}


def _drawn(rng, settings, lr):
    """Hyper-parameters that are not round: the learning rate about so large, decays up to 0.98, ε as it is there."""
    eps = [setting["eps"] for setting in settings if callable(setting.get("eps"))]
    drawn = {name: rng.uniform(0.03, 0.98) for name in settings[0]}
    return {**drawn, "lr": lr * rng.uniform(0.3, 3.0), **({"eps": eps[0]} if eps else {})}


def _state(rng, shape, scale, power):
    if power == 2:
        return (rng.uniform(0.3, 3.0, shape) * scale) ** 2
    return rng.standard_normal(shape) * scale**power
