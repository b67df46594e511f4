"""Sliders and choices for a figure, linked to its canvas in the browser, so that they need no kernel."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import ipywidgets

DROPDOWN = ipywidgets.Dropdown
ROUNDED = 1e-6  # the ends of a slider that moves in factors are exponents with six decimals
BY_PLACE = (DROPDOWN, ipywidgets.SelectionSlider)  # what these choose is a place in a list


class Controls(dict[str, ipywidgets.Widget]):
    """The controls of a figure, by the trait of the canvas that each moves, in the order of the page.

    description: what stands before the slider, "α RMSProp". low, high: the ends, both possible.
    """

    def __init__(self):
        super().__init__()
        self._style = ipywidgets.SliderStyle()  # one for all, so that the sliders stand in line
        self._layout = ipywidgets.Layout(flex="1 1 25em", width="auto")

    def log(self, trait: str, description: str, low: float, high: float, readout: str = ".3g") -> None:
        """A slider that moves in factors: for learning rates, ε, memory."""
        ends = {"min": round(math.log10(low), 6), "max": round(math.log10(high), 6), "step": 0.001}
        self._add(trait, ipywidgets.FloatLogSlider, description, value=low, readout_format=readout, **ends)

    def linear(self, trait: str, description: str, low: float, high: float, step: float, readout: str = ".3f") -> None:
        """A slider that moves in equal steps: for β, μ, angles in degrees."""
        ends = {"min": low, "max": high, "step": step}
        self._add(trait, ipywidgets.FloatSlider, description, readout_format=readout, **ends)

    def whole(self, trait: str, description: str, low: int, high: int) -> None:
        """A slider of whole numbers."""
        self._add(trait, ipywidgets.IntSlider, description, min=low, max=high)

    def choice(self, trait: str, description: str, options: Sequence[str]) -> None:
        """A list to choose from; the trait holds the place in the list, from 0."""
        places = [(option, place) for place, option in enumerate(options)]
        self[trait] = DROPDOWN(options=places, description=description, layout=self._layout)

    def pick(self, trait: str, description: str, labels: Sequence[str]) -> None:
        """A slider that stops at the given values alone; the trait holds the place among them, from 0."""
        places = [(label, place) for place, label in enumerate(labels)]
        self._add(trait, ipywidgets.SelectionSlider, description, options=places)

    def _add(self, trait, kind, description, **more):
        self[trait] = kind(description=description, style=self._style, layout=self._layout, **more)

    def link(self, canvas: ipywidgets.Widget) -> ipywidgets.HBox:
        """Link every control to its trait of the canvas; returns the box to show below it."""
        for trait, control in self.items():
            self.check(trait, getattr(canvas, trait))
            self.show(trait, getattr(canvas, trait))
            ipywidgets.jslink((control, _moved(control)), (canvas, trait))
        width = f"{0.6 + 0.49 * max(len(control.description) for control in self.values()):.1f}em"
        for control in self.values():
            control.style.description_width = width
        return ipywidgets.HBox(list(self.values()), layout=ipywidgets.Layout(flex_flow="row wrap"))

    def check(self, trait: str, value) -> None:
        """ValueError for a number that the control of that trait cannot show, if there is one."""
        if trait not in self or not isinstance(value, numbers.Real):
            return
        low, high = ends(self[trait])
        if not low <= value <= high:
            name = self[trait].description
            raise ValueError(
                f"{trait} must be in [{low:.4g}, {high:.4g}], the ends of its slider {name}, got {value!r}"
            )

    def show(self, trait: str, value) -> None:
        """Set the control of that trait, if there is one."""
        if trait in self:
            setattr(self[trait], _moved(self[trait]), value)


def _moved(control: ipywidgets.Widget) -> str:
    """The trait of a control that its reader moves."""
    return "index" if isinstance(control, BY_PLACE) else "value"


def ends(control: ipywidgets.Widget) -> tuple[float, float]:
    """The least and the largest value of the trait that a control moves."""
    if isinstance(control, BY_PLACE):
        return 0, len(control.options) - 1
    if isinstance(control, ipywidgets.FloatLogSlider):
        return control.base ** (control.min - ROUNDED), control.base ** (control.max + ROUNDED)
    return control.min, control.max
