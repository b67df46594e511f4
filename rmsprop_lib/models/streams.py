"""Online learning: the rows come one after another, each is seen once before it is learned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..problems import Problem, generator
from ..problems.problem import whole
from .batches import Gradient, Loss, for_each
from .network import Network
from .parts import parameters
from .rows import Rows
from .use import model_of

DRAW, RELABEL = 9, 10  # streams of random numbers


def stream(
    problem: Problem, *, order: str = "given", relabel_every: int | None = None, seed: int | None = None
) -> Problem:
    """The same model, learned online: step t sees row t alone, f(θ, t) is the loss on row t + 1, before it is learned.

    So `run(...).loss[:-1]` are the losses of predictions (prequential losses), and their mean is what an online
    learner pays.
    problem: a regression or `mlp` of this module, whose `batch` no longer matters. order: "given", as in time, from
    the start again after the last row; or "random", each step a row drawn by (t, seed). relabel_every: classes get
    new numbers, a random permutation, every so many steps (from the first change on): an abrupt change of the task.
    seed: default the problem's.
    """
    model = model_of(problem)
    if not isinstance(model, Network) or not isinstance(problem.objective, Loss):
        raise TypeError(f"problem must be a regression or mlp of all rows, got {problem.name}")
    if order not in ("given", "random"):
        raise ValueError(f'order must be "given" or "random", got {order!r}')
    if relabel_every is not None:
        relabel_every = whole("relabel_every", relabel_every, 1)
        if model.output != "softmax":
            raise ValueError(f"relabel_every must be None where there are no class numbers, got {problem.name}")
    rows = _Next(problem.objective.rows, order == "random", relabel_every, model.widths[-1])
    return replace(
        problem,
        name=f"stream {problem.name}",
        title=f"{problem.title}, row by row",
        objective=_NextLoss(model, rows),
        gradient=Gradient(model, rows),
        minimum=None,
        minima=None,
        seed=problem.seed if seed is None else seed,
    )


@dataclass(frozen=True, eq=False)
class _Next:
    """The row of step t."""

    rows: Rows
    random: bool
    relabel_every: int | None
    classes: int

    def __call__(self, theta, t, seed):
        n = len(self.rows)
        row = int(generator(seed, t, DRAW).integers(n)) if self.random else (t - 1) % n
        x, y = self.rows.take(theta, slice(row, row + 1))
        change = (t - 1) // self.relabel_every if self.relabel_every else 0
        if change:
            y = np.asarray(generator(seed, change, RELABEL).permutation(self.classes), like=y)[y]
        return x, y


@dataclass(frozen=True, eq=False)
class _NextLoss:
    """The loss on the row that comes after step t."""

    model: Any
    rows: _Next

    def __call__(self, theta, t, seed):
        theta = parameters(self.model, theta)
        x, y = self.rows(theta, t + 1, seed)
        return for_each(self.model.loss, self.model, theta, x, y).reshape(theta.shape[:-1])[()]
