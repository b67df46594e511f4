"""Figures with sliders and questions: real ipywidgets in a notebook, and live in the built page without a kernel.

One figure is one `.py` here and one `.js` in `js/`. The bundles in `static/` are committed; `make js` writes them anew.
"""

try:
    import anywidget  # noqa: F401, asked for first; it brings ipywidgets and traitlets
except ModuleNotFoundError as error:
    if error.name not in ("anywidget", "ipywidgets", "traitlets"):
        raise
    raise ModuleNotFoundError(
        f'sliders need {error.name}: pip install "rmsprop-textbook[widgets]"', name=error.name
    ) from None

from .epsilon_dial import EpsilonDial
from .gradient_stream import GradientStream
from .nine_and_one import NineAndOne
from .path_explorer import PathExplorer
from .quiz import Prediction, Quiz
from .recorded_run import RecordedRun
from .spectrum import DescentSpectrum, SpectrumFigure
from .sweep_map import SweepMap
from .translator import Translator
from .valley_rotation import ValleyRotation

__all__ = [
    "DescentSpectrum",
    "EpsilonDial",
    "GradientStream",
    "NineAndOne",
    "PathExplorer",
    "Prediction",
    "Quiz",
    "RecordedRun",
    "SpectrumFigure",
    "SweepMap",
    "Translator",
    "ValleyRotation",
]
