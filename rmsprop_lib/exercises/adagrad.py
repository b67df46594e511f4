"""Exercises of chapter adagrad: the step, the effective learning rate, rare features, and whether it goes to zero."""

import numpy as np

from .. import optimizers
from .exercise import Exercise, Misconception
from .step_cases import public, step_cases


def _cases(seed):
    return step_cases(
        optimizers.adagrad,
        seed,
        shown=(
            public([1.0], [3.0], [0.0], 0.1, 1e-8),
            public([1.0, -2.0], [3.0, -0.5], [16.0, 2.0], 0.5, 1e-8),
            public([0.0], [0.1], [0.0], 0.1, 0.04),
            public([1.0, 2.0], [0.0, 3.0], [0.0, 0.0], 0.1, 1e-8),
        ),
        settings=(
            {"lr": 0.1, "eps": 1e-8},
            {"lr": 0.5, "eps": 0.0},
            {"lr": 0.0, "eps": 1e-8},
            {"lr": 1.0, "eps": lambda scale: scale**2},
            {"lr": 2.0, "eps": 1.0},
            {"lr": 0.01, "eps": lambda scale: 0.1 * scale**2},
        ),
        state_power=(2,),
    )


ADAGRAD_STEP = Exercise(
    id="adagrad-step",
    chapter="adagrad",
    kind="code",
    points=4,
    signature="adagrad_step(theta, grad, s, lr, eps) -> (theta, s)",
    prompt="Write one step of Adagrad. s is the sum of the squared gradients so far, element by element; ε stands "
    "inside the root. Return the new θ and the new s, and leave the arguments as they are.",
    reference=optimizers.adagrad,
    cases=_cases,
    recipe={
        "s": lambda q: q.s + q.grad**2,
        "top": lambda q: q.grad,
        "root": lambda q: np.sqrt(q.s + q.eps),
        "theta": lambda q: q.theta - q.lr * q.top / q.root,
    },
    hint="Two lines: first s takes in the squared gradient, then θ moves by α g over the root of the new s (with ε).",
    misconceptions=(
        Misconception(
            "no-square",
            "s adds up the gradients, not their squares, so opposite signs cancel",
            "Square each gradient before adding it.",
            lines={"s": lambda q: q.s + q.grad},
        ),
        Misconception(
            "absolute-value",
            "s adds up |g| instead of g²",
            "Square each gradient before adding it.",
            lines={"s": lambda q: q.s + np.abs(q.grad)},
        ),
        Misconception(
            "no-sum",
            "s holds the last squared gradient alone: the sum over earlier steps is lost",
            "Add to the s that came in.",
            lines={"s": lambda q: q.grad**2},
        ),
        Misconception(
            "moving-average",
            "s is a moving average with β = 0.9 in your code: that is RMSProp; Adagrad forgets nothing",
            "The old s keeps its full weight, and so does g².",
            lines={"s": lambda q: 0.9 * q.s + 0.1 * q.grad**2},
        ),
        Misconception(
            "one-number",
            "all coordinates share one number, the sum over all of them, so each loses its own learning rate",
            "Work element by element: no sum over coordinates.",
            lines={"s": lambda q: q.s + np.sum(q.grad**2)},
        ),
        Misconception(
            "doubled-not-squared",
            "the gradient is doubled where it should be squared: * where ** belongs",
            "In Python the power is written with two stars.",
            lines={"s": lambda q: q.s + q.grad * 2},
        ),
        Misconception(
            "square-of-sum",
            "the old s is squared together with the gradient",
            "Look at the brackets: only g is squared.",
            lines={"s": lambda q: (q.s + q.grad) ** 2},
        ),
        Misconception(
            "one-number-in-step",
            "all coordinates are divided by one number, the sum of s over them, so each loses its own learning rate",
            "Work element by element: no sum over coordinates.",
            lines={"root": lambda q: np.sqrt(q.s.sum() + q.eps)},
        ),
        Misconception(
            "eps-in-state",
            "ε is added to s itself at each step, and piles up there",
            "ε belongs to the division only: s stays free of it.",
            lines={"s": lambda q: q.s + q.grad**2 + q.eps, "root": lambda q: np.sqrt(q.s)},
        ),
        Misconception(
            "stale-s",
            "θ is divided by the root of the s from before the step",
            "Update s first, then use it.",
            lines={"root": lambda q: np.sqrt(q.old.s + q.eps)},
        ),
        Misconception(
            "no-root",
            "the root is missing: the gradient is divided by s, which has the unit of g²",
            "g over √s has no unit, and the step is then about α long.",
            lines={"root": lambda q: q.s + q.eps},
        ),
        Misconception(
            "eps-outside",
            "ε stands outside the root; this book has it inside, √(s + ε)",
            "Add ε before taking the root.",
            lines={"root": lambda q: np.sqrt(q.s) + q.eps},
        ),
        Misconception(
            "no-eps",
            "ε is missing, so a gradient of 0 at the start gives 0/0",
            "Add ε inside the root.",
            lines={"root": lambda q: np.sqrt(q.s)},
        ),
        Misconception(
            "fixed-eps-1e-8",
            "ε is fixed at 1e-8 in your code, whatever eps is handed in",
            "Use the argument eps.",
            lines={"root": lambda q: np.sqrt(q.s + 1e-8)},
        ),
        Misconception(
            "fixed-eps-1e-6",
            "ε is fixed at 1e-6 in your code, whatever eps is handed in",
            "Use the argument eps.",
            lines={"root": lambda q: np.sqrt(q.s + 1e-6)},
        ),
        Misconception(
            "fixed-eps-outside",
            "ε stands outside the root and is fixed at 1e-8 in your code, whatever eps is handed in",
            "Add the argument eps to s before taking the root.",
            lines={"root": lambda q: np.sqrt(q.s) + 1e-8},
        ),
        Misconception(
            "eps-as-floor",
            "s is kept from falling below ε, where ε should be added to it",
            "Add ε inside the root.",
            lines={"root": lambda q: np.sqrt(np.maximum(q.s, q.eps))},
        ),
        Misconception(
            "eps-added-to-theta",
            "ε is added to θ instead of to s: a bracket is missing",
            "Put s + ε into the brackets of the root.",
            lines={"root": lambda q: np.sqrt(q.s), "theta": lambda q: q.theta - q.lr * q.top / q.root + q.eps},
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
            "the gradient is multiplied by the root of s instead of divided by it",
            "Coordinates with large gradients get a smaller learning rate.",
            lines={"theta": lambda q: q.theta - q.lr * q.top * q.root},
        ),
        Misconception(
            "no-division",
            "the gradient is not divided by the root of s: that is gradient descent",
            "s is there to be used: divide by its root.",
            lines={"theta": lambda q: q.theta - q.lr * q.top},
        ),
        Misconception(
            "no-gradient",
            "the gradient is missing above the fraction line: the learning rate itself is subtracted",
            "The step is the effective learning rate times the gradient.",
            lines={"top": lambda q: 1.0},
        ),
        Misconception(
            "sum-for-gradient",
            "s stands above the fraction line, where the gradient belongs",
            "s only scales the step: the gradient says where it goes.",
            lines={"top": lambda q: q.s},
        ),
        Misconception(
            "running-mean",
            "s holds the mean of the old s and g²; Adagrad adds up and divides by nothing",
            "The old s keeps its full weight, and so does g².",
            lines={"s": lambda q: (q.s + q.grad**2) / 2},
        ),
        Misconception(
            "state-not-returned",
            "the s returned is the one that came in, so nothing is remembered for the next step",
            "Return the new s.",
            lines={"returned_s": lambda q: q.old.s},
        ),
    ),
)

EFFECTIVE_RATE = Exercise(
    id="adagrad-effective-rate",
    chapter="adagrad",
    kind="number",
    points=1,
    prompt="Adagrad with α = {lr:g} has seen {n:g} gradients of one weight, each equal to {g:g}; ε is 0. "
    "What was the effective learning rate of the weight at the last of these steps, the factor that multiplied the "
    "gradient?",
    reference=lambda lr, n, g: lr / (g * n**0.5),
    given={"lr": 0.1, "n": 25.0, "g": 2.0},
    draw={"lr": (0.1, 0.3, 0.5), "n": (9.0, 16.0, 25.0, 36.0, 49.0, 64.0), "g": (2.0, 2.5, 10.0, 12.0)},
    tolerance=2e-3,
    hint="How large is s with n gradients of size g in it? The effective learning rate is α over its root.",
    solution="The last gradient is in s, too, before it is divided: s = n g², so α/√s = α/(|g| √n) = {answer:.4g}.",
    misconceptions=(
        Misconception(
            "one-more",
            "that is the rate of the step after the last one, with n + 1 gradients in s",
            "How many gradients are in s at the last of these steps?",
            wrong=lambda lr, n, g: lr / (g * (n + 1) ** 0.5),
        ),
        Misconception(
            "one-less",
            "the last gradient is missing in your s, which takes in a gradient before it divides it",
            "Which of the two lines of the rule comes first?",
            wrong=lambda lr, n, g: lr / (g * (n - 1) ** 0.5),
        ),
        Misconception(
            "step-not-rate",
            "that is the length of a step, α/√n; the rate is the step over the gradient",
            "Divide by |g| once more.",
            wrong=lambda lr, n, g: lr / n**0.5,
        ),
        Misconception(
            "no-root",
            "the root is missing: that is α/s",
            "Take the root of the sum.",
            wrong=lambda lr, n, g: lr / (n * g**2),
        ),
        Misconception(
            "sum-of-gradients",
            "that is α/(n g), as if the gradients were added up unsquared and without a root",
            "Square, add, then take the root.",
            wrong=lambda lr, n, g: lr / (n * g),
        ),
        Misconception(
            "one-over-n",
            "that is α/n: the rate falls like 1/√n, and it depends on the size of the gradients",
            "Write down s after n gradients.",
            wrong=lambda lr, n, g: lr / n,
        ),
        Misconception(
            "average",
            "that is α/|g|, as if s were a mean: Adagrad adds up, and its rate goes on falling",
            "Write down s after n gradients.",
            wrong=lambda lr, n, g: lr / g,
        ),
        Misconception(
            "lr-itself",
            "that is α itself",
            "Adagrad divides α by the root of s.",
            wrong=lambda lr, n, g: lr,
        ),
    ),
)

RARE_FEATURE = Exercise(
    id="adagrad-rare-feature",
    chapter="adagrad",
    kind="number",
    points=1,
    prompt="One feature occurs in every example, another in one example out of {every:g}. Whenever a feature occurs, "
    "the gradient of its weight is 1 in size; else it is 0. After many steps of Adagrad, how many times as large is "
    "the effective learning rate of the rare feature's weight as that of the common one?",
    reference=lambda every: every**0.5,
    given={"every": 100.0},
    draw={"every": (16.0, 25.0, 36.0, 49.0, 64.0, 81.0, 100.0, 144.0, 400.0)},
    hint="Compare the two sums s after n steps, then their roots.",
    solution="The sums are n and n/{every:g}, and the rates go with one over the root: √{every:g} = {answer:.4g}. "
    "So the rare feature learns more from each of its few examples.",
    misconceptions=(
        Misconception(
            "no-root",
            "that is the ratio of the two sums; the rate goes with the root of the sum",
            "Take the root.",
            wrong=lambda every: every,
        ),
        Misconception(
            "upside-down",
            "the ratio is upside down: the rare feature has the smaller sum, and so the larger rate",
            "Adagrad divides by the root of s.",
            wrong=lambda every: every**-0.5,
        ),
        Misconception(
            "upside-down-no-root",
            "that is the ratio of the sums: the rare feature has the smaller sum and the larger rate, and the root "
            "counts",
            "Adagrad divides by the root of s.",
            wrong=lambda every: 1 / every,
        ),
        Misconception(
            "same-rate",
            "the two rates are not equal: each weight has a sum of its own",
            "How often does each sum grow?",
            wrong=lambda every: 1.0,
        ),
    ),
)

RATE_TO_ZERO = Exercise(
    id="adagrad-rate-to-zero",
    chapter="adagrad",
    kind="concept",
    points=1,
    prompt="Adagrad minimises a smooth bowl, curved upwards in every direction, with exact gradients, and "
    "converges. What becomes of the effective learning rate?",
    choices={
        "a": "It goes to 0, because the sum s grows without bound in every run.",
        "b": "It stays α, because the gradients vanish at the minimum.",
        "c": "It settles at a positive value, because the gradients shrink fast enough for the sum s to converge.",
        "d": "It grows again near the minimum, where the gradients are small.",
    },
    reference="c",
    hint="Near the minimum the gradients fall by a factor per step. What does the sum of their squares do?",
    solution="s is a sum of squares that fall like a geometric series, so it stays finite, and α/√s stays positive. "
    "With noise the gradients never vanish: then s grows with t, and the rate falls like 1/√t.",
    misconceptions=(
        Misconception(
            "always-to-zero",
            "a sum of positive numbers can converge: it grows without bound only while gradients keep coming, as "
            "with noise",
            "Sum the series 1 + ½ + ¼ + …",
            wrong="a",
        ),
        Misconception(
            "stays-lr",
            "the first gradients stay in s for ever, so the rate cannot stay at α",
            "Compute s after the first step.",
            wrong="b",
        ),
        Misconception(
            "recovers",
            "s never falls, so the effective learning rate never grows; that needs a method which forgets",
            "Can a sum of squares become smaller?",
            wrong="d",
        ),
    ),
)

EXERCISES = (ADAGRAD_STEP, EFFECTIVE_RATE, RARE_FEATURE, RATE_TO_ZERO)
