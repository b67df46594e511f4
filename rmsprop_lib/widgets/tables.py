"""What figures of recorded numbers share: a table over settings, and sliders that choose among them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import traitlets

from .. import figures
from .controls import Controls
from .figure import Canvas, Figure

SYMBOLS = {"lr": "α", "beta": "β", "beta1": "β₁", "beta2": "β₂", "mu": "μ", "eps": "ε"}
MOST = 4  # axes, for each is a slider
SPAN = 12  # decades that a logarithmic axis shows, at most
INKS = ({"light": "#333333", "dark": "#dddddd"}, {"light": "#7d8894", "dark": "#8b97a3"})


class TableCanvas(Canvas):
    """A canvas with a setting: place i is that of the slider of axis i."""

    axes = traitlets.List(traitlets.Dict()).tag(sync=True)  # {"name": "α", "labels": ["0.01", …]}
    series = traitlets.List(traitlets.Dict()).tag(sync=True)  # as `packed` writes them, each with what the figure adds
    place0 = traitlets.Int(0, min=0).tag(sync=True)
    place1 = traitlets.Int(0, min=0).tag(sync=True)
    place2 = traitlets.Int(0, min=0).tag(sync=True)
    place3 = traitlets.Int(0, min=0).tag(sync=True)


class TableFigure(Figure):
    """A figure with one slider for each axis of settings, which stops at the values of that axis and nowhere else.

    axes: name -> values, numbers or words. at: the setting to begin with, default the middle of every axis.
    """

    def __init__(self, canvas: TableCanvas, axes: Mapping[str, np.ndarray], at: Mapping | None):
        if not 1 <= len(axes) <= MOST:
            raise ValueError(f"there must be 1 to {MOST} axes of settings, got {', '.join(axes) or 'none'}")
        self._axes = {name: np.asarray(values) for name, values in axes.items()}
        canvas.axes = [{"name": SYMBOLS.get(n, n), "labels": labels_of(v)} for n, v in self._axes.items()]
        middle = {name: values[len(values) // 2] for name, values in self._axes.items()}
        for trait, place in self._places(middle | dict(at or {})).items():
            setattr(canvas, trait, place)
        controls = Controls()
        for i, axis in enumerate(canvas.axes):
            controls.pick(f"place{i}", axis["name"], axis["labels"])
        super().__init__(canvas, controls)

    @property
    def chosen(self) -> dict:
        """The setting as {axis: value}; may be set, also in part: the nearest values of the axes are taken."""
        return {name: self._axes[name][place].item() for name, place in self._now().items()}

    @chosen.setter
    def chosen(self, values: Mapping) -> None:
        self._change(**self._places(self.chosen | dict(values)))

    def _now(self) -> dict[str, int]:
        return {name: getattr(self.figure, f"place{i}") for i, name in enumerate(self._axes)}

    def _places(self, values: Mapping) -> dict[str, int]:
        """The traits of a setting: for each axis the place of the value that is nearest."""
        if unknown := set(values) - set(self._axes):
            raise ValueError(f"a setting must name the axes {', '.join(self._axes)}, got {', '.join(sorted(unknown))}")
        return {f"place{i}": nearest(n, axis, values[n]) for i, (n, axis) in enumerate(self._axes.items())}

    def _setting(self, places: Mapping[str, int], names=None) -> str:
        """A setting in words, as js/table.js writes it; names: of the axes to mention, default all."""
        pairs = zip(self._axes, self.figure.axes, places.values(), strict=True)
        return ", ".join(f"{a['name']} = {a['labels'][i]}" for n, a, i in pairs if names is None or n in names)


def packed(label: str, token: Mapping, table: np.ndarray, axes: list[int]) -> dict:
    """One series for the page: its numbers as float32, settings first; axes: which sliders choose among them."""
    with np.errstate(over="ignore"):  # beyond float32 a number is drawn as what it is to a reader: infinite
        data = np.asarray(table).astype("<f4").tobytes()
    return {
        "label": label,
        "token": dict(token),
        "axes": axes,
        "shape": list(np.shape(table)[: len(axes)]),
        "table": data,
    }


def nearest(name: str, axis: np.ndarray, value) -> int:
    """The place in an axis of numbers that is nearest to the value, or that of the very word."""
    if axis.dtype.kind in "fiu":
        return int(np.argmin(np.abs(axis - value)))
    if value not in axis.tolist():
        raise ValueError(f"{name} must be one of {', '.join(map(repr, axis.tolist()))}, got {value!r}")
    return axis.tolist().index(value)


def labels_of(values: np.ndarray) -> list[str]:
    """What stands beside a slider: numbers with four digits, words as they are."""
    return [f"{v:.4g}" if values.dtype.kind in "fiu" else str(v) for v in values]


def inks(labels) -> list[dict]:
    """A token for every label: that of the optimizer whose name it begins with, else two inks in turn."""
    tokens, used = [], 0
    for label in labels:
        known = [t for t in figures.tokens().values() if str(label).startswith(t["label"])]
        if known:
            tokens.append(max(known, key=lambda t: len(t["label"])) | {"label": label})
        else:
            more = {"dash": [5, 3] if used else [], "marker": "os"[used % 2], "label": label}
            tokens.append(INKS[used % 2] | more)
            used += 1
    return tokens


def axis_range(values, log: bool | None) -> tuple[list[float], bool]:
    """The range of an axis that holds the finite numbers, and whether it is logarithmic, then in powers of ten.

    log: None takes a logarithmic axis where no number is below 0 and the largest is 20 times the smallest above 0.
    """
    good = np.asarray(values, dtype=float)
    good = good[np.isfinite(good)]
    positive = good[good > 0]
    if log is None:
        log = bool(positive.size and good.min() >= 0 and positive.max() >= 20 * positive.min())
    if log:
        good = np.log10(positive)
    if not good.size:
        return [-1.0, 0.0], log
    low, high = float(good.min()), float(good.max())
    if log:
        low = max(low, high - SPAN)
        room = 0.05 * max(high - low, 0.2)
        return [low - room, high + room], log
    low, high = min(low, 0.0), max(high, 0.0)
    return [low * 1.05, high * 1.05 or 1.0], log
