"""The JavaScript rules and problems are those of the library: random trajectories of one are replayed by the other.

The modules run in QuickJS, so this needs neither node nor a browser. Three tests of truth, each on random problems,
starts and hyper-parameters, some of which diverge:

- Bit for bit, freely for 200 steps, chaotic runs included: wherever only + − × / √ are used.
- To 1e-10 and step by step, everywhere: from Python's θ and state at step t, JavaScript takes step t + 1. Adam
  takes powers, which two libraries of mathematics round differently in the last bit.
- To 1e-10, freely for 200 steps, wherever the dynamics does not amplify rounding: where θ moves by less than 1e-11 when
  Python's own start is moved by one part in 10¹⁵.
"""

import functools
import warnings

import numpy as np
import pytest

from rmsprop_lib import problems, run
from rmsprop_lib.widgets import path_explorer
from rmsprop_lib.widgets.settings import browser_problem

STEPS = 200
CASES = 80
RULES = ("gd", "momentum", "adagrad", "rmsprop", "adam")
FAMILIES = ("quadratic", "rosenbrock", "beale", "himmelblau")


@pytest.fixture(scope="module")
def runner(javascript):
    """call(function, ...) for two more functions."""
    javascript.context.eval("""
        function freely(name, spec, start, steps, hyper) {
          return core.run(core.RULES[name], core.makeProblem(spec), start, steps, hyper);
        }
        function stepByStep(name, spec, thetas, states, hyper) {
          const problem = core.makeProblem(spec), rule = core.RULES[name];
          hyper.eps = Math.max(hyper.eps, core.TINY);
          return thetas.map((theta, k) => {
            const grad = problem.grad(...theta, k + 1), state = states[k].map((s) => ({...s}));
            const next = theta.map((x, i) => rule(x, grad[i], state[i], hyper, k + 1));
            return {grad, next, state, loss: problem.f(...theta)};
          });
        }
    """)
    return javascript


def random_case(rule: str, seed: int, noise: bool):
    """A problem, an optimizer, its numbers for JavaScript, and a start; some of them diverge."""
    rng = np.random.default_rng([RULES.index(rule), seed])
    family = FAMILIES[seed % len(FAMILIES)]
    if family == "quadratic":
        problem = problems.quadratic(condition=10 ** rng.uniform(0, 3), angle=rng.choice([0.0, rng.uniform(0, np.pi)]))
    elif family == "rosenbrock":
        problem = problems.rosenbrock(a=rng.uniform(0.5, 2), b=10 ** rng.uniform(0, 2))
    else:
        problem = problems.by_name(family)
    (x0, x1), (y0, y1) = problem.bounds
    start = np.array([rng.uniform(x0, x1), rng.uniform(y0, y1)])
    hyper = {
        "lr": 10 ** rng.uniform(-4, -0.5),
        "mu": rng.uniform(0, 0.99),
        "beta": rng.choice([0, 0.9, rng.uniform(0, 0.999)]),
        "beta1": rng.uniform(0, 0.99),
        "beta2": rng.uniform(0, 0.9999),
        "eps": rng.choice([0, 1e-8, 10 ** rng.uniform(-12, 0)]),
    }
    if noise:
        for _ in range(1 + seed % 2):  # one layer or two
            problem = problems.noisy(problem, 10 ** rng.uniform(-3, 1), seed=int(rng.integers(2**32)))
    cls = path_explorer.RULES[rule]
    optimizer = cls(**{name: float(hyper[name]) for name in cls.__dataclass_fields__})
    return problem, optimizer, {name: float(value) for name, value in hyper.items()}, start


@functools.cache
def recorded(rule: str, seed: int, noise: bool):
    """A random case and Python's run of it."""
    problem, optimizer, hyper, start = random_case(rule, seed, noise)
    return problem, optimizer, hyper, start, python_run(optimizer, problem, start)


def python_run(optimizer, problem, start):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return run(optimizer, problem, STEPS, start=start, progress=False)


@pytest.fixture
def error(parity):
    """error(ours, theirs, scale) of what PathExplorer draws."""
    return functools.partial(parity, "PathExplorer")


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "adam"])
def test_free_runs_are_equal_bit_for_bit(runner, rule):
    for seed in range(CASES):
        problem, _, hyper, start, path = recorded(rule, seed, False)
        free = runner("freely", rule, browser_problem(problem, {}), start.tolist(), STEPS, hyper)
        theta = np.column_stack([free["x"], free["y"]]).astype(float)  # JSON writes ∞ as null, which becomes NaN here
        wanted = np.where(np.isfinite(path.theta), path.theta, np.nan)
        assert np.array_equal(theta, wanted, equal_nan=True), (rule, seed)
        assert free["stopped"] == path.stopped


@pytest.mark.parametrize("noise", [False, True], ids=["exact", "noisy"])
@pytest.mark.parametrize("rule", RULES)
def test_every_step_of_javascript_is_the_step_of_python(runner, error, rule, noise):
    for seed in range(CASES if not noise else CASES // 4):
        problem, _, hyper, _, path = recorded(rule, seed, noise)
        steps = int(np.argmin(np.append(np.abs(path.theta).max(axis=1) < 1e50, False))) - 1  # before squares overflow
        assert steps > 0
        names = [name for name in path.state._fields if name != "t"]
        states = [[{n: getattr(path.state, n)[k][i] for n in names} for i in (0, 1)] for k in range(steps + 1)]
        spec = browser_problem(problem, {})
        replay = runner("stepByStep", rule, spec, path.theta[:steps].tolist(), states[:-1], hyper)
        got = {key: [step[key] for step in replay] for key in ("next", "loss", "grad", "state")}
        assert error(path.theta[1 : steps + 1], got["next"]) <= 1e-10, (rule, seed)
        # These are differences of larger numbers, so near zero an absolute bound takes over.
        assert error(path.loss[:steps], got["loss"], scale=1e-2) <= 1e-10, (rule, seed)
        assert error(path.grad[:steps], got["grad"], scale=1e-2) <= 1e-10, (rule, seed)
        for name in names:
            wanted = [[s[i][name] for i in (0, 1)] for s in states[1:]]
            theirs = [[s[i][name] for i in (0, 1)] for s in got["state"]]
            assert error(wanted, theirs, scale=1e-4) <= 1e-10, (rule, seed, name)


@pytest.mark.parametrize("noise", [False, True], ids=["exact", "noisy"])
@pytest.mark.parametrize("rule", RULES)
def test_free_runs_agree_to_1e_10_where_the_dynamics_does_not_amplify_rounding(runner, error, rule, noise):
    tame, cases = 0, CASES if not noise else CASES // 4
    for seed in range(cases):
        problem, optimizer, hyper, start, path = recorded(rule, seed, noise)
        nudged = python_run(optimizer, problem, start * (1 + 1e-15))
        size = np.abs(path.theta).max()
        if path.stopped or nudged.stopped or not np.abs(path.theta - nudged.theta).max() < 1e-11 * size:
            continue
        tame += 1
        free = runner("freely", rule, browser_problem(problem, {}), start.tolist(), STEPS, hyper)
        assert error(path.theta, np.column_stack([free["x"], free["y"]]), scale=size) <= 1e-10, (rule, seed)
    assert tame >= cases / 2  # the condition must not excuse everything


def test_the_core_has_every_rule_of_the_explorer(javascript):
    assert list(path_explorer.RULES) == list(RULES)
    assert set(javascript("(() => Object.keys(core.RULES))")) >= set(RULES)


@pytest.mark.parametrize("seed", [0, 1, 2**32 + 5])
def test_the_noise_is_the_same_number_by_number(javascript, error, seed):
    for t, stream in ((0, 0), (1, 0), (1, 16), (123456, 7)):
        wanted = problems.normal(201, t, seed, stream)
        assert error(wanted, javascript("core.normals", 201, t, seed, stream), scale=1) <= 1e-14
