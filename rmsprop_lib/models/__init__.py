"""Losses on data as problems: θ is one flat vector, `views` names its parts.

A model's problem broadcasts, so `sweep` computes a whole grid at once and equals single runs bit for bit. `f` is
the mean loss over all rows, `grad(theta, t)` the gradient over the mini-batch of step t, which (t, seed) alone
decides.

The bits do not depend on the number of cores while no layer has more than 2¹³ weights (2⁸ from one input or to one
output). Wider layers use all cores, as NumPy does, and agree to rounding.
"""

from .chain import chain
from .feedforward import linear_regression, logistic_regression, mlp, softmax_regression
from .recurrent import adding, char_rnn, lag_norms, rnn
from .streams import stream
from .use import accuracy, loss, predict, views

__all__ = [
    "accuracy",
    "adding",
    "chain",
    "char_rnn",
    "lag_norms",
    "linear_regression",
    "logistic_regression",
    "loss",
    "mlp",
    "predict",
    "rnn",
    "softmax_regression",
    "stream",
    "views",
]
