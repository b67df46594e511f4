"""`sweep` a rule over a grid of hyper-parameters: in one array where that can be, on many workers where it is asked."""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .arrays import plain
from .fused.program import elementwise
from .optimizer import Optimizer
from .problems import Problem
from .problems.answers import answers_of, check_broadcasts, check_rows, first_loss, is_ours
from .problems.problem import seed_number
from .runner import (
    bar,
    check,
    empty_like,
    frozen,
    may_be_infinite,
    quiet_run,
    starting_point,
    with_schedule,
)
from .schedules import Schedule
from .trajectory import Sweep

SHARES = 2  # for each worker: when one is late or dies, the others have something to do
LONE_SHARES = 8  # where runs cannot be put together, and a share may take long
TRIP = 0.02  # seconds: what a share costs on its way to a worker and back, so that it should take longer than this


def sweep(
    optimizer: Optimizer,
    problem: Problem,
    steps: int,
    *,
    start=None,
    schedule: Schedule | None = None,
    record: str = "all",
    executor: Executor | None = None,
    progress: bool | None = None,
    **axes: Iterable,
) -> Sweep:
    """Run every combination of the given hyper-parameter values: `sweep(RMSProp(), bowl, 150, lr=[...], beta=[...])`.

    Each keyword that is a hyper-parameter of the optimizer, or `seed`, is an axis of the grid, in the order given.
    Where the problem broadcasts, the runs advance together in one array (in one for each seed and each choice) and
    equal single runs bit for bit (in float32: to rounding). Before they set out, what the problem says of many θ at
    once is compared with what it says of some of them alone; TypeError where it differs. With broadcasts=False the runs
    are done one by one. So are those of a reader's own rule, unless it is so plain that one sees that it works element
    by element: `fuse` compiles the same rules.
    executor: threads, processes, or Dask's `Client(...).get_executor()`, which share the grid. A share whose worker
    dies is computed here, and so is a grid that takes less time than its way to a worker.
    start, schedule, record, progress: as in `run`. Raises ValueError for no axis, an empty axis, an unknown name, and
    numbers that the optimizer refuses. Runs whose state overflows to infinity are counted by a RuntimeWarning.
    """
    check(optimizer, problem, steps, record)
    start = starting_point(problem, start)
    with_schedule(optimizer, schedule)
    axes = {name: _axis(name, values) for name, values in axes.items()}
    _check_axes(optimizer, axes)
    _check_executor(executor)
    together = problem.broadcasts and elementwise(optimizer)
    alone = [name for name in axes if not together or name == "seed" or name in optimizer.flags]
    began = time.perf_counter()
    if len(alone) < len(axes) and (executor is not None or not is_ours(problem)):
        check_broadcasts(problem, start, [len(values) for name, values in axes.items() if name not in alone])
    seconds = steps * (time.perf_counter() - began)  # about, for all runs together
    share = _Share(optimizer, problem, steps, start, schedule, record, tuple(alone))
    worth = max(1, math.ceil(seconds / TRIP)) if len(alone) < len(axes) else math.inf
    if executor is None or worth == 1:  # the way to a worker would take longer
        loss, theta, stuck = share(axes, progress)
    else:
        loss, theta, stuck = _shared(share, axes, executor, worth, progress)
    if count := int((stuck[0] & np.isfinite(loss[-1])).sum()):
        warnings.warn(
            f"in {count} of {math.prod(loss.shape[1:])} runs the state overflowed to infinity, and a coordinate that "
            "is divided by it does not move any more; `run` names it",
            RuntimeWarning,
            stacklevel=2,
        )
    return Sweep(optimizer, problem, axes, loss, theta)


def _shared(share, axes, executor, worth, progress):
    """The grid in shares that the workers of the executor compute, not more of them than are worth their way."""
    order = sorted(axes, key=lambda name: (name in share.alone, len(axes[name])), reverse=True)
    each = SHARES if len(share.alone) < len(axes) else LONE_SHARES
    boxes = _boxes(axes, order, min(each * _workers(executor), worth))
    futures = {executor.submit(share, _within(axes, box)): i for i, box in enumerate(boxes)}
    results: list[Any] = [None] * len(boxes)
    lost = []
    for future in bar(as_completed(futures), progress, total=len(boxes)):
        try:
            results[futures[future]] = future.result()
        except Exception as error:
            if not _worker_died(error):
                raise
            lost.append(futures[future])
    if lost:
        count, total = (sum(_size(_within(axes, boxes[i])) for i in which) for which in (lost, range(len(boxes))))
        message = f"{count} of {total} runs were lost with their workers and are computed here"
        warnings.warn(message, RuntimeWarning, stacklevel=3)
    for i in lost:
        results[i] = share(_within(axes, boxes[i]))
    return _joined(axes, zip(boxes, results, strict=True))


@dataclass(frozen=True)
class _Share:
    """What a worker has to know to compute a part of a grid; called with the axes of this part.

    alone: the axes along which no array can run. Gives loss (T+1, *part), theta (T+1, *part, d), and which runs have a
    state that overflowed, (1, *part).
    """

    optimizer: Optimizer
    problem: Problem
    steps: int
    start: Any
    schedule: Schedule | None
    record: str
    alone: tuple[str, ...]

    def __call__(self, axes: Mapping[str, np.ndarray], progress=False):
        boxes = _boxes(axes, self.alone, _size({name: axes[name] for name in self.alone}))
        one = len(boxes) == 1 and len(self.alone) < len(axes)  # the bar then counts steps
        seen = enumerate(boxes if one else bar(boxes, progress))
        return _joined(
            axes, ((box, self._box(_within(axes, box), progress if one else False, k == 0)) for k, box in seen)
        )

    def _box(self, axes, progress, doubted):
        """A part that has one value on each of the axes `alone`. doubted: whether to look again on the way at what a
        reader's problem says of many θ."""
        fixed = {name: axes[name].tolist()[0] for name in self.alone}
        problem = self.problem.with_seed(fixed.pop("seed")) if "seed" in fixed else self.problem
        optimizer = replace(self.optimizer, **fixed) if fixed else self.optimizer
        if len(self.alone) == len(axes):
            arrays = self._run(optimizer, problem)
        else:
            together = {name: values for name, values in axes.items() if name not in self.alone}
            arrays = self._broadcast(optimizer, problem, together, progress, doubted and not is_ours(problem))
        grid = tuple(len(values) for values in axes.values())
        loss, theta, stuck = arrays
        return loss.reshape(-1, *grid), theta.reshape(len(theta), *grid, -1), stuck.reshape(1, *grid)

    def _broadcast(self, optimizer, problem, axes, progress, doubted):
        """All runs at once."""
        grid, d = tuple(len(values) for values in axes.values()), self.start.size
        # The parameters are the slowest axis in memory: every operation then runs along the grid, which is long, and
        # not along d.
        theta = np.moveaxis(np.empty_like(self.start, shape=(d, *grid)), 0, -1)
        theta[...] = self.start
        stepper = with_schedule(replace(optimizer, **_columns(axes, self.start)), self.schedule)
        keep, count = self.steps if self.record == "all" else 0, self.steps if self.record != "last" else 0
        losses, thetas = empty_like(theta, (count + 1, *grid)), empty_like(theta, (keep + 1, *grid, d))
        state, step = stepper.init(theta), stepper.step
        loss_at, gradient_at, project = answers_of(problem)
        look = 2  # then at 4, 8, ...
        losses[0], thetas[0] = first_loss(problem, theta), theta
        with np.errstate(all="ignore"):  # a diverging corner must not stop the others
            for t in bar(range(1, self.steps + 1), progress):
                if doubted and t == look:
                    check_rows(problem, theta, t - 1)
                    look *= 2
                theta, state = step(theta, gradient_at(theta, t), state)
                step = stepper._advance  # all fits after the first step
                if project is not None:
                    theta = project(theta)
                if count or t == self.steps:
                    losses[min(t, count)] = loss_at(theta, t)
                thetas[min(t, keep)] = theta
        stuck = np.zeros_like(losses[-1], dtype=bool)
        for name, array in zip(state._fields[:-1], state[:-1], strict=True):
            if not may_be_infinite(optimizer, name):
                stuck = stuck | np.isinf(array).any(axis=-1)
        return losses, thetas, stuck

    def _run(self, optimizer, problem):
        """One run, its loss and θ padded with NaN to full length when it diverged."""
        path = quiet_run(optimizer, problem, self.steps, self.start, self.schedule, self.record)
        missing, (loss, theta) = self.steps - path.steps, (path.loss, path.theta)
        if missing and self.record == "last":
            loss = np.full_like(loss, np.nan)
        elif missing:
            loss = np.concatenate([loss, np.full_like(loss, np.nan, shape=missing)])
        if missing and self.record == "all":
            theta = np.concatenate([theta, np.full_like(theta, np.nan, shape=(missing, theta.shape[-1]))])
        return loss, theta, np.full_like(loss, frozen(path) is not None, dtype=bool, shape=1)


def _columns(axes, like):
    """The values of each axis along its own direction of the grid."""
    columns = {}
    for i, (name, values) in enumerate(axes.items()):
        column = values.astype(float).reshape([-1 if j == i else 1 for j in range(len(axes))] + [1])
        columns[name] = np.asarray(column, like=like)  # once to θ's device, and not at every step
    return columns


def _boxes(axes, order, wanted) -> list[tuple[slice, ...]]:
    """The grid cut along its axes, in the given order, into so many boxes or a few more."""
    cuts = dict.fromkeys(axes, 1)
    for name in order:
        cuts[name] = min(len(axes[name]), -(-wanted // math.prod(cuts.values())))
    sides = []
    for name, values in axes.items():
        edges = [len(values) * k // cuts[name] for k in range(cuts[name] + 1)]
        sides.append([slice(*pair) for pair in itertools.pairwise(edges)])
    return list(itertools.product(*sides))


def _within(axes, box):
    return {name: values[side] for (name, values), side in zip(axes.items(), box, strict=True)}


def _size(axes) -> int:
    return math.prod(len(values) for values in axes.values())


def _joined(axes, parts: Iterator):
    """The arrays of a whole grid from those of its boxes."""
    grid, whole = tuple(len(values) for values in axes.values()), None
    for box, arrays in parts:
        if arrays[0].shape[1:] == grid:
            return arrays
        if whole is None:
            whole = [empty_like(a, (len(a), *grid, *a.shape[1 + len(grid) :])) for a in arrays]
        for into, array in zip(whole, arrays, strict=True):
            into[:, *box] = array
    return whole


def _axis(name, values) -> np.ndarray:
    """The values of an axis as an array; TypeError for what NumPy cannot read, or would read in part."""
    usual = isinstance(values, list | tuple | range) or type(values) is np.ndarray
    return np.asarray(values) if usual else plain(name, values)


def _check_axes(optimizer, axes):
    """Refuse names that are no axes, and values that a single run would refuse.

    An optimizer refuses numbers that are too small or too large, alone or beside each other: the corners of the grid
    meet it.
    """
    names = [*(f.name for f in dataclasses.fields(optimizer)), "seed"]
    if not axes:
        raise ValueError(f"at least one of {names} must be given as a list of values")
    for name, values in axes.items():
        if name not in names:
            raise ValueError(f"an axis must be one of {names}, got {name!r}")
        if values.ndim != 1 or not values.size:
            got = f"an array of shape {values.shape}" if values.ndim else f"{values.item()!r} alone"
            raise ValueError(f"{name} must be a list of numbers, got {got}")
        if name != "seed" and name not in optimizer.flags and values.dtype.kind not in "fiu":
            raise TypeError(f"{name} must be a list of numbers, got {values.tolist()}")
    for seed in axes.get("seed", np.zeros(0)).tolist():
        seed_number(seed)
    ends = {n: v if n in optimizer.flags else np.unique([v.min(), v.max()]) for n, v in axes.items() if n != "seed"}
    for corner in itertools.product(*(values.tolist() for values in ends.values())):
        replace(optimizer, **dict(zip(ends, corner, strict=True)))


def _check_executor(executor):
    is_executor = (
        hasattr(executor, "submit") and not isinstance(executor, type) and not hasattr(executor, "get_executor")
    )
    if executor is not None and not is_executor:
        raise TypeError(f"executor must be one of concurrent.futures, or Client(...).get_executor(), got {executor!r}")


def _workers(executor) -> int:
    """How many tasks the executor does at once, as far as it tells."""
    if hasattr(executor, "_client"):  # Dask's
        return sum(executor._client.nthreads().values()) or 1
    return getattr(executor, "_max_workers", None) or os.cpu_count() or 1


def _worker_died(error: BaseException) -> bool:
    """Whether a task failed because its process is gone; Dask, which need not be installed, is known by the name."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ in ("KilledWorker", "CommClosedError")
