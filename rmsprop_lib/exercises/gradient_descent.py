"""Exercises of chapter gradient_descent: the step, the largest learning rate, the slowest direction."""

import numpy as np

from .. import optimizers
from .exercise import Case, Exercise, Misconception
from .step_cases import public, step_cases


def largest_stable_lr(H):
    return 2 / np.linalg.eigvalsh(H).max()


def _gd_cases(seed):
    return step_cases(
        optimizers.gradient_descent,
        seed,
        shown=(public([1.0], [4.0], 0.1), public([1.0, -2.0], [3.0, 0.5], 0.5), public([2.0], [0.01], 0.0)),
        settings=({"lr": 0.1}, {"lr": 0.0}, {"lr": 1.0}, {"lr": 2.5}, {"lr": 1e-3}),
        step_power=1,
    )


def _matrices(seed):
    """Symmetric positive definite matrices: some by hand, then rotated ones of several sizes, scales and conditions."""
    rng = np.random.default_rng(seed)
    cases = [public([[2.0, 0.0], [0.0, 8.0]]), public([[5.0, 3.0], [3.0, 5.0]]), public([[2.0, 1.0], [1.0, 5.0]])]
    cases.append(public([[2.0, -1.0], [-1.0, 2.0]]))
    for size, scale, condition in (
        (2, 1.0, 10.0),
        (3, 1e-6, 100.0),
        (5, 1e6, 1e4),
        (1, 0.01, 1.0),
        (8, 1.0, 3.0),
    ):
        cases.append(_turned(rng.standard_normal((size, size)), scale * np.geomspace(1, condition, size)))
    cases.append(_turned(rng.standard_normal((3, 3)), [0.1, 0.99, 1.0]))  # two nearly alike
    for start in (np.ones(4), np.arange(1.0, 5.0), np.array([1.0, -1.0, 1.0, -1.0]), *np.eye(4)[[0, 3]]):
        # The steepest direction is at right angles to where a search may start, and hardly steeper: rounding does not
        # lead there in a thousand steps.
        others = rng.standard_normal((4, 3))
        cases.append(_turned(np.column_stack([start, others]), [1.0, *rng.permutation([0.3, 0.7]), 1.02]))
    round_bowl = Case((0.5 * np.eye(3),))  # exactly round: of one that is nearly so, eig may say that λ is complex
    return (*cases, round_bowl)


def _turned(directions, curvatures):
    """The matrix with these curvatures; each direction is made perpendicular to those before it."""
    basis, _ = np.linalg.qr(directions)
    H = basis * curvatures @ basis.T
    return Case(((H + H.T) / 2,))


GD_STEP = Exercise(
    id="gd-step",
    chapter="gradient_descent",
    kind="code",
    points=2,
    signature="gd_step(theta, grad, lr) -> theta",
    prompt="Write one step of gradient descent. theta and grad are arrays of the same shape, lr is the learning rate "
    "α. Return the new θ and leave the arguments as they are.",
    reference=optimizers.gradient_descent,
    cases=_gd_cases,
    recipe={"theta": lambda q: q.theta - q.lr * q.grad},
    hint="The gradient points uphill, and its length counts. How far, and which way, do you go?",
    misconceptions=(
        Misconception(
            "sign",
            "the step goes up the hill, along the gradient instead of against it",
            "The gradient points where f grows fastest. Look at the sign in front of α g.",
            lines={"theta": lambda q: q.theta + q.lr * q.grad},
        ),
        Misconception(
            "lr-missing",
            "the learning rate is not used: the step is the whole gradient",
            "Where does lr enter?",
            lines={"theta": lambda q: q.theta - q.grad},
        ),
        Misconception(
            "lr-squared",
            "the learning rate is applied twice, so the step has α² in it",
            "Multiply the gradient by lr once.",
            lines={"theta": lambda q: q.theta - q.lr**2 * q.grad},
        ),
        Misconception(
            "lr-divides",
            "the gradient is divided by the learning rate, so a smaller α makes a longer step",
            "A larger α must make a longer step.",
            lines={"theta": lambda q: q.theta - q.grad / q.lr},
        ),
        Misconception(
            "normalised",
            "the gradient is divided by its length, so that every step is α long",
            "Gradient descent keeps the length of the gradient: its steps shrink near the minimum by themselves.",
            lines={"theta": lambda q: q.theta - q.lr * q.grad / np.linalg.norm(q.grad)},
        ),
        Misconception(
            "sign-descent",
            "only the sign of the gradient is used: that is sign descent, which comes two chapters later",
            "The size of each gradient component counts too.",
            lines={"theta": lambda q: q.theta - q.lr * np.sign(q.grad)},
        ),
        Misconception(
            "only-the-step",
            "that is the step −α g alone, without the θ it starts from",
            "Where are you after the step, if you stood at θ before?",
            lines={"theta": lambda q: -q.lr * q.grad},
        ),
        Misconception(
            "only-what-is-taken-off",
            "that is α g alone, which is to be taken off θ",
            "Where are you after the step, if you stood at θ before?",
            lines={"theta": lambda q: q.lr * q.grad},
        ),
        Misconception(
            "backwards-difference",
            "the difference is turned round: the step minus θ instead of θ minus the step",
            "Start at θ and take the step off.",
            lines={"theta": lambda q: q.lr * q.grad - q.theta},
        ),
        Misconception(
            "theta-scaled",
            "θ is multiplied by the learning rate as well",
            "Only the gradient is multiplied by α. Look at the brackets.",
            lines={"theta": lambda q: q.lr * (q.theta - q.grad)},
        ),
        Misconception(
            "mean-gradient",
            "all coordinates take the same step, along the mean of the gradient",
            "Each coordinate has its own gradient component. No mean is needed.",
            lines={"theta": lambda q: q.theta - q.lr * q.grad.mean()},
        ),
    ),
)

LARGEST_STABLE_LR = Exercise(
    id="largest-stable-lr",
    chapter="gradient_descent",
    kind="code",
    points=2,
    signature="largest_stable_lr(H) -> float",
    prompt="A quadratic f(θ) = ½ θᵀHθ has the symmetric positive definite matrix H of second derivatives. "
    "Return the learning rate below which gradient descent converges from any start and above which it diverges from "
    "almost any.",
    reference=largest_stable_lr,
    cases=_matrices,
    hint="Along an eigenvector with eigenvalue λ, one step multiplies θ by 1 − αλ. When is that at most 1 in size, "
    "for all λ?",
    misconceptions=(
        Misconception(
            "one-over-lambda",
            "that is 1/λ_max, where the steepest direction is solved in one step; it stays stable up to twice that",
            "1 − αλ may be negative. How negative, before θ grows?",
            wrong=lambda H: 1 / np.linalg.eigvalsh(H).max(),
        ),
        Misconception(
            "smallest-eigenvalue",
            "that is 2/λ_min, the limit of the flattest direction; the steepest one diverges long before",
            "All directions must converge. Which one fails first when α grows?",
            wrong=lambda H: 2 / np.linalg.eigvalsh(H).min(),
        ),
        Misconception(
            "first-eigenvalue",
            "that is the first eigenvalue that NumPy names; eigvals and eig give them in no order",
            "Take the largest, or use eigvalsh, which sorts them.",
            wrong=lambda H: 2 / np.linalg.eigvals(H)[0],
        ),
        Misconception(
            "last-eigenvalue",
            "that is the last eigenvalue that NumPy names; eigvals and eig give them in no order",
            "Take the largest, or use eigvalsh, which sorts them.",
            wrong=lambda H: 2 / np.linalg.eigvals(H)[-1],
        ),
        Misconception(
            "mean-eigenvalue",
            "that is 2 over the mean of the eigenvalues; already one direction steeper than that diverges",
            "Which direction is the first to diverge?",
            wrong=lambda H: 2 / np.mean(np.linalg.eigvalsh(H)),
        ),
        Misconception(
            "trace",
            "that is 2 over the trace: the sum of all curvatures bounds the largest one, but it is too careful",
            "Only the largest eigenvalue counts, not their sum.",
            wrong=lambda H: 2 / np.trace(H),
        ),
        Misconception(
            "diagonal",
            "the largest diagonal entry is not the largest curvature when the axes of the valley are turned",
            "The curvature along the axes of the valley is an eigenvalue.",
            wrong=lambda H: 2 / np.diag(H).max(),
        ),
        Misconception(
            "row-sum",
            "the largest row sum bounds the largest curvature from above, so this learning rate is too careful",
            "Use the largest eigenvalue itself, not a bound on it.",
            wrong=lambda H: 2 / np.abs(H).sum(axis=1).max(),
        ),
        Misconception(
            "frobenius",
            "that is 2 over the Frobenius norm, the root of the sum of all squared curvatures; np.linalg.norm(H) is "
            "not the largest eigenvalue",
            "np.linalg.norm(H, 2) would be; so would an eigenvalue routine.",
            wrong=lambda H: 2 / np.linalg.norm(H),
        ),
        Misconception(
            "fastest-rate",
            "that is 2/(λ_min + λ_max), the learning rate that converges fastest, not the last one that converges",
            "At the limit, the steepest direction just stops shrinking. The flattest plays no part.",
            wrong=lambda H: 2 / (np.linalg.eigvalsh(H).min() + np.linalg.eigvalsh(H).max()),
        ),
        Misconception(
            "condition-number",
            "that is built on the condition number, which says how slow the descent is, not where it diverges",
            "Scale f by 10: the condition number stays, but the limit must change.",
            wrong=lambda H: 2 / np.linalg.cond(H),
        ),
        Misconception(
            "inverse-condition-number",
            "that is one over the condition number, which says how slow the descent is, not where it diverges",
            "Scale f by 10: the condition number stays, but the limit must change.",
            wrong=lambda H: 1 / np.linalg.cond(H),
        ),
        Misconception(
            "the-eigenvalue",
            "that is the largest curvature itself, not the learning rate that it allows",
            "Solve |1 − αλ| = 1 for α.",
            wrong=lambda H: np.linalg.eigvalsh(H).max(),
        ),
        Misconception(
            "half-the-eigenvalue",
            "the fraction is upside down",
            "A steeper valley needs a smaller learning rate.",
            wrong=lambda H: np.linalg.eigvalsh(H).max() / 2,
        ),
    ),
)

SLOWEST_MODE = Exercise(
    id="slowest-mode-factor",
    chapter="gradient_descent",
    kind="number",
    points=1,
    prompt="A valley has the condition number κ = {kappa:g}. Gradient descent runs with its fastest learning rate, "
    "α = 2/(λ_min + λ_max). By which factor does one step multiply the error in the slowest direction? Give its size.",
    reference=lambda kappa: (kappa - 1) / (kappa + 1),
    given={"kappa": 10.0},
    draw={"kappa": (4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 25.0, 40.0)},
    tolerance=2e-3,
    hint="The error along an eigenvector is multiplied by 1 − αλ. Put in α and λ_min, and divide above and below by "
    "λ_min.",
    solution="1 − αλ_min = 1 − 2 λ_min/(λ_min + λ_max) = (κ − 1)/(κ + 1) = {answer:.4g}. The steepest direction has "
    "the same factor with the other sign: the fastest learning rate makes the two equally slow.",
    misconceptions=(
        Misconception(
            "lr-one-over-lambda",
            "that is 1 − 1/κ, the factor for the learning rate α = 1/λ_max",
            "The learning rate in the question is larger than that.",
            wrong=lambda kappa: 1 - 1 / kappa,
        ),
        Misconception(
            "inverse-kappa",
            "that is 1/κ; in such a valley the slowest direction keeps most of its error at each step",
            "Start from 1 − αλ_min.",
            wrong=lambda kappa: 1 / kappa,
        ),
        Misconception(
            "upside-down",
            "the fraction is upside down: the error would grow",
            "A factor of a method that converges is below 1.",
            wrong=lambda kappa: (kappa + 1) / (kappa - 1),
        ),
        Misconception(
            "momentum-rate",
            "that is the factor of momentum at its best, (√κ − 1)/(√κ + 1)",
            "Without momentum there is no root of κ.",
            wrong=lambda kappa: (kappa**0.5 - 1) / (kappa**0.5 + 1),
        ),
        Misconception(
            "lost-part",
            "that is the part of the error that a step removes, 2/(κ + 1); the question asks for what stays",
            "Subtract from 1.",
            wrong=lambda kappa: 2 / (kappa + 1),
        ),
        Misconception(
            "kappa-itself",
            "that is the condition number itself",
            "The error shrinks, so the factor is below 1.",
            wrong=lambda kappa: kappa,
        ),
    ),
)

WHICH_AXIS = Exercise(
    id="which-axis-limits",
    chapter="gradient_descent",
    kind="concept",
    points=1,
    prompt="A valley is steep across and flat along. One learning rate serves both directions. Which statement is "
    "right?",
    choices={
        "a": "The flat direction sets the largest possible α, and the steep one then needs many steps.",
        "b": "The steep direction sets the largest possible α, and the flat one then needs many steps.",
        "c": "Both directions share the limit equally: their mean curvature sets the largest possible α.",
        "d": "Neither: any α converges if you wait long enough.",
    },
    reference="b",
    hint="One step multiplies the error in a direction of curvature λ by 1 − αλ. For which λ does this leave [−1, 1] "
    "first?",
    solution="αλ < 2 must hold for the largest λ, so the steep direction sets the limit. Along the flat direction αλ "
    "is then at most 2/κ, and the error shrinks by about that part per step.",
    misconceptions=(
        Misconception(
            "flat-limits",
            "it is the other way round: in the flat direction a step of gradient descent is short, not long",
            "Where is the gradient large?",
            wrong="a",
        ),
        Misconception(
            "mean-limits",
            "one diverging direction is enough to diverge, and no average over directions saves it",
            "Follow the two directions one at a time: each has its own factor 1 − αλ.",
            wrong="c",
        ),
        Misconception(
            "any-lr",
            "when αλ is above 2 each step overshoots by more than the last, and waiting makes it worse",
            "Try α = 3/λ in the figure.",
            wrong="d",
        ),
    ),
)

EXERCISES = (GD_STEP, LARGEST_STABLE_LR, SLOWEST_MODE, WHICH_AXIS)
