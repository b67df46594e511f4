"""Exercises of chapter what_beta_does: from steps to β, after a spike, the error of v, the direction, and β near 1."""

import numpy as np

from .exercise import Case, Exercise, Misconception
from .step_cases import public


def spike_recovery(beta, spike):
    v = beta + (1 - beta) * spike**2
    return max(np.log((v - 1) / 3) / np.log(1 / beta), 0.0)


def _spikes(seed):
    rng = np.random.default_rng(seed)
    shown = [public(0.9, 100.0), public(0.5, 10.0), public(0.99, 10.0)]
    fixed = [Case((0.999, 1e3)), Case((0.9999, 1e6)), Case((0.9, 2.0)), Case((0.1, 50.0)), Case((0.999, 20.0))]
    near = [Case((beta, (1 + top / (1 - beta)) ** 0.5)) for beta, top in zip((0.3, 0.9, 0.95), _tops(rng), strict=True)]
    return (*shown, *fixed, *near, *(Case((rng.uniform(0.2, 0.98), rng.uniform(30, 3000))) for _ in range(4)))


def _tops(rng):
    """How far above 1 a spike may lift v: not to 4, just above it, and some more."""
    return rng.uniform(2.5, 2.9), rng.uniform(3.01, 3.1), rng.uniform(3.3, 6.0)


def _after(v, beta, level=4.0, rest=1.0):
    """Steps until an average that goes from v to `rest` is at `level`; 0 where it never rises above."""
    return max(np.log((v - rest) / (level - rest)) / np.log(1 / beta), 0.0)


def _top(beta, spike):
    """v right after the spike."""
    return beta + (1 - beta) * spike**2


BETA_FOR_HALF_LIFE = Exercise(
    id="beta-for-half-life",
    chapter="what_beta_does",
    kind="number",
    points=1,
    prompt="In v, a squared gradient shall count half as much after n = {n:g} steps as when it came in. Which β does "
    "that? Give at least three digits after the point.",
    reference=lambda n: 0.5 ** (1 / n),
    given={"n": 10.0},
    draw={"n": (4.0, 5.0, 6.0, 8.0, 10.0, 12.0)},
    tolerance=1e-3,
    hint="Each step multiplies the weight of an old square by β. By what is it multiplied after n steps?",
    solution="βⁿ = ½ with n = {n:g}, so β = 2^(−1/n) = {answer:.4f}.",
    misconceptions=(
        Misconception(
            "memory",
            "that is 1 − 1/n: it makes the memory 1/(1 − β) equal to n, and the half-life shorter than that",
            "Solve βⁿ = ½ for β.",
            wrong=lambda n: 1 - 1 / n,
        ),
        Misconception(
            "one-over-e",
            "that is e^(−1/n): after n steps the weight has fallen to 1/e, not to one half",
            "Put ½ in the place of 1/e.",
            wrong=lambda n: np.exp(-1 / n).item(),
        ),
        Misconception(
            "straight-line",
            "that is 1 − 1/(2n), as if the weight lost the same amount at each step; it loses the same part",
            "Solve βⁿ = ½ for β.",
            wrong=lambda n: 1 - 0.5 / n,
        ),
        Misconception(
            "one-over-beta",
            "that is 1/n, as if the half-life were 1/β; but 1/β is near 1 for every usual β",
            "Solve βⁿ = ½ for β.",
            wrong=lambda n: 1 / n,
        ),
        Misconception(
            "power-not-root",
            "that is ½ to the power n; βⁿ = ½ asks for the n-th root",
            "With which β do you get ½ after n multiplications?",
            wrong=lambda n: 0.5**n,
        ),
        Misconception(
            "share-of-new",
            "that is 1 − β, the share of the new square",
            "Subtract it from 1.",
            wrong=lambda n: 1 - 0.5 ** (1 / n),
        ),
    ),
)

SPIKE_RECOVERY = Exercise(
    id="spike-recovery",
    chapter="what_beta_does",
    kind="code",
    points=2,
    signature="spike_recovery(beta, spike) -> float",
    prompt="The gradients of a weight have had the size 1 for a long time, so v = 1. Then comes one gradient of the "
    "size spike, larger than 1, and after it gradients of size 1 again. How many steps after the spike is v down at 4, "
    "so that an update is α/2 long? Return that number for a decay β between 0 and 1; it need not be whole. Return 0 "
    "where v never rises above 4. ε is negligible.",
    reference=spike_recovery,
    cases=_spikes,
    hint="First v right after the spike. Then: at each later step, what becomes of the distance of v from 1?",
    misconceptions=(
        Misconception(
            "half-life",
            "that is the half-life of v; a large spike lifts v far above 4, and it takes many half-lives to come down",
            "Where does the size of the spike enter?",
            wrong=lambda beta, spike: np.log(0.5) / np.log(beta),
        ),
        Misconception(
            "memory",
            "that is the memory 1/(1 − β), which does not know how large the spike was",
            "Where does the size of the spike enter?",
            wrong=lambda beta, spike: 1 / (1 - beta),
        ),
        Misconception(
            "not-squared",
            "the spike enters v with its size; v takes in its square",
            "Write down v right after the spike.",
            wrong=lambda beta, spike: _after(beta + (1 - beta) * spike, beta),
        ),
        Misconception(
            "old-v-lost",
            "the old v is lost when the spike comes in; the part β of it stays",
            "Write down v right after the spike: β of the old, 1 − β of the new.",
            wrong=lambda beta, spike: _after(max((1 - beta) * spike**2, 1.0), beta),
        ),
        Misconception(
            "whole-square",
            "the whole square of the spike enters v; only the part 1 − β of it does",
            "Write down v right after the spike.",
            wrong=lambda beta, spike: _after(spike**2, beta),
        ),
        Misconception(
            "beta-swapped",
            "β and 1 − β are swapped when the spike comes in",
            "β is the weight of the old v.",
            wrong=lambda beta, spike: _after(1 - beta + beta * spike**2, beta),
        ),
        Misconception(
            "down-to-zero",
            "v falls towards 0 in your formula; gradients of size 1 keep coming, so it falls towards 1",
            "What is multiplied by β at each step: v, or its distance from 1?",
            wrong=lambda beta, spike: max(np.log(_top(beta, spike) / 4) / np.log(1 / beta), 0.0),
        ),
        Misconception(
            "distance-rounded",
            "you take (1 − β) G² for the distance of v from 1; it is (1 − β)(G² − 1), because v was not 0 before",
            "Write down v right after the spike, and subtract 1.",
            wrong=lambda beta, spike: _after(1 + (1 - beta) * spike**2, beta),
        ),
        Misconception(
            "down-to-two",
            "your v comes down to 2, but the update is α/√v: it is α/2 where v is 4",
            "Take the root before you divide.",
            wrong=lambda beta, spike: _after(_top(beta, spike), beta, level=2.0),
        ),
        Misconception(
            "small-step-formula",
            "you divide by 1 − β instead of ln(1/β): right in the limit β → 1 only",
            "Solve βⁿ · distance = 3 for n, with logarithms.",
            wrong=lambda beta, spike: _after(_top(beta, spike), beta) * np.log(1 / beta) / (1 - beta),
        ),
        Misconception(
            "mixed-bases",
            "the two logarithms have different bases",
            "Take both to base e, or both to base 10.",
            wrong=lambda beta, spike: _after(_top(beta, spike), beta) / np.log(10),
        ),
        Misconception(
            "negative",
            "the number is negative where v never rises above 4: there the answer is 0",
            "Compare v right after the spike with 4 first.",
            wrong=lambda beta, spike: np.log((_top(beta, spike) - 1) / 3) / np.log(1 / beta),
        ),
        Misconception(
            "spike-counted",
            "the step of the spike is counted too",
            "Count from the step after the spike.",
            wrong=lambda beta, spike: _after(_top(beta, spike), beta) + 1,
        ),
        Misconception(
            "whole-steps",
            "the number is rounded up to a whole step",
            "It need not be whole: solve the equation instead of counting.",
            wrong=lambda beta, spike: np.ceil(_after(_top(beta, spike), beta)),
        ),
    ),
)

MEMORY_ERROR = Exercise(
    id="memory-error",
    chapter="what_beta_does",
    kind="number",
    points=1,
    prompt="The gradients of a weight are independent normal numbers with mean 0. RMSProp with β = {beta:g} has run "
    "for a long time. What is the relative error of v: its standard deviation, divided by its mean? Give three "
    "digits after the point.",
    reference=lambda beta: (2 * (1 - beta) / (1 + beta)) ** 0.5,
    given={"beta": 0.95},
    draw={"beta": (0.75, 0.8, 0.85, 0.95)},
    hint="The square of a normal number has a standard deviation of √2 times its mean. By how much does the moving "
    "average reduce the variance?",
    solution="The variance of g² is 2 in units of its squared mean, and the average leaves (1 − β)/(1 + β) of it: "
    "√(2 (1 − β)/(1 + β)) = {answer:.3f}.",
    misconceptions=(
        Misconception(
            "average-of-g",
            "that is the factor for the average alone; v averages squares, and g² spreads by √2 times its mean",
            "What are mean and variance of g²?",
            wrong=lambda beta: ((1 - beta) / (1 + beta)) ** 0.5,
        ),
        Misconception(
            "plain-mean",
            "that would be the error of a plain mean of the last 1/(1 − β) squares; the moving average also uses "
            "older ones",
            "Sum the squared weights of all past steps.",
            wrong=lambda beta: (2 * (1 - beta)) ** 0.5,
        ),
        Misconception(
            "limit",
            "that is √(1 − β): near for β close to 1, but the sum of the squared weights is (1 − β)/(1 + β)",
            "Sum the series 1 + β² + β⁴ + …",
            wrong=lambda beta: (1 - beta) ** 0.5,
        ),
        Misconception(
            "variance",
            "that is the relative variance; its root is wanted",
            "Take the root.",
            wrong=lambda beta: 2 * (1 - beta) / (1 + beta),
        ),
        Misconception(
            "of-the-root",
            "that is about the relative error of √v, which is half of that of v",
            "Answer for v itself.",
            wrong=lambda beta: ((1 - beta) / (1 + beta) / 2) ** 0.5,
        ),
        Misconception(
            "share-of-new",
            "that is 1 − β, the share of the newest square in v",
            "Sum the squared weights of all past steps.",
            wrong=lambda beta: 1 - beta,
        ),
        Misconception(
            "upside-down",
            "numerator and denominator are exchanged: a longer memory must make the error smaller",
            "What should happen when β goes to 1?",
            wrong=lambda beta: (2 * (1 + beta) / (1 - beta)) ** 0.5,
        ),
    ),
)

DOES_BETA_SMOOTH = Exercise(
    id="does-beta-smooth",
    chapter="what_beta_does",
    kind="concept",
    points=1,
    prompt="The gradients of a weight are noise around zero and change their sign at about every second step. You "
    "raise β of RMSProp from 0.9 to 0.999. What becomes of the signs of the updates?",
    choices={
        "a": "They change less often: a longer memory averages the noise away.",
        "b": "They change as often as before, but a few hundred steps late.",
        "c": "They change as often as before, at the same steps.",
        "d": "After a while they stop changing: v has grown so large that the updates are zero.",
    },
    reference="c",
    hint="Look at the second line of the rule. What stands above the fraction line?",
    solution="Above the fraction line stands the gradient itself, and √v is positive. Each update has the sign of its "
    "own gradient, whatever β. What the longer memory calms is the divisor. To average the direction, use momentum.",
    misconceptions=(
        Misconception(
            "smooths-direction",
            "β averages the squares in v; the gradient above the fraction line is the newest one alone, noise included",
            "Which of the two lines of the rule has β in it?",
            wrong="a",
        ),
        Misconception(
            "delays-direction",
            "v is late, but the update is not: its sign is that of the gradient of this very step",
            "Which part of α g/√v remembers earlier steps?",
            wrong="b",
        ),
        Misconception(
            "sum-not-average",
            "v is an average, not a sum: it stays near the mean of g² for every β, and an update is about α long",
            "Do the weights of the past squares add up to 1, or to more?",
            wrong="d",
        ),
    ),
)

BETA_ONE_LIMIT = Exercise(
    id="beta-one-limit",
    chapter="what_beta_does",
    kind="number",
    points=1,
    prompt="RMSProp with β = {beta:g} and α = {lr:g} starts with v = 0 and runs for 50 steps; ε is negligible. "
    "Adagrad, with its own learning rate, takes almost the same path. Which learning rate is that?",
    reference=lambda beta, lr: lr / (1 - beta) ** 0.5,
    given={"beta": 0.9999, "lr": 0.001},
    draw={"beta": (0.9999, 0.99999, 0.99996), "lr": (0.001, 0.002, 0.005)},
    hint="In 50 steps this v forgets next to nothing. What is it then, written with the sum s of the squares?",
    solution="v is about (1 − β) s, so α g/√v is about α/√(1 − β) · g/√s: the learning rate is {answer:.3g}.",
    misconceptions=(
        Misconception(
            "same-lr",
            "that is α itself; but v holds only the part 1 − β of the sum, so RMSProp divides by less than Adagrad",
            "Write v with the sum s of the squares.",
            wrong=lambda beta, lr: lr,
        ),
        Misconception(
            "upside-down",
            "that is α √(1 − β): v is smaller than the sum, so the steps of RMSProp are longer",
            "Which side of the fraction line is √v on?",
            wrong=lambda beta, lr: lr * (1 - beta) ** 0.5,
        ),
        Misconception(
            "no-root",
            "that is α/(1 − β): the root is missing",
            "θ is divided by √v, not by v.",
            wrong=lambda beta, lr: lr / (1 - beta),
        ),
        Misconception(
            "without-lr",
            "that is the factor 1/√(1 − β) alone",
            "Multiply it by α.",
            wrong=lambda beta, lr: (1 - beta) ** -0.5,
        ),
        Misconception(
            "memory-full",
            "that would hold for a v that is the mean over all 50 steps; this one started at 0 and is not full by far",
            "Write v with the sum s of the squares.",
            wrong=lambda beta, lr: lr * 50**0.5,
        ),
    ),
)

EXERCISES = (BETA_FOR_HALF_LIFE, SPIKE_RECOVERY, MEMORY_ERROR, DOES_BETA_SMOOTH, BETA_ONE_LIMIT)
