"""Exercise torch-step: RMSProp with momentum as PyTorch takes it, and the conventions that get mixed up in it."""

from dataclasses import replace

import numpy as np

from .exercise import Exercise, Misconception
from .rmsprop_step import WRONG_AVERAGES
from .step_cases import public, step_cases


def torch_step(theta, grad, v, m, lr, beta, mu, eps):
    v = beta * v + (1 - beta) * grad**2
    m = mu * m + grad / (np.sqrt(v) + eps)
    return theta - lr * m, v, m


def _cases(seed):
    cases = step_cases(
        torch_step,
        seed,
        shown=(
            public([1.0], [3.0], [0.0], [0.0], 0.1, 0.9, 0.5, 1e-8),
            public([1.0, -2.0], [3.0, -0.5], [4.0, 0.25], [1.0, -1.0], 0.1, 0.9, 0.9, 1e-8),
            public([0.0], [0.1], [0.0], [2.0], 0.1, 0.9, 0.5, 0.04),
            public([1.0, 2.0], [0.0, 3.0], [0.0, 0.0], [0.0, 0.0], 0.1, 0.5, 0.9, 1e-8),
        ),
        settings=(
            {"lr": 0.1, "beta": 0.9, "mu": 0.9, "eps": 1e-8},
            {"lr": 0.5, "beta": 0.0, "mu": 0.5, "eps": 0.0},
            {"lr": 0.0, "beta": 0.9, "mu": 0.9, "eps": 1e-8},
            {"lr": 2.0, "beta": 0.99, "mu": 0.0, "eps": lambda scale: scale},
            {"lr": 0.01, "beta": 0.999, "mu": 0.95, "eps": 1e-10},
            {"lr": 3.0, "beta": 0.5, "mu": 0.3, "eps": 1.0},
            {"lr": 0.3, "beta": 0.2, "mu": 0.7, "eps": lambda scale: 0.1 * scale},
        ),
        state_power=(2, 0),
    )
    # Without momentum PyTorch keeps no buffer: m may then be the quotient, or what came in.
    return tuple(replace(case, open=("m",)) if _mu(case) == 0 else case for case in cases)


def _mu(case):
    return case.args[6]


TORCH_STEP = Exercise(
    id="torch-step",
    chapter="epsilon_and_conventions",
    kind="code",
    points=3,
    signature="torch_step(theta, grad, v, m, lr, beta, mu, eps) -> (theta, v, m)",
    prompt="Write one step of RMSProp with momentum as PyTorch takes it. v is the moving average of the squared "
    "gradients, with decay β, and ε stands outside the root. The buffer m decays by μ and adds up the divided "
    "gradients; α stands outside the buffer. Return the new θ, v and m, three arrays, and leave the arguments as they "
    "are. At μ = 0, where PyTorch has no buffer, any array will do for m.",
    reference=torch_step,
    cases=_cases,
    recipe={
        "v": lambda q: q.beta * q.v + (1 - q.beta) * q.grad**2,
        "root": lambda q: np.sqrt(q.v) + q.eps,
        "u": lambda q: q.grad / q.root,
        "m": lambda q: q.mu * q.m + q.u,
        "theta": lambda q: q.theta - q.lr * q.m,
    },
    hint="Three lines: v as in this book; then m, from the old m and g/(√v + ε); then θ moves by α m.",
    misconceptions=(
        Misconception(
            "eps-inside",
            "ε stands inside the root, as in this book and in Keras; PyTorch has it outside, √v + ε",
            "Take the root of v first, then add ε.",
            lines={"root": lambda q: np.sqrt(q.v + q.eps)},
        ),
        Misconception(
            "eps-root-outside",
            "√ε is added outside the root; that is how to imitate Keras, but PyTorch adds ε itself",
            "Add ε as it is.",
            lines={"root": lambda q: np.sqrt(q.v) + np.sqrt(q.eps)},
        ),
        Misconception(
            "no-eps",
            "ε is missing, so a gradient of 0 at the start gives 0/0",
            "Add ε to the root of v.",
            lines={"root": lambda q: np.sqrt(q.v)},
        ),
        Misconception(
            "eps-not-in-brackets",
            "ε is added to the quotient instead of to the root: a bracket is missing",
            "Put √v + ε into brackets.",
            lines={"u": lambda q: q.grad / np.sqrt(q.v) + q.eps},
        ),
        Misconception(
            "lr-inside",
            "α stands inside the buffer, as in Keras; in PyTorch it multiplies the whole buffer",
            "Leave α out of m and put it in front of m in the step.",
            lines={"m": lambda q: q.mu * q.m + q.lr * q.u, "theta": lambda q: q.theta - q.m},
        ),
        Misconception(
            "keras-step",
            "that is the step of Keras: ε inside the root, and α inside the buffer; PyTorch has both outside",
            "Take the root of v first, then add ε; and leave α out of m.",
            lines={
                "root": lambda q: np.sqrt(q.v + q.eps),
                "m": lambda q: q.mu * q.m + q.lr * q.u,
                "theta": lambda q: q.theta - q.m,
            },
        ),
        Misconception(
            "lr-twice",
            "α stands inside the buffer and in front of it: the step has the factor α²",
            "Leave α out of m.",
            lines={"m": lambda q: q.mu * q.m + q.lr * q.u},
        ),
        Misconception(
            "averaged-momentum",
            "m takes in the part 1 − μ of the quotient: that is an average, and PyTorch keeps a sum",
            "Drop the factor 1 − μ.",
            lines={"m": lambda q: q.mu * q.m + (1 - q.mu) * q.u},
        ),
        Misconception(
            "momentum-of-gradient",
            "m adds up the gradients and the sum is divided; PyTorch divides each gradient before it adds it",
            "Divide first, then add to the buffer.",
            lines={
                "m": lambda q: q.mu * q.m + q.grad,
                "theta": lambda q: q.theta - q.lr * q.m / q.root,
            },
        ),
        Misconception(
            "adam-without-correction",
            "m averages the gradients and the average is divided, as in Adam; PyTorch divides each gradient first",
            "Divide first, then add to the buffer, with weight 1.",
            lines={
                "m": lambda q: q.mu * q.m + (1 - q.mu) * q.grad,
                "theta": lambda q: q.theta - q.lr * q.m / q.root,
            },
        ),
        Misconception(
            "mu-on-quotient",
            "μ multiplies the new quotient as well as the old m",
            "Look at the brackets: only the old m decays.",
            lines={"m": lambda q: q.mu * (q.m + q.u)},
        ),
        Misconception(
            "no-root",
            "the root is missing: the gradient is divided by v, which has the unit of g²",
            "g over √v has no unit.",
            lines={"root": lambda q: q.v + q.eps},
        ),
        Misconception(
            "no-momentum",
            "θ moves by the latest quotient alone, without what the buffer holds",
            "Subtract α times the new m.",
            lines={"theta": lambda q: q.theta - q.lr * q.u},
        ),
        Misconception(
            "stale-buffer",
            "θ moves by the m from before the step",
            "Update m first, then use it.",
            lines={"theta": lambda q: q.theta - q.lr * q.old.m},
        ),
        Misconception(
            "nesterov",
            "the step looks one step ahead, as Nesterov's momentum does; PyTorch's is the heavy ball",
            "Subtract α times m and nothing else.",
            lines={"theta": lambda q: q.theta - q.lr * (q.u + q.mu * q.m)},
        ),
        Misconception(
            "stale-v",
            "the gradient is divided by the root of the v from before the step",
            "Update v first, then use it.",
            lines={"root": lambda q: np.sqrt(q.old.v) + q.eps},
        ),
        *WRONG_AVERAGES,
        Misconception(
            "starts-at-one",
            "v starts at 1 in your code when it is still zero, as in TensorFlow 1; PyTorch starts at 0",
            "Treat the first step like every other.",
            lines={"v": lambda q: q.beta * (q.v if np.any(q.v) else 1.0) + (1 - q.beta) * q.grad**2},
        ),
    ),
)
