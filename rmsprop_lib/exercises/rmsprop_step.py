"""Exercise rmsprop-step: one step of RMSProp, and the mistakes that readers make in it."""

import numpy as np

from .. import optimizers
from .exercise import Exercise, Misconception
from .step_cases import public, step_cases


def _cases(seed):
    return step_cases(
        optimizers.rmsprop,
        seed,
        shown=(
            public([1.0], [3.0], [0.0], 0.1, 0.9, 1e-8),
            public([1.0, -2.0], [3.0, -0.5], [4.0, 0.25], 0.1, 0.9, 1e-8),
            public([0.0], [0.1], [0.0], 0.1, 0.9, 0.04),
            public([1.0, 2.0], [0.0, 3.0], [0.0, 0.0], 0.1, 0.5, 1e-8),
        ),
        settings=(
            {"lr": 0.1, "beta": 0.9, "eps": 1e-8},
            {"lr": 0.5, "beta": 0.0, "eps": 0.0},
            {"lr": 0.0, "beta": 0.9, "eps": 1e-8},
            {"lr": 1.0, "beta": 0.99, "eps": lambda scale: scale**2},
            {"lr": 0.01, "beta": 0.9999, "eps": 1e-10},
            {"lr": 2.0, "beta": 0.5, "eps": 1.0},
            {"lr": 0.3, "beta": 0.2, "eps": lambda scale: 0.1 * scale**2},
        ),
        state_power=(2,),
    )


# What may be wrong with the line for v, here and in torch_step.
WRONG_AVERAGES = (
    Misconception(
        "beta-swapped",
        "β and 1 − β are swapped",
        "β is the weight of the past: with β = 0.9, v keeps nine tenths of what it was.",
        lines={"v": lambda q: (1 - q.beta) * q.v + q.beta * q.grad**2},
    ),
    Misconception(
        "no-one-minus-beta",
        "the factor 1 − β in front of g² is missing, so v is a decaying sum and not an average",
        "The two weights must add up to 1.",
        lines={"v": lambda q: q.beta * q.v + q.grad**2},
    ),
    Misconception(
        "accumulates",
        "v adds up all squared gradients: that is Adagrad; RMSProp forgets",
        "Let the old v decay by β, and weight the new g² by what is left.",
        lines={"v": lambda q: q.v + q.grad**2},
    ),
    Misconception(
        "one-minus-v",
        "1 − v stands where 1 − β belongs",
        "The two weights must add up to 1, whatever v is.",
        lines={"v": lambda q: q.beta * q.v + (1 - q.v) * q.grad**2},
    ),
)


RMSPROP_STEP = Exercise(
    id="rmsprop-step",
    chapter="rmsprop",
    kind="code",
    points=4,
    signature="rmsprop_step(theta, grad, v, lr, beta, eps) -> (theta, v)",
    prompt="Write one step of RMSProp. v is the moving average of the squared gradients, β its decay; ε stands "
    "inside the root. Return the new θ and the new v, and leave the arguments as they are.",
    reference=optimizers.rmsprop,
    cases=_cases,
    recipe={
        "v": lambda q: q.beta * q.v + (1 - q.beta) * q.grad**2,
        "top": lambda q: q.grad,
        "root": lambda q: np.sqrt(q.v + q.eps),
        "theta": lambda q: q.theta - q.lr * q.top / q.root,
    },
    hint="Two lines: first v, an average of the old v and the squared gradient; then θ moves by α g over the root of "
    "the new v.",
    misconceptions=(
        *WRONG_AVERAGES,
        Misconception(
            "no-memory",
            "v holds (1 − β) g² alone: the average from before is lost",
            "Keep the part β of the v that came in.",
            lines={"v": lambda q: (1 - q.beta) * q.grad**2},
        ),
        Misconception(
            "fixed-beta",
            "β is fixed at 0.9 in your code, whatever beta is handed in",
            "Use the argument beta.",
            lines={"v": lambda q: 0.9 * q.v + 0.1 * q.grad**2},
        ),
        Misconception(
            "absolute-value",
            "v averages |g| instead of g²",
            "Square the gradient: v is compared with g² and its root with g.",
            lines={"v": lambda q: q.beta * q.v + (1 - q.beta) * np.abs(q.grad)},
        ),
        Misconception(
            "no-square",
            "v averages the gradients, not their squares, so opposite signs cancel",
            "Square the gradient before averaging.",
            lines={"v": lambda q: q.beta * q.v + (1 - q.beta) * q.grad},
        ),
        Misconception(
            "square-of-both",
            "the factor 1 − β is squared together with the gradient",
            "Look at the brackets: only g is squared.",
            lines={"v": lambda q: q.beta * q.v + ((1 - q.beta) * q.grad) ** 2},
        ),
        Misconception(
            "doubled-not-squared",
            "the gradient is doubled where it should be squared: * where ** belongs",
            "In Python the power is written with two stars.",
            lines={"v": lambda q: q.beta * q.v + (1 - q.beta) * q.grad * 2},
        ),
        Misconception(
            "no-brackets",
            "the brackets around 1 − β are missing, so the whole 1 is added to v and β g² taken off",
            "Which of the two products does the minus belong to?",
            lines={"v": lambda q: q.beta * q.v + 1 - q.beta * q.grad**2},
        ),
        Misconception(
            "eps-in-state",
            "ε is added to v itself at each step, and piles up there",
            "ε belongs to the division only: v stays free of it.",
            lines={
                "v": lambda q: q.beta * q.v + (1 - q.beta) * q.grad**2 + q.eps,
                "root": lambda q: np.sqrt(q.v),
            },
        ),
        Misconception(
            "starts-at-g2",
            "v starts at g² in your code when it is still zero; in this book it starts at 0",
            "Treat the first step like every other.",
            lines={"v": lambda q: q.beta * q.v + (1 - q.beta) * q.grad**2 if np.any(q.v) else q.grad**2},
        ),
        Misconception(
            "starts-at-one",
            "v starts at 1 in your code when it is still zero, as in TensorFlow 1; in this book it starts at 0",
            "Treat the first step like every other.",
            lines={"v": lambda q: q.beta * (q.v if np.any(q.v) else 1.0) + (1 - q.beta) * q.grad**2},
        ),
        Misconception(
            "one-number",
            "all coordinates share one v, the mean over all of them, so each loses its own scale",
            "Work element by element: no mean over coordinates.",
            lines={"root": lambda q: np.sqrt(q.v.mean() + q.eps)},
        ),
        Misconception(
            "one-number-in-state",
            "v averages the mean of g² over all coordinates, so each loses its own scale",
            "Work element by element: no mean over coordinates.",
            lines={"v": lambda q: q.beta * q.v + (1 - q.beta) * np.mean(q.grad**2)},
        ),
        Misconception(
            "length-in-state",
            "v averages the squared length of the whole gradient, so each coordinate loses its own scale",
            "Work element by element: no sum over coordinates, no product of vectors.",
            lines={"v": lambda q: q.beta * q.v + (1 - q.beta) * np.sum(q.grad**2)},
        ),
        Misconception(
            "stale-v",
            "θ is divided by the root of the v from before the step",
            "Update v first, then use it.",
            lines={"root": lambda q: np.sqrt(q.old.v + q.eps)},
        ),
        Misconception(
            "no-root",
            "the root is missing: the gradient is divided by v, which has the unit of g²",
            "g over √v has no unit, and the step is then about α long.",
            lines={"root": lambda q: q.v + q.eps},
        ),
        Misconception(
            "eps-outside",
            "ε stands outside the root; this book has it inside, √(v + ε)",
            "Add ε before taking the root.",
            lines={"root": lambda q: np.sqrt(q.v) + q.eps},
        ),
        Misconception(
            "eps-outside-squared",
            "ε stands outside the root, as √ε; √v + √ε is not √(v + ε)",
            "Add ε before taking the root.",
            lines={"root": lambda q: np.sqrt(q.v) + np.sqrt(q.eps)},
        ),
        Misconception(
            "eps-as-floor",
            "v is kept from falling below ε, where ε should be added to it",
            "Add ε inside the root.",
            lines={"root": lambda q: np.sqrt(np.maximum(q.v, q.eps))},
        ),
        Misconception(
            "no-eps",
            "ε is missing, so a gradient of 0 at the start gives 0/0",
            "Add ε inside the root.",
            lines={"root": lambda q: np.sqrt(q.v)},
        ),
        Misconception(
            "fixed-eps-1e-8",
            "ε is fixed at 1e-8 in your code, whatever eps is handed in",
            "Use the argument eps.",
            lines={"root": lambda q: np.sqrt(q.v + 1e-8)},
        ),
        Misconception(
            "fixed-eps-1e-6",
            "ε is fixed at 1e-6 in your code, whatever eps is handed in",
            "Use the argument eps.",
            lines={"root": lambda q: np.sqrt(q.v + 1e-6)},
        ),
        Misconception(
            "fixed-eps-outside",
            "ε stands outside the root and is fixed at 1e-8 in your code, whatever eps is handed in",
            "Add the argument eps to v before taking the root.",
            lines={"root": lambda q: np.sqrt(q.v) + 1e-8},
        ),
        Misconception(
            "eps-added-to-theta",
            "ε is added to θ instead of to v: a bracket is missing",
            "Put v + ε into the brackets of the root.",
            lines={"root": lambda q: np.sqrt(q.v), "theta": lambda q: q.theta - q.lr * q.top / q.root + q.eps},
        ),
        Misconception(
            "lr-missing",
            "the learning rate is missing in the step",
            "Where does lr enter?",
            lines={"theta": lambda q: q.theta - q.top / q.root},
        ),
        Misconception(
            "sign",
            "the step goes up the hill, along the gradient instead of against it",
            "Look at the sign in front of α.",
            lines={"theta": lambda q: q.theta + q.lr * q.top / q.root},
        ),
        Misconception(
            "multiplied",
            "the gradient is multiplied by the root of v instead of divided by it",
            "Coordinates with large gradients get a smaller learning rate.",
            lines={"theta": lambda q: q.theta - q.lr * q.top * q.root},
        ),
        Misconception(
            "no-division",
            "the gradient is not divided by the root of v: that is gradient descent",
            "v is there to be used: divide by its root.",
            lines={"theta": lambda q: q.theta - q.lr * q.top},
        ),
        Misconception(
            "no-gradient",
            "the gradient is missing above the fraction line: the learning rate itself is subtracted",
            "The step is the effective learning rate times the gradient.",
            lines={"top": lambda q: 1.0},
        ),
        Misconception(
            "average-for-gradient",
            "v stands above the fraction line, where the gradient belongs",
            "v only scales the step: the gradient says where it goes.",
            lines={"top": lambda q: q.v},
        ),
        Misconception(
            "centered",
            "the squared mean is taken off v under the root: that is centered RMSProp, which divides by a standard "
            "deviation",
            "Divide by the root of the second moment v itself.",
            lines={"root": lambda q: np.sqrt(np.maximum(q.v - ((1 - q.beta) * q.grad) ** 2, 0) + q.eps)},
        ),
        Misconception(
            "bias-corrected",
            "v is divided by 1 − β before the root: that is Adam's bias correction at its first step; RMSProp has none",
            "Divide by the root of v as it is.",
            lines={"root": lambda q: np.sqrt(q.v / (1 - q.beta) + q.eps)},
        ),
        Misconception(
            "state-not-returned",
            "the v returned is the one that came in, so nothing is remembered for the next step",
            "Return the new v.",
            lines={"returned_v": lambda q: q.old.v},
        ),
        Misconception(
            "root-returned",
            "the v returned is already a root; the next step would average roots with squares",
            "Keep v itself, and take the root only where you divide.",
            lines={"returned_v": lambda q: np.sqrt(q.v)},
        ),
    ),
)
