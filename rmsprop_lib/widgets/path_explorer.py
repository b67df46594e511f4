"""PathExplorer: the paths of several optimizers on a problem of two parameters, with sliders and a start to drag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import traitlets

from .. import figures, problems
from ..optimizer import Optimizer, check_hyper
from ..optimizers import Adagrad, Adam, GradientDescent, Momentum, RMSProp
from ..problems import Problem
from ..trajectory import Trajectory
from .controls import Controls
from .figure import STATIC, point, tokens_of, trait
from .own_rules import OpenCanvas, OpenFigure, as_path, quiet_run
from .picture import paths_picture
from .settings import browser_problem, first_picture

RULES = {"gd": GradientDescent, "momentum": Momentum, "adagrad": Adagrad, "rmsprop": RMSProp, "adam": Adam}
# The sliders of each rule besides its learning rate: name -> (symbol, largest value).
DECAYS = {"mu": ("μ", 0.99), "beta": ("β", 0.999), "beta1": ("β₁", 0.99), "beta2": ("β₂", 0.999)}
SLIDERS = {"gd": (), "momentum": ("mu",), "adagrad": (), "rmsprop": ("beta",), "adam": ("beta1", "beta2")}


class PathCanvas(OpenCanvas):
    """What js/path_explorer.js reads; every number may be linked to a control."""

    _esm = STATIC / "path_explorer.js"

    name = traitlets.Unicode("paths").tag(sync=True)
    optimizers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    problems = traitlets.List(traitlets.Dict()).tag(sync=True)
    problem = traitlets.Int(0).tag(sync=True)  # index into `problems`, which is what a Dropdown can be linked to
    start = traitlets.List(traitlets.Float(), minlen=2, maxlen=2).tag(sync=True)
    steps = traitlets.Int(60, min=1).tag(sync=True)
    lr_gd = traitlets.Float(0.1, min=0).tag(sync=True)
    lr_momentum = traitlets.Float(0.1, min=0).tag(sync=True)
    lr_adagrad = traitlets.Float(0.1, min=0).tag(sync=True)
    lr_rmsprop = traitlets.Float(0.1, min=0).tag(sync=True)
    lr_adam = traitlets.Float(0.1, min=0).tag(sync=True)
    mu = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    beta = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    beta1 = traitlets.Float(0.9, min=0, max=1).tag(sync=True)
    beta2 = traitlets.Float(0.999, min=0, max=1).tag(sync=True)
    eps = traitlets.Float(1e-8, min=0).tag(sync=True)


class PathExplorer(OpenFigure):
    """Paths and losses of several optimizers on one problem, with sliders for α and β and a start to drag.

    problem: a name from `problems.BY_NAME`, a `Problem` made by `problems`, or several of them to choose from. Normal
    noise of `problems.noisy` is the same, number by number, in Python and in the page.
    optimizers: any of "gd", "momentum", "adagrad", "rmsprop", "adam", in the order of the legend.
    lr: learning rate α, a number for all or {"gd": 0.09, "rmsprop": 0.1}. steps: T ≥ 1. Defaults suit the problem.
    start: θ_0, two numbers, default the problem's. mu, beta, beta1, beta2, eps: as in `Momentum`, `RMSProp` and `Adam`.

    All of these can be read and set later: `explorer.beta = 0.99`, `explorer.lr = {"rmsprop": 0.01}`.
    `explorer.figure.observe` tells of changes, `add` draws a rule of your own. Raises ValueError or TypeError for a
    name or a number that is not allowed.

    >>> explorer = PathExplorer("ravine", ("gd", "rmsprop"), beta=0.95)
    >>> explorer.beta
    0.95
    """

    steps, eps, mu, beta, beta1, beta2 = map(trait, ("steps", "eps", "mu", "beta", "beta1", "beta2"))

    def __init__(
        self,
        problem: str | Problem | Iterable[str | Problem] = "ravine",
        optimizers: Iterable[str] = ("gd", "rmsprop"),
        *,
        lr: float | Mapping[str, float] | None = None,
        steps: int | None = None,
        start=None,
        **hyper: float,
    ):
        self._optimizers = tuple(optimizers)
        if not self._optimizers or not set(self._optimizers) <= set(RULES):
            raise ValueError(f"optimizers must be some of {', '.join(RULES)}, got {self._optimizers!r}")
        allowed = {"eps"}.union(*(SLIDERS[name] for name in self._optimizers))
        if not set(hyper) <= allowed:
            raise ValueError(f"hyper-parameters must be some of {', '.join(sorted(allowed))}, got {', '.join(hyper)}")
        for name, value in hyper.items():
            check_hyper(name, value)
        many = [problem] if isinstance(problem, str | Problem) else list(problem)
        self._problems = [problems.by_name(p) if isinstance(p, str) else p for p in many]

        given = ({} if lr is None else self._rates(lr)) | ({} if steps is None else {"steps": steps})
        described = [browser_problem(p, first_picture(p, self._optimizers) | given) for p in self._problems]
        if start is not None:
            described[0]["defaults"]["start"] = point(start)
        canvas = PathCanvas(
            optimizers=list(self._optimizers), tokens=tokens_of({name: RULES[name] for name in self._optimizers}),
            problems=described, **hyper, **described[0]["defaults"],
        )  # fmt: skip
        canvas.defaults = {"eps": canvas.eps}
        self.height, self.narrow = (first + more * len(self._optimizers) for first, more in ((404, 10), (535, 45)))
        super().__init__(canvas, self._make_controls(), also=["start"])

    def _make_controls(self) -> Controls:
        controls = Controls()
        for name in self._optimizers:
            of = f" {figures.tokens()[RULES[name].__name__]['label']}" if len(self._optimizers) > 1 else ""
            controls.log(f"lr_{name}", f"α{of}", 1e-4, 10**0.5)
            for decay in SLIDERS[name]:
                symbol, largest = DECAYS[decay]
                controls.linear(decay, f"{symbol}{of}", 0, largest, 0.001)
        controls.whole("steps", "steps", 1, 500)
        if len(self._problems) > 1:
            controls.choice("problem", "problem", [p.title for p in self._problems])
        return controls

    @property
    def problem(self) -> Problem:
        """The problem shown; may be set to the name of another one that the explorer was given."""
        return self._problems[self.figure.problem]

    @problem.setter
    def problem(self, name: str) -> None:
        names = [p.name for p in self._problems]
        if name not in names:
            raise ValueError(f"problem must be one of {', '.join(names)}, got {name!r}")
        index = names.index(name)
        self._change(problem=index, **self.figure.problems[index]["defaults"])

    @property
    def lr(self) -> dict[str, float]:
        """Learning rate α by optimizer; may be set to a number for all, or to a dict for some."""
        return {name: getattr(self.figure, f"lr_{name}") for name in self._optimizers}

    @lr.setter
    def lr(self, value: float | Mapping[str, float]) -> None:
        self._change(**self._rates(value))

    def _rates(self, lr: float | Mapping[str, float]) -> dict[str, float]:
        """{"lr_gd": 0.1, …} from one number or a dict by optimizer."""
        lr = lr if isinstance(lr, Mapping) else dict.fromkeys(self._optimizers, lr)
        if unknown := set(lr) - set(self._optimizers):
            raise ValueError(f"lr must be given for {', '.join(self._optimizers)}, got {', '.join(sorted(unknown))}")
        return {f"lr_{name}": value for name, value in lr.items()}

    @property
    def start(self) -> tuple[float, float]:
        """θ_0, where all paths begin."""
        return tuple(self.figure.start)

    @start.setter
    def start(self, value) -> None:
        self._change(start=point(value))

    def _numbers(self):
        shared = {name: getattr(self.figure, name) for name in ("eps", *DECAYS)}
        return {"lr": self.lr[self._optimizers[-1]], **shared}

    def _moving(self):
        return [*self.figure.settings, "eps", *(name for name in DECAYS if name not in self._controls)]

    def _drawn(self, optimizer):
        return as_path(self._run(optimizer))

    def _run(self, optimizer: Optimizer) -> Trajectory:
        return quiet_run(optimizer, self.problem, self.figure.steps, np.array(self.figure.start))

    def _optimizer(self, name: str) -> Optimizer:
        hyper = {decay: getattr(self.figure, decay) for decay in SLIDERS[name]}
        if name not in ("gd", "momentum"):
            hyper["eps"] = self.figure.eps
        return RULES[name](lr=getattr(self.figure, f"lr_{name}"), **hyper)

    def _picture(self):
        shown = {figures.tokens()[RULES[name].__name__]["label"]: self._optimizer(name) for name in self._optimizers}
        return paths_picture({label: self._run(optimizer) for label, optimizer in (shown | self._own()).items()})

    def __repr__(self):
        return f"PathExplorer({self.problem.name!r}, {self._optimizers!r}, lr={self.lr}, steps={self.figure.steps})"
