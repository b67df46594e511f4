"""Schedules: functions of the step number t = 1, 2, ... that multiply the learning rate."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass

from .optimizer import check_number

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class constant:
    r"""The factor 1 at every step, :math:`f(t) = 1`: what `run` does without a schedule."""

    def __call__(self, t: int) -> float:
        return 1.0


@dataclass(frozen=True)
class inverse_time:
    r"""The factor :math:`f(t) = 1/(1 + t/\tau)`; halved at t = τ steps. Raises ValueError unless tau > 0.

    With :math:`\sum f = \infty` and :math:`\sum f^2 < \infty` it meets the conditions of Robbins and Monro (1951).
    """

    tau: float

    def __post_init__(self):
        _positive("tau", self.tau)

    def __call__(self, t: int) -> float:
        return 1.0 / (1.0 + t / self.tau)


@dataclass(frozen=True)
class inverse_sqrt:
    r"""The factor :math:`f(t) = 1/\sqrt{t}`, the decay of online convex optimization (Zinkevich, 2003)."""

    def __call__(self, t: int) -> float:
        return 1.0 / math.sqrt(t)


@dataclass(frozen=True)
class step_decay:
    r"""The factor :math:`f(t) = q^{\lfloor (t-1)/n \rfloor}`: multiplied by q = `factor` every n = `every` steps."""

    every: int
    factor: float = 0.1

    def __post_init__(self):
        _positive("every", self.every)
        _positive("factor", self.factor)

    def __call__(self, t: int) -> float:
        return self.factor ** ((t - 1) // self.every)


@dataclass(frozen=True)
class warmup:
    r"""The factor :math:`f(t) = \min(1, t/n)`: a straight rise over n = `steps` steps, then 1."""

    steps: int

    def __post_init__(self):
        _positive("steps", self.steps)

    def __call__(self, t: int) -> float:
        return min(1.0, t / self.steps)


@dataclass(frozen=True)
class cosine:
    r"""The factor :math:`f(t) = \tfrac12 (1 + \cos(\pi (t-1)/n))` for n = `steps`, then 0.

    Source: Loshchilov and Hutter (2017), SGDR, ICLR, equation 5.
    """

    steps: int

    def __post_init__(self):
        _positive("steps", self.steps)

    def __call__(self, t: int) -> float:
        return 0.5 * (1.0 + math.cos(math.pi * min(t - 1, self.steps) / self.steps))


@dataclass(frozen=True)
class linear:
    r"""The factor :math:`f(t) = \max(0, 1 - (t-1)/n)`: a straight fall from 1 to 0 over n = `steps` steps."""

    steps: int

    def __post_init__(self):
        _positive("steps", self.steps)

    def __call__(self, t: int) -> float:
        return max(0.0, 1.0 - (t - 1) / self.steps)


@dataclass(frozen=True)
class scaled:
    """A hyper-parameter times a schedule, itself a function of t: how `run` applies `schedule` to the learning rate."""

    value: float | Schedule
    schedule: Schedule

    def __call__(self, t: int) -> float:
        factor = self.schedule(t)
        if not isinstance(factor, numbers.Real) and getattr(factor, "shape", None) != ():
            raise TypeError(f"the schedule must return a number, got {factor!r} at t = {t}")
        return (self.value(t) if callable(self.value) else self.value) * factor


def _positive(name: str, value: float) -> None:
    check_number(name, value)
    if value <= 0:
        raise ValueError(f"{name} must be > 0, got {value!r}")
