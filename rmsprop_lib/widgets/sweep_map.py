"""SweepMap: the last loss of a sweep over two hyper-parameters as a map, and the run of one cell beside the best."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import figures, problems
from ..optimizers import RMSProp
from ..sweeping import sweep
from ..trajectory import Sweep
from .controls import Controls
from .figure import STATIC, Canvas, Figure, tokens_of
from .picture import short
from .tables import SYMBOLS

POINTS = 41  # of a curve, at most
SPAN = 12  # decades of loss that a curve shows, at most


class MapCanvas(Canvas):
    """What js/sweep_map.js reads."""

    _esm = STATIC / "sweep_map.js"

    name = traitlets.Unicode("sweep").tag(sync=True)
    axes = traitlets.Dict().tag(sync=True)  # {"x": {values, name, log}, "y": …}
    x = traitlets.Float().tag(sync=True)
    y = traitlets.Float().tag(sync=True)
    last = traitlets.Bytes().tag(sync=True)  # float64: last losses, y fastest
    curves = traitlets.Bytes().tag(sync=True)  # a byte for each point of each curve, in the same order
    t = traitlets.List(traitlets.Int()).tag(sync=True)  # the steps of these points
    range = traitlets.List(traitlets.Float()).tag(sync=True)  # powers of ten of the bytes 0 and 254; 255 is not finite
    first = traitlets.Float(1.0).tag(sync=True)  # the loss before the first step


class SweepMap(Figure):
    """A map of the last loss over two hyper-parameters, with a cell to choose and its run beside the best one.

    grid: what `sweep` returned for two axes of numbers, such as lr and beta; default RMSProp on the ravine. The page
    holds the losses and needs no kernel. at: the cell to begin with, {"lr": 0.01, "beta": 0.9}, default the middle.
    `chosen` is the cell, as a dict. Raises ValueError for a sweep without losses or with other axes.
    """

    def __init__(self, grid: Sweep | None = None, *, at: Mapping[str, float] | None = None):
        self.grid = grid = default_sweep() if grid is None else grid
        if len(grid.axes) != 2 or any(values.dtype.kind not in "fiu" for values in grid.axes.values()):
            raise ValueError(f"a map needs a sweep over two axes of numbers, got {', '.join(grid.axes)}")
        if len(grid.loss) < 2:
            raise ValueError('a map needs the losses of all steps, got a sweep with record="last"')
        middle = {name: float(values[len(values) // 2]) for name, values in grid.axes.items()}
        place = grid.at(**(middle if at is None else at))
        self._names = tuple(grid.axes)
        x, y = (_axis(name, values) for name, values in grid.axes.items())
        t = np.unique(np.linspace(0, len(grid.loss) - 1, POINTS).round().astype(int))
        span = loss_range(grid.loss)
        canvas = MapCanvas(
            axes={"x": x, "y": y}, x=x["values"][place[0]], y=y["values"][place[1]], t=t.tolist(), range=list(span),
            last=grid.loss[-1].astype("<f8").tobytes(), curves=np.moveaxis(packed(grid.loss[t], span), 0, -1).tobytes(),
            first=float(grid.loss[0].flat[0]), tokens=tokens_of({"chosen": type(grid.optimizer)}),
        )  # fmt: skip
        controls = Controls()
        for trait, axis in (("x", x), ("y", y)):
            low, high = min(axis["values"]), max(axis["values"])
            if axis["log"]:
                controls.log(trait, axis["name"], low, high)
            else:
                controls.linear(trait, axis["name"], low, high, 0.001)
        super().__init__(canvas, controls)

    @property
    def chosen(self) -> dict[str, float]:
        """The cell as {axis: value}; may be set to any values, of which the nearest cell is taken."""
        axes = self.figure.axes
        return {name: _nearest(axes[t], getattr(self.figure, t)) for name, t in zip(self._names, "xy", strict=True)}

    @chosen.setter
    def chosen(self, values: Mapping[str, float]) -> None:
        place = self.grid.at(**values)
        axes = (self.grid.axes[name] for name in self._names)
        self._change(**{t: float(axis[i]) for t, axis, i in zip("xy", axes, place, strict=True)})

    def _picture(self):
        drawing = Drawing(figsize=(7.2, 3.4))
        left, right = drawing.subplots(1, 2, width_ratios=[3, 2])
        last, best = self.grid.loss[-1], self.grid.best()
        logs = np.log10(np.where(np.isfinite(last) & (last > 0), last, np.nan))
        left.imshow(logs.T, origin="lower", aspect="auto", cmap="cividis")
        left.grid(False)
        chosen = self.grid.at(**self.chosen)
        lowest = self.grid.at(**{name: best[name] for name in self._names})
        left.plot(*chosen, "o", color="white", markeredgecolor="#222222")
        left.plot(*lowest, "D", color="none", markeredgecolor="white", markersize=9)
        for axis, name in zip((left.xaxis, left.yaxis), self._names, strict=True):
            values = self.grid.axes[name]
            ticks = np.unique(np.linspace(0, len(values) - 1, 5).round().astype(int))
            axis.set_ticks(ticks, [f"{values[i]:.3g}" for i in ticks])
        left.set(xlabel=SYMBOLS.get(self._names[0], self._names[0]), ylabel=SYMBOLS.get(self._names[1], self._names[1]))
        red = figures.tokens()["RMSProp"]["light"]
        for cell, line, colour, label in ((chosen, "-", red, "chosen"), (lowest, "--", "#333333", "best")):
            right.semilogy(_drawable(self.grid.loss[(slice(None), *cell)]), line, color=colour, label=label)
        right.set(xlabel="step t", ylabel="loss")
        right.legend()
        where = ", ".join(f"{SYMBOLS.get(n, n)} = {v:.3g}" for n, v in self.chosen.items())
        there = ", ".join(f"{SYMBOLS.get(n, n)} = {best[n]:.3g}" for n in self._names)
        end = last[chosen]
        said = short(end) if np.isfinite(end) else "not finite"
        caption = f"{self.grid.problem.title}: at {where} the last loss is {said}; "
        caption += f"the lowest on the map is {short(best['loss'])}, at {there}."
        what = "Map of the last loss over two hyper-parameters, the darker the lower, and two loss curves."
        return drawing, f"{what} {caption}", caption

    def __repr__(self):
        return f"SweepMap(<{self.grid.problem.title}, {' × '.join(self._names)}>, at={self.chosen})"


def default_sweep() -> Sweep:
    """RMSProp on the ravine with a noisy gradient, 150 steps, over α and β."""
    beta = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999]
    return sweep(RMSProp(), problems.noisy(problems.ravine()), 150, lr=np.geomspace(1e-3, 1.0, 25), beta=np.array(beta))


def loss_range(loss: np.ndarray) -> tuple[float, float]:
    """Whole powers of ten around the losses, not above a hundred times the first one, at most SPAN of them."""
    good = loss[np.isfinite(loss) & (loss > 0)]
    if not good.size:
        return -1.0, 0.0
    high = np.ceil(np.log10(min(good.max(), 100 * max(loss[0].flat[0], good.min()))))
    low = np.floor(np.log10(good.min()))
    return float(max(min(low, high - 1), high - SPAN)), float(high)


def packed(loss: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    """Losses as bytes: 0 … 254 for 10^low … 10^high, 255 for what is not finite."""
    low, high = span
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.round((np.log10(loss) - low) / (high - low) * 254)
    return np.where(np.isfinite(loss), np.clip(np.nan_to_num(level, nan=0.0, neginf=0.0), 0, 254), 255).astype(np.uint8)


def _axis(name: str, values: np.ndarray) -> dict:
    numbers = [float(v) for v in values]
    log = min(numbers) > 0 and max(numbers) > 20 * min(numbers)
    return {"values": numbers, "name": SYMBOLS.get(name, name), "log": log}


def _nearest(axis: dict, value: float) -> float:
    """The number of the axis that is nearest: in factors where the slider moves in factors, as in js/heat.js."""
    numbers = np.array(axis["values"])
    distance = np.abs(np.log(numbers / value)) if axis["log"] else np.abs(numbers - value)
    return axis["values"][int(np.argmin(distance))]


def _drawable(loss: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(loss) & (loss > 0), loss, np.nan)
