"""Repeat a rule: `run` goes down a problem step by step and records what happens."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .arrays import floating
from .optimizer import Optimizer
from .problems import Problem
from .problems.answers import answers_of, first_loss
from .problems.asking import takes
from .schedules import Schedule, scaled
from .trajectory import Trajectory

_BROUGHT = "before it are in the .trajectory of this error."


class DivergenceWarning(RuntimeWarning):
    """A run stopped early because its gradient was NaN or infinite."""


def run(
    optimizer: Optimizer,
    problem: Problem,
    steps: int = 60,
    *,
    start=None,
    state=None,
    resume=None,
    seed: int | None = None,
    schedule: Schedule | None = None,
    until: Callable | None = None,
    record: str = "all",
    progress: bool | None = None,
) -> Trajectory:
    """Repeat the optimizer's step on the problem and keep what happened.

    start: θ_0, shape (d,), default the problem's. state: the state that goes with a given start, such as
    `Trajectory.last`.
    resume: an earlier run, a `Trajectory` or the file that `Trajectory.save` wrote, to go on from bit for bit: it
    brings θ, state, step number, seed and schedule along, and must be of the same optimizer and problem.
    seed: which noise, for problems that have any. schedule: a function of t that multiplies the learning rate.
    until(theta, loss, t): True ends the run after step t. record: "all"; "loss" to keep θ, g and state of the last
    step only; "last" for the last loss only too, which saves time where a loss costs as much as a step.
    progress: a bar on the terminal once a second has passed (None), never (False), always, in a notebook too (True).

    The problem's functions and `until` get copies of θ, and what they return is copied: they may work in place.
    A NaN or infinite gradient ends the run with a `DivergenceWarning` that names the step; the trajectory so far is
    returned. A state that overflows to infinity freezes its coordinate; a RuntimeWarning at the end names it.
    An exception in a function of the problem or in `until`, and Ctrl-C, go on to the caller and bring the run so far
    along as `error.trajectory`; in a notebook that is `sys.last_value.trajectory`, from which `resume` goes on.
    Raises ValueError for steps < 0, an unknown record, a start of the wrong shape, a state without its start, or an
    earlier run of something else; TypeError for an integer start.

    >>> from rmsprop_lib import RMSProp, problems
    >>> run(RMSProp(lr=0.1), problems.quadratic(condition=10), steps=60).loss.shape
    (61,)
    """
    check(optimizer, problem, steps, record)
    if until is not None:
        takes("until", until, "theta", "loss", "t")
    if resume is not None:
        start, state, seed, schedule = _going_on(resume, optimizer, problem, (start, state), seed, schedule)
    if seed is not None:
        problem = problem.with_seed(seed)
    theta = starting_point(problem, start).copy()
    stepper = with_schedule(optimizer, schedule)
    if state is None:
        state = stepper.init(theta)
    state = stepper.check_state(state)
    if start is None and state.t:
        raise ValueError("start must be given with state, as start=path.theta[-1], state=path.last; or resume=path")
    log = _Log(theta, state, first_loss(problem, theta, state.t), record, steps, until)
    times = bar(range(state.t + 1, state.t + steps + 1), progress)
    try:
        stopped = _descend(stepper, problem, theta, state, times, until, log)
    except BaseException as error:
        _bring_along(error, log.trajectory(optimizer, problem, schedule, log.t + 1))
        raise
    path = log.trajectory(optimizer, problem, schedule, stopped)
    if stopped is not None and log.t < stopped:
        kept = f"the gradient at step {stopped} is not finite; the {path.steps} steps before it are kept"
        warnings.warn(kept, DivergenceWarning, stacklevel=2)
    elif message := frozen(path):
        warnings.warn(message, RuntimeWarning, stacklevel=2)
    return path


def quiet_run(optimizer, problem, steps, start, schedule, record) -> Trajectory:
    """A run as a part of a sweep, which has no warnings and no bar of its own."""
    theta, stepper = start.copy(), with_schedule(optimizer, schedule)
    state = stepper.init(theta)
    log = _Log(theta, state, first_loss(problem, theta), record, steps)
    stopped = _descend(stepper, problem, theta, state, range(1, steps + 1), None, log)
    return log.trajectory(optimizer, problem, schedule, stopped)


@np.errstate(over="ignore", invalid="ignore")  # `run` says it once, and names the step
def _descend(stepper, problem, theta, state, times, until, log):
    """Take the steps and log them; returns the number of the step that ended the run early, or None."""
    loss_at, gradient_at, project = answers_of(problem)
    with_loss = log.record != "last" or until is not None
    step, vdot, isfinite, loss = stepper.step, np.vdot, math.isfinite, None
    for t in times:
        grad = gradient_at(theta, t)
        if not isfinite(vdot(grad, grad)) and not np.isfinite(grad).all():  # the sum is fast, and may overflow
            break
        theta, state = step(theta, grad, state)
        step = stepper._advance  # all fits after the first step
        if project is not None:
            theta = project(theta)
        if with_loss:
            loss = loss_at(theta, t)
        log.add(theta, grad, state, loss)
        if until is not None and until(theta.copy(), loss, t):
            break
    else:
        t = None
    log.complete(loss_at)
    return t


class _Log:
    """What a run records: each step is copied into a row of arrays made beforehand, and the last one is held."""

    def __init__(self, theta, state, loss, record, steps, until=None):
        room = steps + 1 if until is None else min(steps + 1, 1024)  # it may end a run that is given a million steps
        self.begin, self.record = state.t, record
        like = {"all": (theta, theta, *state[:-1]), "loss": (), "last": ()}[record]
        self.columns = [empty_like(array, (room, *array.shape)) for array in like]
        if record != "last":
            self.columns.insert(0, empty_like(theta, (room,)))
        self.last = -1, theta, theta, state, loss
        self.add(theta, theta, state, loss)  # there is no gradient yet, and nobody sees this one

    @property
    def t(self) -> int:
        """The number of the last step."""
        return self.begin + self.last[0]

    def add(self, theta, grad, state, loss):
        n = self.last[0] + 1
        if self.columns and n == len(self.columns[0]):
            for i, column in enumerate(self.columns):
                self.columns[i] = empty_like(column, (2 * n, *column.shape[1:]))
                self.columns[i][:n] = column
        for column, value in zip(self.columns, (loss, theta, grad, *state), strict=False):  # as many as are kept
            column[n] = value
        self.last = n, theta, grad, state, loss  # at once, so that Ctrl-C finds a whole step or none

    def complete(self, loss_at):
        """Ask for the last loss where none was asked for on the way."""
        n, theta, grad, state, loss = self.last
        if loss is None:
            self.last = n, theta, grad, state, loss_at(theta, self.t)

    def trajectory(self, optimizer, problem, schedule, stopped):
        n, theta, grad, state, loss = self.last
        for i, column in enumerate(self.columns):  # one after another: a long run fills the memory
            self.columns[i] = column if len(column) == n + 1 else column[: n + 1].copy()
        last = type(state)(*(array.copy() for array in state[:-1]), state.t)
        if self.record == "all":
            losses, thetas, grads, *arrays = self.columns
            grads, state = grads[1:], type(state)(*arrays, np.arange(self.begin, self.t + 1, like=theta))
        else:
            lone = math.nan if loss is None else float(loss)
            losses = self.columns[0] if self.columns else np.asarray([lone], dtype=theta.dtype, like=theta)
            thetas, grads, state = theta[None].copy(), grad[None][:n].copy(), last
        return Trajectory(optimizer, problem, thetas, losses, grads, state, last, stopped, self.begin,
                          problem.seed, schedule)  # fmt: skip


def _bring_along(error, path):
    """Give the run so far to an error on its way to the caller; it stays the error that it is, whatever it allows."""
    import multiprocessing  # late: it is slow to import, and seldom needed

    if multiprocessing.parent_process() is not None:  # the error goes home in a pickle, which a record may not fit in
        return
    with contextlib.suppress(Exception):
        error.trajectory = path
        steps = "1 step" if path.steps == 1 else f"{path.steps} steps"
        notes = [note for note in getattr(error, "__notes__", ()) if not note.endswith(_BROUGHT)]  # of a run in a run
        error.__notes__ = [*notes, f"The {steps} {_BROUGHT}"]


def frozen(path) -> str | None:
    """A sentence on the first number of the state that became infinite; what it divides stands still for ever."""
    for name, array in zip(path.last._fields[:-1], path.last[:-1], strict=True):
        if may_be_infinite(path.optimizer, name):
            continue
        there = np.isinf(array)
        if bool(there.any()) and bool(np.isfinite(path.theta[-1]).all()):
            place = np.unravel_index(int(np.argmax(there)), array.shape)
            index = ", ".join(str(int(i)) for i in place)
            when = ""
            if path.state is not path.last:
                first = int(np.argmax(np.isinf(getattr(path.state, name)[:, *place]))) + path.begin
                when = f" at step {first}" if first > path.begin else ""
            return (
                f"{name}[{index}] overflowed to infinity{when}, for the gradient was too large for {array.dtype}: a "
                f"coordinate that is divided by it does not move any more"
            )
    return None


def may_be_infinite(optimizer, name) -> bool:
    """Whether a part of the state begins so, as a reader's smallest loss so far may."""
    first = optimizer.slots.get(name, 0.0)
    return not isinstance(first, str) and math.isinf(first)


def _going_on(resume, optimizer, problem, given, seed, schedule):
    """Start, state, seed and schedule of an earlier run; ValueError when it is not of this optimizer and problem."""
    if any(part is not None for part in given):
        raise ValueError("start and state must not be given with resume, which brings its own")
    path = Trajectory.load(resume, problem) if isinstance(resume, str | os.PathLike) else resume
    if not isinstance(path, Trajectory):
        raise TypeError(f"resume must be a Trajectory or the path of its file, got {resume!r}")
    if path.optimizer not in (None, optimizer):
        again = "; its rule was defined again" if repr(path.optimizer) == repr(optimizer) else ""
        raise ValueError(
            f"optimizer must be {path.optimizer}, that of the earlier run, got {optimizer}{again}; to go on with "
            "another one give start and state"
        )
    optimizer.check_state(path.last)
    if seed is not None and path.seed not in (None, seed):
        raise ValueError(f"seed must be {path.seed}, that of the earlier run, got {seed}")
    seed = path.seed if seed is None else seed
    theta, earlier = starting_point(problem, path.theta[-1]), float(path.loss[-1])
    loss = float(first_loss(problem if seed is None else problem.with_seed(seed), theta, path.last.t))
    if not math.isclose(loss, earlier, rel_tol=1e-5) and math.isfinite(earlier):  # another machine may round otherwise
        raise ValueError(
            f"problem must be that of the earlier run, whose last loss was {earlier:.6g}, got {problem.title} "
            f"with {loss:.6g} there"
        )
    return theta, optimizer.State(*path.last), seed, _same_schedule(path.schedule, schedule)


def _same_schedule(earlier, given):
    """The schedule to go on with. A file keeps its text alone, so that it must be given again."""
    if given is None:
        if isinstance(earlier, str):
            raise ValueError(
                f"schedule must be given again, for a file does not keep it: the earlier run had {earlier}"
            )
        return earlier
    by_text = isinstance(earlier, str)
    if not (" at 0x" in earlier or repr(given) == earlier if by_text else given == earlier):  # an address tells nothing
        raise ValueError(f"schedule must be {earlier}, that of the earlier run, got {given!r}")
    return given


def check(optimizer, problem, steps, record):
    """Refuse what is no optimizer, problem, number of steps or kind of record."""
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


def starting_point(problem, start):
    """θ_0 as an array, the problem's where none is given."""
    theta = floating("start", problem.start if start is None else start)
    if theta.shape != problem.start.shape:
        raise ValueError(f"start must have shape {problem.start.shape}, got {theta.shape}")
    return theta


def with_schedule(optimizer, schedule):
    """The optimizer whose learning rate is multiplied by the schedule."""
    if schedule is None:
        return optimizer
    if not callable(schedule) or isinstance(schedule, type):
        raise TypeError(f"schedule must be a function of t, such as schedules.inverse_time(20), got {schedule!r}")
    takes("schedule", schedule, "t")
    if not hasattr(optimizer, "lr"):
        raise ValueError(f"a schedule multiplies lr, which {type(optimizer).__name__} does not have")
    return replace(optimizer, lr=scaled(optimizer.lr, schedule))


def empty_like(array, shape):
    """An array with room for `shape`; MemoryError with advice where there is none."""
    try:
        return np.empty_like(array, shape=shape)
    except (MemoryError, ValueError):  # NumPy has a ValueError for what no machine has
        size = math.prod(shape) * array.dtype.itemsize / 2**30
        advice = 'record="loss" keeps the losses alone, record="last" the end alone'
        raise MemoryError(f"an array of shape {shape} takes {size:.3g} GiB, more than there is; {advice}") from None


def bar(iterable, progress, total=None):
    """A progress bar that appears after a second, and only where somebody watches (or was asked for)."""
    if progress is False or (progress is None and not getattr(sys.stderr, "isatty", bool)()):
        return iterable
    try:
        from tqdm.auto import tqdm
    except ImportError:
        if progress is None:
            return iterable
        raise ImportError("a progress bar needs tqdm: pip install tqdm") from None
    # Without a thread that looks after slow bars: a browser can start none. Instead the bar looks at each step.
    kind = type("Bar", (tqdm,), {"monitor_interval": 0})
    return kind(iterable, total=total, delay=0 if progress else 1.0, leave=False, miniters=1)
