"""NineAndOne: Hinton's weight under four methods, and the settings that send RMSProp the wrong way."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import figures, problems
from ..optimizer import Optimizer, check_hyper
from ..optimizers import GradientDescent, RMSProp, Rprop, SignDescent
from .controls import Controls
from .figure import STATIC, tokens_of, trait
from .own_rules import OpenCanvas, OpenFigure, quiet_run, rounded
from .picture import signed

METHODS = {"gd": GradientDescent, "sign": SignDescent, "rprop": Rprop, "rmsprop": RMSProp}
COUNT, SMALL = 10, 0.1


class NineCanvas(OpenCanvas):
    """What js/nine_and_one.js reads."""

    _esm = STATIC / "nine_and_one.js"

    name = traitlets.Unicode("nine").tag(sync=True)
    methods = traitlets.List(traitlets.Unicode()).tag(sync=True)
    imbalance = traitlets.Float(0.1, min=0, max=1).tag(sync=True)
    memory = traitlets.Float(10.0, min=1).tag(sync=True)
    lr = traitlets.Float(0.01, min=0).tag(sync=True)
    eps = traitlets.Float(1e-8, min=0).tag(sync=True)
    steps = traitlets.Int(200, min=1).tag(sync=True)
    rprop = traitlets.Dict().tag(sync=True)  # its factors and bounds


class NineAndOne(OpenFigure):
    """A weight with nine gradients of 0.1 and one of −0.9(1 + δ), over and over: where four methods take it.

    Beside it the settings of memory 1/(1 − β) and imbalance δ for which RMSProp goes the wrong way, with a point to
    drag. methods: some of "gd", "sign", "rprop", "rmsprop". imbalance: δ in [0, 1]. beta: β in [0, 1), moved by a
    slider of its memory. lr: α > 0, of all methods; Rprop starts with it. Numbers can be read and set later, and `add`
    draws a rule of your own.

    >>> NineAndOne(imbalance=0.2, beta=0.99).imbalance
    0.2
    """

    height, narrow = 468, 766
    imbalance, lr, eps, steps = map(trait, ("imbalance", "lr", "eps", "steps"))

    def __init__(
        self, methods: Iterable[str] = tuple(METHODS), *, imbalance=0.1, beta=0.9, lr=0.01, eps=1e-8, steps=200
    ):
        methods = list(methods)
        if not methods or not set(methods) <= set(METHODS):
            raise ValueError(f"methods must be some of {', '.join(METHODS)}, got {methods!r}")
        for name, value in {"imbalance": imbalance, "lr": lr, "beta": beta, "eps": eps}.items():
            check_hyper(name, value)
        if not 0 <= imbalance <= 1:
            raise ValueError(f"imbalance must be in [0, 1], got {imbalance!r}")
        rprop = Rprop(lr=lr)
        canvas = NineCanvas(
            methods=methods, tokens=tokens_of({name: METHODS[name] for name in methods} | {"region": RMSProp}),
            imbalance=imbalance, memory=1 / (1 - beta), lr=lr, eps=eps, steps=steps,
            rprop={name: getattr(rprop, name) for name in ("shrink", "grow", "h_min", "h_max")},
        )  # fmt: skip
        controls = Controls()
        controls.linear("imbalance", "imbalance δ", 0, 1, 0.001)
        controls.log("memory", "memory 1/(1 − β)", 1, 1000)
        controls.log("lr", "α", 1e-4, 1)
        controls.whole("steps", "steps", 10, 500)
        super().__init__(canvas, controls)

    @property
    def beta(self) -> float:
        """β, the decay of the mean square."""
        return 1 - 1 / self.figure.memory

    @beta.setter
    def beta(self, value: float) -> None:
        check_hyper("beta", value)
        self._change(memory=1 / (1 - value))

    def _method(self, name: str) -> Optimizer:
        more = {"beta": self.beta, "eps": self.eps} if name == "rmsprop" else {}
        return METHODS[name](lr=self.lr, **more)

    def _numbers(self):
        return {"lr": self.lr, "beta": self.beta, "eps": self.eps}

    def _drawn(self, optimizer):
        return {"ys": rounded(self._walk(optimizer))}

    def _walk(self, optimizer: Optimizer) -> np.ndarray:
        """θ_0 … θ_T, NaN where it has diverged."""
        path = quiet_run(optimizer, problems.nine_and_one(self.imbalance), self.steps).theta[:, 0]
        return np.concatenate([path, np.full(self.steps + 1 - len(path), np.nan)])

    def _picture(self):
        drawing = Drawing(figsize=(7.2, 3.4))
        left, right = drawing.subplots(1, 2, width_ratios=[3, 2])
        facts, quiet = [], 0.0
        for name, method in ({name: self._method(name) for name in self.figure.methods} | self._own()).items():
            path = self._walk(method)
            style = figures.line_style(method) | ({} if name in METHODS else {"label": name})
            left.plot(path, **style)
            quiet = max(quiet, np.abs(path).max()) if name in ("gd", "rmsprop") else quiet
            facts.append(f"{style['label']} {signed(path[-1]) if np.isfinite(path[-1]) else 'diverges'}")
        quiet = quiet or 1.0
        left.set(xlabel="step t", ylabel="weight θ (up is the right way)", ylim=(-1.3 * quiet, 1.3 * quiet))
        left.legend(loc="upper right", ncols=2)
        memory = np.geomspace(1, 1000, 61)
        border = [threshold(1 - 1 / m, 1.0) for m in memory]
        right.fill_between(memory, 0, border, color="#b8123a", alpha=0.15, hatch="||", linewidth=0)
        right.semilogx(memory, border, color="#b8123a")
        right.plot(self.figure.memory, self.imbalance, "o", color="#222222", markerfacecolor="white")
        right.set(xlabel="memory 1/(1 − β)", ylabel="imbalance δ", ylim=(0, 1), xlim=(1, 1000))
        right.text(1.3, 0.04, "wrong way")
        way = drift(self.beta, self.imbalance)
        caption = f"δ = {self.imbalance:.3g}, β = {self.beta:.4g}: RMSProp moves by {signed(way)} α per step. "
        caption += f"θ after {self.steps} steps: {', '.join(facts)}."
        return drawing, f"Paths of one weight, and the settings that send RMSProp the wrong way. {caption}", caption

    def __repr__(self):
        return f"NineAndOne({self.figure.methods!r}, imbalance={self.imbalance:g}, beta={self.beta:g})"


def drift(beta: float, imbalance: float) -> float:
    """How far RMSProp moves the weight per step on average, in units of α, once v repeats itself (ε = 0); > 0 is right.

    v after the rare gradient solves V = β(β⁹V + (1 − β⁹) s²) + (1 − β) r²; k steps later it is β^k V + (1 − β^k) s².
    """
    rare = -(COUNT - 1) * SMALL * (1 + imbalance)
    after = (beta * (1 - beta ** (COUNT - 1)) * SMALL**2 + (1 - beta) * rare**2) / (1 - beta**COUNT)
    fade = beta ** np.arange(1, COUNT)
    return float(-(rare / np.sqrt(after) + (SMALL / np.sqrt(fade * after + (1 - fade) * SMALL**2)).sum()) / COUNT)


def threshold(beta: float, most: float) -> float:
    """The imbalance from which RMSProp goes the right way, or `most` when it takes more than that."""
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if drift(beta, middle) > 0 else (middle, high)
    return high
