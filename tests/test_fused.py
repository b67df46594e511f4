"""`fuse`: the compiled step gives the bits of the plain one, on every backend that is installed."""

import builtins
import sys
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import Adam, RMSProp, fuse, matrix
from rmsprop_lib.fused import CannotCompile, blocks
from rmsprop_lib.fused.program import program_of
from rmsprop_lib.optimizer import Optimizer
from tests.optimizer_table import OPTIMIZERS

BLOCK = blocks.BLOCK_BYTES // 8


def both(optimizer, size, backend, dtype=np.float64, steps=3):
    """θ and state after some steps, by `step` and by `fuse`."""
    rng = np.random.default_rng(0)
    theta = rng.standard_normal(size).astype(dtype)
    here, state = theta.copy(), optimizer.init(theta)
    fast = fuse(optimizer, here, backend=backend)
    for _ in range(steps):
        grad = (rng.standard_normal(size) * 10.0 ** rng.integers(-6, 6, size)).astype(dtype)
        kept = grad.copy()
        theta, state = optimizer.step(theta, grad, state)
        assert fast.step(here, grad) is here
        assert np.array_equal(grad, kept)
    return theta, state, here, fast


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0, 1, 5, BLOCK - 1, BLOCK, 2 * BLOCK + 3])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_blocks_give_the_bits_of_the_plain_step(name, size, dtype):
    theta, state, here, fast = both(OPTIMIZERS[name], size, "numpy", dtype)
    assert fast.backend == "numpy"
    assert here.dtype == dtype
    assert np.array_equal(theta, here)
    assert fast.state.t == state.t == 3
    assert all(np.array_equal(a, b) for a, b in zip(state, fast.state, strict=True))


@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name in OPTIMIZERS for dtype in (np.float32, np.float64)]
)
def test_numba_gives_the_bits_of_the_plain_step(name, dtype):
    pytest.importorskip("numba", reason="Numba is optional and not installed")
    theta, state, here, fast = both(OPTIMIZERS[name], 1003, "numba", dtype)
    assert fast.backend == "numba"
    assert np.array_equal(theta, here)
    assert all(np.array_equal(a, b) for a, b in zip(state, fast.state, strict=True))


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_zeros_infinities_and_nan_are_treated_alike(backend):
    if backend == "numba":
        pytest.importorskip("numba", reason="Numba is optional and not installed")
    theta = np.zeros(6)
    grad = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-310])
    optimizer = replace(RMSProp(), eps=0.0)
    with np.errstate(all="ignore"):
        expected, _ = optimizer.step(theta, grad, optimizer.init(theta))
        fuse(optimizer, theta, backend=backend).step(theta, grad)
    assert np.array_equal(theta, expected, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_of_the_library_compiles(name, dtype):
    pytest.importorskip("numba", reason="Numba is optional and not installed")
    assert fuse(OPTIMIZERS[name], np.ones(3, dtype), backend="numba").backend == "numba"


def test_rmsprop_takes_nine_passes_over_two_blocks_of_scratch():
    calls, scratch = blocks.allocated(program_of(RMSProp.rule, ("v",)))
    assert len(calls) == 9
    assert scratch == "ff"


def test_hyper_parameters_may_change_with_t():
    optimizer = RMSProp(lr=lambda t: 0.1 / t, beta=lambda t: 1 - 0.9 / t)
    theta, state, here, fast = both(optimizer, 50, "numpy", steps=5)
    assert np.array_equal(theta, here)
    assert np.array_equal(state.v, fast.state.v)


def test_a_fused_run_goes_on_from_a_state_and_leaves_it_alone():
    theta, grad = np.ones(4), np.array([1.0, 2.0, 3.0, 4.0])
    optimizer = OPTIMIZERS["adam"]
    theta, state = optimizer.step(theta, grad, optimizer.init(theta))
    expected, expected_state = optimizer.step(theta, grad, state)
    here, kept = theta.copy(), state.v.copy()
    fast = fuse(optimizer, here, backend="numpy", state=state)
    fast.step(here, grad)
    assert np.array_equal(here, expected)
    assert np.array_equal(fast.state.v, expected_state.v)
    assert np.array_equal(state.v, kept)
    again, _ = optimizer.step(here, grad, fast.state)
    assert np.array_equal(again, optimizer.step(expected, grad, expected_state)[0])


def test_shapes_are_kept_and_any_memory_order_of_the_gradient_will_do():
    theta = np.arange(12.0).reshape(3, 4)
    grad = np.asfortranarray(theta + 1)
    expected, _ = RMSProp().step(theta, grad, RMSProp().init(theta))
    fast = fuse(RMSProp(), theta, backend="numpy")
    assert fast.step(theta, grad).shape == (3, 4)
    assert np.array_equal(theta, expected)
    assert fast.state.v.shape == (3, 4)
    number = np.array(1.0)
    fuse(RMSProp(lr=0.1, eps=0), number, backend="numpy").step(number, np.array(4.0))
    assert number == pytest.approx(1 - 0.1 / np.sqrt(0.1))


def test_a_gradient_that_shares_memory_with_theta_is_copied_first():
    theta = np.arange(1.0, 6.0)
    expected, _ = RMSProp().step(theta, theta[::-1], RMSProp().init(theta))
    fuse(RMSProp(), theta, backend="numpy").step(theta, theta[::-1])
    assert np.array_equal(theta, expected)


def frozen(array):
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("theta", "backend", "error", "message"),
    [
        (np.ones(3), "torch", ValueError, "backend must be one of auto, numpy, numba, cupy, got 'torch'"),
        (np.ones((4, 4))[:, :2], "auto", ValueError, "theta must be contiguous, got an array of shape"),
        (frozen(np.ones(3)), "auto", ValueError, "theta must be writeable, got a read-only array"),
        (np.ones(3, np.float16), "auto", TypeError, "theta must be float32 or float64, got float16"),
        (np.ones(3, int), "auto", TypeError, "theta must be an array of floating-point numbers, got int64"),
    ],
)
def test_what_cannot_be_fused_is_refused(theta, backend, error, message):
    with pytest.raises(error, match=message):
        fuse(RMSProp(), theta, backend=backend)


def test_what_is_no_optimizer_state_or_array_is_refused_by_name():
    with pytest.raises(TypeError, match="optimizer must be an optimizer such as RMSProp"):
        fuse(RMSProp, np.ones(3))
    with pytest.raises(TypeError, match=r"state must have v and t, as RMSProp.init gives it, got State with m, v, t"):
        fuse(RMSProp(), np.ones(3), state=Adam().init(np.ones(3)))
    with pytest.raises(TypeError, match="theta must be an array, which the step can change, got list"):
        fuse(RMSProp(), [1.0, 2.0])
    with pytest.raises(TypeError, match="theta must be an array, which the step can change, got list"):
        fuse(RMSProp(), np.ones(3)).step([1.0, 1.0, 1.0], np.ones(3))


@pytest.mark.parametrize("exact", ["no", 0, None, np.ones(2)])
def test_exact_is_true_or_false(exact):
    with pytest.raises(TypeError, match="exact must be True or False, got"):
        fuse(RMSProp(), np.ones(3), exact=exact)


@pytest.mark.parametrize("shape", [(1,), (2,), (3,)])
def test_a_function_of_t_that_gives_an_array_is_refused_and_nothing_has_moved(shape):
    optimizer = RMSProp(lr=lambda t: 0.1 if t == 1 else np.full(shape, 0.1))
    fast = fuse(optimizer, theta := np.ones(2), backend="numpy")
    fast.step(theta, np.ones(2))
    kept, v = theta.copy(), fast.state.v.copy()
    with pytest.raises(TypeError) as caught:
        fast.step(theta, np.ones(2))
    assert str(caught.value) == f"lr must be a number at every step, got an array of shape {shape} at step 2"
    assert np.array_equal(theta, kept) and np.array_equal(fast.state.v, v) and fast.t == 1


def test_a_step_on_another_array_is_refused():
    fast = fuse(RMSProp(), np.ones(3))
    with pytest.raises(
        ValueError, match=r"theta must be float64 of shape \(3,\), as fused for, got float32 of shape \(3,\)"
    ):
        fast.step(np.ones(3, np.float32), np.ones(3))
    with pytest.raises(ValueError, match=r"as fused for, got float64 of shape \(4,\)"):
        fast.step(np.ones(4), np.ones(4))
    with pytest.raises(ValueError, match=r"grad must have the shape of theta, \(3,\), got \(4,\)"):
        fast.step(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="theta must be contiguous"):
        fast.step(np.ones(6)[::2], np.ones(3))


def test_a_grid_of_hyper_parameters_is_sent_to_sweep():
    with pytest.raises(
        TypeError, match="lr must be a number or a function of t, got an array; use sweep for many values"
    ):
        fuse(RMSProp(lr=np.ones(3)), np.ones(3))


def test_an_optimizer_of_matrices_is_refused():
    with pytest.raises(ValueError, match="Muon looks at theta as a whole and cannot be fused"):
        fuse(matrix.Muon(), np.ones((3, 3)))


def clipped(theta, grad, lr):
    return theta - lr * np.clip(grad, -1, 1)


def rounds(theta, grad, lr):
    return theta - lr * np.round(grad, 1)


def whole(theta, grad, lr):
    return theta - lr * grad / np.linalg.norm(grad)


@pytest.mark.parametrize("rule", [rounds, whole, lambda theta, grad, lr: theta - lr * grad])
def test_a_readers_rule_that_cannot_be_compiled_runs_as_it_is(rule):
    optimizer = Optimizer.from_rule(rule, lr=0.1)
    theta, _, here, fast = both(optimizer, 2 * BLOCK, "auto")
    assert fast.backend == "numpy"
    assert np.array_equal(theta, here)


@pytest.mark.parametrize(
    ("rule", "slots", "message"),
    [
        (rounds, (), r"rounds uses `np.round\(grad, 1\)`, which cannot be compiled"),
        (lambda theta, grad: theta, (), "the source of .* cannot be read|is not a plain function"),
    ],
)
def test_what_stands_in_the_way_is_named(rule, slots, message):
    with pytest.raises(CannotCompile, match=message):
        program_of(rule, slots)


def swaps(theta, grad, v, u, lr):
    return theta - lr * grad, u, v


def cubes(theta, grad, lr):
    return theta - lr * grad**3


def returns_nothing(theta, grad, lr):
    theta = theta - lr * grad


def forgets(theta, grad, v, lr):
    return theta - lr * grad


def augments(theta, grad, lr):
    theta -= lr * grad
    return theta


def assigns_an_entry(theta, grad, lr):
    theta[0] = 0.0
    return theta


def adds_tuples(theta, grad, lr):
    return (theta, grad) + (lr, lr)  # noqa: RUF005


def calls_the_unknown(theta, grad, lr):
    return theta - lr * nowhere(grad)  # noqa: F821


def calls_with_too_few(theta, grad, lr):
    return theta - lr * cubes(theta, grad)


def calls_with_too_many(theta, grad, lr):
    return theta - lr * np.sqrt(grad, theta)


def subscripts(theta, grad, lr):
    return theta - lr * grad[::1]


TRAPS = (cubes, returns_nothing, augments, assigns_an_entry, adds_tuples, calls_the_unknown, calls_with_too_few,
         calls_with_too_many, subscripts)  # fmt: skip


@pytest.mark.parametrize(("rule", "slots"), [(swaps, ("v", "u")), (forgets, ("v",)), *((rule, ()) for rule in TRAPS)])
def test_rules_with_traps_are_not_compiled(rule, slots):
    with pytest.raises(CannotCompile, match=rule.__name__):
        program_of(rule, slots)


def odd(theta, grad, a, b, lr):
    """Everything that can be compiled, in an order that makes places collide."""
    first, second = -grad, abs(theta) ** 0.5
    _ = first * second
    theta = np.maximum(theta - lr * (a + b), -theta * 0.5)
    b = np.minimum(a, grad) / (1 + 2 * np.square(second))
    a = grad
    return theta, a, b


def test_a_rule_without_readable_source_is_not_compiled():
    space = {}
    exec("def typed_in(theta, grad, lr):\n    return theta - lr * grad", space)
    with pytest.raises(CannotCompile, match="the source of typed_in cannot be read"):
        program_of(space["typed_in"], ())
    fast = fuse(Optimizer.from_rule(space["typed_in"], lr=0.5), theta := np.ones(3))
    assert fast.step(theta, np.ones(3)).tolist() == [0.5, 0.5, 0.5]


def test_values_that_wait_for_their_place_are_not_overwritten():
    optimizer = Optimizer.from_rule(odd, state={"a": 1.0, "b": 2.0}, lr=0.1)
    assert program_of(odd, ("a", "b")).operations
    for backend in ("numpy", "numba"):
        if backend == "numba":
            pytest.importorskip("numba", reason="Numba is optional and not installed")
        theta, state, here, fast = both(optimizer, 1000, backend, steps=6)
        assert np.array_equal(theta, here)
        assert all(np.array_equal(a, b) for a, b in zip(state, fast.state, strict=True))


def without(monkeypatch, package):
    """Make `import package` fail, as where it is not installed."""
    real = builtins.__import__

    def importing(name, *arguments, **kwargs):
        if name.partition(".")[0] == package:
            raise ImportError(f"No module named {package!r}")
        return real(name, *arguments, **kwargs)

    monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else name)


def test_a_missing_numba_is_said_with_what_to_install(monkeypatch):
    without(monkeypatch, "numba")
    with pytest.raises(ImportError, match=r'backend "numba" needs Numba: pip install "rmsprop-textbook\[fast\]"'):
        fuse(RMSProp(), np.ones(3), backend="numba")
    assert fuse(RMSProp(), np.ones(100_000)).backend == "numpy"


def test_numba_is_chosen_for_large_arrays_only():
    pytest.importorskip("numba", reason="Numba is optional and not installed")
    assert fuse(RMSProp(), np.ones(100_000)).backend == "numba"
    assert fuse(RMSProp(), np.ones(100)).backend == "numpy"
    mine = Optimizer.from_rule(rounds, lr=0.1)
    assert fuse(mine, np.ones(100_000)).backend == "numpy"
    with pytest.raises(CannotCompile):
        fuse(mine, np.ones(100_000), backend="numba")
