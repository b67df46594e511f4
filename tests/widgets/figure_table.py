"""Every kind of figure, once: the laws that all keep are tested over this table, in Python and in a browser."""

from rmsprop_lib.widgets.examples import EXAMPLES as FIGURES

__all__ = ["FIGURES"]
