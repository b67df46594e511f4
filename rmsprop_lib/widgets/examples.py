"""One example of every figure: the gallery of the book shows them, the tests and the measurements try them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import models, problems
from ..datasets import load_diabetes
from ..optimizers import GradientDescent, RMSProp
from ..sweeping import sweep
from .epsilon_dial import EpsilonDial
from .figure import Figure
from .gradient_stream import GradientStream
from .nine_and_one import NineAndOne
from .path_explorer import PathExplorer
from .recorded_run import RecordedRun
from .spectrum import DescentSpectrum, SpectrumFigure
from .sweep_map import SweepMap
from .translator import Translator
from .valley_rotation import ValleyRotation

ALPHA, BETA = np.geomspace(0.003, 30.0, 5), np.array([0.0, 0.9, 0.99])


def diabetes() -> problems.Problem:
    """Least squares on standardised columns."""
    X, y = load_diabetes()
    return models.linear_regression((X - X.mean(axis=0)) / X.std(axis=0), y)


def layers() -> SpectrumFigure:
    """The first updates of weights whose gradients differ by layer, by gradient descent and RMSProp."""
    gradients = np.array([1e-4, 1e-2, 1.0, 0.0])
    updates = {
        "gradient descent": ALPHA[:, None, None] * np.broadcast_to(gradients, (5, 3, 4)),
        "RMSProp": ALPHA[:, None, None] * gradients / np.sqrt((1 - BETA)[None, :, None] * gradients**2 + 1e-8),
    }
    names = ["first", "second", "third", "unused"]
    return SpectrumFigure(names, updates, {"lr": ALPHA, "beta": BETA}, ylabel="size of the first update")


def recorded() -> RecordedRun:
    """Two methods on a curved valley with noise, three seeds; large steps diverge."""
    valley = problems.noisy(problems.rosenbrock(), 3.0)
    common = {"lr": ALPHA, "seed": [0, 1, 2], "progress": False}
    return RecordedRun(
        {
            "RMSProp": sweep(RMSProp(), valley, 100, beta=BETA, **common),
            "gradient descent": sweep(GradientDescent(), valley, 100, **common),
        }
    )


EXAMPLES: dict[str, Callable[[], Figure]] = {
    "PathExplorer": lambda: PathExplorer(("ravine", "himmelblau", problems.noisy(problems.ravine()))),
    "GradientStream": GradientStream,
    "EpsilonDial": EpsilonDial,
    "NineAndOne": NineAndOne,
    "SweepMap": SweepMap,
    "Translator": lambda: Translator(momentum=0.5),
    "ValleyRotation": ValleyRotation,
    "DescentSpectrum": lambda: DescentSpectrum(diabetes()),
    "SpectrumFigure": layers,
    "RecordedRun": recorded,
}
