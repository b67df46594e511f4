"""What `run` and `sweep` return: arrays with names, and how a run is written to a file and read again."""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import storage
from .optimizer import Optimizer
from .problems import Problem


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What `run` saw. With T steps on d parameters:

    theta: (T+1, d), from the start on. loss: (T+1,), the problem's f at each θ. grad: (T, d), as the optimizer saw
    them.
    state: NamedTuple of arrays (T+1, d), and t (T+1,). last: the state after the last step, to go on from.
    stopped: None, or the number of the step whose gradient was NaN or infinite, or that `until` asked to be the last.
    begin: how many steps an earlier run had taken before this one. seed: which noise. schedule: the one given to
    `run`, or None.
    With record="loss", theta and grad hold the last entry alone and state is the last state; with record="last", so
    does loss.
    """

    optimizer: Optimizer
    problem: Problem
    theta: np.ndarray
    loss: np.ndarray
    grad: np.ndarray
    state: tuple
    last: tuple
    stopped: int | None = None
    begin: int = 0
    seed: int | None = None
    schedule: Any = None

    @property
    def steps(self) -> int:
        """How many steps were taken, T."""
        return int(self.last.t) - self.begin

    def save(self, path) -> Path:
        """Write the run to a `.npz` file, without pickle; returns the path. A file that exists is replaced at once.

        The problem goes in by its name alone, and so do a reader's own rule and a `schedule` given to `run`. Raises
        TypeError for hyper-parameters that are functions of t, OSError when the file cannot be written.
        """
        states = {"state": self.state, "last": self.last}
        arrays = {f"{k}.{n}": a for k, s in states.items() for n, a in zip(s._fields, s, strict=True)}
        arrays |= {"theta": self.theta, "loss": self.loss, "grad": self.grad}
        header = {
            "optimizer": storage.describe(self.optimizer),
            "problem": self.problem and self.problem.name,
            "stopped": self.stopped,
            "begin": self.begin,
            "seed": self.seed,
            "schedule": self.schedule if self.schedule is None else str(self.schedule),
        }
        return storage.write(path, arrays, header)

    @staticmethod
    def load(path, problem: Problem | None = None, optimizer: Optimizer | None = None) -> Trajectory:
        """The run that `save` wrote; `run(..., resume=path)` goes on from it bit for bit.

        problem: what the run was on, for pictures; None leaves the trajectory's problem None.
        optimizer: for a run with a reader's own rule; None takes the one in the file (None again for such a rule).
        Raises ValueError for a file of another kind, a problem of another name or an unknown optimizer.
        """
        arrays, header = storage.read(path)
        missing = {"theta", "loss", "grad", "last.t", "state.t"} - set(arrays)
        if missing or not {"stopped", "begin"} <= set(header):
            raise ValueError(f"{path} must hold a trajectory, got a file without {', '.join(sorted(missing))}")
        if problem is not None and problem.name != header["problem"]:
            raise ValueError(f"problem must be {header['problem']!r}, as in the file, got {problem.name!r}")
        optimizer = storage.rebuild(header["optimizer"]) if optimizer is None else optimizer
        names = [n.removeprefix("last.") for n in arrays if n.startswith("last.")]
        kind = optimizer.State if optimizer is not None else namedtuple("State", names)
        last = kind(**{n: arrays[f"last.{n}"] for n in names} | {"t": int(arrays["last.t"])})
        state = last if arrays["state.t"].ndim == 0 else kind(**{n: arrays[f"state.{n}"] for n in names})
        data = {n: arrays[n] for n in ("theta", "loss", "grad")}
        numbers = {n: header.get(n) for n in ("stopped", "begin", "seed", "schedule")}
        return Trajectory(optimizer, problem, **data, state=state, last=last, **numbers)


@dataclass(frozen=True, eq=False)
class Sweep:
    """What `sweep` saw: the axes by name, and for a grid of shape G after T steps on d parameters

    loss: (T+1, *G), or (1, *G), the last, with record="last". theta: (T+1, *G, d), or (1, *G, d) with record="loss" or
    "last". A run that diverges holds inf or NaN.
    """

    optimizer: Optimizer
    problem: Problem
    axes: dict[str, np.ndarray]
    loss: np.ndarray
    theta: np.ndarray

    def best(self) -> dict[str, Any]:
        """The grid point with the lowest last loss (NaN counts as worst), as {axis: value}, and its "loss"."""
        last = np.where(np.isnan(self.loss[-1]), np.inf, self.loss[-1])
        index = np.unravel_index(int(np.argmin(last)), last.shape)
        chosen = {name: v[i].item() for (name, v), i in zip(self.axes.items(), index, strict=True)}
        return chosen | {"loss": float(last[index])}

    def at(self, **values) -> tuple[int, ...]:
        """The grid index nearest to the given values: `sweep.loss[:, *sweep.at(lr=0.01)]` is that run's loss."""
        if set(values) != set(self.axes):
            raise ValueError(f"values must name the axes {list(self.axes)}, got {list(values)}")
        return tuple(_nearest(name, axis, values[name]) for name, axis in self.axes.items())


def _nearest(name, axis, value):
    if axis.dtype.kind in "fiu":
        return int(np.argmin(np.abs(axis - value)))
    if value not in axis.tolist():
        raise ValueError(f"{name} must be one of {', '.join(map(repr, axis.tolist()))}, got {value!r}")
    return axis.tolist().index(value)
