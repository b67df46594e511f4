"""Optimizers of whole matrices: what they keep, what they do not notice, and how a network uses them."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import Adam, RMSProp, models, problems, run, schedules, sweep
from rmsprop_lib.matrix import Adafactor, ByPart, Muon, Shampoo, orthogonalized

RNG = np.random.default_rng(0)
G = RNG.standard_normal((3, 5))
OPTIMIZERS = (Adafactor(lr=0.1), Shampoo(lr=0.5), Muon(lr=0.1))


def rotation(size, seed):
    q, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))
    return q


def steps(optimizer, theta, grads):
    state, path = optimizer.init(theta), []
    for grad in grads:
        theta, state = optimizer.step(theta, grad, state)
        path.append(theta)
    return np.array(path)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (1, 4), (4, 1)])
def test_a_step_keeps_shape_and_dtype_and_changes_no_argument(optimizer, shape, dtype):
    theta, grad = RNG.standard_normal(shape).astype(dtype), RNG.standard_normal(shape).astype(dtype)
    kept = theta.copy(), grad.copy()
    state = optimizer.init(theta)
    new, state = optimizer.step(theta, grad, state)
    new, state = optimizer.step(new, grad, state)
    assert new.dtype == dtype
    assert new.shape == shape
    assert np.isfinite(new).all()
    assert state.t == 2
    assert np.array_equal(theta, kept[0])
    assert np.array_equal(grad, kept[1])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_zero_gradient_gives_a_zero_step(optimizer):
    zero = replace(optimizer, eps=0.0) if hasattr(optimizer, "eps") else optimizer
    assert np.array_equal(steps(zero, G, np.zeros((2, 3, 5))), np.stack([G, G]))


@pytest.mark.parametrize(
    ("optimizer", "numbers"), [(Adafactor(), 30 + 20), (Shampoo(), 30 * 30 + 20 * 20), (Muon(), 600), (RMSProp(), 600)]
)
def test_the_memory_is_what_the_docstring_says(optimizer, numbers):
    assert sum(array.size for array in optimizer.init(np.zeros((30, 20)))[:-1]) == numbers


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_linear_map_is_learned(optimizer):
    target, inputs = RNG.standard_normal((4, 6)), RNG.standard_normal((6, 50))
    theta, state = np.zeros((4, 6)), optimizer.init(np.zeros((4, 6)))
    for t in range(1, 401):
        grad = (theta - target) @ inputs @ inputs.T / 50
        theta, state = replace(optimizer, lr=optimizer.lr * (1 - t / 401)).step(theta, grad, state)
    assert np.abs(theta - target).max() < 0.01


@pytest.mark.parametrize("optimizer", [Shampoo(eps=1e-9), Muon()], ids=lambda o: type(o).__name__)
def test_a_rotated_problem_gives_the_rotated_path_unlike_with_rmsprop(optimizer):
    left, right = rotation(3, 1), rotation(5, 2)
    grads = RNG.standard_normal((4, 3, 5))

    def turned_apart(o):
        path, turned = steps(o, np.zeros((3, 5)), grads), steps(o, np.zeros((3, 5)), left @ grads @ right)
        return np.abs(left @ path @ right - turned).max() / np.abs(path).max()

    assert turned_apart(optimizer) < 1e-6
    assert turned_apart(RMSProp(eps=0)) > 0.1


def test_adafactor_equals_rmsprop_where_the_squares_are_an_outer_product():
    row, column = np.array([0.1, 1.0, 20.0]), np.array([1e-3, 2.0, 3.0, 1.0])
    grads = [scale * np.outer(row, column) for scale in (1.0, -3.0, 0.2)]
    ours = steps(Adafactor(lr=0.1, clip=1e9), np.zeros((3, 4)), grads)
    full = RMSProp(lr=0.1, beta=lambda t: 1 - t**-0.8, eps=0.0)
    assert np.allclose(ours, steps(full, np.zeros((3, 4)), grads), rtol=1e-9)


def test_adafactor_clips_the_size_of_its_step():
    grads = [np.full((2, 2), 1e-3), np.full((2, 2), 1e3)]
    moved = np.diff(steps(Adafactor(lr=0.1, clip=1.0), np.zeros((2, 2)), grads), axis=0)
    free = np.diff(steps(Adafactor(lr=0.1, clip=100.0), np.zeros((2, 2)), grads), axis=0)
    assert np.sqrt((moved**2).mean()) == pytest.approx(0.1)
    assert np.sqrt((free**2).mean()) == pytest.approx(0.1 / np.sqrt(2**-0.8), rel=1e-5)


def test_the_first_step_of_shampoo_is_the_orthogonal_factor_of_the_gradient():
    u, _, vt = np.linalg.svd(G, full_matrices=False)
    assert np.allclose(steps(Shampoo(lr=0.1, eps=1e-13), np.zeros((3, 5)), [G])[0], -0.1 * u @ vt, atol=1e-9)


@pytest.mark.parametrize("shape", [(3, 5), (5, 3), (40, 40)])
@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e20])
def test_orthogonalized_keeps_the_directions_and_levels_the_singular_values(shape, scale):
    matrix = np.random.default_rng(3).standard_normal(shape)
    u, s, vt = np.linalg.svd(matrix, full_matrices=False)
    keep = s > 0.05 * np.sqrt((s**2).sum())
    inside = u.T @ orthogonalized(scale * matrix) @ vt.T
    assert np.allclose(inside, np.diag(np.diag(inside)), atol=1e-8)
    assert (np.abs(np.diag(inside)[keep] - 0.95) < 0.3).all()


def test_muon_scales_tall_matrices_and_looks_ahead():
    first = steps(Muon(lr=0.1, mu=0.5), np.zeros((8, 2)), [np.eye(8, 2)])[0]
    assert np.allclose(first, -0.1 * 2.0 * orthogonalized(1.5 * np.eye(8, 2)))
    wide = steps(Muon(lr=0.1, mu=0.5), np.zeros((2, 8)), [np.eye(2, 8)])[0]
    assert np.allclose(wide, -0.1 * orthogonalized(np.eye(2, 8)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_vector_is_refused(optimizer):
    message = r"theta must be a matrix, got shape \(3,\); for a network's flat theta use matrix.ByPart"
    with pytest.raises(ValueError, match=message):
        optimizer.init(np.ones(3))


def test_a_state_of_another_matrix_is_refused():
    with pytest.raises(ValueError, match=r"state.row must have shape \(3,\), got \(4,\)"):
        Adafactor().step(np.ones((3, 5)), np.ones((3, 5)), Adafactor().init(np.ones((4, 5))))


# A network: θ is flat


@pytest.fixture(scope="module")
def network():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 4))
    problem = models.mlp(X, (X[:, 0] * X[:, 1] > 0).astype(int), hidden=(6,))
    shapes = {name: part.shape for name, part in models.views(problem, problem.start).items()}
    return problem, shapes


def test_by_part_steps_every_part_with_its_own_optimizer(network):
    problem, shapes = network
    optimizer = ByPart(shapes, matrices=Muon(lr=0.05), others=Adam(lr=0.02))
    path = run(optimizer, problem, 3)
    parts = models.views(problem, path.theta[0].copy())
    states = {n: (Muon() if p.ndim == 2 else Adam()).init(p) for n, p in parts.items()}
    for t in range(3):
        grads = models.views(problem, path.grad[t])
        for name in parts:
            own = Muon(lr=0.05) if parts[name].ndim == 2 else Adam(lr=0.02)
            parts[name], states[name] = own.step(parts[name], grads[name], states[name])
    expected = np.concatenate([p.ravel() for p in parts.values()])
    assert np.allclose(path.theta[-1], expected, rtol=1e-13)
    assert path.last.t == 3
    assert {f.rpartition("_")[0] for f in path.last._fields[:-1]} == set(shapes)


def test_by_part_learns_follows_schedules_sweeps_and_survives_pickle(network):
    problem, shapes = network
    optimizer = ByPart(shapes, matrices=Muon(lr=0.05), others=Adam(lr=0.02))
    path = run(optimizer, problem, 150, schedule=schedules.linear(150), record="loss")
    assert path.loss[-1] < 0.2 * path.loss[0]
    grid = sweep(optimizer, problem, 5, lr=[0.5, 1.0])
    assert np.array_equal(grid.loss[:, 1], run(optimizer, problem, 5).loss)
    assert not np.array_equal(grid.loss[:, 0], grid.loss[:, 1])
    twin = pickle.loads(pickle.dumps(optimizer))
    assert twin == optimizer
    assert np.array_equal(run(twin, problem, 5).theta, run(optimizer, problem, 5).theta)
    resumed = run(
        optimizer, problem, 3, start=run(optimizer, problem, 2).theta[-1], state=run(optimizer, problem, 2).last
    )
    assert np.array_equal(resumed.theta[-1], run(optimizer, problem, 5).theta[-1])


def test_parts_that_do_not_fit_are_refused(network):
    problem, shapes = network
    with pytest.raises(ValueError, match=r"theta must have shape \(6,\), the sum of its parts, got \(\d+,\)"):
        run(ByPart({"W": (2, 3)}, matrices=Muon(), others=Adam()), problem, 1)
    with pytest.raises(TypeError, match="matrices must be an optimizer such as Muon"):
        ByPart(shapes, matrices=Muon, others=Adam())
    with pytest.raises(ValueError, match=r"grad must have the shape of theta"):
        optimizer = ByPart({"W": (2, 3)}, matrices=Muon(), others=Adam())
        optimizer.step(np.ones(6), np.ones(5), optimizer.init(np.ones(6)))


def test_a_matrix_optimizer_is_not_run_on_a_plane():
    with pytest.raises(ValueError, match="theta must be a matrix"):
        run(Muon(), problems.bowl(), 3)


NAMES = {"0.weight": (2, 3), "0.bias": (2,), "layer/1": (2, 2)}


def test_parts_may_have_the_names_that_a_network_gives_them():
    optimizer = ByPart(NAMES, matrices=Muon(), others=Adam())
    theta = RNG.standard_normal(12)
    theta, state = optimizer.step(theta, theta, optimizer.init(theta))
    assert state._fields == ("part_0_weight_m", "part_0_bias_m", "part_0_bias_v", "layer_1_m", "t")
    parts = optimizer.parts(state)
    assert {name: list(slots) for name, slots in parts.items()} == {
        "0.weight": ["m"], "0.bias": ["m", "v"], "layer/1": ["m"]}  # fmt: skip
    assert parts["0.bias"]["v"] is state.part_0_bias_v
    with pytest.raises(ValueError, match=r"shapes must have names that differ in letters, got 'a\.b' and 'a_b'"):
        ByPart({"a.b": (2, 3), "a_b": (2, 3)}, matrices=Muon(), others=Adam())


def test_a_state_of_parts_survives_pickle_and_goes_on_in_another_optimizer_of_the_same_parts():
    optimizer = ByPart(NAMES, matrices=Muon(), others=Adam())
    theta = RNG.standard_normal(12)
    theta, state = optimizer.step(theta, theta, optimizer.init(theta))
    again, other = pickle.loads(pickle.dumps(state)), pickle.loads(pickle.dumps(optimizer))
    assert type(again) is type(state)
    assert np.array_equal(other.step(theta, theta, again)[0], optimizer.step(theta, theta, state)[0])


def test_a_function_of_t_inside_a_part_is_asked_once_a_step_however_many_parts_there_are():
    seen = []

    def lr(t):
        seen.append(t)
        return 0.1

    optimizer = ByPart({"W": (2, 3), "V": (2, 2), "b": (2,)}, matrices=Muon(lr=lr), others=Adam(), lr=lambda t: 1 / t)
    theta = RNG.standard_normal(12)
    state = optimizer.init(theta)
    for _ in range(3):
        theta, state = optimizer.step(theta, theta, state)
    assert seen == [1, 2, 3]


def test_a_negative_average_inside_a_part_is_refused():
    optimizer = ByPart({"W": (2, 3), "b": (2,)}, matrices=Adafactor(), others=Adam())
    state = optimizer.init(np.ones(8))
    for name in ("W_row", "W_column", "b_v"):
        with pytest.raises(ValueError, match=rf"state\.{name} must be >= 0, got -1\.0"):
            optimizer.check_state(state._replace(**{name: getattr(state, name) - 1}))
    optimizer.check_state(state._replace(b_m=state.b_m - 1))
