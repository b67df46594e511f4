"""The RMSProp of each framework and paper: one row each, read by `like`, `table` and `translate`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

from ..hyper import check_names, did_you_mean, near
from ..optimizer import Optimizer
from .families import is_zero, rmsprop
from .relatives import RELATIVES, relative

FIELDS = tuple(f.name for f in fields(rmsprop))
_NUMBERS = ("lr", "beta", "eps")


@dataclass(frozen=True)
class Preset:
    """One row: the fields of `conventions.rmsprop` that a framework fixes, and those that it lets you set.

    lr, beta, eps: defaults; None where the framework has none (eps None: the formula has no ε at all).
    decay: the framework's own name of β. fixed: the other fields that differ from those of `rmsprop`.
    settable: the fields that the framework has an option for, besides lr, beta and eps.
    follows: fields whose value depends on the others, as functions of them. constant: numbers one cannot choose.
    needs: options that work only when another field is on.
    source: where the formula was read; evidence: what was done to check it.
    """

    title: str
    source: str
    evidence: str
    decay: str
    lr: float | None = None
    beta: float | None = 0.9
    eps: float | None = 1e-8
    fixed: Mapping = field(default_factory=dict)
    settable: tuple[str, ...] = ()
    follows: Mapping[str, Callable] = field(default_factory=dict)
    constant: tuple[str, ...] = ()
    needs: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """Every field of `rmsprop` that the framework lets you choose."""
        return (*(n for n in _NUMBERS if n not in self.constant), *self.settable)


_OUTSIDE = {"eps_inside": False}
_RECORDED = "recorded runs of version {} reproduced"
_READ = "read in its source code"
_PAPER = "formula of the text"

PRESETS: dict[str, Preset] = {
    "book": Preset(
        "This book", "chapter 5", "the tested rule", "beta", lr=0.01,
        settable=("v0", "centered", "momentum", "nesterov", "lr_in_momentum", "bias_correction", "weight_decay",
                  "decoupled", "maximize", "eps_inside"),
    ),
    "hinton2012": Preset(
        "Hinton's lecture", "Tieleman and Hinton (2012), lecture 6e, slide 29", _PAPER, "–", eps=None,
        constant=("eps",), note="the slide has no ε and no learning rate",
    ),
    "graves2013": Preset(
        "Graves (2013)", "arXiv:1308.0850, equations 38-45", _PAPER, "ℵ", lr=1e-4, beta=0.95, eps=1e-4,
        fixed={"centered": True, "momentum": 0.9}, settable=("momentum",),
    ),
    "goodfellow": Preset(
        "Goodfellow, Bengio and Courville (2016)", "Deep Learning, algorithm 8.5", _PAPER, "ρ", beta=None, eps=1e-6,
        note="calls the learning rate ε and the stabiliser δ; gives no ρ, so that `like` takes 0.9",
    ),
    "torch7": Preset(
        "Torch7", "optim.rmsprop", _READ, "alpha", lr=1e-2, beta=0.99, fixed=_OUTSIDE, settable=("weight_decay",),
        note="v started at 1 for a while",
    ),
    "torch": Preset(
        "PyTorch", "torch.optim.RMSprop", _RECORDED.format("2.13.0"), "alpha", lr=1e-2, beta=0.99,
        fixed=_OUTSIDE | {"lr_in_momentum": False}, settable=("centered", "momentum", "weight_decay", "maximize"),
    ),
    "keras": Preset(
        "Keras 3", "keras.optimizers.RMSprop", _RECORDED.format("3.15.1"), "rho", lr=1e-3, eps=1e-7,
        fixed={"decoupled": True}, settable=("centered", "momentum", "weight_decay"),
        note="tf.keras since TensorFlow 2.11 is the same",
    ),
    "tf1": Preset(
        "TensorFlow 1", "tf.compat.v1.train.RMSPropOptimizer", _RECORDED.format("2.21.0"), "decay", eps=1e-10,
        fixed={"v0": 1.0}, settable=("centered", "momentum"),
    ),
    "tf_keras_legacy": Preset(
        "tf.keras, TensorFlow 2.0-2.10", "tf.keras.optimizers.legacy.RMSprop", _RECORDED.format("2.21.0"), "rho",
        lr=1e-3, eps=1e-7, settable=("centered", "momentum"),
        follows={"eps_inside": lambda s: not is_zero(s["momentum"])},
        note="ε moves inside the root when there is momentum; hyper-parameters are rounded to float32",
    ),
    "optax": Preset(
        "Optax", "optax.rmsprop", _RECORDED.format("0.2.8"), "decay",
        settable=("eps_inside", "v0", "centered", "momentum", "nesterov", "bias_correction"),
    ),
    "jax": Preset(
        "JAX examples", "jax.example_libraries.optimizers.rmsprop", _RECORDED.format("0.10.2"), "gamma",
        settable=("momentum",), note="momentum is another function, rmsprop_momentum; v started at 1 in early versions",
    ),
    "chainer": Preset(
        "Chainer", "chainer.optimizers.RMSprop", _RECORDED.format("7.8.1"), "alpha", lr=1e-2, beta=0.99,
        fixed=_OUTSIDE, settable=("eps_inside",),
    ),
    "chainer_graves": Preset(
        "Chainer, Graves' form", "chainer.optimizers.RMSpropGraves", _RECORDED.format("7.8.1"), "alpha", lr=1e-4,
        beta=0.95, eps=1e-4, fixed={"centered": True, "momentum": 0.9}, settable=("momentum",),
    ),
    "timm": Preset(
        "timm", "timm.optim.RMSpropTF", _RECORDED.format("1.0.31"), "alpha", lr=1e-2, eps=1e-10, fixed={"v0": 1.0},
        settable=("centered", "momentum", "lr_in_momentum", "weight_decay", "decoupled"),
        note="made to be TensorFlow 1's inside PyTorch",
    ),
    "sb3": Preset(
        "Stable-Baselines3", "stable_baselines3.common.sb2_compat.rmsprop_tf_like.RMSpropTFLike", _READ, "alpha",
        lr=1e-2, beta=0.99, fixed={"v0": 1.0, "lr_in_momentum": False},
        settable=("centered", "momentum", "weight_decay"),
        note="PyTorch's with ε and v₀ of TensorFlow 1; A2C takes PyTorch's own unless it is told to take this one",
    ),
    "climin": Preset(
        "climin", "climin.RmsProp", _RECORDED.format("0.1a1"), "decay", fixed={"v0": 1.0}, settable=("momentum",),
        follows={"nesterov": lambda s: not is_zero(s["momentum"])}, constant=("eps",),
        note="θ here is the point where the gradient is taken, half a step ahead of climin's",
    ),
    "mlx": Preset(
        "MLX", "mlx.optimizers.RMSprop", _RECORDED.format("0.32.4"), "alpha", beta=0.99, fixed=_OUTSIDE,
    ),
    "lasagne": Preset(
        "Lasagne", "lasagne.updates.rmsprop", "the numbers of its own tests reproduced", "rho", lr=1.0, eps=1e-6,
    ),
    "caffe": Preset(
        "Caffe", "RMSPropSolver", _READ, "rms_decay", beta=0.99, fixed=_OUTSIDE, settable=("weight_decay",),
        note="refuses momentum",
    ),
    "mxnet": Preset(
        "MXNet 1", "mx.optimizer.RMSProp", _READ, "rho", lr=1e-3, settable=("centered", "momentum", "weight_decay"),
        follows={"momentum": lambda s: 0.9 if s["centered"] else 0.0}, needs={"momentum": "centered"},
        note="momentum works only when centered; without its fused kernel, version 2 has ε outside when not centered",
    ),
    "optimisers_jl": Preset(
        "Optimisers.jl", "Optimisers.RMSProp", _READ, "ρ", lr=1e-3, fixed=_OUTSIDE, settable=("centered",),
    ),
}  # fmt: skip


def preset(name: str) -> Preset:
    """The row of that name; ValueError listing all names otherwise, with those that may have been meant."""
    if name in PRESETS:
        return PRESETS[name]
    spelled = {row.title: key for key, row in PRESETS.items()} | {key: key for key in PRESETS}
    advice = did_you_mean(dict.fromkeys(spelled[word] for word in near(name, spelled)))
    if not advice and (families := near(name, ("rmsprop", *RELATIVES))):
        advice = f'; {families[0]} is a family, which stands second: like("torch", "{families[0]}")'
    raise ValueError(f"name must be one of {', '.join(PRESETS)}, got {name!r}{advice}")


def like(name: str, family: str = "rmsprop", **overrides) -> Optimizer:
    """The RMSProp that a framework or paper means, with its own defaults: `like("torch")`, `like("tf1", lr=0.01)`.

    name: a key of `PRESETS`. family: "rmsprop"; "adagrad", "adadelta" or "adam" give the framework's other optimizers.
    overrides: fields of the family's class by our names, also those that the framework fixes
    (`like("torch", eps_inside=True)`).

    Returns a `conventions.rmsprop`, or the class of the family. Raises ValueError for an unknown name or family,
    TypeError for an unknown field or for a missing learning rate where the framework has no default.
    """
    if family != "rmsprop":
        return relative(name, family, overrides)
    row = preset(name)
    if row.decay in overrides and row.decay not in FIELDS:
        wanted = f"the arguments of like({name!r}) must be among {', '.join(FIELDS)}, got {row.decay}"
        raise TypeError(f"{wanted}; {row.title} calls it {row.decay}, here it is beta")
    check_names(f"like({name!r})", overrides, FIELDS)
    if row.lr is None and "lr" not in overrides:
        raise TypeError(f"like({name!r}) needs lr: {row.title} has no default learning rate")
    numbers = {"lr": row.lr, "beta": 0.9 if row.beta is None else row.beta, "eps": row.eps or 0.0}
    settings = {f.name: f.default for f in fields(rmsprop)} | numbers | dict(row.fixed) | overrides
    for follower, value in row.follows.items():
        if follower not in overrides:
            settings[follower] = value(settings)
    return rmsprop(**settings)


def table() -> list[dict]:
    """The rows that the book prints, one dict per framework or paper, in the order of `PRESETS`.

    Keys: name, title, lr (None: must be given), decay (the framework's name of β), beta (None: no default), eps
    (None: no ε), eps_place ("inside", "outside", both with the default first, "none", or a sentence), v0, centered
    ("no", "option", "always"), momentum (its form), lr_in_momentum (None without momentum), weight_decay,
    bias_correction, maximize, source, evidence, note.
    """
    return [_row(name, p) for name, p in PRESETS.items()]


def _row(name: str, p: Preset) -> dict:
    plain = like(name, lr=1.0 if p.lr is None else p.lr)
    has_momentum = "momentum" in p.settable
    return {
        "name": name,
        "title": p.title,
        "lr": p.lr,
        "decay": p.decay,
        "beta": p.beta,
        "eps": p.eps,
        "eps_place": _eps_place(p, plain),
        "v0": plain.v0,
        "centered": "option" if "centered" in p.settable else "always" if plain.centered else "no",
        "momentum": _momentum_form(p) if has_momentum else "none",
        "lr_in_momentum": (
            None if not has_momentum else "option" if "lr_in_momentum" in p.settable else plain.lr_in_momentum
        ),
        "weight_decay": _weight_decay_form(p, plain),
        "bias_correction": "option" if "bias_correction" in p.settable else "no",
        "maximize": "option" if "maximize" in p.settable else "no",
        "source": p.source,
        "evidence": p.evidence,
        "note": p.note,
    }


def _eps_place(p: Preset, plain: rmsprop) -> str:
    if p.eps is None:
        return "none"
    if "eps_inside" in p.settable:
        return "inside or outside" if plain.eps_inside else "outside or inside"
    if "eps_inside" in p.follows:
        return "outside, inside with momentum"
    return "inside" if plain.eps_inside else "outside"


def _momentum_form(p: Preset) -> str:
    if "nesterov" in p.settable:
        return "heavy ball or Nesterov"
    return "Nesterov" if "nesterov" in p.follows else "heavy ball"


def _weight_decay_form(p: Preset, plain: rmsprop) -> str:
    if "weight_decay" not in p.settable:
        return "none"
    if "decoupled" in p.settable:
        return "L2 or decoupled"
    return "decoupled" if plain.decoupled else "L2"
