"""EpsilonDial: recorded gradients of a network under an ε to turn, from RMSProp to gradient descent."""

from __future__ import annotations

import functools
import sys

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import datasets, figures, models
from ..optimizer import check_hyper
from ..optimizers import RMSProp
from ..runner import run
from .controls import Controls
from .figure import STATIC, Canvas, Figure, tokens_of, trait
from .picture import short

EXPONENTS = np.arange(65) / 4 - 16  # of ε: 10⁻¹⁶ … 1
PLACES = ("inside", "outside")


class DialCanvas(Canvas):
    """What js/epsilon_dial.js reads."""

    _esm = STATIC / "epsilon_dial.js"

    name = traitlets.Unicode("epsilon").tag(sync=True)
    gradients = traitlets.Bytes().tag(sync=True)  # float32, one step after the other
    weights = traitlets.Int(1, min=1).tag(sync=True)
    eps = traitlets.Float(1e-5, min=0).tag(sync=True)
    beta = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    lr = traitlets.Float(0.001, min=0).tag(sync=True)
    place = traitlets.Int(0, min=0, max=1).tag(sync=True)


class EpsilonDial(Figure):
    """The update of RMSProp for recorded gradients against ε: each weight's step, and how far it is from the gradient.

    gradients: shape (T, n), of n weights over T steps, the last being the present one; default those of a network of
    the digits, `recorded_gradients()`. v starts at 0 before the first. eps: ε > 0. place: "inside" the root, √(v + ε),
    or "outside", √v + ε. beta, lr: β and α. Numbers can be read and set later.

    >>> EpsilonDial(np.ones((5, 3)), place="outside").place
    'outside'
    """

    eps, beta, lr = map(trait, ("eps", "beta", "lr"))

    def __init__(self, gradients=None, *, eps=1e-5, place="inside", beta=0.9, lr=0.001):
        for name, value in {"eps": eps, "beta": beta, "lr": lr}.items():
            check_hyper(name, value)
        gradients = recorded_gradients() if gradients is None else np.asarray(gradients, dtype=np.float32)
        if gradients.ndim != 2 or not gradients.size or not np.isfinite(gradients).all():
            raise ValueError(f"gradients must be finite numbers of shape (T, n), got shape {gradients.shape}")
        if not gradients[-1].any():
            raise ValueError("gradients must not all be 0 in the last step")
        self.gradients = gradients.astype(np.float64)
        canvas = DialCanvas(
            gradients=_bytes(gradients), weights=gradients.shape[1], tokens=tokens_of({"rmsprop": RMSProp}),
            eps=eps, beta=beta, lr=lr, place=_place(place),
        )  # fmt: skip
        controls = Controls()
        controls.log("eps", "ε", 1e-16, 1, ".1e")
        controls.linear("beta", "β", 0, 0.999, 0.001)
        controls.log("lr", "α", 1e-5, 1)
        controls.choice("place", "ε stands", [f"{place} the root" for place in PLACES])
        super().__init__(canvas, controls)

    @property
    def place(self) -> str:
        """Where ε stands: "inside" or "outside" the root."""
        return PLACES[self.figure.place]

    @place.setter
    def place(self, value: str) -> None:
        self._change(place=_place(value))

    def _picture(self):
        v, gradient, sizes = second(self.gradients, self.beta), self.gradients[-1], np.abs(self.gradients[-1])
        rate = rates(v, self.eps, self.place, self.lr)
        drawing = Drawing(figsize=(7.2, 3.4))
        left, right = drawing.subplots(1, 2, width_ratios=[3, 2])
        token = figures.tokens()["RMSProp"]
        seen = sizes > 0
        left.loglog(sizes[seen], (sizes * rate)[seen], "D", color=token["light"], markersize=3)
        left.axhline(self.lr, color="#777777", linestyle=":")
        left.set(xlabel="|gradient|", ylabel="|update|", ylim=(1e-8, 1))
        for place, style, colour in zip(PLACES, ("-", "--"), (token["light"], "#333333"), strict=True):
            cosines = [cosine(gradient, rates(v, 10.0**x, place, 1.0)) for x in EXPONENTS]
            right.semilogx(10.0**EXPONENTS, cosines, style, color=colour, label=place)
        right.axvline(self.eps, color="#777777", linestyle=":")
        right.set(xlabel="ε", ylabel="cos(update, gradient)", ylim=(0, 1.05))
        right.legend(loc="lower right")
        caption = f"ε = {self.eps:.2g} {self.place} the root, β = {self.beta:.3g}: the update has cosine "
        caption += f"{cosine(gradient, rate):.2f} with the gradient; effective rates differ by a factor of "
        caption += f"{short(spread(rate))}."
        return drawing, f"Update against gradient for {len(v)} weights, and the cosine against ε. {caption}", caption

    def __repr__(self):
        steps, n = self.gradients.shape
        return f"EpsilonDial(<{steps} gradients of {n} weights>, eps={self.eps:g}, place={self.place!r})"


@functools.cache
def recorded_gradients(weights: int = 96, steps: int = 40, after: int = 160, seed: int = 0) -> np.ndarray:
    """Mini-batch gradients of some weights of a network of the digits (64-32-10, batch 32), float32, (steps, weights).

    They are met on the way of RMSProp(lr=0.003), after so many steps; weights whose gradient is always 0 are left out.
    """
    X, y = datasets.load_digits()
    network = models.mlp(X / 16, y, (32,), batch=32, seed=seed)
    grad = run(RMSProp(lr=0.003), network, after + steps, progress=False).grad[-steps:].astype(np.float32)
    alive = np.flatnonzero(grad.any(axis=0) & (grad[-1] != 0))
    return grad[:, np.sort(np.random.default_rng(seed).choice(alive, weights, replace=False))]


def second(gradients: np.ndarray, beta: float) -> np.ndarray:
    """v after all steps, shape (n,); v starts at 0."""
    v = np.zeros(gradients.shape[1])
    for g in gradients:
        v = beta * v + (1 - beta) * g**2
    return v


def rates(v: np.ndarray, eps: float, place: str, lr: float) -> np.ndarray:
    """By weight: α/√(v + ε) or α/(√v + ε)."""
    eps = max(eps, sys.float_info.min)
    return lr / (np.sqrt(v + eps) if place == "inside" else np.sqrt(v) + eps)


def cosine(gradient: np.ndarray, rate: np.ndarray) -> float:
    """The cosine of the angle between the gradient and the update rate · gradient; 1 is gradient descent."""
    update = rate / rate.max() * gradient  # the length does not matter
    return float(gradient @ update / np.sqrt((gradient @ gradient) * (update @ update)))


def spread(rate: np.ndarray) -> float:
    """The rate below which nine in ten lie, over the rate below which one in ten lies."""
    ordered, last = np.sort(rate), len(rate) - 1
    return float(ordered[int(0.9 * last)] / ordered[int(0.1 * last)])


def _bytes(gradients: np.ndarray) -> bytes:
    return gradients.astype("<f4").tobytes()


def _place(value: str) -> int:
    if value not in PLACES:
        raise ValueError(f'place must be "inside" or "outside", got {value!r}')
    return PLACES.index(value)
