"""Exercises of chapter rmsprop: the step, its first length, its answer to a rescaled loss, and its last cycle."""

from .exercise import Exercise, Misconception
from .rmsprop_step import RMSPROP_STEP

FIRST_STEP = Exercise(
    id="first-step-factor",
    chapter="rmsprop",
    kind="number",
    points=1,
    prompt="RMSProp starts with v = 0 and β = {beta:g}; ε is negligible. How many times α is its first step long?",
    reference=lambda beta: (1 - beta) ** -0.5,
    given={"beta": 0.9},
    draw={"beta": (0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 0.97, 0.98)},
    hint="Write down v after one step, and divide g by its root.",
    solution="v = (1 − β) g², so the step is α g/√v = α/√(1 − β) = {answer:.4g} α, whatever the gradient.",
    misconceptions=(
        Misconception(
            "just-lr",
            "the first step would be α long if v were g², but v starts at 0 and takes in only the part 1 − β of g²",
            "Write down v after one step.",
            wrong=lambda beta: 1.0,
        ),
        Misconception(
            "no-root",
            "that is 1/(1 − β): the root is missing",
            "θ is divided by √v, not by v.",
            wrong=lambda beta: 1 / (1 - beta),
        ),
        Misconception(
            "upside-down",
            "that is √(1 − β): v is too small at first, and dividing by a small number makes a long step",
            "Which side of the fraction line is v on?",
            wrong=lambda beta: (1 - beta) ** 0.5,
        ),
        Misconception(
            "beta-swapped",
            "that is 1/√β: in the first step g² enters with the weight 1 − β",
            "β is the weight of the old v, which is 0 here.",
            wrong=lambda beta: beta**-0.5,
        ),
        Misconception(
            "share-of-square",
            "that is 1 − β, the share of g² that enters v; the step still has to be computed from it",
            "Divide g by √v.",
            wrong=lambda beta: 1 - beta,
        ),
    ),
)

LOSS_TIMES_1000 = Exercise(
    id="loss-times-1000",
    chapter="rmsprop",
    kind="concept",
    points=1,
    prompt="You multiply the loss by 1000 and run RMSProp again from the same start with the same α and β. ε is "
    "negligible. What becomes of the steps in θ?",
    choices={
        "a": "They are about 1000 times as long.",
        "b": "They are about 1000 times shorter: larger gradients make smaller updates.",
        "c": "They are about √1000 times as long.",
        "d": "They stay the same.",
    },
    reference="d",
    hint="By which factor do g and √v change?",
    solution="g and √v both grow by 1000, and g/√v stays. The effective learning rate α/√v does shrink by 1000, but "
    "the step is that rate times a gradient 1000 times as large.",
    misconceptions=(
        Misconception(
            "like-gradient-descent",
            "so it is for gradient descent; RMSProp divides the gradient by its own size",
            "Put 1000 g into both lines of the rule.",
            wrong="a",
        ),
        Misconception(
            "larger-gradient-smaller-update",
            "the effective learning rate α/√v falls by 1000, but it multiplies a gradient that is 1000 times as large",
            "Tell the effective learning rate from the step.",
            wrong="b",
        ),
        Misconception(
            "half-cancelled",
            "v holds squares: it grows by 1000², so its root grows by 1000, as the gradient does",
            "Put 1000 g into the line for v.",
            wrong="c",
        ),
    ),
)

TWO_CYCLE = Exercise(
    id="two-cycle-amplitude",
    chapter="rmsprop",
    kind="number",
    points=1,
    prompt="RMSProp with constant α = {lr:g} and β = {beta:g} minimises f(θ) = ½ h θ² with h = {h:g}, and ε is "
    "negligible. In the end it jumps back and forth between two points, one on each side of the minimum. How far "
    "from the minimum are they?",
    reference=lambda lr, beta, h: lr / 2,
    given={"lr": 0.01, "beta": 0.9, "h": 10.0},
    draw={"lr": (0.01, 0.02, 0.03, 0.04, 0.05), "beta": (0.8, 0.9, 0.95, 0.99), "h": (5.0, 8.0, 10.0, 20.0)},
    hint="On the cycle every gradient has the same size. What is v then, and how long is a step?",
    solution="All gradients are h|θ| in size, so v = g² and each step is α long. It leads from θ to −θ, over a "
    "distance of 2|θ|: |θ| = α/2 = {answer:.4g}. Neither h nor β matters; only a smaller α brings θ closer.",
    misconceptions=(
        Misconception(
            "full-step",
            "α is the distance between the two points; the minimum lies half-way",
            "A step leads from θ to −θ.",
            wrong=lambda lr, beta, h: lr,
        ),
        Misconception(
            "converges",
            "RMSProp does not come to rest at a constant α: near the minimum v shrinks with the gradient, and the "
            "step stays α",
            "What is g/√v when all gradients have the same size?",
            wrong=lambda lr, beta, h: 0.0,
        ),
        Misconception(
            "curvature-counts",
            "the curvature drops out: it scales g and √v alike",
            "Write g and √v on the cycle, then divide.",
            wrong=lambda lr, beta, h: lr / (2 * h),
        ),
        Misconception(
            "curvature-counts-full-step",
            "the curvature drops out: it scales g and √v alike",
            "Write g and √v on the cycle, then divide.",
            wrong=lambda lr, beta, h: lr / h,
        ),
        Misconception(
            "first-step",
            "that is built on the first step, α/√(1 − β); later v has caught up with g²",
            "What is v after many gradients of the same size?",
            wrong=lambda lr, beta, h: lr / (1 - beta) ** 0.5,
        ),
        Misconception(
            "half-first-step",
            "that is built on the first step, α/√(1 − β); later v has caught up with g²",
            "What is v after many gradients of the same size?",
            wrong=lambda lr, beta, h: lr / (1 - beta) ** 0.5 / 2,
        ),
    ),
)

EXERCISES = (RMSPROP_STEP, FIRST_STEP, LOSS_TIMES_1000, TWO_CYCLE)
