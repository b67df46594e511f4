"""RecordedRun: training curves of real runs over a grid of settings, chosen by sliders that stop at its values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import figures
from ..trajectory import Sweep
from ..tuning import last_loss
from .figure import STATIC, token_of
from .picture import short
from .tables import TableCanvas, TableFigure, axis_range, packed

NUMBERS = 30_000  # of all curves on a page: 120 kB
POINTS = (41, 161)  # of a curve, at least and at most


class RunCanvas(TableCanvas):
    """What js/recorded_run.js reads."""

    _esm = STATIC / "recorded_run.js"

    name = traitlets.Unicode("run").tag(sync=True)
    t = traitlets.List(traitlets.Int()).tag(sync=True)  # the steps of the points
    yaxis = traitlets.Dict().tag(sync=True)  # {name, log, range}


class RecordedRun(TableFigure):
    """Loss curves that were computed when the book was built, chosen by one slider for each axis of the sweep.

    sweeps: what `sweep` returned (with the losses of all steps), or {label: sweep} to compare methods. Methods share
    the slider of an axis that both have, and must then have the same values; an axis that one lacks does not move it.
    The axis "seed" has no slider: the curve is the median of the seeds in a band from the lowest to the highest.
    at: the setting to begin with, {name: value}, default the middle. ylabel: what the loss is. ylog: whether its axis
    is logarithmic; None decides by the numbers. `chosen` is the setting, which may be set; `best(label)` is that with
    the lowest last loss.

    The page holds float32 numbers of at most 161 steps of each run, evenly spread, the first and the last among them;
    what lies between is left out, and a large grid keeps fewer (41 or more): a screen shows no more, and the page stays
    light. Losses that are not finite stay so. Raises ValueError for sweeps that do not fit together.
    """

    height, narrow = 461, 545

    def __init__(
        self, sweeps: Sweep | Mapping[str, Sweep], *, at: Mapping | None = None, ylabel="loss", ylog: bool | None = None
    ):
        if isinstance(sweeps, Sweep):
            sweeps = {figures.line_style(sweeps.optimizer)["label"]: sweeps}
        self.sweeps = dict(sweeps)
        axes = _common_axes(self.sweeps)
        length = next(iter(self.sweeps.values())).loss.shape[0]
        cells = sum(_band(grid).size for grid in self.sweeps.values()) // length
        points = int(np.clip(NUMBERS // cells, *POINTS))
        self._t = np.unique(np.linspace(0, length - 1, min(points, length)).round().astype(int))
        self._bands = {label: np.moveaxis(_band(grid)[self._t], 0, -1) for label, grid in self.sweeps.items()}
        first = max(float(grid.loss[0].flat[0]) for grid in self.sweeps.values())
        losses = np.concatenate([band.ravel() for band in self._bands.values()])
        span, log = axis_range(losses[~(losses > 10 * abs(first))], ylog)  # a run that climbs leaves the picture
        names, series = list(axes), []
        for label, grid in self.sweeps.items():
            own = [names.index(name) for name in grid.axes if name != "seed"]
            last, seeds = _last(grid), len(grid.axes.get("seed", [0]))
            facts = {
                "lines": self._bands[label].shape[-2],
                "best": int(np.argmin(np.median(last, axis=-1))),
                "seeds": seeds,
                "lost": np.count_nonzero(~np.isfinite(last), axis=-1).ravel().tolist(),
            }
            token = token_of(type(grid.optimizer)) | {"label": label}
            series.append(packed(label, token, self._bands[label], own) | facts)
        canvas = RunCanvas(
            t=self._t.tolist(), series=series, yaxis={"name": ylabel, "log": log, "range": span, "grid": True}
        )
        super().__init__(canvas, axes, at)

    def best(self, label: str | None = None) -> dict:
        """The setting of a method, default the first, whose last loss has the lowest median over the seeds, and it."""
        label = next(iter(self.sweeps)) if label is None else label
        grid, last = self.sweeps[label], np.median(_last(self.sweeps[label]), axis=-1)
        place = np.unravel_index(int(np.argmin(last)), last.shape)
        names = [name for name in grid.axes if name != "seed"]
        return {n: grid.axes[n][i].item() for n, i in zip(names, place, strict=True)} | {"loss": float(last[place])}

    def _picture(self):
        drawing = Drawing(figsize=(7.2, 3.2))
        ax = drawing.subplots()
        yaxis = self.figure.yaxis
        ax.set_yscale("log" if yaxis["log"] else "linear")
        ax.set(xlabel="step t", ylabel=yaxis["name"], xlim=(0, self._t[-1]))
        ax.set_ylim(*(10.0 ** np.array(yaxis["range"]) if yaxis["log"] else yaxis["range"]))
        facts = []
        for label, grid in self.sweeps.items():
            style = figures.line_style(grid.optimizer) | {"label": label}
            here, best = self._places(self.chosen), self._places(self.chosen | self._best(label))
            low, middle, high = self._lines(label, here)
            if here != best:
                ax.plot(self._t, self._lines(label, best)[1], color=style["color"], alpha=0.3, linewidth=3)
            ax.fill_between(self._t, low, high, color=style["color"], alpha=0.15, linewidth=0)
            ax.plot(self._t, middle, **style)
            end = f"{short(middle[-1])}" if np.isfinite(middle[-1]) else "a loss that is not finite"
            fact = f"{label} at {self._setting(here, grid.axes)} ends at {end}"
            facts.append(
                f"{fact}; the best ends at {short(self.best(label)['loss'])}, with {self._setting(best, grid.axes)}"
            )
        ax.legend(loc="best")
        caption = "; ".join(facts) + "."
        return drawing, f"Recorded loss curves over {self._t[-1]} steps, the best one pale. {caption}", caption

    def _best(self, label: str) -> dict:
        return {name: value for name, value in self.best(label).items() if name != "loss"}

    def _lines(self, label: str, places: Mapping[str, int]) -> list[np.ndarray]:
        """Lowest, middle and highest curve of a setting, NaN where they are not finite."""
        names = [name for name in self.sweeps[label].axes if name != "seed"]
        lines = self._bands[label][tuple(places[f"place{list(self._axes).index(name)}"] for name in names)]
        return [np.where(np.isfinite(line), line, np.nan) for line in (lines[0], lines[len(lines) // 2], lines[-1])]

    def __repr__(self):
        return f"RecordedRun(<{', '.join(self.sweeps)}, {' × '.join(self._axes)}>, at={self.chosen})"


def _common_axes(sweeps: Mapping[str, Sweep]) -> dict[str, np.ndarray]:
    """The axes of all sweeps but the seeds, by name."""
    if not sweeps or not all(isinstance(grid, Sweep) for grid in sweeps.values()):
        raise ValueError(f"sweeps must be one or more results of sweep, got {sweeps!r}")
    axes: dict[str, np.ndarray] = {}
    lengths = {len(grid.loss) for grid in sweeps.values()}
    if len(lengths) > 1 or min(lengths) < 2:
        raise ValueError(f'sweeps must have the losses of the same steps (not record="last"), got {sorted(lengths)}')
    for grid in sweeps.values():
        for name, values in grid.axes.items():
            if name != "seed" and not np.array_equal(axes.setdefault(name, values), values):
                raise ValueError(f"sweeps must have the same values of {name}, got {axes[name]} and {values}")
    return axes


def _band(grid: Sweep) -> np.ndarray:
    """Loss by step, setting and line: one line, or low, median and high over the seeds; NaN counts as infinite."""
    if "seed" not in grid.axes:
        return grid.loss[..., None]
    loss = np.moveaxis(np.where(np.isnan(grid.loss), np.inf, grid.loss), 1 + list(grid.axes).index("seed"), -1)
    return np.stack([loss.min(axis=-1), np.median(loss, axis=-1), loss.max(axis=-1)], axis=-1)


def _last(grid: Sweep) -> np.ndarray:
    """Last losses with the seeds last, inf where a run diverged, shape (*settings, seeds)."""
    last = last_loss(grid)
    return last if "seed" in grid.axes else last[..., None]
