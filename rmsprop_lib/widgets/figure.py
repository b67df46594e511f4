"""What all figures share: a canvas drawn by JavaScript, controls linked to it, and a picture for pages without it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import anywidget
import ipywidgets
import matplotlib.figure
import matplotlib.pyplot as plt
import numpy as np
import traitlets

from .. import figures
from .controls import Controls
from .picture import STYLE, static_figure

STATIC = Path(__file__).parent / "static"

ROW = 44  # pixels of one row of controls
COLUMNS = 2  # of controls, in a column of the book; on a phone there is one


class Canvas(anywidget.AnyWidget):
    """What JavaScript draws on; its traits are all that it reads. A subclass names its bundle in `_esm`."""

    _css = STATIC / "figure.css"

    name = traitlets.Unicode().tag(sync=True)  # in links to a setting: #fig-name=beta:0.99
    settings = traitlets.List(traitlets.Unicode()).tag(sync=True)  # the traits in such a link, in the order to set them
    defaults = traitlets.Dict().tag(sync=True)  # what Reset restores
    tokens = traitlets.Dict().tag(sync=True)  # label, colours, dash and marker of each method drawn, by short name


def trait(name: str) -> property:
    """A property of a figure for a trait of its canvas."""
    return property(lambda self: getattr(self.figure, name), lambda self, value: self._change(**{name: value}))


def tokens_of(methods: Mapping[str, type]) -> dict[str, dict]:
    """The trait `tokens` of a canvas that draws these optimizers, by the names that its JavaScript has for them."""
    return {name: token_of(cls) for name, cls in methods.items()}


def token_of(cls: type) -> dict:
    """Label, colours, dash and marker of an optimizer; a reader's own rule has those of "other"."""
    return figures.tokens().get(cls.__name__, figures.tokens()["other"])


def point(value) -> list[float]:
    """Two finite numbers, as a canvas wants them."""
    place = np.asarray(value, dtype=float)
    if place.shape != (2,) or not np.isfinite(place).all():
        raise ValueError(f"start must be two finite numbers, got {value!r}")
    return place.tolist()


class Figure(ipywidgets.VBox):
    """A canvas above its controls.

    canvas: named `figure` here, so that `explorer.figure.observe` reads well. controls: what moves its traits.
    also: traits without a control that Reset restores and a link carries.
    """

    height = 422  # pixels of the canvas in a column of the book, with legend and sentence
    narrow = 612  # and on a phone that is 375 pixels wide

    def __init__(self, canvas: Canvas, controls: Controls, also: Iterable[str] = ()):
        self.figure, self._controls = canvas, controls
        choices = [name for name, control in controls.items() if isinstance(control, ipywidgets.Dropdown)]
        canvas.settings = list(dict.fromkeys([*choices, *controls, *also]))  # a choice may bring values of its own
        canvas.defaults = {name: getattr(canvas, name) for name in canvas.settings} | dict(canvas.defaults)
        super().__init__([canvas, controls.link(canvas)])

    def _change(self, **values) -> None:
        """Set traits and their controls together; without a page there is nobody else to keep them equal.

        Raises ValueError, before anything is set, for a number beyond the ends of a slider.
        """
        for name, value in values.items():
            self._controls.check(name, value)
        with self.figure.hold_sync():
            for name, value in values.items():
                setattr(self.figure, name, value)
        for name, value in values.items():
            self._controls.show(name, value)

    def _picture(self) -> tuple[matplotlib.figure.Figure, str, str]:
        """The figure at the present settings for pages without JavaScript: drawing, alternative text and caption."""
        raise NotImplementedError

    def _static_face(self) -> str:
        rows = math.ceil(len(self._controls) / COLUMNS)
        with plt.style.context(STYLE):
            return static_figure(*self._picture(), self.height + ROW * rows, self.narrow + ROW * len(self._controls))

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/plain": repr(self), "text/html": self._static_face()}
