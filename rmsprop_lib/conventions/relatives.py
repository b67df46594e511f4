"""Adagrad, Adadelta and Adam of the frameworks: the settings that differ from one to the next."""

from __future__ import annotations

from dataclasses import fields

from ..hyper import check_names, did_you_mean, near
from ..optimizer import Optimizer
from .families import adadelta, adagrad, adam

_FAMILIES = {"adagrad": adagrad, "adadelta": adadelta, "adam": adam}

# Fields of the family's class; where lr is None the framework has no default.
RELATIVES: dict[str, dict[str, dict]] = {
    "adagrad": {
        "torch": {"lr": 1e-2, "eps": 1e-10, "eps_inside": False},
        "keras": {"lr": 1e-3, "eps": 1e-7, "v0": 0.1, "decoupled": True},
        "tf1": {"lr": None, "eps": 0.0, "v0": 0.1},
        "optax": {"lr": None, "eps": 1e-7, "v0": 0.1},
        "chainer": {"lr": 1e-3, "eps": 1e-8, "eps_inside": False},
        "mlx": {"lr": None, "eps": 1e-8, "eps_inside": False},
        "lasagne": {"lr": 1.0, "eps": 1e-6},
        "optimisers_jl": {"lr": 0.1, "eps": 1e-8, "eps_inside": False, "v0": 1e-8},
    },
    "adadelta": {
        "torch": {"lr": 1.0, "beta": 0.9, "eps": 1e-6},
        "keras": {"lr": 1e-3, "beta": 0.95, "eps": 1e-7, "decoupled": True},
        "lasagne": {"lr": 1.0, "beta": 0.95, "eps": 1e-6},
        "optimisers_jl": {"lr": 1.0, "beta": 0.9, "eps": 1e-8},
    },
    "adam": {
        "torch": {"lr": 1e-3},
        "keras": {"lr": 1e-3, "eps": 1e-7, "eps_hat": True, "decoupled": True},
        "tf1": {"lr": 1e-3, "eps_hat": True},
        "optax": {"lr": None},
        "mlx": {"lr": None, "bias_correction": False},
        "lasagne": {"lr": 1e-3, "eps_hat": True},
        "sklearn": {"lr": 1e-3, "eps_hat": True},
        "optimisers_jl": {"lr": 1e-3},
    },
}


def relative(name: str, family: str, overrides: dict) -> Optimizer:
    """The optimizer of that family as a framework means it; what `like` returns for a family other than RMSProp."""
    if family not in RELATIVES:
        advice = did_you_mean(near(family, ("rmsprop", *RELATIVES)))
        raise ValueError(f"family must be one of rmsprop, {', '.join(RELATIVES)}, got {family!r}{advice}")
    rows = RELATIVES[family]
    if name not in rows:
        raise ValueError(
            f"name must be one of {', '.join(rows)} for {family}, got {name!r}{did_you_mean(near(name, rows))}"
        )
    check_names(f"like({name!r}, {family!r})", overrides, tuple(f.name for f in fields(_FAMILIES[family])))
    settings = rows[name] | overrides
    if settings["lr"] is None:
        raise TypeError(f"like({name!r}, {family!r}) needs lr: there is no default learning rate")
    return _FAMILIES[family](**settings)
