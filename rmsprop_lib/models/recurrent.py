"""Recurrent networks as problems: any sequences, the adding problem, the characters of a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..datasets import load_sonnets
from ..optimizer import check_number
from ..problems import Problem, generator
from ..problems.problem import positive, whole
from .batches import All, Gradient, Loss, Sampled, Shuffled, for_each
from .checks import batch_size, table, targets
from .parts import parameters
from .recurrence import RECURRENT, Recurrence
from .rows import Rows, on
from .use import model_of

FRESH, WINDOWS = 7, 8  # streams of random numbers


def rnn(
    X,
    y,
    hidden: int = 32,
    *,
    recurrent: str = "orthogonal",
    gain: float = 1.0,
    scale: float = 0.5,
    init: int = 0,
    batch: int | None = None,
    replace: bool = False,
    seed: int = 0,
) -> Problem:
    r"""A tanh recurrent network, :math:`h_t = \tanh(x_t W_x + h_{t-1} W_h + b)`, that answers after the last step.

    X: shape (n, T, inputs), one sequence a row; y: numbers, shape (n,) or (n, outputs). The answer is
    :math:`h_T W_o + b_o`, f is half its squared error, summed over outputs, a mean over sequences. Views: Wx, Wh, b,
    Wo, bo.
    recurrent: how Wh starts, "orthogonal" (a random rotation), "normal" (independent numbers, spectral radius near
    1) or "identity", times gain. scale: standard deviation of Wx at the start; that of Wo is 1/√hidden. init: the
    seed of the start.
    batch, replace, seed: as in `softmax_regression`. Raises ValueError for shapes that do not fit and unknown words.
    """
    inputs, outputs = table("X", X, ndim=3).shape[2], targets(y).shape[1]
    model = Recurrence(inputs, whole("hidden", hidden, 1), outputs)
    rows = model.rows(X, y)
    batches = All(rows)
    if batch is not None:
        batches = (Sampled if replace else Shuffled)(rows, batch_size(batch, len(rows)))
    start = _start(model, recurrent, gain, scale, init)
    return Problem("rnn", Loss(model, rows), Gradient(model, batches), start, title=_title(model), seed=seed)


def adding(
    length: int = 20,
    hidden: int = 32,
    *,
    batch: int = 32,
    test: int = 500,
    recurrent: str = "orthogonal",
    gain: float = 1.0,
    init: int = 0,
    seed: int = 0,
) -> Problem:
    r"""The adding problem: a network reads T pairs (number, mark) and must give the sum of the two marked numbers.

    length: T ≥ 2 steps. Numbers are uniform in [0, 1]; one mark stands in the first half, one in the second. Each
    step t sees `batch` fresh sequences that (t, seed) decides; f is half the mean squared error on `test` others,
    always the same. Who always answers 1 has 1/12. recurrent, gain, init: as in `rnn`.
    Source: Hochreiter and Schmidhuber (1997), Long short-term memory, Neural Computation 9, section 5.4; here
    marked 0 and 1.
    """
    length = whole("length", length, 2)
    model = Recurrence(2, whole("hidden", hidden, 1), 1)
    held = Rows(*_sums(generator(0, 0, FRESH), whole("test", test, 1), length))
    gradient = Gradient(model, _Adding(length, whole("batch", batch, 1)))
    start = _start(model, recurrent, gain, 0.5, init)
    return Problem("adding", Loss(model, held), gradient, start, title=f"adding problem, T = {length}", seed=seed)


def char_rnn(
    text: str | None = None,
    hidden: int = 48,
    *,
    length: int = 24,
    batch: int = 16,
    test: int = 150,
    recurrent: str = "orthogonal",
    gain: float = 0.9,
    init: int = 0,
    seed: int = 0,
) -> Problem:
    """A recurrent network that reads a text and guesses each next character.

    text: default the Sonnets in small letters, `datasets.load_sonnets(plain=True)`. The alphabet is what occurs in
    it. Each step t sees `batch` windows of `length` characters from the first nine tenths of the text, drawn by (t,
    seed); the state starts at 0 in each. f is the mean cross-entropy in nats per character on `test` windows spread
    evenly over the last tenth; divide by log 2 for bits. hidden, recurrent, gain, init: as in `rnn`. Views: Wx, Wh,
    b, Wo, bo.
    Raises ValueError when the text is too short to hold the windows.
    """
    text = load_sonnets(plain=True) if text is None else text
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    length, test, batch = whole("length", length, 1), whole("test", test, 1), whole("batch", batch, 1)
    alphabet = "".join(sorted(set(text)))
    numbers = np.array([alphabet.index(c) for c in text])
    cut = len(numbers) * 9 // 10
    if len(numbers) - cut < length + test:
        raise ValueError(f"text must have at least {10 * (length + test)} characters, got {len(numbers)}")
    model = Recurrence(len(alphabet), whole("hidden", hidden, 1), len(alphabet), "softmax", alphabet)
    starts = np.linspace(cut, len(numbers) - length - 1, test).astype(int)
    gradient = Gradient(model, _Windows(numbers[:cut], length, batch))
    start = _start(model, recurrent, gain, 0.3, init)
    title = f"character RNN, {hidden} units"
    held = Rows(*_windows(numbers, starts, length))
    return Problem("char_rnn", Loss(model, held), gradient, start, title=title, seed=seed)


def lag_norms(problem: Problem, theta, t: int = 1) -> np.ndarray:
    """How much the past counts: the length of ∂L/∂h_{T−k}, k = 0 ... T−1, for the last step's loss L: shape (..., T).

    problem: a recurrent one. theta: shape (..., p). The batch is that of step t, and the length is taken over all its
    sequences. No optimizer occurs in these numbers: what is lost here, no learning rate brings back.
    """
    model = model_of(problem)
    if not isinstance(model, Recurrence) or not isinstance(problem.gradient, Gradient):
        raise TypeError(f"problem must be a plain recurrent network, got {problem.name}")
    theta = parameters(model, theta)
    x, y = problem.gradient.batches(theta, t, problem.seed)
    return for_each(model.lag_norms, model, theta, x, y).reshape(*theta.shape[:-1], -1)


@dataclass(frozen=True, eq=False)
class _Adding:
    """Fresh sequences of the adding problem at every step."""

    length: int
    size: int

    def __call__(self, theta, t, seed):
        return tuple(on(part, theta) for part in _sums(generator(seed, t, FRESH), self.size, self.length))


@dataclass(frozen=True, eq=False)
class _Windows:
    """Windows of a text and the characters that follow, at random places."""

    numbers: np.ndarray
    length: int
    size: int

    def __call__(self, theta, t, seed):
        starts = generator(seed, t, WINDOWS).integers(len(self.numbers) - self.length, size=self.size)
        return tuple(on(part, theta) for part in _windows(self.numbers, starts, self.length))


def _windows(numbers, starts, length):
    place = starts[:, None] + np.arange(length)
    return numbers[place], numbers[place + 1]


def _sums(rng, n, length):
    x = np.zeros((n, length, 2))
    x[..., 0] = rng.random((n, length))
    half, row = length // 2, np.arange(n)
    for low, high in ((0, half), (half, length)):
        x[row, rng.integers(low, high, n), 1] = 1
    return x, (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)


def _start(model, recurrent, gain, scale, init):
    if recurrent not in RECURRENT:
        raise ValueError(f"recurrent must be one of {', '.join(RECURRENT)}, got {recurrent!r}")
    check_number("gain", gain)
    return model.init(whole("init", init, 0), gain, recurrent, positive("scale", scale))


def _title(model):
    return f"recurrent network {model.inputs}-{model.hidden}-{model.answers}"
