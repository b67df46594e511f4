"""Exercises of chapter geometry: turn a valley, the rates of a diagonal, what a diagonal leaves, angles, whitening."""

import numpy as np

from .exercise import Case, Exercise, Misconception


def rotate_quadratic(H, angle):
    c, s = np.cos(angle), np.sin(angle)
    R = np.array([[c, -s], [s, c]])
    return R @ H @ R.T


def _turned_with(matrix):
    """A wrong answer that does the right thing with another matrix than the rotation; matrix: a function of c, s."""

    def answer(H, angle):
        M = np.array(matrix(np.cos(angle), np.sin(angle)))
        return M @ H @ M.T

    return answer


def _with_rotation(product):
    """A wrong answer that does something else with the right rotation; product: a function of R and H."""
    return lambda H, angle: product(np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), H)


def _valleys(seed):
    """Symmetric positive definite 2 × 2 matrices with angles in radians: three to read, then random ones all round.

    One by hand has a negative entry and the steeper axis first, which the random ones have for some seeds.
    """
    rng = np.random.default_rng(seed)
    cases = [
        Case((np.array([[1.0, 0.0], [0.0, 20.0]]), np.pi / 4), public=True),
        Case((np.array([[2.0, 1.0], [1.0, 5.0]]), 0.3), public=True),
        Case((np.array([[1.0, 0.0], [0.0, 100.0]]), -0.5), public=True),
    ]
    kinds = [(1.0, 10.0), (1e-6, 100.0), (1e6, 1e4), (0.01, 3.0), (1.0, 1.0), (3.0, 0.1)]
    for quarter, (scale, condition) in zip(rng.permutation([0, 1, 2, 3, -1, 6]), kinds, strict=True):
        turn, angle = rng.uniform(0.1, 1.4, 2) * rng.choice([-1, 1], 2)
        H = rotate_quadratic(np.diag([scale, scale * condition]), turn)
        cases.append(Case(((H + H.T) / 2, angle + quarter * np.pi / 2)))
    cases.append(Case((np.array([[4.0, -1.0], [-1.0, 2.0]]), 0.7)))
    cases += [Case((H, turn)) for turn in (0.0, np.pi / 2, np.pi)]
    return tuple(cases)


ROTATE = Exercise(
    id="rotate-quadratic",
    chapter="geometry",
    kind="code",
    points=2,
    signature="rotate_quadratic(H, angle) -> turned",
    prompt="A valley f(θ) = ½ θᵀHθ in two dimensions is turned counter-clockwise by angle, in radians. H is a "
    "symmetric 2 × 2 array. Return the matrix of second derivatives of the turned valley, a new 2 × 2 array.",
    reference=rotate_quadratic,
    cases=_valleys,
    hint="A turn keeps all lengths and all curvatures: your result must have the eigenvalues of H. Which matrix turns "
    "the point (1, 0) counter-clockwise, and from which sides does it stand around H?",
    misconceptions=(
        Misconception(
            "transposed",
            "RᵀHR turns the valley clockwise",
            "The turned valley at θ is the old one at Rᵀθ. Put Rᵀθ into ½ θᵀHθ.",
            wrong=_with_rotation(lambda R, H: R.T @ H @ R),
        ),
        Misconception(
            "sum-and-difference",
            "θ₁ + θ₂ and θ₁ − θ₂ are no turn: without 1/√2 they double every curvature, and they know only one angle",
            "Compare the eigenvalues of your result with those of H.",
            wrong=_turned_with(lambda c, s: [[1, 1], [1, -1]]),
        ),
        Misconception(
            "not-normalised",
            "the new axes (1, tan φ) and (−tan φ, 1) point the right way, but they are longer than 1, and every "
            "curvature grows; at 45° this is the missing 1/√2",
            "Divide each new axis by its length: you get cos φ and sin φ.",
            wrong=_turned_with(lambda c, s: [[1, -s / c], [s / c, 1]]),
        ),
        Misconception(
            "one-sided",
            "RH turns one side alone, and the result is not symmetric",
            "In θᵀHθ both θ are turned.",
            wrong=_with_rotation(lambda R, H: R @ H),
        ),
        Misconception(
            "no-transpose",
            "RHR has R twice, and the result is not symmetric; one of the two must be transposed",
            "Put Rᵀθ into ½ θᵀHθ, and mind (Rᵀθ)ᵀ.",
            wrong=_with_rotation(lambda R, H: R @ H @ R),
        ),
        Misconception(
            "elementwise",
            "the star multiplies entry by entry; a turn needs the product of matrices",
            "NumPy writes it with @.",
            wrong=_with_rotation(lambda R, H: R * H * R.T),
        ),
        Misconception(
            "degrees",
            "the angle is taken for degrees, but it comes in radians",
            "np.cos and np.sin want radians. Nothing has to be converted.",
            wrong=lambda H, angle: rotate_quadratic(H, np.radians(angle)),
        ),
        Misconception(
            "mirrored",
            "that matrix mirrors the plane; a mirror looks like a turn as long as H is diagonal",
            "Which of the two sines has the minus sign?",
            wrong=_turned_with(lambda c, s: [[c, s], [s, -c]]),
        ),
        Misconception(
            "cos-and-sin-swapped",
            "cos and sin have changed places: your matrix turns by 90° minus the angle",
            "Where does a turn by 0 leave the point (1, 0)?",
            wrong=_turned_with(lambda c, s: [[s, -c], [c, s]]),
        ),
        Misconception(
            "one-sided-right",
            "HR turns one side alone, and the result is not symmetric",
            "In θᵀHθ both θ are turned.",
            wrong=_with_rotation(lambda R, H: H @ R),
        ),
        Misconception(
            "no-minus",
            "both sines have the same sign, so the new axes are not at right angles",
            "One of the two sines has a minus sign.",
            wrong=_turned_with(lambda c, s: [[c, s], [s, c]]),
        ),
    ),
)

DIAGONAL_STEP = Exercise(
    id="diagonal-step",
    chapter="geometry",
    kind="number",
    points=1,
    prompt="f(θ) = ½ (θ₁² + {h:g} θ₂²). RMSProp stands at θ = ({a:g}, {b:g}), with v = 0, and takes its first step; ε "
    "is negligible. How many times as large is the effective learning rate of θ₁ as that of θ₂?",
    reference=lambda h, a, b: h * b / a,
    given={"h": 30.0, "a": 5.0, "b": 2.0},
    draw={"h": (20.0, 30.0, 40.0, 50.0), "b": (2.0, 3.0)},
    hint="Write down both gradients, then v after one step, then α/√v.",
    solution="g = ({a:g}, {h:g} · {b:g}), and √v is |g| times the same √(1 − β) in both. So the rates stand as "
    "|g₂| : |g₁| = {answer:.4g}. The curvatures stand as {h:g} : 1; the distances from the minimum do the rest.",
    misconceptions=(
        Misconception(
            "curvature",
            "that is the ratio of the curvatures; RMSProp sees gradients, and a gradient is curvature times distance",
            "How large are the two gradients at this θ?",
            wrong=lambda h, a, b: h,
        ),
        Misconception(
            "root-of-curvature",
            "that is the root of the ratio of curvatures; the root in √v undoes the square of g, not more",
            "v holds g². What is its root?",
            wrong=lambda h, a, b: h**0.5,
        ),
        Misconception(
            "no-root",
            "that is the ratio of the two v; the gradient is divided by √v",
            "Take the root.",
            wrong=lambda h, a, b: (h * b / a) ** 2,
        ),
        Misconception(
            "upside-down",
            "that ratio is the wrong way round: a large gradient makes a small effective learning rate",
            "Which coordinate has the larger v?",
            wrong=lambda h, a, b: a / (h * b),
        ),
        Misconception(
            "equal-steps",
            "the two steps are equally long, and so the rates that make them so are not",
            "Step = rate × gradient. The gradients differ.",
            wrong=lambda h, a, b: 1.0,
        ),
        Misconception(
            "distance",
            "that is the ratio of the distances alone; the curvature stands in the gradient as well",
            "Differentiate ½ h θ₂².",
            wrong=lambda h, a, b: b / a,
        ),
    ),
)

BEST_DIAGONAL = Exercise(
    id="best-diagonal",
    chapter="geometry",
    kind="number",
    points=1,
    prompt="A valley has H₁₁ = {a:g}, H₂₂ = {c:g} and H₁₂ = H₂₁ = {b:g}. You divide the gradient of each coordinate by "
    "that coordinate's own curvature, which is the best a diagonal can do. Which condition number is left?",
    reference=lambda a, b, c: (1 + b / (a * c) ** 0.5) / (1 - b / (a * c) ** 0.5),
    given={"a": 2.0, "b": 3.0, "c": 8.0},
    draw={"b": (1.0, 2.0, 3.0)},
    hint="In units in which both curvatures are 1, the matrix has 1, ρ in its first row and ρ, 1 in its second, with "
    "ρ = H₁₂/√(H₁₁H₂₂). Its eigenvectors are (1, 1) and (1, −1).",
    solution="ρ = {b:g}/√({a:g} · {c:g}), the eigenvalues are 1 + ρ and 1 − ρ, and (1 + ρ)/(1 − ρ) = {answer:.4g}. The "
    "diagonal removes what the units did. What is left is the correlation ρ.",
    misconceptions=(
        Misconception(
            "round",
            "the two curvatures are equal now, yet the valley is still narrow, along a diagonal of the plane",
            "What does H₁₂ become?",
            wrong=lambda a, b, c: 1.0,
        ),
        Misconception(
            "before",
            "that is the condition number of H before the division",
            "Divide first, then look at the eigenvalues.",
            wrong=lambda a, b, c: np.linalg.cond([[a, b], [b, c]]),
        ),
        Misconception(
            "diagonal-ratio",
            "that is the ratio of the two own curvatures, which is just what the division removes",
            "What is left when both are 1?",
            wrong=lambda a, b, c: c / a,
        ),
        Misconception(
            "no-root-in-rho",
            "ρ is taken for H₁₂²/(H₁₁H₂₂), its own square",
            "A unit of θ₁ enters H₁₁ twice, and H₁₂ once. So the product needs a root.",
            wrong=lambda a, b, c: (1 + b * b / (a * c)) / (1 - b * b / (a * c)),
        ),
        Misconception(
            "largest-only",
            "that is 1 + ρ, the larger eigenvalue; the condition number divides it by the smaller one",
            "The other eigenvalue belongs to (1, −1).",
            wrong=lambda a, b, c: 1 + b / (a * c) ** 0.5,
        ),
        Misconception(
            "upside-down",
            "that ratio is the wrong way round: a condition number is at least 1",
            "Divide the larger eigenvalue by the smaller.",
            wrong=lambda a, b, c: (1 - b / (a * c) ** 0.5) / (1 + b / (a * c) ** 0.5),
        ),
    ),
)

RANK_ANGLES = Exercise(
    id="rank-the-angles",
    chapter="geometry",
    kind="concept",
    points=1,
    prompt="One valley, κ = 100, is turned by 0°, 15°, 45° and 90°. RMSProp starts at random points and has its best α "
    "at each angle. Rank the angles by the steps that it needs, fewest first.",
    choices={
        "a": "0°, 15°, 45°, 90°: the further the valley is turned, the slower.",
        "b": "0° and 90° alike, then 15°, then 45°.",
        "c": "All four alike: the best α makes up for the turn.",
        "d": "45°, then 15°, then 0° and 90° alike: at 45° both coordinates share the work.",
        "e": "0°, then the other three alike: a valley is either along the first axis, or it is not.",
    },
    reference="b",
    hint="What counts is how much the two coordinates of the gradient have to do with each other. What does a turn by "
    "90° do to the axes?",
    solution="A turn by 90° only gives the two axes each other's names. In between, H₁₂ couples the coordinates, at "
    "45° most of all: there both have the same curvature, and no diagonal can tell them apart.",
    misconceptions=(
        Misconception(
            "further-is-slower",
            "a turn by 90° puts the valley along an axis again, only along the other one",
            "Draw the valley at 90°.",
            wrong="a",
        ),
        Misconception(
            "lr-repairs",
            "one α scales both coordinates alike, so it cannot make a narrow valley round; all angles are alike for "
            "gradient descent, which is equally slow at each",
            "Look at the steps against the angle in the first figure.",
            wrong="c",
        ),
        Misconception(
            "sharing-helps",
            "sharing is the trouble: at 45° both coordinates see the same mixture of steep and flat, and get the same "
            "divisor",
            "Which divisors would make the valley at 45° round?",
            wrong="d",
        ),
        Misconception(
            "first-axis-only",
            "RMSProp has no first axis: 90° is as good as 0°, and between them 15° is better than 45°",
            "Compare H₁₂ at 15°, 45° and 90°.",
            wrong="e",
        ),
    ),
)

WHITEN = Exercise(
    id="whiten",
    chapter="geometry",
    kind="concept",
    points=1,
    prompt="Thirty features have mean 0 and standard deviation 1, and some pairs of them have a correlation of 0.99. A "
    "linear model of them trains slowly with RMSProp. You may do one thing to the data before training. Which helps "
    "RMSProp most?",
    choices={
        "a": "Standardise the columns with the mean and the deviation of the training rows.",
        "b": "Turn the data by a random rotation, so that no two columns are alike.",
        "c": "Multiply all features by 10, so that the gradients are larger.",
        "d": "Turn the data into their principal axes, and scale nothing.",
        "e": "Reorder the columns, so that correlated ones stand side by side.",
    },
    reference="d",
    hint="RMSProp can scale each coordinate. What can it not do by itself?",
    solution="In principal axes no two coordinates have anything to do with each other, and the valley lies along the "
    "axes. Its widths differ, and those RMSProp can handle: the turn and RMSProp together come close to whitening. "
    "For gradient descent the turn alone would change nothing.",
    misconceptions=(
        Misconception(
            "standardise-again",
            "the columns have that mean and deviation already, and a correlation survives any scaling of columns",
            "Compute the correlation of 3x and 5y, if that of x and y is 0.99.",
            wrong="a",
        ),
        Misconception(
            "larger-gradients",
            "one factor on all features scales the valley as a whole and leaves its shape",
            "Does the condition number change?",
            wrong="c",
        ),
        Misconception(
            "random-axes",
            "random axes mix all curvatures in every coordinate, which is the situation at 45°",
            "The best axes are not just any others. Which ones are uncoupled?",
            wrong="b",
        ),
        Misconception(
            "order-matters",
            "RMSProp treats each coordinate by itself, wherever it stands in the list",
            "Does any line of the rule look at neighbours?",
            wrong="e",
        ),
    ),
)

EXERCISES = (ROTATE, DIAGONAL_STEP, BEST_DIAGONAL, RANK_ANGLES, WHITEN)
