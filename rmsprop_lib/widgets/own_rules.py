"""A reader's own rules, drawn beside the built-in ones: computed in Python, since no browser runs Python."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import traitlets

from ..optimizer import Optimizer
from ..runner import DivergenceWarning, run
from ..trajectory import Trajectory
from .controls import Controls
from .figure import Canvas, Figure, token_of


class OpenCanvas(Canvas):
    """A canvas that draws what js/added.js reads."""

    added = traitlets.List(traitlets.Dict()).tag(sync=True)  # {label, token, at: the traits it was computed for, …}


class OpenFigure(Figure):
    """A figure with `add`. A subclass says which numbers a rule may follow, and what to send of it."""

    def __init__(self, canvas: OpenCanvas, controls: Controls, also: Iterable[str] = ()):
        self._added: list[tuple[str, Callable[[], Optimizer]]] = []
        super().__init__(canvas, controls, also)
        canvas.observe(self._recompute, self._moving())

    def add(self, rule: Callable | Optimizer, *, label: str | None = None, state: Mapping | None = None, **hyper):
        """Draw one more method: an optimizer, or a rule of your own, `my_step(theta, grad, v, lr, beta, eps)`.

        rule: an `Optimizer`, or a function as in `Optimizer.from_rule`. label: its name in the legend, default its own.
        state: first values of what the rule remembers; default 0 for each parameter that is not a hyper-parameter.
        hyper: fixed values. A hyper-parameter that you do not give follows the slider of the same name; where several
        methods have a slider for it (α), that of the last one in the legend.

        The rule runs in Python whenever a slider or the start moves. A page without a kernel keeps what it did last.
        """
        if isinstance(rule, Optimizer):
            if state is not None or hyper:
                raise ValueError(f"an optimizer has its own state and numbers, got {state!r} and {hyper!r} besides")
            self._added.append((label or str(rule), lambda: rule))
        else:
            self._added.append((label or rule.__name__, self._following(rule, state, hyper)))
        try:
            self._recompute()
        except Exception:
            self._added.pop()
            raise

    def _numbers(self) -> dict[str, float]:
        """The hyper-parameters that a rule may follow, as they stand."""
        raise NotImplementedError

    def _drawn(self, optimizer: Optimizer) -> dict:
        """What JavaScript draws of the optimizer at the present setting, as JSON."""
        raise NotImplementedError

    def _moving(self) -> list[str]:
        """The traits on which `_drawn` depends."""
        return [*self.figure.settings, "eps"]

    def _following(self, rule, state, hyper):
        """A function that makes the optimizer anew, with the hyper-parameters that follow sliders as they stand."""
        parameters = [p for p in list(inspect.signature(rule).parameters)[2:] if p != "t" and p not in hyper]
        follows = [p for p in parameters if p in self._numbers() and p not in (state or {})]
        remembered = {p: 0.0 for p in parameters if p not in follows} if state is None else dict(state)

        def make():
            moving = {name: value for name, value in self._numbers().items() if name in follows}
            return Optimizer.from_rule(rule, remembered, **hyper, **moving)

        return make

    def _recompute(self, change=None) -> None:
        """Run the added rules for the present setting and send what they do."""
        if not self._added:
            return
        at = {name: getattr(self.figure, name) for name in self._moving()}
        optimizers = {label: make() for label, make in self._added}
        self.figure.added = [
            {"label": label, "token": token_of(type(o)), "at": at, **self._drawn(o)} for label, o in optimizers.items()
        ]

    def _own(self) -> dict[str, Optimizer]:
        """The added rules by label, for the static picture."""
        return {label: make() for label, make in self._added}


def quiet_run(optimizer: Optimizer, problem, steps: int, start=None) -> Trajectory:
    """`run` without warnings: a diverging path is drawn as such."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", DivergenceWarning)
        return run(optimizer, problem, steps, start=start, progress=False)


def as_path(path: Trajectory) -> dict:
    """A path in two dimensions as JSON, up to its first number that JSON cannot hold."""
    usable = np.isfinite(path.theta).all(axis=1) & np.isfinite(path.loss)
    end = len(usable) if usable.all() else int(np.argmin(usable))
    x, y = (rounded(path.theta[:end, i]) for i in (0, 1))
    stopped = path.stopped if end == len(usable) else end
    return {"x": x, "y": y, "loss": rounded(path.loss[:end]), "stopped": stopped}


def rounded(values) -> list[float | None]:
    """Numbers as JSON: six digits are enough to draw them, None stands for what is not finite."""
    return [float(f"{v:.6g}") if np.isfinite(v) else None for v in np.asarray(values, dtype=float)]
