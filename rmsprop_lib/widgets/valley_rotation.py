"""ValleyRotation: a valley to turn; gradient descent does not notice, RMSProp loses what it had won."""

from __future__ import annotations

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import figures, problems
from ..optimizer import Optimizer, check_hyper
from ..optimizers import GradientDescent, RMSProp
from ..problems import normal
from .controls import Controls
from .figure import STATIC, point, tokens_of, trait
from .own_rules import OpenCanvas, OpenFigure, as_path, quiet_run

LIMIT = 1000  # steps, after which a run has failed
TOLERANCE = 1e-4  # of the first loss
STARTS = 7
ANGLES = np.arange(0, 91, 3)
SHOWN = 300  # steps of a path


class ValleyCanvas(OpenCanvas):
    """What js/valley_rotation.js reads."""

    _esm = STATIC / "valley_rotation.js"

    name = traitlets.Unicode("valley").tag(sync=True)
    angle = traitlets.Float(30.0, min=0, max=90).tag(sync=True)  # degrees
    condition = traitlets.Float(100.0, min=1).tag(sync=True)
    lr = traitlets.Float(0.1, min=0).tag(sync=True)
    beta = traitlets.Float(0.99, min=0, max=1).tag(sync=True)
    eps = traitlets.Float(1e-8, min=0).tag(sync=True)
    start = traitlets.List(traitlets.Float(), minlen=2, maxlen=2).tag(sync=True)  # along and across the valley


class ValleyRotation(OpenFigure):
    """A quadratic valley turned against the axes, with the paths of gradient descent and RMSProp and a start to drag.

    Beside it, for every angle, the steps that each needs to lower the loss to 10⁻⁴ of the first one: the median over
    seven random starts, the same for all angles up to the turn. Gradient descent has its best rate 2/(1 + κ).

    angle: of the valley's floor to the first axis, 0 to 90 degrees. condition: κ ≥ 1. lr, beta, eps: of RMSProp.
    start: θ_0 along and across the valley, which turns with it. All of these can be read and set later, and `add` draws
    a rule of your own.

    >>> ValleyRotation(angle=45).angle
    45.0
    """

    height, narrow = 441, 652
    angle, condition, lr, beta, eps = map(trait, ("angle", "condition", "lr", "beta", "eps"))

    def __init__(self, angle=30.0, condition=100.0, *, lr=0.1, beta=0.99, eps=1e-8, start=(-4.0, 0.4)):
        for name, value in {"angle": angle, "condition": condition, "lr": lr, "beta": beta, "eps": eps}.items():
            check_hyper(name, value)
        if not 0 <= angle <= 90 or not 1 <= condition <= 1000:
            raise ValueError(f"angle must be in [0, 90] and condition in [1, 1000], got {angle!r} and {condition!r}")
        canvas = ValleyCanvas(
            angle=angle, condition=condition, lr=lr, beta=beta, eps=eps, start=point(start),
            tokens=tokens_of({"gd": GradientDescent, "rmsprop": RMSProp}),
        )  # fmt: skip
        controls = Controls()
        controls.linear("angle", "angle in degrees", 0, 90, 0.5, ".1f")
        controls.log("condition", "κ", 1, 1000)
        controls.log("lr", "α RMSProp", 1e-3, 1)
        controls.linear("beta", "β RMSProp", 0, 0.999, 0.001)
        super().__init__(canvas, controls, also=["start"])

    @property
    def start(self) -> tuple[float, float]:
        """θ_0 along and across the valley."""
        return tuple(self.figure.start)

    @start.setter
    def start(self, value) -> None:
        self._change(start=point(value))

    def _numbers(self):
        return {"lr": self.lr, "beta": self.beta, "eps": self.eps}

    def _drawn(self, optimizer):
        steps = self._steps(optimizer)
        path = as_path(self._run(optimizer, min(steps, SHOWN)))
        return {**path, "steps": steps, "curve": curve(optimizer, self.condition).tolist()}

    def _steps(self, optimizer: Optimizer) -> int:
        with np.errstate(all="ignore"):  # a rule that diverges never gets there
            return int(steps_to(optimizer, hessian(self.condition, self.angle), turned(self.start, self.angle)))

    def _run(self, optimizer: Optimizer, steps: int):
        valley = problems.quadratic(self.condition, np.radians(self.angle))
        return quiet_run(optimizer, valley, steps, turned(self.start, self.angle))

    def _picture(self):
        methods = [GradientDescent(lr=2 / (1 + self.condition)), RMSProp(lr=self.lr, beta=self.beta, eps=self.eps)]
        shown = {figures.line_style(method)["label"]: method for method in methods} | self._own()
        drawing = Drawing(figsize=(7.2, 3.4))
        left, right = drawing.subplots(1, 2, width_ratios=[3, 2])
        figures.paths(*(self._run(method, SHOWN) for method in shown.values()), ax=left, labels=list(shown))
        facts = []
        for label, method in shown.items():
            style = figures.line_style(method) | {"label": label}
            counts = curve(method, self.condition)
            right.semilogy(ANGLES, counts, **style)
            here = self._steps(method)
            over = f"over {LIMIT}" if here > LIMIT else str(here)
            low, high = counts.min(), counts.max()
            spread = f"{low} at every angle" if low == high else f"{low} to {high} depending on the angle"
            facts.append(f"{style['label']} {over} from here, {spread} from random starts")
        right.axvline(self.angle, color="#777777", linestyle=":")
        right.set(xlabel="angle in degrees", ylabel="steps to f₀/10⁴", ylim=(1, 1300), xlim=(0, 90))
        caption = f"Valley with κ = {self.condition:.3g}, turned by {self.angle:g}°. Steps needed: {'; '.join(facts)}."
        return drawing, f"Contours of a turned valley with two paths, and steps against angle. {caption}", caption

    def __repr__(self):
        return f"ValleyRotation({self.angle:g}, {self.condition:g}, lr={self.lr:g}, beta={self.beta:g})"


def hessian(condition: float, degrees) -> np.ndarray:
    """H with eigenvalues 1 and κ, turned by so many degrees, shape (..., 2, 2); the operations of js/valley.js."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    across = (1 - condition) * c * s
    entries = [c * c + condition * s * s, across, across, s * s + condition * c * c]
    return np.stack(entries, axis=-1).reshape(*np.shape(c), 2, 2)


def turned(place, degrees) -> np.ndarray:
    """A point given along and across the valley, in the axes of the weights, shape (..., 2)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    u, v = np.moveaxis(np.asarray(place, dtype=float), -1, 0)
    return np.stack([c * u - s * v, s * u + c * v], axis=-1)


def starts(condition: float) -> np.ndarray:
    """Random starts along and across the valley, both directions alike in f, shape (STARTS, 2)."""
    points = normal(2 * STARTS, 0, 0).reshape(STARTS, 2) / [1.0, np.sqrt(condition)]
    return points * (4 / np.abs(points).max(axis=1, keepdims=True))


def steps_to(method: Optimizer, H: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The first step after which f ≤ TOLERANCE f(θ_0), or LIMIT + 1; start: (..., 2), H: (..., 2, 2), result: (...)."""
    theta, state = np.array(start, dtype=float), method.init(start)
    slope = _times(H, theta)
    goal = TOLERANCE * (theta * slope).sum(axis=-1)
    count = np.full(theta.shape[:-1], LIMIT + 1)
    for t in range(1, LIMIT + 1):
        theta, state = method.step(theta, slope, state)
        slope = _times(H, theta)
        count = np.where((count > LIMIT) & ((theta * slope).sum(axis=-1) <= goal), t, count)
        if (count <= LIMIT).all():
            break
    return count


def _times(H, theta):
    return np.stack([(H[..., i, :] * theta).sum(axis=-1) for i in (0, 1)], axis=-1)


def curve(method: Optimizer, condition: float) -> np.ndarray:
    """The median of `steps_to` over the starts, for every angle of ANGLES."""
    angles = ANGLES[:, None]
    with np.errstate(all="ignore"):
        counts = steps_to(method, hessian(condition, angles), turned(starts(condition), angles))
    return np.median(counts, axis=1).astype(int)
