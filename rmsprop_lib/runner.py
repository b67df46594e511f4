"""Repeat a rule: `run` once, `sweep` over a grid of hyper-parameters at once."""

from __future__ import annotations

import dataclasses
import itertools
import numbers
import warnings
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import BrokenExecutor, Executor, as_completed
from dataclasses import replace

import numpy as np

from .arrays import floating
from .fused.program import elementwise
from .optimizer import Optimizer
from .problems import Problem
from .schedules import Schedule, scaled
from .trajectory import Sweep, Trajectory


class DivergenceWarning(RuntimeWarning):
    """A run stopped early because its gradient was NaN or infinite."""


def run(
    optimizer: Optimizer,
    problem: Problem,
    steps: int = 60,
    *,
    start=None,
    state=None,
    seed: int | None = None,
    schedule: Schedule | None = None,
    until: Callable | None = None,
    record: str = "all",
    progress: bool | None = None,
) -> Trajectory:
    """Repeat the optimizer's step on the problem and keep what happened.

    start: θ_0, shape (d,), default the problem's. state: where an earlier run stopped (`Trajectory.last`), to go on
    bit for bit.
    seed: which noise, for problems that have any. schedule: a function of t that multiplies the learning rate.
    until(theta, loss, t): True ends the run after step t. record: "all"; "loss" to keep θ, g and state of the last
    step only; "last" for the last loss only too, which saves time where a loss costs as much as a step.
    progress: a bar on the terminal once a second has passed (None), never (False), always (True).

    A NaN or infinite gradient ends the run with a `DivergenceWarning` that names the step; the trajectory so far is
    returned. Raises ValueError for steps < 0, an unknown record, or a start of the wrong shape; TypeError for an
    integer start.

    >>> from rmsprop_lib import RMSProp, problems
    >>> run(RMSProp(lr=0.1), problems.quadratic(condition=10), steps=60).loss.shape
    (61,)
    """
    _check(optimizer, problem, steps, record)
    if seed is not None:
        problem = problem.with_seed(seed)
    theta = _start(problem, start).copy()
    stepper = _scheduled(optimizer, schedule)
    state = stepper.init(theta) if state is None else state
    stepper.check_state(state)
    begin, stopped = state.t, None
    log = _Log(theta, state, _first_loss(problem, theta, begin), record)
    with np.errstate(over="ignore", invalid="ignore"):  # the warning below says it once, and names the step
        for t in _bar(range(begin + 1, begin + steps + 1), progress):
            grad = problem.grad(theta, t)
            if grad is None:
                raise TypeError(f"the gradient of {problem.name} must be an array like theta, got None")
            if not np.isfinite(grad).all():
                stopped = t
                break
            theta, state = stepper.step(theta, grad, state)
            if problem.project is not None:
                theta = problem.project(theta)
            loss = problem.f(theta, t) if record != "last" or until is not None else None
            log.add(theta, grad, state, loss)
            if until is not None and until(theta, loss, t):
                stopped = t
                break
    path = log.trajectory(optimizer, problem, stopped)
    if stopped is not None and path.steps < stopped - begin:
        kept = f"the gradient at step {stopped} is not finite; the {path.steps} steps before it are kept"
        warnings.warn(kept, DivergenceWarning, stacklevel=2)
    return path


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
    Where the problem broadcasts, all runs advance together in one array and equal single runs bit for bit (in
    float32: to rounding); otherwise, or with `executor` (threads, processes, or Dask's `Client(...).get_executor()`),
    each grid point is a task of its own, and a point whose worker dies is computed here. So is each point of a reader's
    own rule, unless it is so plain that one sees that it works element by element: `fuse` compiles the same rules.
    start, schedule, record, progress: as in `run`. Raises ValueError for no axis, an empty axis or an unknown name.
    """
    _check(optimizer, problem, steps, record)
    _start(problem, start)
    axes = {name: np.asarray(values) for name, values in axes.items()}
    names = [f.name for f in dataclasses.fields(optimizer)]
    for name, values in axes.items():
        if name not in names and name != "seed":
            raise ValueError(f"an axis must be one of {[*names, 'seed']}, got {name!r}")
        if values.ndim != 1 or not values.size:
            raise ValueError(f"{name} must be a list of numbers, got an array of shape {values.shape}")
        if name != "seed" and name not in optimizer.flags and values.dtype.kind not in "fiu":
            raise TypeError(f"{name} must be a list of numbers, got {values.tolist()}")
    is_executor = (
        hasattr(executor, "submit") and not isinstance(executor, type) and not hasattr(executor, "get_executor")
    )
    if executor is not None and not is_executor:
        raise TypeError(f"executor must be one of concurrent.futures, or Client(...).get_executor(), got {executor!r}")
    if not axes:
        raise ValueError(f"at least one of {[*names, 'seed']} must be given as a list of values")
    alone = {"seed", *optimizer.flags}  # axes along which no array can run
    together = problem.broadcasts and executor is None and not alone & set(axes) and elementwise(optimizer)
    loss, theta = (_broadcast if together else _one_by_one)(
        optimizer,
        problem,
        steps,
        axes,
        start=start,
        schedule=schedule,
        record=record,
        executor=executor,
        progress=progress,
    )
    return Sweep(optimizer, problem, axes, loss, theta)


def _broadcast(optimizer, problem, steps, axes, *, start, schedule, record, executor, progress):
    grid = tuple(len(v) for v in axes.values())
    first = floating("start", problem.start if start is None else start)
    # The parameters are the slowest axis in memory: every operation then runs along the grid, which is long, and not
    # along d.
    theta = np.moveaxis(np.empty_like(first, shape=(first.size, *grid)), 0, -1)
    theta[...] = first
    hyper = {}
    for i, (name, values) in enumerate(axes.items()):
        column = values.astype(float).reshape([-1 if j == i else 1 for j in range(len(grid))] + [1])
        hyper[name] = np.asarray(column, like=first)  # once to θ's device, and not at every step
    stepper = _scheduled(replace(optimizer, **hyper), schedule)
    keep, count = steps if record == "all" else 0, steps if record != "last" else 0
    losses = np.empty_like(theta, shape=(count + 1, *grid))
    thetas = np.empty_like(theta, shape=(keep + 1, *grid, first.size))
    state = stepper.init(theta)
    losses[0], thetas[0] = _first_loss(problem, theta), theta
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # a diverging corner must not stop the others
        for t in _bar(range(1, steps + 1), progress):
            theta, state = stepper.step(theta, problem.grad(theta, t), state)
            if problem.project is not None:
                theta = problem.project(theta)
            if count or t == steps:
                losses[min(t, count)] = problem.f(theta, t)
            thetas[min(t, keep)] = theta
    return losses, thetas


def _one_by_one(optimizer, problem, steps, axes, *, start, schedule, record, executor, progress):
    grid = tuple(len(v) for v in axes.values())
    points = [dict(zip(axes, map(_number, values), strict=True)) for values in itertools.product(*axes.values())]
    common = (optimizer, problem, steps, start, schedule, record)
    results: list = [None] * len(points)
    if executor is None:
        for i in _bar(range(len(points)), progress):
            results[i] = _point(*common, points[i])
    else:
        futures = {executor.submit(_point, *common, point): i for i, point in enumerate(points)}
        lost = []
        for future in _bar(as_completed(futures), progress, total=len(points)):
            try:
                results[futures[future]] = future.result()
            except Exception as error:
                if not _worker_died(error):
                    raise
                lost.append(futures[future])
        if lost:
            message = f"{len(lost)} of {len(points)} runs were lost with their workers and are computed here"
            warnings.warn(message, RuntimeWarning, stacklevel=3)
        for i in lost:
            results[i] = _point(*common, points[i])
    loss = np.stack([r[0] for r in results], axis=1).reshape(-1, *grid)
    theta = np.stack([r[1] for r in results], axis=1)
    return loss, theta.reshape(theta.shape[0], *grid, -1)


def _point(optimizer, problem, steps, start, schedule, record, point: Mapping):
    """One run of a sweep, its loss and θ padded with NaN to full length when it diverged."""
    hyper = {k: v for k, v in point.items() if k != "seed"}
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", DivergenceWarning)
        path = run(
            replace(optimizer, **hyper),
            problem,
            steps,
            start=start,
            seed=point.get("seed"),
            schedule=schedule,
            record=record,
            progress=False,
        )
    missing = steps - path.steps
    loss, theta = path.loss, path.theta
    if record == "last":
        return (loss, theta) if not missing else (np.full_like(loss, np.nan), theta)
    loss = np.concatenate([loss, np.full_like(loss, np.nan, shape=missing)])
    if record == "all":
        theta = np.concatenate([theta, np.full_like(theta, np.nan, shape=(missing, theta.shape[-1]))])
    return loss, theta


class _Log:
    """Collects what a run records."""

    def __init__(self, theta, state, loss, record):
        self.begin, self.record = state.t, record
        self.theta, self.grad, self.state, self.loss = [theta], [], [state], [loss]

    def add(self, theta, grad, state, loss):
        if self.record != "all":
            self.theta.clear()
            self.grad.clear()
            self.state.clear()
        if self.record == "last":
            self.loss.clear()
        self.theta.append(theta)
        self.grad.append(grad)
        self.state.append(state)
        self.loss.append(loss)

    def trajectory(self, optimizer, problem, stopped):
        last = self.state[-1]
        d = self.theta[0]
        state = last
        if self.record == "all":
            state = type(last)(*(_stack(values, d) for values in zip(*self.state, strict=True)))
        grad = np.stack(self.grad) if self.grad else np.empty_like(d, shape=(0, *d.shape))
        if self.loss[0] is None:
            self.loss = [problem.f(d, last.t)]
        loss = _stack(self.loss, d)
        return Trajectory(optimizer, problem, np.stack(self.theta), loss, grad, state, last, stopped, self.begin)


def _stack(values, like):
    """Arrays stacked on their own device; plain numbers as an array beside θ."""
    if hasattr(values[0], "shape") and values[0].shape:
        return np.stack(values)
    if isinstance(values[0], int):
        return np.asarray(values, like=like)
    return np.asarray([float(v) for v in values], dtype=like.dtype, like=like)


def _check(optimizer, problem, steps, record):
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer must be an optimizer such as RMSProp(lr=0.1), got {optimizer!r}")
    if not isinstance(problem, Problem):
        raise TypeError(f"problem must be a Problem, such as problems.bowl(), got {problem!r}")
    if record not in ("all", "loss", "last"):
        raise ValueError(f'record must be "all", "loss" or "last", got {record!r}')
    if isinstance(steps, bool) or not isinstance(steps, int | np.integer):
        raise TypeError(f"steps must be a whole number, got {steps!r}")
    if steps < 0:
        raise ValueError(f"steps must be >= 0, got {steps}")


def _start(problem, start):
    theta = floating("start", problem.start if start is None else start)
    if theta.shape != problem.start.shape:
        raise ValueError(f"start must have shape {problem.start.shape}, got {theta.shape}")
    return theta


def _first_loss(problem, theta, t=0):
    """The loss at θ; TypeError when it is not one number for each run, which NumPy would stretch without a word."""
    loss = problem.f(theta, t)
    shape = () if isinstance(loss, numbers.Real) else getattr(loss, "shape", None)
    if shape != theta.shape[:-1]:
        got = repr(loss) if shape is None else f"shape {shape}"
        raise TypeError(
            f"the objective of {problem.name} must return shape {theta.shape[:-1]} for theta of shape {theta.shape}, "
            f"got {got}; a Problem with broadcasts=False takes one theta at a time"
        )
    return loss


def _scheduled(optimizer, schedule):
    if schedule is None:
        return optimizer
    if not callable(schedule) or isinstance(schedule, type):
        raise TypeError(f"schedule must be a function of t, such as schedules.inverse_time(20), got {schedule!r}")
    if not hasattr(optimizer, "lr"):
        raise ValueError(f"a schedule multiplies lr, which {type(optimizer).__name__} does not have")
    return replace(optimizer, lr=scaled(optimizer.lr, schedule))


def _worker_died(error: BaseException) -> bool:
    """Whether a task failed because its process is gone; Dask, which need not be installed, is known by the name."""
    return isinstance(error, BrokenExecutor) or type(error).__name__ in ("KilledWorker", "CommClosedError")


def _number(value):
    return value.item() if hasattr(value, "item") else value


def _bar(iterable, progress, total=None):
    """A progress bar that appears after a second, and only where somebody watches (or was asked for)."""
    disable = None if progress is None else not progress
    from tqdm import tqdm  # takes as long to import as all of ours

    return tqdm(iterable, total=total, delay=0 if progress else 1.0, leave=False, disable=disable)
