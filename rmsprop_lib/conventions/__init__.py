"""What frameworks and papers mean by RMSProp and its relatives: one general rule per family, a field per convention."""

from .families import adadelta, adagrad, adam, adamax, nadam, rmsprop, rprop, sgd
from .presets import PRESETS, Preset, like, table
from .relatives import RELATIVES
from .translate import Translation, corrected_lr, translate

__all__ = [
    "PRESETS",
    "RELATIVES",
    "Preset",
    "Translation",
    "adadelta",
    "adagrad",
    "adam",
    "adamax",
    "corrected_lr",
    "like",
    "nadam",
    "rmsprop",
    "rprop",
    "sgd",
    "table",
    "translate",
]
