"""GradientStream: a gradient of one weight to edit, step by step, and what RMSProp, Adagrad and the sign make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import figures
from ..optimizer import Optimizer, check_hyper
from ..optimizers import Adagrad, RMSProp, SignDescent
from ..problems import normal
from .controls import Controls
from .figure import STATIC, tokens_of, trait
from .own_rules import OpenCanvas, OpenFigure, rounded
from .picture import signed

KINDS = ("step", "spike", "noise", "silence", "nine and one")
OTHERS = {"none": None, "adagrad": Adagrad, "sign": SignDescent}
LARGEST = 3.0  # of a gradient that a reader sets


class StreamCanvas(OpenCanvas):
    """What js/gradient_stream.js reads."""

    _esm = STATIC / "gradient_stream.js"

    name = traitlets.Unicode("stream").tag(sync=True)
    kind = traitlets.Int(0, min=0, max=len(KINDS) - 1).tag(sync=True)
    other = traitlets.Int(0, min=0, max=len(OTHERS) - 1).tag(sync=True)
    steps = traitlets.Int(120, min=1).tag(sync=True)
    seed = traitlets.Int(0, min=0).tag(sync=True)
    lr = traitlets.Float(0.1, min=0).tag(sync=True)
    memory = traitlets.Float(10.0, min=1).tag(sync=True)
    eps = traitlets.Float(1e-8, min=0).tag(sync=True)
    edits = traitlets.Unicode().tag(sync=True)  # "41~2.5|42~-1": gradients that the reader has set, by step
    at = traitlets.Int(1, min=1).tag(sync=True)  # the step that the sentence speaks of


class GradientStream(OpenFigure):
    """A gradient stream to edit, and the √v, effective learning rate and update that follow, step by step.

    kind: "step", "spike", "noise", "silence" or "nine and one". other: what is drawn beside RMSProp, "none", "adagrad"
    or "sign". lr: α > 0. beta: β in [0, 1), moved by a slider of the memory 1/(1 − β). eps: ε inside the root, ≥ 0.
    seed: of the noise. edits: {step: gradient}, from 1, at most 3 in size.

    All of these can be read and set later; `stream.gradients` are the numbers shown, shape (steps,), and `add` draws a
    rule of your own. Raises ValueError for a name or a number that is not allowed.

    >>> stream = GradientStream("spike", beta=0.99, edits={60: -2.0})
    >>> stream.gradients[58:60]
    array([ 0.1, -2. ])
    """

    height, narrow = 568, 698
    lr, eps, seed = map(trait, ("lr", "eps", "seed"))

    def __init__(
        self,
        kind: str = "step",
        other: str = "adagrad",
        *,
        lr: float = 0.1,
        beta: float = 0.9,
        eps: float = 1e-8,
        seed: int = 0,
        edits: Mapping[int, float] | None = None,
    ):
        for name, value in {"lr": lr, "beta": beta, "eps": eps}.items():
            check_hyper(name, value)
        canvas = StreamCanvas(
            tokens=tokens_of({"rmsprop": RMSProp, "adagrad": Adagrad, "sign": SignDescent}),
            kind=_place("kind", kind, KINDS), other=_place("other", other, list(OTHERS)), lr=lr, memory=1 / (1 - beta),
            eps=eps, seed=seed, edits=_text(edits or {}, 120), at=41 if kind == "step" else 31,
        )  # fmt: skip
        controls = Controls()
        controls.choice("kind", "gradient", KINDS)
        controls.choice("other", "compare with", ["nothing", "Adagrad", "sign descent"])
        controls.log("lr", "α", 1e-4, 1)
        controls.log("memory", "memory 1/(1 − β)", 1, 1000)
        super().__init__(canvas, controls, also=["edits", "at"])

    @property
    def beta(self) -> float:
        """β, the decay of the mean square."""
        return 1 - 1 / self.figure.memory

    @beta.setter
    def beta(self, value: float) -> None:
        check_hyper("beta", value)
        self._change(memory=1 / (1 - value))

    @property
    def kind(self) -> str:
        """The shape of the gradient before edits; a new one forgets them."""
        return KINDS[self.figure.kind]

    @kind.setter
    def kind(self, value: str) -> None:
        self._change(kind=_place("kind", value, KINDS), edits="")

    @property
    def other(self) -> str:
        """The method beside RMSProp."""
        return list(OTHERS)[self.figure.other]

    @other.setter
    def other(self, value: str) -> None:
        self._change(other=_place("other", value, list(OTHERS)))

    @property
    def edits(self) -> dict[int, float]:
        """{step: gradient}, as set by the reader."""
        return {int(t): float(g) for t, g in (pair.split("~") for pair in self.figure.edits.split("|") if pair)}

    @edits.setter
    def edits(self, value: Mapping[int, float]) -> None:
        self._change(edits=_text(value, self.figure.steps))

    @property
    def gradients(self) -> np.ndarray:
        """g_1 … g_T as shown."""
        g = stream(self.kind, self.figure.steps, self.figure.seed)
        for t, value in self.edits.items():
            g[t - 1] = value
        return g

    def _numbers(self):
        return {"lr": self.lr, "beta": self.beta, "eps": self.eps}

    def _moving(self):
        return [name for name in (*super()._moving(), "seed") if name not in ("other", "at")]

    def _drawn(self, optimizer):
        names = ("root", "rate", "update")
        return {name: rounded(values) for name, values in zip(names, respond(optimizer, self.gradients), strict=True)}

    def _methods(self) -> dict[str, Optimizer]:
        numbers = {"lr": self.lr, "eps": self.eps}
        other = {"none": [], "adagrad": [Adagrad(**numbers)], "sign": [SignDescent(lr=self.lr)]}[self.other]
        built_in = [RMSProp(**numbers, beta=self.beta), *other]
        return {figures.line_style(method)["label"]: method for method in built_in} | self._own()

    def _picture(self):
        g, t = self.gradients, np.arange(1, self.figure.steps + 1)
        drawing = Drawing(figsize=(7.2, 5.0))
        panels = drawing.subplots(4, 1, sharex=True, height_ratios=[3, 2, 2, 2])
        panels[0].vlines(t, 0, g, color="#33333388", linewidth=1)
        panels[0].plot(t, g, ".", color="#333333", markersize=3)
        panels[1].vlines(t, 0, np.abs(g), color="#33333355", linewidth=1)
        facts = []
        at = min(self.figure.at, self.figure.steps)
        for label, method in self._methods().items():
            root, rate, update = respond(method, g)
            style = figures.line_style(method) | {"label": label}
            for panel, values in zip(panels[1:], (root, rate, update), strict=True):
                panel.plot(t, np.where(np.abs(values) < 1e100, values, np.nan), **style)
            facts.append(f"{style['label']} takes {signed(update[at - 1])}")
        panels[2].set_yscale("log")
        panels[1].set_ylim(0, 3.4)
        for panel, name in zip(panels, ("g", "√v, |g|", "α/√(v + ε)", "update"), strict=True):
            panel.set_ylabel(name)
        panels[-1].set_xlabel("step t")
        panels[1].legend(loc="upper right")
        caption = f"{self.kind.capitalize()}, β = {self.beta:.4g}, α = {self.lr:.3g}. "
        caption += f"At step {at} the gradient is {g[at - 1]:.3g}: "
        caption += "; ".join(facts).replace("takes", "takes a step of", 1) + "."
        return drawing, f"Gradient, root mean square, effective rate and update over {len(t)} steps. {caption}", caption

    def __repr__(self):
        return f"GradientStream({self.kind!r}, {self.other!r}, lr={self.lr:g}, beta={self.beta:g})"


def stream(kind: str, steps: int = 120, seed: int = 0) -> np.ndarray:
    """g_1 … g_T of that kind, shape (steps,); as in js/streams.js."""
    t = np.arange(1, steps + 1)
    third, quarter = steps / 3, steps / 4
    shapes = {
        "step": lambda: np.where((t >= third + 1) & (t <= 2 * third), 3.0, 0.3),
        "spike": lambda: np.where(t == quarter, 3.0, 0.1),
        "noise": lambda: normal(steps, 0, seed),
        "silence": lambda: np.where((t >= quarter + 1) & (t <= 2 * third), 0.0, 1.0),
        "nine and one": lambda: np.where(t % 10 == 0, -2.7, 0.3),
    }
    return shapes[kind]()


def respond(optimizer: Optimizer, gradients: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By step: the root of the second moment, the effective rate, and the update θ_{t−1} − θ_t, each of shape (T,).

    The second moment is the state v or s. Of another rule it is not known (NaN), and its rate is |update / g|.
    """
    theta, rows = np.zeros(1), []
    state = optimizer.init(theta)
    with np.errstate(all="ignore"):
        for g in gradients:
            moved, state = optimizer.step(theta, np.array([g]), state)
            if type(optimizer) in (RMSProp, Adagrad, SignDescent):
                second = getattr(state, "v", getattr(state, "s", np.array([g * g])))[0]
                inside = second + getattr(optimizer, "eps", 0.0)
                rate = optimizer.lr / np.sqrt(inside) if inside > 0 else np.inf
            else:
                second = getattr(state, "v", getattr(state, "s", np.array([np.nan])))[0]
                rate = np.abs(moved[0] / g) if g else np.nan
            rows.append((np.sqrt(second), rate, -moved[0]))
    return tuple(np.array(rows).T)


def _place(name: str, value: str, allowed: Sequence[str]) -> int:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return list(allowed).index(value)


def _text(edits: Mapping[int, float], steps: int) -> str:
    for t, g in edits.items():
        if not 1 <= t <= steps or not abs(g) <= LARGEST:
            raise ValueError(f"edits must be at most {LARGEST:g} at steps 1 to {steps}, got {g!r} at {t!r}")
    return "|".join(f"{int(t)}~{float(g):.6g}" for t, g in edits.items())
