"""RMSProp and its family, as the book prints them.

A rule is the equation. An optimizer is a rule with its hyper-parameters and its state. `run` repeats it, `sweep`
broadcasts it, `check` grades it, and the sliders draw it.
"""

import importlib
from typing import TYPE_CHECKING

from . import problems, schedules, storage
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
from .runner import run
from .sweeping import sweep
from .trajectory import Sweep, Trajectory

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
    "fuse",
    "matrix",
    "models",
    "problems",
    "run",
    "schedules",
    "storage",
    "sweep",
    "tuning",
]

# Loaded when first asked for: each takes time, and the last two bring matplotlib and ipywidgets, so that `import *`,
# which takes what is in `__all__`, leaves them out.
_LATER = ("conventions", "datasets", "matrix", "models", "tuning", "figures", "widgets")

if TYPE_CHECKING:
    from . import conventions, datasets, matrix, models, tuning
    from . import figures as figures
    from . import widgets as widgets


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return importlib.import_module(f".{name}", __name__)
    except ModuleNotFoundError as error:  # as an attribute, what cannot be loaded is not there
        raise AttributeError(f"module {__name__!r} has no attribute {name!r} here: {error}") from error


def __dir__():
    return sorted({*globals(), *_LATER})
