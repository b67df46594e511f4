"""Translator: one framework's settings in, another's out, and the runs of both in a valley."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable
from dataclasses import fields, replace

import numpy as np
import traitlets
from matplotlib.figure import Figure as Drawing

from .. import problems, schedules
from ..conventions import PRESETS, Translation, like, rmsprop, translate
from ..optimizer import check_hyper
from ..optimizers import RMSProp
from ..runner import run
from .controls import Controls
from .figure import STATIC, Canvas, Figure, tokens_of, trait
from .picture import short

FRAMEWORKS = ("torch", "keras", "tf1", "tf_keras_legacy", "optax", "timm", "graves2013")
PLANS = {"constant": None, "α / (1 + t/20)": schedules.inverse_time(20)}
# The fields that the figure knows; weight decay and maximize stay off.
_CONVENTIONS = {
    f.name: f.default
    for f in fields(rmsprop)
    if f.name in ("eps_inside", "v0", "centered", "nesterov", "lr_in_momentum", "bias_correction")
}
_PROBE = {"lr": 0.01, "beta": 0.7, "eps": 1e-3}  # ε, its square and its root are told apart
_SITUATIONS = tuple(itertools.product((0.0, 0.5), (False, True)))  # momentum, and whether α changes: they decide


class TranslatorCanvas(Canvas):
    """What js/translator.js reads."""

    _esm = STATIC / "translator.js"

    name = traitlets.Unicode("translator").tag(sync=True)
    frameworks = traitlets.List(traitlets.Dict()).tag(sync=True)  # title, its name of β, own settings by situation
    verdicts = traitlets.List().tag(sync=True)  # [from][to][situation]: what `translate` says
    reasons = traitlets.List(traitlets.Unicode()).tag(sync=True)
    usual = traitlets.Dict().tag(sync=True)  # the book's conventions: what settings leave out
    source = traitlets.Int(0, min=0).tag(sync=True)
    target = traitlets.Int(1, min=0).tag(sync=True)
    lr = traitlets.Float(0.1, min=0).tag(sync=True)
    beta = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    eps = traitlets.Float(1e-8, min=0).tag(sync=True)
    momentum = traitlets.Float(0.0, min=0, max=1).tag(sync=True)
    scale = traitlets.Float(1e-5, min=0).tag(sync=True)
    plan = traitlets.Int(0, min=0, max=len(PLANS) - 1).tag(sync=True)
    steps = traitlets.Int(60, min=1).tag(sync=True)


class Translator(Figure):
    """A run with one framework's RMSProp, and with another's: its numbers translated, and its numbers merely copied.

    The runs are in the `ravine`, with its loss multiplied by `scale`: that is how small the gradients are beside ε.
    source, target: two of `frameworks`, names as for `conventions.like`. lr: α. beta: β > 0. eps: ε > 0. momentum: μ.
    plan: "constant" or "α / (1 + t/20)". `translation` is the answer of `conventions.translate` at the present
    settings. Raises ValueError for a name or a number that is not allowed.

    >>> Translator("keras", "torch", eps=1e-6).translation.hyper["eps"]
    0.001
    """

    height, narrow = 490, 822
    lr, beta, eps, momentum, scale = map(trait, ("lr", "beta", "eps", "momentum", "scale"))

    def __init__(
        self, source: str = "torch", target: str = "keras", *, lr=0.1, beta=0.9, eps=1e-8, momentum=0.0, scale=1e-5,
        plan: str = "constant", frameworks: Iterable[str] = FRAMEWORKS,
    ):  # fmt: skip
        self._names = list(frameworks)
        for name in self._names:
            _among("frameworks", name, PRESETS)
        for name, value in {"lr": lr, "beta": beta, "eps": eps, "momentum": momentum, "scale": scale}.items():
            check_hyper(name, value)
            if name in ("beta", "eps", "scale") and not value > 0:
                raise ValueError(f"{name} must be > 0, got {value!r}")
        verdicts, reasons = _table(tuple(self._names))
        canvas = TranslatorCanvas(
            frameworks=[_framework(name) for name in self._names], verdicts=verdicts, reasons=reasons,
            usual=_CONVENTIONS, tokens=tokens_of({"rmsprop": RMSProp}),
            source=_among("source", source, self._names), target=_among("target", target, self._names), lr=lr,
            beta=beta, eps=eps, momentum=momentum, scale=scale, plan=_among("plan", plan, PLANS),
        )  # fmt: skip
        titles = [PRESETS[name].title for name in self._names]
        controls = Controls()
        controls.choice("source", "from", titles)
        controls.choice("target", "to", titles)
        controls.log("eps", "ε", 1e-12, 1e-2, ".1e")
        controls.log("scale", "c (loss × c)", 1e-8, 1, ".1e")
        controls.log("lr", "α", 1e-3, 1)
        controls.linear("beta", "β", 0.01, 0.999, 0.001)
        controls.linear("momentum", "μ", 0, 0.95, 0.01, ".2f")
        controls.choice("plan", "α is", list(PLANS))
        super().__init__(canvas, controls)

    @property
    def source(self) -> str:
        """The framework that the numbers come from."""
        return self._names[self.figure.source]

    @source.setter
    def source(self, value: str) -> None:
        self._change(source=_among("source", value, self._names))

    @property
    def target(self) -> str:
        """The framework that they go to."""
        return self._names[self.figure.target]

    @target.setter
    def target(self, value: str) -> None:
        self._change(target=_among("target", value, self._names))

    @property
    def plan(self) -> str:
        """Whether α stays or decays."""
        return list(PLANS)[self.figure.plan]

    @plan.setter
    def plan(self, value: str) -> None:
        self._change(plan=_among("plan", value, PLANS))

    @property
    def translation(self) -> Translation:
        """What `conventions.translate` answers at the present settings, with α's plan as part of α."""
        settings = _settable(self.source, self._numbers())
        return translate(self.source, self.target, **settings | {"lr": _planned(self.lr, PLANS[self.plan])})

    def _numbers(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in ("lr", "beta", "eps", "momentum")}

    def _runs(self) -> dict[str, np.ndarray]:
        """label -> θ, shape (T + 1, 2): of the source, translated, and copied where that is something else."""
        title, told = PRESETS[self.target].title, self.translation.optimizer
        rules = {PRESETS[self.source].title: _own(self.source, self._numbers()), f"{title}, translated": told}
        copied = _own(self.target, self._numbers())
        if any(getattr(copied, name) != getattr(told, name) for name in (*_CONVENTIONS, "eps", "momentum")):
            rules[f"{title}, copied"] = copied
        valley = problems.rescaled(problems.ravine(), [self.scale], every=1)
        moving = {label: replace(rule, lr=_planned(self.lr, PLANS[self.plan])) for label, rule in rules.items()}
        return {label: run(rule, valley, self.figure.steps, progress=False).theta for label, rule in moving.items()}

    def _picture(self):
        runs = self._runs()
        first = next(iter(runs.values()))
        drawing = Drawing(figsize=(7.2, 3.4))
        left, right = drawing.subplots(1, 2, width_ratios=[3, 2])
        facts = []
        for (label, path), (colour, dash) in zip(runs.items(), _LOOKS, strict=False):
            left.plot(*path.T, color=colour, linestyle=dash, label=label, marker=".", markersize=3)
            if path is not first:
                distance = np.hypot(*(path - first).T)
                right.semilogy(distance, color=colour, linestyle=dash)
                facts.append(f"{label}, ends {short(distance[-1])} away")
        left.plot(0, 0, "+", color="#222222", markersize=11)
        left.set(xlabel="θ₁", ylabel="θ₂", xlim=(-5, 1.5), ylim=(-1.2, 1.6))
        left.legend(loc="upper right")
        right.set(xlabel="step t", ylabel="distance", ylim=(1e-10, 100))
        exact = "exact" if self.translation.exact else "not exact"
        caption = f"From {PRESETS[self.source].title} to {PRESETS[self.target].title}, ε = {self.eps:.2g}, loss × "
        caption += f"{self.scale:.2g}: the translation is {exact}. {'; '.join(facts)}."
        return drawing, f"Paths of two frameworks in the ravine, and how far they are apart. {caption}", caption

    def __repr__(self):
        return f"Translator({self.source!r}, {self.target!r}, lr={self.lr:g}, beta={self.beta:g}, eps={self.eps:g})"


_LOOKS = (("#b8123a", "-"), ("#333333", (0, (5, 4))), ("#7a7a7a", (0, (2, 2))))


def _planned(lr: float, plan):
    return lr if plan is None else schedules.scaled(lr, plan)


def _settable(name: str, numbers: dict[str, float]) -> dict[str, float]:
    """Those of the numbers that the framework lets one choose."""
    return {n: value for n, value in numbers.items() if n in PRESETS[name].options}


def _own(name: str, numbers: dict[str, float]) -> rmsprop:
    """The framework's RMSProp with the numbers copied."""
    return like(name, **_settable(name, numbers))


def _framework(name: str) -> dict:
    """What JavaScript needs for a run with the numbers copied, without momentum and with it."""
    own = [_as_data(_own(name, _PROBE | {"momentum": mu}), mu) for mu in (0.0, 0.5)]
    return {"title": PRESETS[name].title, "decay": PRESETS[name].decay, "own": own}


@functools.cache
def _table(names: tuple[str, ...]) -> tuple[list, list[str]]:
    """[from][to][situation]: what `translate` says, and the reasons that it gives."""
    reasons: dict[str, int] = {}
    return [[_verdicts(a, b, reasons) for b in names] for a in names], list(reasons)


def _verdicts(source: str, target: str, reasons: dict[str, int]) -> list[dict]:
    """By situation: is the translation exact, why (a place in `reasons`), and its settings."""
    out = []
    for mu, changes in _SITUATIONS:
        settings = _settable(source, _PROBE | {"momentum": mu})
        lr = _planned(0.01, PLANS["α / (1 + t/20)"] if changes else None)
        told = translate(source, target, **settings | {"lr": lr})
        why = reasons.setdefault(told.why, len(reasons))
        out.append({"exact": told.exact, "why": why} | _as_data(told.optimizer, mu))
    return out


def _as_data(optimizer: rmsprop, momentum: float) -> dict:
    """Settings for JavaScript: the fields that the sliders do not move, and what becomes of ε."""
    fixed = {n: getattr(optimizer, n) for n, usual in _CONVENTIONS.items() if getattr(optimizer, n) != usual}
    if optimizer.momentum != momentum:
        fixed["momentum"] = optimizer.momentum
    becomes = {"same": _PROBE["eps"], "square": _PROBE["eps"] ** 2, "root": math.sqrt(_PROBE["eps"])}
    eps = next((how for how, value in becomes.items() if math.isclose(optimizer.eps, value)), optimizer.eps)
    return {"set": fixed, "eps": eps}


def _among(name: str, value: str, allowed) -> int:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
    return list(allowed).index(value)
