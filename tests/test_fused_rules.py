"""What `fuse` compiles: every setting of every convention, branches, masks, and rules made up at random."""

import itertools
import linecache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rmsprop_lib import Adam, Optimizer, RMSProp, conventions, fuse
from rmsprop_lib.conventions import presets, relatives
from rmsprop_lib.fused import CannotCompile
from rmsprop_lib.fused.program import elementwise, program_of
from tests.optimizer_table import classes

EDGES = [0.0, -0.0, 1e-320, -1e-30, 1e30, np.inf, -np.inf, np.nan, 1.0]


def differences(optimizer, dtype, backend="numpy", size=33, steps=4, exact=True):
    """The arrays in which `fuse` and `step` differ, over some steps with every kind of number among the gradients."""
    rng = np.random.default_rng(1)
    theta = rng.standard_normal(size).astype(dtype)
    here, state, found = theta.copy(), optimizer.init(theta), []
    fast = fuse(optimizer, here, backend=backend, exact=exact)
    assert fast.backend == backend
    with np.errstate(all="ignore"):
        for t in range(steps):
            grad = (rng.standard_normal(size) * 10.0 ** rng.integers(-6, 6, size)).astype(dtype)
            if t == steps - 2:
                grad[: len(EDGES)] = EDGES
            theta, state = optimizer.step(theta, grad, state)
            fast.step(here, grad)
            pairs = zip((theta, *state), (here, *fast.state), ("theta", *state._fields), strict=True)
            found += [(t + 1, name) for a, b, name in pairs if not np.array_equal(a, b, equal_nan=True)]
    return found


def settings_of(cls):
    """Every legal combination of the flags of a class, with momentum, dampening and weight decay on and off."""
    choices = dict(cls.flags) | {n: (0.0, 0.3) for n in ("momentum", "weight_decay", "dampening") if n in cls._hyper}
    for values in itertools.product(*choices.values()):
        try:
            yield cls(**({"lr": 0.1} | dict(zip(choices, values, strict=True))))
        except ValueError:  # Nesterov without momentum
            continue


FAMILIES = sorted((cls for cls in classes() if cls.flags), key=lambda cls: cls.__name__)


@pytest.mark.parametrize("cls", FAMILIES, ids=lambda cls: cls.__name__)
def test_every_setting_of_every_family_gives_the_bits_of_its_step(cls):
    every = list(settings_of(cls))
    assert every
    for optimizer in every:
        for dtype in (np.float32, np.float64):
            assert differences(optimizer, dtype) == [], (optimizer, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_preset_compiles_for_numba_and_gives_the_bits_of_its_step(dtype):
    pytest.importorskip("numba", reason="Numba is optional and not installed")
    made = [conventions.like(name, lr=0.1) for name in presets.PRESETS]
    made += [conventions.like(n, f, lr=0.1) for f, rows in relatives.RELATIVES.items() for n in rows]
    for optimizer in set(made):
        assert differences(optimizer, dtype, "numba") == [], optimizer


def test_what_a_convention_does_not_use_costs_nothing():
    plain = conventions.like("torch", lr=0.1)
    constants = {n: getattr(plain, n) for n in plain._hyper}
    program = program_of(type(plain).rule, tuple(plain.slots), constants, {"t": 1})
    assert [program.arrays[n] for n in program.live] == ["v", "buffer"]
    assert len(program.operations) == len(program_of(RMSProp.rule, ("v",)).operations)
    assert program.tests == ()


def turns(theta, grad, v, t, lr, warm):
    if t <= warm:
        return theta - lr * grad, v
    v = 0.5 * v + grad**2
    scale = lr if t % 2 == 0 else 2 * lr
    return theta - scale * grad / (np.sqrt(v) + 1.0), v


def test_a_branch_that_turns_with_t_is_followed():
    for backend in ("numpy", "numba"):
        if backend == "numba":
            pytest.importorskip("numba", reason="Numba is optional and not installed")
        mine = Optimizer.from_rule(turns, state={"v": 0.0}, lr=0.1, warm=3)
        assert differences(mine, np.float64, backend, steps=8) == []


def test_a_number_that_is_off_for_some_steps_is_followed():
    scheduled = conventions.rmsprop(
        lr=lambda t: 0.1 / t, momentum=lambda t: 0.0 if t in (1, 2, 5) else 0.9, weight_decay=lambda t: 0.1 * (t > 3)
    )
    assert differences(scheduled, np.float64, steps=8) == []


def becomes_whole(theta, grad, t, lr):
    if t < 3:
        return theta - lr * grad
    return theta - lr * grad / np.linalg.norm(grad)


def test_a_branch_that_cannot_be_compiled_runs_as_it_is_when_it_comes():
    mine = Optimizer.from_rule(becomes_whole, lr=0.1)
    theta = np.arange(1.0, 5.0)
    here, state = theta.copy(), mine.init(theta)
    fast = fuse(mine, here)
    for _ in range(5):
        theta, state = mine.step(theta, theta + 1, state)
        fast.step(here, here + 1)
    assert np.array_equal(here, theta)
    assert fast.state.t == 5
    assert not elementwise(mine)


def test_a_schedule_is_asked_once_a_step():
    seen = []
    optimizer = RMSProp(lr=lambda t: seen.append(t) or 0.1)
    fast = fuse(optimizer, theta := np.ones(3), backend="numpy")
    for _ in range(3):
        fast.step(theta, np.ones(3))
    assert seen == [1, 2, 3]


def by_axis(theta, grad, lr):
    return theta - lr * grad / np.linalg.norm(grad, axis=1, keepdims=True)


def test_a_rule_that_runs_as_it_is_sees_the_shape_of_theta():
    mine, theta = Optimizer.from_rule(by_axis, lr=0.1), np.arange(6.0).reshape(2, 3)
    expected, _ = mine.step(theta, theta + 1, mine.init(theta))
    assert np.array_equal(fuse(mine, theta.copy()).step(theta.copy(), theta + 1), expected)


def depends_on_theta(theta, grad, lr):
    return theta - lr * grad if theta else theta


def masks_add(theta, grad, lr):
    return theta - lr * ((grad > 0) + (theta > 0))


def returns_a_mask(theta, grad, lr):
    return grad > 0


def widens(theta, grad, t, lr):
    return theta - lr * np.sqrt(1 - 0.9**t) * grad


@pytest.mark.parametrize("rule", [depends_on_theta, masks_add, returns_a_mask])
def test_branches_on_arrays_and_sums_of_masks_are_not_compiled(rule):
    with pytest.raises(CannotCompile, match=rule.__name__):
        program_of(rule, (), {"lr": 0.1})


def test_a_root_of_a_number_is_compiled_where_it_widens_nothing():
    mine = Optimizer.from_rule(widens, lr=0.1)
    assert differences(mine, np.float64) == []
    pytest.importorskip("numba", reason="Numba is optional and not installed")
    assert fuse(mine, np.ones(3), backend="numba").backend == "numba"
    with pytest.raises(CannotCompile, match="widens uses"):
        fuse(mine, np.ones(3, np.float32), backend="numba")


def test_without_exact_adam_divides_once_and_small_numbers_of_the_state_vanish():
    adam = Adam(lr=0.1)
    constants = {n: getattr(adam, n) for n in adam._hyper}
    exact, loose = (program_of(Adam.rule, ("m", "v"), constants, {"t": 1}, exact=e) for e in (True, False))
    assert [sum(o.name == "divide" for o in p.operations) for p in (exact, loose)] == [3, 1]
    theta, grad = np.ones(100, np.float32), np.ones(100, np.float32)
    here, state = theta.copy(), adam.init(theta)
    fast = fuse(adam, here, backend="numpy", exact=False)
    for t in range(1200):
        theta, state = adam.step(theta, grad * (t == 0), state)
        fast.step(here, grad * (t == 0))
    np.testing.assert_allclose(here, theta, rtol=1e-5)
    assert 0 < state.m[0] < np.finfo(np.float32).tiny
    assert fast.state.m[0] == 0


# Rules made up at random, with everything that can be compiled.

numbers = st.sampled_from(["lr", "beta", "(1 - beta)", "0.5", "1.0", "(1 - beta**t)", "(2.0 if t == 2 else beta)"])
arrays = st.sampled_from(["theta", "grad", "v", "u"])


def _grown(inner):
    pair = st.tuples(inner, inner)
    mixed = st.tuples(inner, numbers)
    compared = st.tuples(inner, st.sampled_from([">", "<", ">=", "<=", "==", "!="]), st.one_of(inner, numbers))
    mask = compared.map(lambda c: f"({c[0]} {c[1]} {c[2]})")
    masks = st.one_of(mask, st.tuples(mask, mask).map(lambda m: f"({m[0]} & ~{m[1]})"))
    return st.one_of(
        st.tuples(pair, st.sampled_from("+-*/")).map(lambda p: f"({p[0][0]} {p[1]} {p[0][1]})"),
        st.tuples(mixed, st.sampled_from("+-*/")).map(lambda p: f"({p[0][0]} {p[1]} {p[0][1]})"),
        st.tuples(mixed, st.sampled_from("+-*/")).map(lambda p: f"({p[0][1]} {p[1]} {p[0][0]})"),
        pair.map(lambda p: f"np.maximum({p[0]}, {p[1]})"),
        mixed.map(lambda p: f"np.clip({p[0]}, -{p[1]}, {p[1]})"),
        inner.map(lambda x: f"np.sqrt(abs({x}))"),
        inner.map(lambda x: f"np.sign(-{x})"),
        inner.map(lambda x: f"({x})**2"),
        st.tuples(masks, inner, st.one_of(inner, numbers)).map(lambda s: f"np.where({s[0]}, {s[1]}, {s[2]})"),
        st.tuples(masks, numbers, numbers).map(lambda s: f"np.where({s[0]}, {s[1]}, {s[2]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} if flag or t == 3 else {p[1]})"),
    )


expressions = st.recursive(arrays, _grown, max_leaves=8)


def _rule(v, u, theta, order):
    lines = [f"    v = {v}", f"    u = {u} + 0.25 * u", f"    theta = theta - lr * {theta}"]
    text = "\n".join(["def made_up(theta, grad, v, u, t, lr, beta, flag):", *(lines[i] for i in order)])
    text += "\n    return theta, v + 0.5 * grad, u\n"
    name = f"<rule {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)  # where inspect looks for the source
    space = {"np": np}
    exec(compile(text, name, "exec"), space)
    return space["made_up"]


@settings(max_examples=150)
@given(expressions, expressions, expressions, st.permutations(range(3)), st.booleans(), st.sampled_from("fd"))
def test_rules_made_up_at_random_give_the_bits_of_their_step(v, u, theta, order, flag, dtype):
    rule = _rule(v, u, theta, order)
    mine = Optimizer.from_rule(rule, state={"v": 0.5, "u": 1.0}, lr=0.1, beta=0.9, flag=float(flag))
    assert differences(mine, np.dtype(dtype), size=12, steps=5) == []
    constants = {"lr": 0.1, "beta": 0.9, "flag": float(flag)}
    program_of(rule, ("v", "u"), constants, {"t": 1}, dtype == "d")  # it was compiled, not run as it is


def shadows(theta, grad, t, bool, cell0, np_, math):
    return theta - (bool if t < 2 else cell0 * math**t) * np_ * grad


def test_a_hyper_parameter_may_be_called_like_anything():
    mine = Optimizer.from_rule(shadows, bool=0.1, cell0=0.2, np_=0.3, math=0.4)
    for dtype in (np.float32, np.float64):
        assert differences(mine, dtype) == []
