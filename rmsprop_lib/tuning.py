"""Compare fairly: the same grid, the same seeds and the same rule of choice for every optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .trajectory import Sweep


@dataclass(frozen=True, eq=False)
class Tuned:
    """The chosen point of a sweep and what happened there, seed by seed.

    settings: hyper-parameters by name. at_edge: names of those that are first or last of their axis, where a wider grid
    may hold a better one. loss: (seeds,), the last losses. theta: (seeds, d), the last θ.
    """

    settings: dict[str, Any]
    at_edge: tuple[str, ...]
    loss: np.ndarray
    theta: np.ndarray

    @property
    def median(self) -> float:
        """The middle one of the last losses."""
        return float(np.median(self.loss))

    @property
    def low(self) -> float:
        """The smallest last loss."""
        return float(self.loss.min())

    @property
    def high(self) -> float:
        """The largest last loss; inf when one of the runs diverged."""
        return float(self.loss.max())


def tuned(sweep: Sweep) -> Tuned:
    """The grid point whose last loss has the lowest median over the seeds; a run that diverged counts as infinite.

    sweep: with the axis "seed" and at least one other. Raises ValueError when one of them is missing.
    """
    names = [name for name in sweep.axes if name != "seed"]
    if "seed" not in sweep.axes or not names:
        raise ValueError(f"sweep must have the axis seed and one to choose from, got {list(sweep.axes)}")
    loss = last_loss(sweep)
    middle = np.median(loss, axis=-1)
    index = np.unravel_index(np.argmin(middle), middle.shape)
    values = {name: sweep.axes[name] for name in names}
    edge = (name for (name, v), i in zip(values.items(), index, strict=True) if len(v) > 1 and i in (0, len(v) - 1))
    theta = np.moveaxis(sweep.theta[-1], list(sweep.axes).index("seed"), -2)[index]
    settings = {name: v[i].item() for (name, v), i in zip(values.items(), index, strict=True)}
    return Tuned(settings, tuple(edge), loss[index], theta)


def together(sweeps: Sequence[Sweep], seeds: Sequence[int]) -> Sweep:
    """Sweeps over the same grid, one per seed, as one sweep whose last axis is "seed".

    For problems that differ by seed in more than their mini-batches, such as networks with other first weights.
    Raises ValueError when lengths or grids differ.
    """
    sweeps, seeds = list(sweeps), np.asarray(list(seeds))
    if not sweeps or len(sweeps) != len(seeds):
        raise ValueError(f"seeds must be one per sweep, got {len(seeds)} for {len(sweeps)} sweeps")
    first = sweeps[0]
    for other in sweeps:
        same = list(other.axes) == list(first.axes) and other.loss.shape == first.loss.shape
        if not same or any(np.any(other.axes[name] != values) for name, values in first.axes.items()):
            raise ValueError("sweeps must be over one grid, got different axes")
    loss = np.stack([s.loss for s in sweeps], axis=-1)
    theta = np.stack([s.theta for s in sweeps], axis=-2)
    return Sweep(first.optimizer, first.problem, first.axes | {"seed": seeds}, loss, theta)


def last_loss(sweep: Sweep) -> np.ndarray:
    """The loss after the last step, inf where a run diverged, with the axis "seed" last where there is one."""
    loss = np.where(np.isnan(sweep.loss[-1]), np.inf, sweep.loss[-1])
    return np.moveaxis(loss, list(sweep.axes).index("seed"), -1) if "seed" in sweep.axes else loss
