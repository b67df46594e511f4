"""Pictures of what `run` and `sweep` returned, or of plain arrays. Each gives matplotlib Axes; none computes a run."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from importlib import resources

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from .trajectory import Sweep, Trajectory
from .tuning import last_loss


@functools.cache
def tokens() -> dict:
    """Colours, dashes, markers and labels of the optimizers: one table for matplotlib and JavaScript."""
    return json.loads(resources.files(__package__).joinpath("tokens.json").read_text("utf8"))["optimizers"]


def use_style() -> None:
    """Switch matplotlib to the look of the book."""
    plt.style.use(str(resources.files(__package__).joinpath("book.mplstyle")))


def line_style(optimizer) -> dict:
    """The matplotlib keywords (color, linestyle, label) of an optimizer; a reader's own rule has its own name."""
    name = type(optimizer).__name__
    token = tokens().get(name, tokens()["other"])
    return {"color": token["light"], "linestyle": _dash(token), "label": token["label"] if name in tokens() else name}


def scientific(x: float, digits: int = 1) -> str:
    """A number as a text has it: 3.2e-09 is "3·10⁻⁹". digits: how many to keep, ≥ 1. ValueError for inf or NaN."""
    if not np.isfinite(x):
        raise ValueError(f"x must be finite, got {x!r}")
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def paths(*trajectories: Trajectory, ax: Axes | None = None, bounds=None, labels=None) -> Axes:
    """The paths of two-parameter runs over the contours of their loss: θ₁ across, θ₂ up.

    trajectories: runs on one problem with d = 2. bounds: ((low, high), (low, high)), default the problem's, or else
    a frame around the paths. labels: one per path.
    Returns the Axes. Raises ValueError for no trajectory or d ≠ 2.
    """
    _at_least_one(trajectories)
    if trajectories[0].theta.shape[-1] != 2:
        raise ValueError(f"paths needs runs on 2 parameters, got {trajectories[0].theta.shape[-1]}")
    ax = ax or plt.figure(figsize=(5.6, 3.6)).gca()
    problem = trajectories[0].problem
    (x0, x1), (y0, y1) = bounds or problem.bounds or _around(trajectories)
    x, y = np.meshgrid(np.linspace(x0, x1, 160), np.linspace(y0, y1, 120))
    places = np.stack([x, y], axis=-1)
    z = problem.f(places) if problem.broadcasts else np.apply_along_axis(problem.f, -1, places)
    low, high = z.min(), np.quantile(z, 0.97)
    levels = low + (high - low) * np.linspace(0, 1, 15)[1:] ** 2
    ax.contour(x, y, z, levels=levels, colors="#b9c0c7", linewidths=0.7, zorder=1)
    for path, style in zip(trajectories, _run_styles(trajectories, labels), strict=True):
        marker = tokens().get(type(path.optimizer).__name__, tokens()["other"])["marker"]
        ax.plot(*path.theta.T, **style, marker=marker, markersize=3, markevery=max(1, path.steps // 30), zorder=2)
    ax.plot(*trajectories[0].theta[0], "o", color="#222222", markersize=7, markerfacecolor="white", zorder=3)
    if problem.minima is not None:
        ax.plot(*problem.minima.T, "+", color="#222222", markersize=11, markeredgewidth=1.6, zorder=3)
    ax.set(xlim=(x0, x1), ylim=(y0, y1), xlabel="θ₁", ylabel="θ₂", title=problem.title)
    ax.grid(False)
    ax.legend(loc="best", frameon=True, framealpha=0.85, edgecolor="none")  # the contours would cross its words
    return ax


def losses(*trajectories: Trajectory, ax: Axes | None = None, labels=None, floor: float = 1e-16) -> Axes:
    """Loss against step t, logarithmic, one line per run. Losses below `floor` are drawn at it. Returns the Axes."""
    _at_least_one(trajectories)
    ax = ax or plt.figure().gca()
    for path, style in zip(trajectories, _run_styles(trajectories, labels), strict=True):
        ax.semilogy(np.arange(len(path.loss)), np.maximum(path.loss, floor), **style)
    ax.set(xlabel="step t", ylabel="loss f(θ)")
    ax.legend(**_ABOVE, ncols=3)
    return ax


def curves(x, ys, *, ax: Axes | None = None, xlabel="", ylabel="", xscale="linear", yscale="linear") -> Axes:
    """One line for each entry of `ys`, a dict from its label to numbers over `x`. Returns the Axes.

    x: shape (n,). A value of shape (n,) is a line; one of shape (runs, n) is the median over runs in a band from the
    smallest to the largest. A label that begins with the name of an optimizer ("RMSProp, β = 0.99") has its colour,
    others shades of grey.
    """
    ax = ax or plt.figure().gca()
    for (label, y), style in zip(ys.items(), _styles(ys), strict=True):
        runs = np.atleast_2d(np.asarray(y, dtype=float))
        if runs.shape[1:] != np.shape(x):
            raise ValueError(f"{label!r} must have one number for each of the {len(x)} in x, got shape {np.shape(y)}")
        ax.plot(x, np.median(runs, axis=0), **style, label=label)
        if len(runs) > 1:
            ax.fill_between(x, runs.min(axis=0), runs.max(axis=0), color=style["color"], alpha=0.15, linewidth=0)
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    if len(ys) > 1:
        ax.legend(loc="best")
    return ax


def spread(values, *, ax: Axes | None = None, xlabel="", xscale="linear") -> Axes:
    """One row for each entry of `values`, a dict from its label to the results of several seeds. Returns the Axes.

    Small strokes are the seeds, the point is their median, the line runs from the smallest to the largest.
    Colours as in `curves`.
    """
    ax = ax or plt.figure(figsize=(5.6, 0.8 + 0.42 * len(values))).gca()
    for row, ((_, seeds), style) in enumerate(zip(values.items(), _styles(values), strict=True)):
        color = style["color"]
        seeds = np.atleast_1d(np.asarray(seeds, dtype=float))
        ax.plot([seeds.min(), seeds.max()], [row, row], color=color, linewidth=1.2)
        ax.plot(seeds, np.full(seeds.size, row), "|", color=color, markersize=9)
        ax.plot(np.median(seeds), row, "o", color=color, markersize=8)
    ax.set(xlabel=xlabel, xscale=xscale, ylim=(len(values) - 0.5, -0.5))
    ax.set_yticks(range(len(values)), list(values))
    ax.grid(False, axis="y")
    return ax


def points(x, y, names=(), *, ax: Axes | None = None, xlabel="", ylabel="", xscale="linear", yscale="linear") -> Axes:
    """Points (x, y), each with its name beside it where `names` are given. Returns the Axes."""
    ax = ax or plt.figure().gca()
    ax.plot(x, y, "o", color="#222222", markersize=5)
    for place, name in zip(zip(x, y, strict=True), names, strict=False):
        ax.annotate(name, place, xytext=(5, 3), textcoords="offset points", size=10)
    ax.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    return ax


def bars(
    values: Mapping[str, Sequence[float]], names: Sequence[str], *, ax: Axes | None = None, ylabel="", yscale="linear"
) -> Axes:
    """Groups of bars: one group per name, in it one bar per entry of `values`. Returns the Axes.

    values: label -> (d,) numbers; colours as in `curves`, and hatching besides. names: (d,), below the groups.
    Raises ValueError for no entry, or one that has not a number for each name.
    """
    if not values or any(np.shape(v) != (len(names),) for v in values.values()):
        got = {label: np.shape(v) for label, v in values.items()}
        raise ValueError(f"values must hold {len(names)} numbers for each label, got shapes {got}")
    ax = ax or plt.figure().gca()
    width = 0.8 / len(values)
    for i, ((label, heights), style) in enumerate(zip(values.items(), _styles(values), strict=True)):
        place = np.arange(len(names)) + (i - (len(values) - 1) / 2) * width
        hatch = ("", "//", "..", "xx")[i % 4]
        ax.bar(place, heights, 0.92 * width, color=style["color"], edgecolor="white", hatch=hatch, label=label)
    ax.set(ylabel=ylabel, yscale=yscale)
    ax.set_xticks(np.arange(len(names)), names)
    ax.grid(False, axis="x")
    if len(values) > 1:
        ax.legend(**_ABOVE, ncols=2)
    return ax


def sensitivity(sweeps: Mapping[str, Sweep], *, ax: Axes | None = None) -> Axes:
    """Last loss against learning rate α, both logarithmic: the median over the seeds in a band from least to largest.

    sweeps: label -> sweep over lr, or lr and seed; colours as in `curves`. A line ends where a run diverged.
    Returns the Axes. Raises ValueError for no sweep or other axes.
    """
    if not sweeps:
        raise ValueError("sweeps must have one or more entries, got none")
    ax = ax or plt.figure().gca()
    for (label, sweep), style in zip(sweeps.items(), _styles(sweeps), strict=True):
        if set(sweep.axes) - {"seed"} != {"lr"}:
            raise ValueError(f"sweep {label!r} must have the axes lr, or lr and seed, got {list(sweep.axes)}")
        loss = last_loss(sweep) if "seed" in sweep.axes else last_loss(sweep)[:, None]
        loss = np.where(np.isfinite(loss).all(axis=1, keepdims=True), loss, np.nan)
        ax.plot(sweep.axes["lr"], np.median(loss, axis=1), **style, marker=_marker(label), label=label)
        ax.fill_between(
            sweep.axes["lr"], loss.min(axis=1), loss.max(axis=1), color=style["color"], alpha=0.15, linewidth=0
        )
    ax.set(xlabel="learning rate α", ylabel="loss after the last step", xscale="log", yscale="log")
    ax.legend(loc="best")
    return ax


def heat_map(sweep: Sweep, *, ax: Axes | None = None) -> Axes:
    """Last loss over a grid of two hyper-parameters, on a logarithmic colour scale. Returns the Axes.

    sweep: over two axes, the first across and the second up, one cell per value. A cross marks the lowest loss; a run
    that diverged is left white. Raises ValueError for another number of axes.
    """
    if len(sweep.axes) != 2:
        raise ValueError(f"sweep must have two axes, got {list(sweep.axes)}")
    ax = ax or plt.figure().gca()
    loss = last_loss(sweep)
    shown = np.ma.masked_invalid(np.where(loss > 0, loss, np.nan)).T
    cells = ax.pcolormesh(*map(np.arange, loss.shape), shown, norm="log", cmap="viridis_r", shading="nearest")
    best = np.unravel_index(np.argmin(loss), loss.shape)
    ax.plot(*best, "+", color="white", markersize=14, markeredgewidth=4)
    ax.plot(*best, "+", color="black", markersize=11, markeredgewidth=1.5)
    for axis, (name, values) in zip((ax.xaxis, ax.yaxis), sweep.axes.items(), strict=True):
        ticks = range(0, len(values), -(-len(values) // 6))  # at most six, equally far apart
        axis.set_ticks(ticks, [f"{values[k]:.3g}" for k in ticks])
        axis.set_label_text(_SYMBOLS.get(name, name))
    ax.figure.colorbar(cells, ax=ax, label="loss after the last step")
    ax.grid(False)
    return ax


_SYMBOLS = {"lr": "learning rate α", "beta": "decay β", "beta1": "decay β₁", "beta2": "decay β₂", "mu": "momentum μ"}
_ABOVE = {"loc": "lower left", "bbox_to_anchor": (0, 1)}  # a legend above a picture that leaves no room for it
_GREYS = (("#222222", "-"), ("#7a7a7a", (0, (6, 2))), ("#222222", (0, (1, 2))), ("#7a7a7a", (0, (8, 2, 2, 2))))
_DASHES = ("-", (0, (5, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2)))


def _styles(labels) -> list[dict]:
    """Colour and dash for each label: an optimizer's where the label begins with its name, else the next grey.

    Labels of one optimizer ("RMSProp, β = 0.9", "RMSProp, β = 0.99") share its colour and differ by their dashes.
    """
    styles, seen = [], {}
    for label in labels:
        token = _token(label)
        name = token["label"] if token else None
        number = seen[name] = seen.get(name, -1) + 1
        if token is None:
            color, dash = _GREYS[number % 4]
        else:
            color, dash = token["light"], _DASHES[number % 4] if number else _dash(token)
        styles.append({"color": color, "linestyle": dash})
    return styles


def _run_styles(trajectories, labels) -> list[dict]:
    """Colour, dash and label of each run: by its optimizer, whatever the label says; a second one gets other dashes."""
    if labels is not None and len(labels) != len(trajectories):
        raise ValueError(f"labels must be one per run, {len(trajectories)}, got {len(labels)}")
    styles, seen = [], {}
    for path, label in zip(trajectories, labels or [None] * len(trajectories), strict=True):
        kind = type(path.optimizer)
        number = seen[kind] = seen.get(kind, -1) + 1
        style = line_style(path.optimizer) | ({"linestyle": _DASHES[number % 4]} if number else {})
        styles.append(style | ({"label": label} if label else {}))
    return styles


def _token(label) -> dict | None:
    names = [t for t in tokens().values() if str(label).startswith(t["label"])]
    return max(names, key=lambda t: len(t["label"]), default=None)


def _marker(label) -> str:
    return (_token(label) or tokens()["other"])["marker"]


def _dash(token):
    return (0, token["dash"]) if token["dash"] else "-"


def _around(trajectories):
    """The sides of a picture that holds all paths, and a tenth more on each side."""
    points = np.concatenate([path.theta for path in trajectories])
    low, high = points.min(axis=0), points.max(axis=0)
    margin = np.where(high > low, 0.1 * (high - low), 1.0)
    return tuple(zip(low - margin, high + margin, strict=True))


def _at_least_one(trajectories):
    if not trajectories or not all(isinstance(path, Trajectory) for path in trajectories):
        raise ValueError(f"trajectories must be one or more results of run, got {trajectories!r}")
