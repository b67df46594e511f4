"""What `fuse` does to memory: copies and pickles share nothing, arrays of any kind are safe, nothing overlaps."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rmsprop_lib import Adam, AdamW, Optimizer, RMSProp, SignDescent, fuse
from rmsprop_lib.fused import blocks

BACKENDS = ["numpy", "numba"]
BLOCK = blocks.BLOCK_BYTES // 8


@pytest.fixture(autouse=True)
def _numba_where_wanted(request):
    if "numba" in getattr(getattr(request.node, "callspec", None), "params", {}).values():
        pytest.importorskip("numba", reason="Numba is optional and not installed")


def rule_that_runs_as_it_is(theta, grad, m, lr):
    m = m + np.cumsum(grad)
    return theta - lr * m, m


MINE = Optimizer.from_rule(rule_that_runs_as_it_is, state={"m": 0.0}, lr=0.1)
DUPLICATES = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": lambda fast: pickle.loads(pickle.dumps(fast))}


@pytest.mark.parametrize("duplicate", DUPLICATES)
@pytest.mark.parametrize("size", [7, 2 * BLOCK + 3])
@pytest.mark.parametrize("optimizer", [RMSProp(lr=0.1), Adam(lr=0.1), SignDescent(lr=0.1), MINE], ids=repr)
def test_a_duplicate_goes_on_from_the_same_state_and_shares_nothing(optimizer, size, duplicate):
    theta, grad = np.ones(size), np.linspace(-1, 1, size)
    fast = fuse(optimizer, theta, backend="numpy")
    fast.step(theta, grad)
    twin, there = DUPLICATES[duplicate](fast), theta.copy()
    assert twin.backend == fast.backend
    assert twin.state.t == 1
    twin.step(there, -grad)
    expected = theta.copy()
    state = optimizer.State(*(a.copy() for a in fast.state[:-1]), t=1)
    expected, state = optimizer.step(expected, grad, state)
    fast.step(theta, grad)
    assert np.array_equal(theta, expected)
    assert all(np.array_equal(a, b) for a, b in zip(fast.state, state, strict=True))
    assert not any(np.shares_memory(a, b) for a in fast.state[:-1] for b in twin.state[:-1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_copies_work_in_threads_of_their_own(backend):
    size = 2 * BLOCK
    first = fuse(RMSProp(lr=0.1), np.ones(size), backend=backend)
    grads = [np.full(size, float(i + 1)) for i in range(2)]

    def walk(fast, grad):
        theta = np.ones(size)
        for _ in range(30):
            fast.step(theta, grad)
        return theta

    expected = [walk(copy.deepcopy(first), grad) for grad in grads]
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(walk, [copy.deepcopy(first) for _ in grads], grads))
    assert all(np.array_equal(a, b) for a, b in zip(expected, got, strict=True))


class Labelled(np.ndarray):
    """A subclass that adds nothing to the numbers."""


def unaligned(array):
    memory = np.zeros(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
    memory[...] = array
    return memory


THETAS = {
    "subclass": lambda a: a.view(Labelled),
    "masked, nothing masked": np.ma.masked_array,
    "other byte order": lambda a: a.astype(a.dtype.newbyteorder()),
    "unaligned": unaligned,
    "view": lambda a: np.concatenate([a, a])[: len(a)],
}
GRADS = THETAS | {
    "reversed": lambda a: a[::-1].copy()[::-1],
    "read-only": lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape),
    "another dtype": lambda a: a.astype(np.float32),
    "list": lambda a: a.tolist(),
    "columns first": np.asfortranarray,
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("theta_kind", "grad_kind"), [(t, "view") for t in THETAS] + [("view", g) for g in GRADS])
def test_arrays_of_any_kind_are_stepped_where_they_lie(theta_kind, grad_kind, backend):
    values, grad = np.arange(12.0).reshape(4, 3), np.linspace(-1, 1, 12, dtype=np.float32).astype(float).reshape(4, 3)
    expected, state = RMSProp().step(values, grad, RMSProp().init(values))
    expected, state = RMSProp().step(expected, grad, state)
    theta, given = THETAS[theta_kind](values.copy()), GRADS[grad_kind](grad)
    fast = fuse(RMSProp(), theta, backend=backend)
    for _ in range(2):
        assert fast.step(theta, given) is theta
    assert np.array_equal(np.asarray(theta), expected)
    assert np.array_equal(fast.state.v, state.v)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_matrix_is_refused_before_anything_is_written(backend):
    matrix = np.matrix(np.ones((20, 10)))
    with pytest.raises(TypeError, match="theta must be a plain array"):
        fuse(RMSProp(), matrix, backend=backend)
    fast, theta = fuse(RMSProp(), np.ones((20, 10)), backend=backend), np.ones((20, 10))
    with pytest.raises(TypeError, match="theta must be a plain array"):
        fast.step(matrix, theta)
    with pytest.raises(TypeError, match="grad must be a plain array"):
        fast.step(theta, matrix)
    assert (matrix == 1).all()
    assert fast.state.t == 0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("shape", "wrong"), [((12,), (13,)), ((12,), (3, 4)), ((3, 4), (4, 3)), ((3, 4), (12,)), ((), (1,))]
)
def test_another_shape_is_refused_before_anything_is_written(shape, wrong, backend):
    fast, theta = fuse(RMSProp(), np.ones(shape), backend=backend), np.ones(shape)
    with pytest.raises(ValueError, match="grad must have the shape of theta"):
        fast.step(theta, np.ones(wrong))
    with pytest.raises(ValueError, match="as fused for"):
        fast.step(np.ones(wrong), np.ones(wrong))
    assert fast.state.t == 0
    assert not fast.state.v.any()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("size", [7, BLOCK + 5])
@pytest.mark.parametrize("shift", [-3, -1, 0, 1, 3])
def test_a_gradient_that_overlaps_counts_as_it_was_before_the_step(shift, size, backend):
    optimizer = AdamW(lr=0.1, weight_decay=0.5)  # which changes θ before it reads the gradient
    memory = np.linspace(1.0, 2.0, size + 3)
    first, second = memory[:size], memory[abs(shift) : size + abs(shift)]
    theta, grad = (first, second) if shift >= 0 else (second, first)
    expected, _ = optimizer.step(theta.copy(), grad.copy(), optimizer.init(theta))
    fuse(optimizer, theta, backend=backend).step(theta, grad)
    assert np.array_equal(theta, expected)


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_live_state_may_be_the_gradient(backend):
    optimizer, theta = RMSProp(lr=0.1), np.ones(9)
    fast = fuse(optimizer, theta, backend=backend)
    fast.step(theta, np.linspace(1, 2, 9))
    kept = optimizer.State(fast.state.v.copy(), t=1)
    expected, state = optimizer.step(theta, kept.v, kept)
    fast.step(theta, fast.state.v)
    assert np.array_equal(theta, expected)
    assert np.array_equal(fast.state.v, state.v)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", [(1000,), (10, 100), (BLOCK + 1,)])
def test_plain_arrays_are_not_looked_at_twice(shape, backend, monkeypatch):
    fast, theta, grad = fuse(Adam(), np.ones(shape), backend=backend), np.ones(shape), np.ones(shape)
    monkeypatch.setattr(type(fast), "_step_carefully", None)
    fast.step(theta, grad)
    fast.step(theta[:], grad[:])


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_read_only_gradient_is_not_copied(backend, monkeypatch):
    fast, theta = fuse(RMSProp(), np.ones(100), backend=backend), np.ones(100)
    grad, kernel, seen = GRADS["read-only"](np.ones(100)), fast._kernel, []
    monkeypatch.setattr(fast, "_kernel", lambda *arrays, **how: seen.append(arrays[1]) or kernel(*arrays, **how))
    fast.step(theta, grad)
    assert all(array is grad for array in seen)
