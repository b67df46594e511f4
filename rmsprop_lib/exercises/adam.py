"""Exercises of chapter adam: the step, its bias correction, its first length, and how it differs from RMSProp."""

from .adam_step import ADAM_STEP
from .exercise import Exercise, Misconception

CORRECTION_FACTOR = Exercise(
    id="bias-correction-factor",
    chapter="adam",
    kind="number",
    points=1,
    prompt="Adam runs with β₂ = {beta2:g}. By which factor does the bias correction enlarge v at step t = {t:g}?",
    reference=lambda beta2, t: 1 / (1 - beta2**t),
    given={"beta2": 0.999, "t": 10.0},
    draw={"beta2": (0.9, 0.95, 0.98, 0.99, 0.999), "t": (5.0, 8.0, 10.0, 12.0)},
    hint="v̂ = v/(1 − β₂ᵗ). The question asks for v̂/v.",
    solution="1/(1 − β₂ᵗ) = {answer:.4g}.",
    misconceptions=(
        Misconception(
            "upside-down",
            "that is 1 − β₂ᵗ itself; v is divided by it, and so grows",
            "Divide 1 by it.",
            wrong=lambda beta2, t: 1 - beta2**t,
        ),
        Misconception(
            "no-power",
            "that is 1/(1 − β₂), the factor at the first step; it fades as t grows",
            "Raise β₂ to the power t.",
            wrong=lambda beta2, t: 1 / (1 - beta2),
        ),
        Misconception(
            "t-minus-one",
            "that is the factor one step earlier: t counts from 1",
            "Use t as it stands.",
            wrong=lambda beta2, t: 1 / (1 - beta2 ** (t - 1)),
        ),
        Misconception(
            "t-plus-one",
            "that is the factor one step later: t counts from 1",
            "Use t as it stands.",
            wrong=lambda beta2, t: 1 / (1 - beta2 ** (t + 1)),
        ),
        Misconception(
            "root",
            "that is the factor for √v; the question asks for v",
            "Leave the root out.",
            wrong=lambda beta2, t: (1 - beta2**t) ** -0.5,
        ),
        Misconception(
            "one-over-power",
            "that is 1/β₂ᵗ: the correction divides by what has come in, 1 − β₂ᵗ",
            "Add up the weights that the t gradients have in v.",
            wrong=lambda beta2, t: beta2**-t,
        ),
    ),
)

FIRST_STEP = Exercise(
    id="adam-first-step",
    chapter="adam",
    kind="number",
    points=1,
    prompt="Adam starts from m = v = 0 with β₁ = {beta1:g} and β₂ = {beta2:g}; ε is negligible. How many times α is "
    "its first step long?",
    reference=lambda beta1, beta2: 1.0,
    given={"beta1": 0.9, "beta2": 0.999},
    draw={"beta1": (0.8, 0.9, 0.95), "beta2": (0.98, 0.995, 0.999)},
    hint="Write down m̂ and v̂ after one step.",
    solution="After one step m̂ = g and v̂ = g², so the step is α g/|g|: α times {answer:g}. This is what bias "
    "correction is for.",
    misconceptions=(
        Misconception(
            "no-correction",
            "that is (1 − β₁)/√(1 − β₂), the first step without bias correction",
            "Divide m by 1 − β₁ and v by 1 − β₂ first.",
            wrong=lambda beta1, beta2: (1 - beta1) / (1 - beta2) ** 0.5,
        ),
        Misconception(
            "v-not-corrected",
            "that is 1/√(1 − β₂), the first step of RMSProp, or of Adam when only m is corrected",
            "Correct v too.",
            wrong=lambda beta1, beta2: (1 - beta2) ** -0.5,
        ),
        Misconception(
            "m-not-corrected",
            "that is 1 − β₁, the first step when only v is corrected",
            "Correct m too.",
            wrong=lambda beta1, beta2: 1 - beta1,
        ),
        Misconception(
            "no-step",
            "m starts at 0, but the first gradient is in it before θ moves",
            "Follow the three lines in order.",
            wrong=lambda beta1, beta2: 0.0,
        ),
    ),
)

BETA1_ZERO = Exercise(
    id="adam-beta1-zero",
    chapter="adam",
    kind="concept",
    points=1,
    prompt="Set β₁ = 0 in Adam and keep β₂ = β. What is left?",
    choices={
        "a": "Exactly this book's RMSProp.",
        "b": "RMSProp with bias correction, and with ε outside the root.",
        "c": "Adagrad: without β₁ nothing is forgotten.",
        "d": "Momentum: with β₁ = 0 the division by √v̂ drops out.",
    },
    reference="b",
    hint="With β₁ = 0, m̂ = g. What is done to v before its root is taken, and where is ε?",
    solution="m = m̂ = g is left above the fraction line, and √v̂ + ε below it: RMSProp, but for the bias "
    "correction, which matters until t is a few times 1/(1 − β₂), and for the place of ε.",
    misconceptions=(
        Misconception(
            "same-as-rmsprop",
            "the average of gradients is gone, but v̂ is still corrected: the first step is α long, not α/√(1 − β)",
            "Compare the first steps of the two.",
            wrong="a",
        ),
        Misconception(
            "adagrad",
            "v still forgets with β₂; β₁ = 0 only makes m forget at once",
            "Which line has β₂ in it?",
            wrong="c",
        ),
        Misconception(
            "momentum",
            "it is the other way round: β₁ is the momentum, and the division by √v̂ stays",
            "Put β₁ = 0 into the line for m.",
            wrong="d",
        ),
    ),
)

EXERCISES = (ADAM_STEP, CORRECTION_FACTOR, FIRST_STEP, BETA1_ZERO)
