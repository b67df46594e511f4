"""Exercise adam-step: one step of Adam, and the mistakes that readers make in it."""

import numpy as np

from .. import optimizers
from .exercise import Exercise, Misconception
from .step_cases import public, step_cases


def _cases(seed):
    return step_cases(
        optimizers.adam,
        seed,
        shown=(
            public([1.0], [2.0], [0.0], [0.0], 1, 0.1, 0.9, 0.99, 1e-8),
            public([1.0, -2.0], [3.0, -0.5], [1.0, 2.0], [4.0, 0.25], 2, 0.1, 0.9, 0.5, 1e-8),
            public([0.0], [0.1], [0.05], [0.04], 3, 0.1, 0.8, 0.9, 0.5),
            public([1.0, 2.0], [0.0, 3.0], [0.0, 0.0], [0.0, 0.0], 1, 0.1, 0.9, 0.99, 1e-8),
        ),
        settings=(
            {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
            {"lr": 0.5, "beta1": 0.0, "beta2": 0.0, "eps": 0.0},
            {"lr": 0.0, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8},
            {"lr": 1.0, "beta1": 0.5, "beta2": 0.9, "eps": lambda scale: scale},
            {"lr": 0.01, "beta1": 0.99, "beta2": 0.9999, "eps": 1e-10},
            {"lr": 2.0, "beta1": 0.0, "beta2": 0.95, "eps": 1.0},
            {"lr": 0.3, "beta1": 0.2, "beta2": 0.05, "eps": lambda scale: 0.1 * scale},
        ),
        state_power=(1, 2),
        with_t=True,
    )


def _line(name, sentence, hint, **lines):
    return Misconception(name, sentence, hint, lines=lines)


ADAM_STEP = Exercise(
    id="adam-step",
    chapter="adam",
    kind="code",
    points=6,
    signature="adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps) -> (theta, m, v)",
    prompt="Write one step of Adam. m averages the gradients with decay β₁ and v their squares with decay β₂; t is "
    "the number of this step, 1 for the first. Correct the bias of both averages, and let ε stand outside the root. "
    "Return the new θ, m and v (m and v uncorrected), and leave the arguments as they are.",
    reference=optimizers.adam,
    cases=_cases,
    recipe={
        "m": lambda q: q.beta1 * q.m + (1 - q.beta1) * q.grad,
        "v": lambda q: q.beta2 * q.v + (1 - q.beta2) * q.grad**2,
        "m_hat": lambda q: q.m / (1 - q.beta1**q.t),
        "v_hat": lambda q: q.v / (1 - q.beta2**q.t),
        "top": lambda q: q.m_hat,
        "root": lambda q: np.sqrt(q.v_hat) + q.eps,
        "theta": lambda q: q.theta - q.lr * q.top / q.root,
    },
    hint="Five lines: m, v, then m̂ and v̂ (divide by 1 − βᵗ), then θ. Store m and v, not m̂ and v̂.",
    misconceptions=(
        _line(
            "beta1-swapped",
            "β₁ and 1 − β₁ are swapped",
            "β₁ is the weight of the past.",
            m=lambda q: (1 - q.beta1) * q.m + q.beta1 * q.grad,
        ),
        _line(
            "beta2-swapped",
            "β₂ and 1 − β₂ are swapped",
            "β₂ is the weight of the past.",
            v=lambda q: (1 - q.beta2) * q.v + q.beta2 * q.grad**2,
        ),
        _line(
            "one-minus-m",
            "1 − m stands where 1 − β₁ belongs",
            "The two weights must add up to 1, whatever m is.",
            m=lambda q: q.beta1 * q.m + (1 - q.m) * q.grad,
        ),
        _line(
            "one-minus-v",
            "1 − v stands where 1 − β₂ belongs",
            "The two weights must add up to 1, whatever v is.",
            v=lambda q: q.beta2 * q.v + (1 - q.v) * q.grad**2,
        ),
        _line(
            "corrected-twice",
            "both averages are corrected twice",
            "Divide each average by its 1 − βᵗ once.",
            m_hat=lambda q: q.m / (1 - q.beta1**q.t) ** 2,
            v_hat=lambda q: q.v / (1 - q.beta2**q.t) ** 2,
        ),
        _line(
            "corrected-in-step-too",
            "the averages are corrected twice: before the step, and once more in front of α",
            "Use either m̂ and v̂, or the step size that has both corrections in it.",
            theta=lambda q: q.theta - q.lr * np.sqrt(1 - q.beta2**q.t) / (1 - q.beta1**q.t) * q.top / q.root,
        ),
        _line(
            "betas-exchanged",
            "β₁ and β₂ have changed places: β₁ belongs to m, β₂ to v",
            "Check which decay each line uses.",
            m=lambda q: q.beta2 * q.m + (1 - q.beta2) * q.grad,
            v=lambda q: q.beta1 * q.v + (1 - q.beta1) * q.grad**2,
            m_hat=lambda q: q.m / (1 - q.beta2**q.t),
            v_hat=lambda q: q.v / (1 - q.beta1**q.t),
        ),
        _line(
            "no-one-minus-beta1",
            "the factor 1 − β₁ in front of g is missing, so m is a decaying sum and not an average",
            "The two weights must add up to 1.",
            m=lambda q: q.beta1 * q.m + q.grad,
        ),
        _line(
            "no-one-minus-beta2",
            "the factor 1 − β₂ in front of g² is missing, so v is a decaying sum and not an average",
            "The two weights must add up to 1.",
            v=lambda q: q.beta2 * q.v + q.grad**2,
        ),
        _line(
            "beta1-for-both",
            "β₁ is used in both averages: β₁ belongs to m, β₂ to v",
            "Check which decay each line uses.",
            v=lambda q: q.beta1 * q.v + (1 - q.beta1) * q.grad**2,
            v_hat=lambda q: q.v / (1 - q.beta1**q.t),
        ),
        _line(
            "fixed-betas",
            "β₁ and β₂ are fixed at 0.9 and 0.999 in your code, whatever is handed in",
            "Use the arguments beta1 and beta2.",
            m=lambda q: 0.9 * q.m + (1 - 0.9) * q.grad,
            v=lambda q: 0.999 * q.v + (1 - 0.999) * q.grad**2,
            m_hat=lambda q: q.m / (1 - 0.9**q.t),
            v_hat=lambda q: q.v / (1 - 0.999**q.t),
        ),
        _line(
            "no-square",
            "v averages the gradients, not their squares",
            "Square the gradient before averaging.",
            v=lambda q: q.beta2 * q.v + (1 - q.beta2) * q.grad,
        ),
        _line(
            "absolute-value",
            "v averages |g| instead of g²",
            "Square the gradient: v is compared with g² and its root with g.",
            v=lambda q: q.beta2 * q.v + (1 - q.beta2) * np.abs(q.grad),
        ),
        _line(
            "square-of-m",
            "v averages m², where it should average g²",
            "Both averages are fed with the gradient.",
            v=lambda q: q.beta2 * q.v + (1 - q.beta2) * q.m**2,
        ),
        _line(
            "no-correction",
            "both corrections are missing: m and v start at 0 and are too small at first",
            "Divide m by 1 − β₁ᵗ and v by 1 − β₂ᵗ before you use them.",
            m_hat=lambda q: q.m,
            v_hat=lambda q: q.v,
        ),
        _line(
            "m-not-corrected",
            "v is corrected but m is not",
            "Divide m by 1 − β₁ᵗ before you use it.",
            m_hat=lambda q: q.m,
        ),
        _line(
            "v-not-corrected",
            "m is corrected but v is not",
            "Divide v by 1 − β₂ᵗ before you use it.",
            v_hat=lambda q: q.v,
        ),
        _line(
            "beta-instead-of-power",
            "the corrections divide by 1 − β instead of 1 − βᵗ, which is right at the first step only",
            "The correction fades with t: raise β to the power t.",
            m_hat=lambda q: q.m / (1 - q.beta1),
            v_hat=lambda q: q.v / (1 - q.beta2),
        ),
        _line(
            "v-corrected-with-beta1",
            "v is corrected with β₁, but it was averaged with β₂",
            "Each average is corrected with its own decay.",
            v_hat=lambda q: q.v / (1 - q.beta1**q.t),
        ),
        _line(
            "m-corrected-with-beta2",
            "m is corrected with β₂, but it was averaged with β₁",
            "Each average is corrected with its own decay.",
            m_hat=lambda q: q.m / (1 - q.beta2**q.t),
        ),
        _line(
            "power-of-bracket",
            "the corrections divide by (1 − β)ᵗ; only β is raised to the power t",
            "Subtract from 1 after taking the power.",
            m_hat=lambda q: q.m / (1 - q.beta1) ** q.t,
            v_hat=lambda q: q.v / (1 - q.beta2) ** q.t,
        ),
        _line(
            "no-brackets",
            "the corrections subtract βᵗ from m and v: brackets around 1 − βᵗ are missing",
            "Put 1 − βᵗ into brackets.",
            m_hat=lambda q: q.m / 1 - q.beta1**q.t,
            v_hat=lambda q: q.v / 1 - q.beta2**q.t,
        ),
        _line(
            "times-t",
            "the corrections use β·t instead of βᵗ",
            "Raise β to the power t.",
            m_hat=lambda q: q.m / (1 - q.beta1 * q.t),
            v_hat=lambda q: q.v / (1 - q.beta2 * q.t),
        ),
        _line(
            "t-plus-one",
            "the corrections use t + 1, as if t counted from 0; it is 1 at the first step",
            "Use t as it is handed in.",
            m_hat=lambda q: q.m / (1 - q.beta1 ** (q.t + 1)),
            v_hat=lambda q: q.v / (1 - q.beta2 ** (q.t + 1)),
        ),
        _line(
            "t-minus-one",
            "the corrections use t − 1, which divides by zero at the first step: t is already 1 there",
            "Use t as it is handed in.",
            m_hat=lambda q: q.m / (1 - q.beta1 ** (q.t - 1)),
            v_hat=lambda q: q.v / (1 - q.beta2 ** (q.t - 1)),
        ),
        _line(
            "correction-multiplied",
            "the averages are multiplied by 1 − βᵗ, which makes them smaller still",
            "They are too small at first: divide.",
            m_hat=lambda q: q.m * (1 - q.beta1**q.t),
            v_hat=lambda q: q.v * (1 - q.beta2**q.t),
        ),
        _line(
            "eps-inside",
            "ε stands inside the root; Adam has it outside, √v̂ + ε",
            "Take the root first, then add ε.",
            root=lambda q: np.sqrt(q.v_hat + q.eps),
        ),
        _line(
            "eps-before-correction",
            "ε is added to √v before the correction, as in the short form of the paper, where it means another ε",
            "Correct v, take the root, then add ε.",
            theta=lambda q: (
                q.theta - q.lr * np.sqrt(1 - q.beta2**q.t) / (1 - q.beta1**q.t) * q.m / (np.sqrt(q.v) + q.eps)
            ),
        ),
        _line(
            "short-form-without-root",
            "both corrections stand in front of α, in the short form, but that of v has lost its root",
            "v stands under a root, and so does its correction.",
            theta=lambda q: q.theta - q.lr * (1 - q.beta2**q.t) / (1 - q.beta1**q.t) * q.m / (np.sqrt(q.v) + q.eps),
        ),
        _line(
            "short-form-upside-down",
            "both corrections stand in front of α, in the short form, but upside down",
            "m̂ is larger than m: which of the two belongs below the line?",
            theta=lambda q: (
                q.theta - q.lr * (1 - q.beta1**q.t) / np.sqrt(1 - q.beta2**q.t) * q.m / (np.sqrt(q.v) + q.eps)
            ),
        ),
        _line(
            "no-eps",
            "ε is missing, so a gradient of 0 at the start gives 0/0",
            "Add ε to the root.",
            root=lambda q: np.sqrt(q.v_hat),
        ),
        _line(
            "fixed-eps-1e-8",
            "ε is fixed at 1e-8 in your code, whatever eps is handed in",
            "Use the argument eps.",
            root=lambda q: np.sqrt(q.v_hat) + 1e-8,
        ),
        _line(
            "eps-added-to-theta",
            "ε is added to θ instead of to the root: a bracket is missing",
            "Put √v̂ + ε into brackets.",
            root=lambda q: np.sqrt(q.v_hat),
            theta=lambda q: q.theta - q.lr * q.top / q.root + q.eps,
        ),
        _line(
            "no-root",
            "the root is missing: m̂ is divided by v̂, which has the unit of g²",
            "m̂ over √v̂ has no unit, and the step is then about α long.",
            root=lambda q: q.v_hat + q.eps,
        ),
        _line(
            "gradient-instead-of-m",
            "θ moves with the gradient instead of with its average m̂: that is RMSProp with bias correction",
            "Put m̂ above the fraction line.",
            top=lambda q: q.grad,
        ),
        _line(
            "lr-missing",
            "the learning rate is missing in the step",
            "Where does lr enter?",
            theta=lambda q: q.theta - q.top / q.root,
        ),
        _line(
            "sign",
            "the step goes up the hill, along m̂ instead of against it",
            "Look at the sign in front of α.",
            theta=lambda q: q.theta + q.lr * q.top / q.root,
        ),
        _line(
            "hats-returned",
            "m̂ and v̂ are returned, so the next step corrects them once more: return m and v",
            "Keep the corrected averages in variables of their own.",
            returned_m=lambda q: q.m_hat,
            returned_v=lambda q: q.v_hat,
        ),
        _line(
            "stale-averages",
            "θ moves with the m and v from before the step",
            "Update m and v first, then use them.",
            m_hat=lambda q: q.old.m / (1 - q.beta1**q.t),
            v_hat=lambda q: q.old.v / (1 - q.beta2**q.t),
        ),
        _line(
            "state-not-returned",
            "the m and v returned are those that came in, so nothing is remembered for the next step",
            "Return the new m and v.",
            returned_m=lambda q: q.old.m,
            returned_v=lambda q: q.old.v,
        ),
    ),
)
