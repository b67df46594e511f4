"""Exercises of chapter epsilon_and_conventions: PyTorch's step, a port of ε, float16, ε = 1, and a trace to name."""

from .exercise import Exercise, Misconception
from .torch_step import TORCH_STEP

PORT_EPS = Exercise(
    id="port-eps",
    chapter="epsilon_and_conventions",
    kind="number",
    points=1,
    prompt="A run in PyTorch has ε = {eps:g} outside the root. You port it to Keras, which has ε inside. Which ε "
    "gives the same steps where gradients are much smaller than ε?",
    reference=lambda eps: eps**2,
    given={"eps": 1e-6},
    draw={"eps": (1e-3, 1e-4, 1e-5, 1e-6)},
    hint="Where v is next to nothing, what do you divide by on each side?",
    solution="Without v, PyTorch divides by ε and Keras by √ε. For both to be equal, Keras needs the square: "
    "{answer:.3g}.",
    misconceptions=(
        Misconception(
            "copied",
            "that is PyTorch's number copied: inside the root it acts like its root, which is much larger",
            "Take the root of your number and compare it with PyTorch's.",
            wrong=lambda eps: eps,
        ),
        Misconception(
            "root-for-square",
            "that is the root, the way from Keras to PyTorch",
            "Put your number under the root: does PyTorch's come out?",
            wrong=lambda eps: eps**0.5,
        ),
        Misconception(
            "default-kept",
            "that is the default of Keras, which knows nothing of your run",
            "Ask what each framework divides by where v is 0.",
            wrong=lambda eps: 1e-7,
        ),
        Misconception(
            "halved",
            "a root halves the exponent of a number, not the number",
            "Write both divisors down for v = 0.",
            wrong=lambda eps: eps / 2,
        ),
        Misconception(
            "twice",
            "ε has to be squared, not doubled",
            "Write both divisors down for v = 0.",
            wrong=lambda eps: 2 * eps,
        ),
    ),
)

FLOAT16_GRADIENT = Exercise(
    id="float16-gradient",
    chapter="epsilon_and_conventions",
    kind="number",
    points=1,
    prompt="In float16, a positive result below 2⁻²⁵ is rounded to 0. A program computes g² in float16. Gradients "
    "below which size leave no trace in v?",
    reference=lambda: 2**-12.5,
    hint="It is g² that must not fall below 2⁻²⁵.",
    solution="g² < 2⁻²⁵ means |g| < 2⁻¹²·⁵ = {answer:.3g}. Such gradients are common, and all of them count as 0.",
    tolerance=0.02,
    misconceptions=(
        Misconception(
            "no-root",
            "that is the bound on g²; the question is about g",
            "Take the root.",
            wrong=lambda: 2**-25,
        ),
        Misconception(
            "smallest-number",
            "that is the root of 2⁻²⁴, the smallest positive number; what is more than half of it is still rounded up "
            "to it",
            "What is rounded to 0 lies below 2⁻²⁵.",
            wrong=lambda: 2**-12,
        ),
        Misconception(
            "smallest-normal",
            "that is built on 2⁻¹⁴, the smallest normal number; below it float16 loses digits, but not everything",
            "Use the bound in the question.",
            wrong=lambda: 2**-7,
        ),
        Misconception(
            "squared",
            "that is the square of the bound, where its root is wanted",
            "Which g has the square 2⁻²⁵?",
            wrong=lambda: 2**-50,
        ),
    ),
)

EPS_ONE = Exercise(
    id="eps-one",
    chapter="epsilon_and_conventions",
    kind="concept",
    points=1,
    prompt="A recipe says RMSProp with α = 0.045, β = 0.9 and ε = 1 inside the root. The gradients are about 0.01 in "
    "size. Which method takes nearly the same steps?",
    choices={
        "a": "RMSProp with ε = 1e-8 and the same α.",
        "b": "Gradient descent with α = 0.045.",
        "c": "Gradient descent with α = 4.5, because √v is about 0.01.",
        "d": "Sign descent with α = 0.045.",
    },
    reference="b",
    hint="How large is √(v + 1) when v is about 0.0001?",
    solution="v is about 0.0001, so √(v + ε) = √1.0001 is 1 to four digits, for every weight. The gradient is divided "
    "by 1, and nothing is left of RMSProp.",
    misconceptions=(
        Misconception(
            "eps-only-guards",
            "so it is while ε only keeps 0/0 away; here ε is ten thousand times as large as v",
            "Compare v with ε.",
            wrong="a",
        ),
        Misconception(
            "eps-ignored",
            "the gradient is divided by √(v + ε) and not by √v, and next to ε = 1 the v hardly counts",
            "Put the numbers into √(v + ε).",
            wrong="c",
        ),
        Misconception(
            "eps-makes-signs",
            "signs are what is left when β is 0 and ε is tiny; a large ε keeps the sizes of the gradients",
            "Does the step still depend on how large g is?",
            wrong="d",
        ),
    ),
)

WHICH_FRAMEWORK = Exercise(
    id="which-framework",
    chapter="epsilon_and_conventions",
    kind="concept",
    points=1,
    prompt="The gradient of a weight is 0.01 at every step, and α = 1. With β = 0.9, no momentum and the default ε, "
    "the first steps are 0.0105, 0.0111 and 0.0117 long. At step 101 they have grown to 0.90. Which RMSProp is this?",
    choices={
        "a": "That of PyTorch, with ε outside the root.",
        "b": "That of Keras 3, with ε inside the root.",
        "c": "That of TensorFlow 1, with ε inside the root.",
        "d": "That of Optax, with bias correction switched on.",
    },
    reference="c",
    hint="Work the first step backwards: what was the gradient divided by?",
    solution="0.01/0.0105 = 0.95 = √0.9: v was 0.9 after one step, so it started at 1. It then falls by β per step, "
    "and the steps grow. From v = 0 the first step would be the longest.",
    misconceptions=(
        Misconception(
            "blames-eps-outside",
            "PyTorch starts v at 0, so that its first step is 3.2 long and the steps fall; its ε is far too small "
            "to matter here",
            "What was 0.01 divided by in the first step?",
            wrong="a",
        ),
        Misconception(
            "blames-eps-inside",
            "Keras starts v at 0, so that its first step is 3.2 long and the steps fall; its ε is far too small "
            "to matter here",
            "What was 0.01 divided by in the first step?",
            wrong="b",
        ),
        Misconception(
            "blames-correction",
            "with bias correction every step would be 1 long from the start",
            "What is v/(1 − βᵗ) after one step?",
            wrong="d",
        ),
    ),
)

EXERCISES = (TORCH_STEP, PORT_EPS, FLOAT16_GRADIENT, EPS_ONE, WHICH_FRAMEWORK)
