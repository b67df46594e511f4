"""RMSProp and its family, as the book prints them.

A rule is the equation. An optimizer is a rule with its hyper-parameters and its state. `run` repeats it, `sweep`
broadcasts it, `check` grades it, and the sliders draw it.
"""

import importlib

from . import conventions, datasets, matrix, models, problems, schedules, storage
from .descendants import Adamax, AdamW, AMSGrad, Lion, Nadam
from .fused import fuse
from .optimizer import Optimizer
from .optimizers import (
    Adadelta,
    Adagrad,
    Adam,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    Rprop,
    SignDescent,
)
from .runner import Sweep, Trajectory, run, sweep

__version__ = "0.1.0"
__all__ = [
    "AMSGrad",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "GradientDescent",
    "Lion",
    "Momentum",
    "Nadam",
    "Nesterov",
    "Optimizer",
    "RMSProp",
    "Rprop",
    "SignDescent",
    "Sweep",
    "Trajectory",
    "conventions",
    "datasets",
    "figures",
    "fuse",
    "matrix",
    "models",
    "problems",
    "run",
    "schedules",
    "storage",
    "sweep",
    "widgets",
]


def __getattr__(name):
    """Modules that bring matplotlib or ipywidgets with them, loaded when first asked for."""
    if name in ("figures", "widgets"):
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
