"""From one framework's RMSProp to another's: which settings give the same run, or why none does."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .families import is_zero, rmsprop
from .presets import FIELDS, like, preset


@dataclass(frozen=True, eq=False)
class Translation:
    """The answer of `translate`.

    exact: whether `like(to, **hyper)` gives the same run as the source, up to rounding. hyper: the settings, by our
    names; the nearest ones when not exact. why: one sentence. optimizer: `like(to, **hyper)`, ready for `run`.
    """

    from_: str
    to: str
    exact: bool
    hyper: dict[str, Any]
    why: str
    optimizer: rmsprop = field(repr=False)


@dataclass(frozen=True)
class corrected_lr:
    r"""The learning rate :math:`\alpha \sqrt{1 - \beta^t}`: with ε = 0 it does what bias correction of v does.

    lr: α ≥ 0. beta: β in [0, 1). Called with t = 1, 2, ...; use it as the `lr` of an optimizer.
    """

    lr: float
    beta: float

    def __call__(self, t: int) -> float:
        return self.lr * math.sqrt(1 - self.beta**t)


def translate(from_: str, to: str, **hyper) -> Translation:
    """Which settings of the framework `to` reproduce the run of `from_` with `hyper`, or that none does and why.

    from_, to: names as for `like`. hyper: settings of `from_` by our names; its own defaults fill the rest.

    Two runs are called the same when they agree up to rounding for every problem. Where lr, beta or momentum may
    change the verdict, their given values decide: without momentum its form does not matter, with ε = 0 its place
    does not.
    Raises like `like`: ValueError for an unknown name, TypeError for a missing learning rate.

    >>> translate("torch", "keras", lr=0.01).exact
    False
    """
    source, row = like(from_, **hyper), preset(to)
    wanted = {name: getattr(source, name) for name in row.options}
    for option, switch in row.needs.items():
        if not wanted[switch]:
            del wanted[option]
    through_lr = _correction_by_lr(source, row)
    if through_lr:
        wanted["lr"] = through_lr
    target = like(to, **wanted)
    differing = [n for n in FIELDS if not _same(_meaning(source)[n], _meaning(target)[n])]
    no_side = "eps" in differing and (is_zero(source.eps) or is_zero(target.eps))  # the side of no ε says nothing
    if no_side or source.eps_inside == target.eps_inside:
        differing = [n for n in differing if n != "eps_inside"]
    if through_lr:
        differing = [n for n in differing if n not in ("lr", "bias_correction", "lr_in_momentum")]
    if "eps_inside" in differing and "eps" in wanted:
        wanted["eps"] = _nearest_eps(source)
        target = like(to, **wanted)
    why = "; ".join(_REASONS[n](source, target, row) for n in differing) or _exact_because(
        source, target, through_lr, row
    )
    return Translation(from_, to, not differing, _without_defaults(to, wanted, target), why, target)


def _without_defaults(to: str, wanted: dict, target: rmsprop) -> dict[str, Any]:
    """lr, beta and ε, and of the other settings those that `like` would not fill in by itself."""
    told = dict(wanted)
    for name in reversed(wanted):  # Nesterov's form before the momentum that it needs
        rest = {n: v for n, v in told.items() if n != name}
        needed = name in ("lr", "beta", "eps") or (name == "momentum" and "nesterov" in rest)
        if not needed and like(to, **rest) == target:
            told = rest
    return told


def _meaning(o: rmsprop) -> dict[str, Any]:
    """The fields of an optimizer, None where the field makes no difference to the run."""
    meaning = {name: getattr(o, name) for name in FIELDS}
    variance_is_zero = o.centered and (is_zero(o.beta) or o.bias_correction)  # always, or at the first step
    if is_zero(o.eps) and not variance_is_zero:
        meaning["eps_inside"] = None
    if is_zero(o.momentum) or not callable(o.lr):
        meaning["lr_in_momentum"] = None
    if is_zero(o.beta):  # v is the last g², whatever it began with
        meaning["v0"] = meaning["bias_correction"] = None
    if is_zero(o.weight_decay):
        meaning["decoupled"] = None
    return meaning


def _correction_by_lr(source: rmsprop, row) -> corrected_lr | None:
    """The learning rate that stands in for bias correction where the framework has none; None where it cannot."""
    plain = source.bias_correction and is_zero(source.eps) and is_zero(source.v0) and not source.centered
    constant = not callable(source.lr) and not callable(source.beta) and is_zero(source.weight_decay)
    if not (plain and constant) or "bias_correction" in row.options or is_zero(source.beta):
        return None
    buffer_has_lr = row.fixed.get("lr_in_momentum", True)
    return corrected_lr(source.lr, source.beta) if is_zero(source.momentum) or buffer_has_lr else None


def _nearest_eps(source: rmsprop):
    """ε on the other side of the root with the same effect where v is 0."""
    if callable(source.eps):
        return source.eps
    return math.sqrt(source.eps) if source.eps_inside else source.eps**2


def _same(a, b) -> bool:
    return a is b or np.array_equal(a, b)  # each optimizer has its own copy of an array


def _exact_because(source, target, through_lr, row) -> str:
    if through_lr:
        return f"ε is 0, so that a learning rate of α√(1 − βᵗ) does in {row.title} what the bias correction does"
    if source.lr_in_momentum != target.lr_in_momentum and not is_zero(source.momentum):
        return "the two keep α in different places of the momentum, which makes no difference while α is constant"
    if source.eps_inside != target.eps_inside:
        return "the two add ε on different sides of the root, which makes no difference while ε is 0"
    return f"{row.title} has an option or the same convention for everything that these settings use"


def _eps_side(source, target, row) -> str:
    has, other = ("inside", "outside") if source.eps_inside else ("outside", "inside")
    how = "√ε" if source.eps_inside else "ε²"
    return (
        f"{row.title} has ε {other} the root and the source {has}: no value makes them equal for every gradient; "
        f"{how} agrees where v is 0, and any two agree more closely the smaller ε is"
    )


def _v0(source, target, row) -> str:
    return (
        f"{row.title} starts v at {target.v0:g} and the source at {source.v0:g}: the first steps differ, "
        "and the difference fades like βᵗ"
    )


_REASONS = {
    "eps": lambda s, t, row: f"ε is fixed at {t.eps:g} in {row.title}" if t.eps else f"{row.title} has no ε",
    "eps_inside": _eps_side,
    "v0": _v0,
    "centered": lambda s, t, row: (
        f"{row.title} always divides by the root of the variance" if t.centered else f"{row.title} has no centered form"
    ),
    "momentum": lambda s, t, row: (
        f"{row.title} has no momentum here" if is_zero(t.momentum) else f"{row.title} cannot turn momentum off"
    ),
    "nesterov": lambda s, t, row: (
        f"the momentum of {row.title} is Nesterov's" if t.nesterov else f"the momentum of {row.title} is the heavy ball"
    ),
    "lr_in_momentum": lambda s, t, row: (
        f"{row.title} keeps α {'inside' if t.lr_in_momentum else 'outside'} the momentum buffer, and α changes with t"
    ),
    "bias_correction": lambda s, t, row: (
        f"{row.title} has no bias correction, and a learning rate in its place needs ε = 0, v₀ = 0, no centering, "
        "no weight decay and α inside the momentum buffer"
    ),
    "weight_decay": lambda s, t, row: f"{row.title} has no weight decay of its own; add it to the gradient yourself",
    "decoupled": lambda s, t, row: (
        f"{row.title} {'shrinks θ directly' if t.decoupled else 'adds the weight decay to the gradient'}, where it is "
        f"{'not divided by √v' if t.decoupled else 'divided by √v'}"
    ),
    "maximize": lambda s, t, row: f"{row.title} only descends; negate the gradient yourself",
}
