"""SpectrumFigure and DescentSpectrum: one number for each eigenvalue, lag or layer, as stems that the sliders move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing
from matplotlib.transforms import ScaledTranslation

from .. import problems
from ..optimizer import check_hyper
from ..optimizers import GradientDescent
from ..problems import Problem
from .controls import Controls
from .figure import STATIC, Canvas, Figure, tokens_of, trait
from .picture import short
from .tables import TableCanvas, TableFigure, axis_range, inks, packed

MOST_STEPS = 500
SHOWN = (-6.0, 2.0)  # powers of ten of the error that is left


class SpectrumCanvas(TableCanvas):
    """What js/spectrum.js reads."""

    _esm = STATIC / "spectrum.js"

    name = traitlets.Unicode("spectrum").tag(sync=True)
    x = traitlets.List().tag(sync=True)  # numbers, or names
    xaxis = traitlets.Dict().tag(sync=True)  # {name, log, range}
    yaxis = traitlets.Dict().tag(sync=True)


class SpectrumFigure(TableFigure):
    """A number for each eigenvalue, lag or layer, drawn as stems, for the setting that the sliders choose.

    x: (n,) eigenvalues or lags, or n names, of layers for instance. values: {label: array}, each of the shape of the
    settings with n at the end; labels that begin with the name of an optimizer have its colour. settings: {name: the
    values of one slider}, in the order of the dimensions of the arrays; "lr" and "beta" are written α and β.
    at: the setting to begin with, {name: value}, default the middle. xlabel, ylabel: what is shown. xlog, ylog: whether
    the axis is logarithmic; None decides by the numbers. The page holds the numbers (float32); the axes are the same
    for all settings. inf and NaN are drawn as ✕. `chosen` is the setting; it may be set. Raises ValueError for arrays
    of another shape.

    >>> gain = np.array([0.5, 1.0])
    >>> lags = SpectrumFigure(range(3), {"norm": gain[:, None] ** np.arange(3)}, {"ρ": gain}, at={"ρ": 0.5})
    >>> lags.chosen
    {'ρ': 0.5}
    """

    narrow = 420

    def __init__(
        self,
        x: Sequence,
        values: Mapping[str, np.ndarray],
        settings: Mapping[str, Sequence],
        *,
        at: Mapping | None = None,
        xlabel: str = "",
        ylabel: str = "",
        xlog: bool | None = False,
        ylog: bool | None = None,
    ):
        self._x, self._values = list(x), {label: np.asarray(v, dtype=float) for label, v in values.items()}
        shape = (*(len(v) for v in settings.values()), len(self._x))
        if not self._values or not self._x:
            raise ValueError(
                f"x and values must not be empty, got {len(self._x)} places and {len(self._values)} labels"
            )
        for label, table in self._values.items():
            if table.shape != shape:
                raise ValueError(
                    f"values[{label!r}] must have the shape of the settings and x, {shape}, got {table.shape}"
                )
        self._named = isinstance(self._x[0], str)
        numbers = range(len(self._x)) if self._named else [float(v) for v in self._x]
        self._range_x, self._xlog = _sides(numbers, False if self._named else xlog)
        self._range_y, self._ylog = axis_range(np.stack(list(self._values.values())), ylog)
        axes = list(range(len(settings)))
        series = [packed(label, token, table, axes)
                  for (label, table), token in zip(self._values.items(), inks(self._values), strict=True)]  # fmt: skip
        canvas = SpectrumCanvas(
            x=self._x if self._named else list(numbers), series=series,
            xaxis={"name": xlabel, "log": self._xlog, "range": self._range_x},
            yaxis={"name": ylabel, "log": self._ylog, "range": self._range_y, "grid": True},
        )  # fmt: skip
        super().__init__(canvas, settings, at)

    def _picture(self):
        drawing = Drawing(figsize=(7.2, 3.2))
        ax = drawing.subplots()
        x = np.arange(len(self._x)) if self._named else np.array(self._x, dtype=float)
        xaxis, yaxis = self.figure.xaxis, self.figure.yaxis
        _scale(ax, xaxis, yaxis)
        cell, facts = tuple(self._now().values()), []
        for k, token in enumerate(inks(self._values)):
            y = self._values[token["label"]][cell]
            aside = ScaledTranslation((k - (len(self._values) - 1) / 2) * 0.07, 0, drawing.dpi_scale_trans)  # inches
            place = {"transform": ax.transData + aside, "color": token["light"]}
            good = np.isfinite(y)
            ax.vlines(x[good], 10.0 ** yaxis["range"][0] if yaxis["log"] else 0, y[good], linewidth=2, **place)
            ax.plot(x[good], y[good], "o", markersize=4, label=token["label"], **place)
            facts.append(f"{token['label']} {said(y, self._x, xaxis['name'])}")
        if self._named:
            ax.set_xticks(x, self._x)
        ax.legend(loc="best")
        caption = f"{yaxis['name'] or 'Values'} at {self._setting(self._places(self.chosen))}: {'; '.join(facts)}."
        return drawing, f"{yaxis['name']} over {len(x)} places, {xaxis['name']}, as stems. {caption}", caption

    def __repr__(self):
        return f"SpectrumFigure(<{', '.join(self._values)} at {len(self._x)} places>, at={self.chosen})"


class DescentCanvas(Canvas):
    """What js/descent_spectrum.js reads."""

    _esm = STATIC / "descent_spectrum.js"

    name = traitlets.Unicode("descent").tag(sync=True)
    x = traitlets.List(traitlets.Float()).tag(sync=True)  # eigenvalues, the smallest first
    xaxis = traitlets.Dict().tag(sync=True)
    lr = traitlets.Float(0.1, min=0).tag(sync=True)
    steps = traitlets.Int(60, min=0).tag(sync=True)


class DescentSpectrum(Figure):
    """The error (1 − αλ)ᵗ that gradient descent leaves along each eigenvector of a quadratic.

    curvature: a quadratic problem, or one of least squares (`models.linear_regression`), or its eigenvalues λ, all > 0.
    lr: α > 0, default nine tenths of the stability limit 2/λ_max. steps: t, 0 to 500. Both can be read and set later.
    `left` are the numbers shown, shape (n,), with their signs: below 0 the error jumps from side to side.

    >>> DescentSpectrum([1.0, 10.0], lr=0.1, steps=2).left.round(2).tolist()
    [0.81, 0.0]
    """

    height, narrow = 441, 470
    lr, steps = map(trait, ("lr", "steps"))

    def __init__(self, curvature: Problem | Sequence[float], *, lr: float | None = None, steps: int = 20):
        H = problems.hessian(curvature) if isinstance(curvature, Problem) else None
        self.eigenvalues = np.sort(np.linalg.eigvalsh(H) if H is not None else np.asarray(curvature, dtype=float))
        if not self.eigenvalues.size or not (self.eigenvalues > 0).all() or not np.isfinite(self.eigenvalues).all():
            raise ValueError(f"eigenvalues must be finite and > 0, got {self.eigenvalues}")
        self.limit = 2 / float(self.eigenvalues[-1])
        lr = float(f"{0.9 * self.limit:.3g}") if lr is None else lr
        check_hyper("lr", lr)
        if not 0 <= steps <= MOST_STEPS:
            raise ValueError(f"steps must be 0 to {MOST_STEPS}, got {steps!r}")
        span, log = _sides(self.eigenvalues, None)
        canvas = DescentCanvas(
            x=self.eigenvalues.tolist(), xaxis={"name": "eigenvalue λ", "log": log, "range": span}, lr=lr, steps=steps,
            tokens=tokens_of({"gd": GradientDescent}),
        )  # fmt: skip
        controls = Controls()
        controls.log("lr", "α", min(lr, self.limit / 100), max(lr, self.limit * 2))
        controls.whole("steps", "steps t", 0, MOST_STEPS)
        super().__init__(canvas, controls)

    @property
    def left(self) -> np.ndarray:
        """(1 − αλ)^t for every eigenvalue, the smallest first."""
        return remaining(self.eigenvalues, self.lr, self.steps)

    def _picture(self):
        drawing = Drawing(figsize=(7.2, 3.2))
        ax = drawing.subplots()
        x, y, left = self.eigenvalues, np.abs(self.left), self.left
        colour = tokens_of({"gd": GradientDescent})["gd"]["light"]
        ax.vlines(x, 1, np.maximum(y, 1e-9), color=colour, linewidth=1.5)
        ax.plot(x[left >= 0], y[left >= 0], "o", color=colour, label="same side")
        ax.plot(x[left < 0], y[left < 0], "o", color=colour, markerfacecolor="white", label="other side")
        ax.axhline(1, color="#777777", linewidth=0.8)
        ax.axvline(2 / self.lr, color="#777777", linestyle=":")
        _scale(ax, self.figure.xaxis, {"name": "error left, |1 − αλ|ᵗ", "log": True, "range": list(SHOWN)})
        worst = int(np.argmax(y))
        caption = f"α = {short(self.lr)} after {self.steps} steps; the limit 2/λ_max is {short(self.limit)}. "
        caption += f"Most error is left at λ = {short(x[worst])}: {short(y[worst])} of the first one."
        what = f"The error left along {len(x)} eigenvectors, as stems over their eigenvalues."
        return drawing, f"{what} {caption}", caption

    def __repr__(self):
        return f"DescentSpectrum(<{len(self.eigenvalues)} eigenvalues>, lr={self.lr:g}, steps={self.steps})"


def remaining(eigenvalue, lr: float, steps: int):
    """(1 − αλ)^t, what is left of the error along an eigenvector after t steps of gradient descent."""
    with np.errstate(over="ignore"):
        return (1 - lr * np.asarray(eigenvalue)) ** steps


def said(y: np.ndarray, x: Sequence, name: str) -> str:
    """From where to where the numbers go, in words, as js/spectrum.js says it."""
    good = np.isfinite(y)
    gone = f", {np.count_nonzero(~good)} of {len(y)} not finite" if not good.all() else ""
    if not good.any():
        return "is not finite anywhere"
    first, last = np.flatnonzero(good)[[0, -1]]
    place = [f"{name} {v if isinstance(v, str) else short(v)}".strip() for v in (x[first], x[last])]
    return f"is {short(y[first])} at {place[0]} and {short(y[last])} at {place[1]}{gone}"


def _sides(numbers, log: bool | None) -> tuple[list[float], bool]:
    """The range of the places and whether it is logarithmic, with room at both sides for a stem."""
    span, log = axis_range(numbers, log)
    if log:
        return span, log
    low, high = float(min(numbers)), float(max(numbers))
    room = max(0.04 * (high - low), 0.5 if high == low or isinstance(numbers, range) else 0)
    return [low - room, high + room], log


def _scale(ax, xaxis: Mapping, yaxis: Mapping) -> None:
    for axis, set_scale, set_limits, set_name in (
        (xaxis, ax.set_xscale, ax.set_xlim, ax.set_xlabel),
        (yaxis, ax.set_yscale, ax.set_ylim, ax.set_ylabel),
    ):
        set_scale("log" if axis["log"] else "linear")
        set_limits(*(10.0 ** np.array(axis["range"]) if axis["log"] else axis["range"]))
        set_name(axis["name"])
