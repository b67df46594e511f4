"""Exercises of chapter noise_and_momentum: a moving average, its half-life, and one step of momentum."""

import numpy as np

from .. import optimizers
from .exercise import Case, Exercise, Misconception
from .step_cases import public, step_cases


def ema(x, beta):
    m = np.zeros(len(x))
    last = 0.0
    for t in range(len(x)):
        last = beta * last + (1 - beta) * x[t]
        m[t] = last
    return m


def half_life(beta):
    return np.log(0.5) / np.log(beta)


def _streams(seed):
    rng = np.random.default_rng(seed)
    cases = [public([4.0, 8.0], 0.75), public([1.0, 1.0, 1.0], 0.5), public([2.0], 0.9), public([1.0, 5.0], 0.0)]
    for n, beta, scale in (
        (1, 0.5, 1.0),
        (5, 0.9, 1e-9),
        (12, 0.9, 1e8),
        (60, 0.9, 1.0),
        (7, 0.0, 1e3),
        (30, 0.999, 1e-3),
    ):
        cases.append(Case((rng.standard_normal(n) * scale, beta)))
    cases.append(Case((np.array([-1.0, -3.0, -2.0]), 0.7)))  # of one sign, which the drawn ones are for some seeds
    quiet = rng.standard_normal(200)
    quiet[:3] = quiet[rng.random(200) < 0.3] = 0.0
    cases += [Case((quiet, rng.uniform(0.9, 0.99))), Case((np.abs(quiet[::-10]), rng.uniform(0.1, 0.9)))]
    return tuple(cases)


def _decays(seed):
    rng = np.random.default_rng(seed)
    shown = [public(0.9), public(0.5), public(0.99)]
    return (
        *shown,
        *(Case((beta,)) for beta in (0.999, 0.1, 0.9999, 0.01, 1 - 1e-6, *rng.uniform(0.2, 0.98, 4).tolist())),
    )


def _momentum_cases(seed):
    return step_cases(
        optimizers.momentum,
        seed,
        shown=(
            public([1.0], [4.0], [0.0], 0.1, 0.9),
            public([1.0, -2.0], [3.0, 0.5], [2.0, -1.0], 0.5, 0.8),
            public([1.0], [4.0], [2.0], 0.1, 0.0),
        ),
        settings=(
            {"lr": 0.1, "mu": 0.9},
            {"lr": 0.0, "mu": 0.9},
            {"lr": 0.5, "mu": 0.0},
            {"lr": 1.0, "mu": 0.99},
            {"lr": 1e-3, "mu": 0.3},
            {"lr": 2.0, "mu": 0.5},
        ),
        state_power=(1,),
        step_power=1,
    )


def _from_first(x, beta):
    return np.concatenate([x[:1], x[0] * beta ** np.arange(1, len(x)) + _tail(x, beta)])


def _tail(x, beta):
    """What x_2 … x_n add to the average when it starts at x_1."""
    return ema(np.concatenate([[0.0], x[1:]]), beta)[1:]


def _tail_from_zero(x, beta):
    return np.concatenate([[0.0], _tail(x, beta)])


def _oldest_heaviest(x, beta):
    return np.cumsum((1 - beta) * beta ** np.arange(len(x)) * x)


EMA = Exercise(
    id="ema",
    chapter="noise_and_momentum",
    kind="code",
    points=2,
    signature="ema(x, beta) -> m",
    prompt="x is a one-dimensional array x_1 … x_n. Return the exponential moving average m_1 … m_n of it, an array "
    "of the same length: each m_t keeps the part β of the average before it and takes the rest from x_t; m_0 = 0.",
    reference=ema,
    cases=_streams,
    hint="Keep one number, the average so far. The weights of the old average and of the new value add up to 1.",
    misconceptions=(
        Misconception(
            "sum-not-average",
            "the new value is not weighted by 1 − β, so this is a decaying sum, 1/(1 − β) times too large",
            "The two weights must add up to 1.",
            wrong=lambda x, beta: ema(x, beta) / (1 - beta),
        ),
        Misconception(
            "beta-swapped",
            "β and 1 − β are swapped",
            "β is the weight of the past.",
            wrong=lambda x, beta: ema(x, 1 - beta),
        ),
        Misconception(
            "starts-at-first",
            "the average starts at x_1, but the exercise has m_0 = 0",
            "The first step is like every other: m_1 = (1 − β) x_1.",
            wrong=_from_first,
        ),
        Misconception(
            "first-skipped",
            "the first value never comes in: m_1 is 0 in your list, and it should be (1 − β) x_1",
            "The first step is like every other: let the loop begin with x_1.",
            wrong=_tail_from_zero,
        ),
        Misconception(
            "oldest-heaviest",
            "the weights stand in reverse order: in your sum the oldest value weighs most",
            "Which value should weigh most in m_t?",
            wrong=_oldest_heaviest,
        ),
        Misconception(
            "no-memory",
            "that is (1 − β) x_t alone: the average before is lost",
            "Where does m_(t−1) enter?",
            wrong=lambda x, beta: (1 - beta) * x,
        ),
        Misconception(
            "bias-corrected",
            "each m_t is divided by 1 − βᵗ: that is bias correction, which nobody asked for yet",
            "Return the average itself.",
            wrong=lambda x, beta: ema(x, beta) / (1 - beta ** np.arange(1, len(x) + 1)),
        ),
        Misconception(
            "only-the-last",
            "only the last average is returned, not all of them",
            "Store each m_t.",
            wrong=lambda x, beta: ema(x, beta)[-1],
        ),
        Misconception(
            "one-step-late",
            "each average is stored before its value has come in, so the list lags by one step",
            "First update the average, then store it.",
            wrong=lambda x, beta: np.concatenate([[0.0], ema(x, beta)[:-1]]),
        ),
        Misconception(
            "with-m0",
            "m_0 = 0 is returned too, which makes one number too many",
            "Return m_1 to m_n.",
            wrong=lambda x, beta: np.concatenate([[0.0], ema(x, beta)]),
        ),
        Misconception(
            "two-values-only",
            "β multiplies the value before, not the average before",
            "m_t looks back at m_(t−1), and through it at everything earlier.",
            wrong=lambda x, beta: beta * np.concatenate([[0.0], x[:-1]]) + (1 - beta) * x,
        ),
        Misconception(
            "plain-mean",
            "that is the plain mean of all values so far, in which nothing is forgotten",
            "Where is β?",
            wrong=lambda x, beta: np.cumsum(x) / np.arange(1, len(x) + 1),
        ),
    ),
)

HALF_LIFE = Exercise(
    id="half-life",
    chapter="noise_and_momentum",
    kind="code",
    points=2,
    signature="half_life(beta) -> float",
    prompt="After how many steps has the weight of an old value in a moving average fallen to one half? "
    "Return that number for a decay β between 0 and 1; it need not be whole.",
    reference=half_life,
    cases=_decays,
    hint="After n steps the weight is βⁿ times what it was. Solve βⁿ = ½ for n.",
    misconceptions=(
        Misconception(
            "one-over-beta",
            "that is 1/β, which hardly changes between β = 0.9 and β = 0.99, though the memory grows tenfold",
            "Solve βⁿ = ½ for n.",
            wrong=lambda beta: 1 / beta,
        ),
        Misconception(
            "memory",
            "that is 1/(1 − β), the memory: after so many steps at most 1/e = 0.37 of the weight is left, not ½",
            "Solve βⁿ = ½ for n.",
            wrong=lambda beta: 1 / (1 - beta),
        ),
        Misconception(
            "half-the-memory",
            "that is half of 1/(1 − β), but weights fall by a factor at each step, not by a fixed amount",
            "Solve βⁿ = ½ for n, with logarithms.",
            wrong=lambda beta: 0.5 / (1 - beta),
        ),
        Misconception(
            "mean-age",
            "that is β/(1 − β), the mean age of what is in the average, not the age at which a weight is halved",
            "Solve βⁿ = ½ for n.",
            wrong=lambda beta: beta / (1 - beta),
        ),
        Misconception(
            "small-step-formula",
            "that is ln 2/(1 − β): right in the limit β → 1 only",
            "Which logarithm does 1 − β stand in for?",
            wrong=lambda beta: np.log(2) / (1 - beta),
        ),
        Misconception(
            "mixed-bases",
            "the two logarithms have different bases",
            "Take both to base e, or both to base 10.",
            wrong=lambda beta: np.log(0.5) / np.log10(beta),
        ),
        Misconception(
            "mixed-bases-10-e",
            "the two logarithms have different bases",
            "Take both to base e, or both to base 10.",
            wrong=lambda beta: np.log10(0.5) / np.log(beta),
        ),
        Misconception(
            "sign",
            "the sign is wrong: a number of steps is positive, and ln ½ is negative as ln β is",
            "Is it ln 2 or ln ½?",
            wrong=lambda beta: np.log(2) / np.log(beta),
        ),
        Misconception(
            "upside-down",
            "the fraction is upside down: a larger β must give a longer half-life",
            "Take the logarithm of βⁿ = ½ on both sides.",
            wrong=lambda beta: np.log(beta) / np.log(0.5),
        ),
        Misconception(
            "no-half",
            "that is −1/ln β, the time to fall to 1/e, not to one half",
            "Put the one half in.",
            wrong=lambda beta: -1 / np.log(beta),
        ),
        Misconception(
            "rounded-up",
            "the half-life is rounded up to a whole step",
            "It need not be whole.",
            wrong=lambda beta: np.ceil(np.log(0.5) / np.log(beta)),
        ),
        Misconception(
            "rounded",
            "the half-life is rounded to a whole step",
            "It need not be whole.",
            wrong=lambda beta: np.round(np.log(0.5) / np.log(beta)),
        ),
    ),
)

MOMENTUM_STEP = Exercise(
    id="momentum-step",
    chapter="noise_and_momentum",
    kind="code",
    points=4,
    signature="momentum_step(theta, grad, m, lr, mu) -> (theta, m)",
    prompt="Write one step of momentum. m keeps the part μ of what it was and adds the gradient; then θ moves "
    "against the new m. lr is α, mu is μ. Return the new θ and the new m, and leave the arguments as they are.",
    reference=optimizers.momentum,
    cases=_momentum_cases,
    recipe={"m": lambda q: q.mu * q.m + q.grad, "theta": lambda q: q.theta - q.lr * q.m},
    hint="Two lines: first m from the old m and the gradient, then θ from the new m.",
    misconceptions=(
        Misconception(
            "averaged",
            "the gradient is weighted by 1 − μ: that is the moving average of Adam; this m is a decaying sum",
            "The gradient enters m with weight 1.",
            lines={"m": lambda q: q.mu * q.m + (1 - q.mu) * q.grad},
        ),
        Misconception(
            "mu-swapped",
            "μ and 1 − μ are swapped",
            "μ is the weight of the past.",
            lines={"m": lambda q: (1 - q.mu) * q.m + q.mu * q.grad},
        ),
        Misconception(
            "mu-on-gradient",
            "μ multiplies the gradient as well as the old m",
            "Look at the brackets: only the old m decays.",
            lines={"m": lambda q: q.mu * (q.m + q.grad)},
        ),
        Misconception(
            "mu-on-the-gradient-alone",
            "μ multiplies the gradient, and the old m keeps its full weight: it is the other way round",
            "Only the old m decays.",
            lines={"m": lambda q: q.m + q.mu * q.grad},
        ),
        Misconception(
            "weight-fixed",
            "the gradient is weighted by 0.1 in your code, as 1 − μ is for μ = 0.9; this m is a decaying sum",
            "The gradient enters m with weight 1.",
            lines={"m": lambda q: q.mu * q.m + 0.1 * q.grad},
        ),
        Misconception(
            "no-decay",
            "m adds up all gradients and forgets none",
            "Where is μ?",
            lines={"m": lambda q: q.m + q.grad},
        ),
        Misconception(
            "fixed-mu",
            "μ is fixed at 0.9 in your code, whatever mu is handed in",
            "Use the argument mu.",
            lines={"m": lambda q: 0.9 * q.m + q.grad},
        ),
        Misconception(
            "minus-gradient",
            "the gradient is subtracted in m, as in books that then add m to θ",
            "Here m adds up gradients and θ moves against it.",
            lines={"m": lambda q: q.mu * q.m - q.grad},
        ),
        Misconception(
            "lr-inside",
            "the learning rate stands inside m (as in Keras): the m returned must be free of α",
            "Apply α once, in the line for θ.",
            lines={"m": lambda q: q.mu * q.m + q.lr * q.grad, "theta": lambda q: q.theta - q.m},
        ),
        Misconception(
            "velocity",
            "m holds −α g, a velocity to be added to θ: this m adds up gradients, free of α",
            "Apply α once, in the line for θ.",
            lines={"m": lambda q: q.mu * q.m - q.lr * q.grad, "theta": lambda q: q.theta + q.m},
        ),
        Misconception(
            "velocity-sign",
            "m holds −α g, which should be added to θ, but you subtract it; this m adds up gradients, free of α",
            "Apply α once, in the line for θ, and take α m off.",
            lines={"m": lambda q: q.mu * q.m - q.lr * q.grad, "theta": lambda q: q.theta - q.m},
        ),
        Misconception(
            "lr-twice",
            "α stands inside m and in front of it: the step has the factor α²",
            "Leave α out of m.",
            lines={"m": lambda q: q.mu * q.m + q.lr * q.grad},
        ),
        Misconception(
            "stale-m",
            "θ moves with the m from before the step",
            "Update m first, then use it.",
            lines={"theta": lambda q: q.theta - q.lr * q.old.m},
        ),
        Misconception(
            "lr-missing",
            "the learning rate is missing in the step",
            "Where does lr enter?",
            lines={"theta": lambda q: q.theta - q.m},
        ),
        Misconception(
            "sign",
            "the step goes up the hill, along m instead of against it",
            "Look at the sign in front of α m.",
            lines={"theta": lambda q: q.theta + q.lr * q.m},
        ),
        Misconception(
            "plain-step",
            "θ moves with the gradient alone, as if there were no momentum",
            "Which of the two, g or m, remembers earlier steps?",
            lines={"theta": lambda q: q.theta - q.lr * q.grad},
        ),
        Misconception(
            "gradient-twice",
            "the gradient counts twice in the step: it is in the new m already",
            "Plain momentum moves along m itself.",
            lines={"theta": lambda q: q.theta - q.lr * (q.grad + q.m)},
        ),
        Misconception(
            "nesterov",
            "that is Nesterov's step, which looks ahead: θ − α (g + μ m)",
            "Plain momentum moves along m itself.",
            lines={"theta": lambda q: q.theta - q.lr * (q.grad + q.mu * q.m)},
        ),
        Misconception(
            "state-not-returned",
            "the m returned is the one that came in, so nothing is remembered for the next step",
            "Return the new m.",
            lines={"returned_m": lambda q: q.old.m},
        ),
    ),
)

EXERCISES = (EMA, HALF_LIFE, MOMENTUM_STEP)
