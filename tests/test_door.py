"""The door for arrays: each kind of array at each place where one comes in is plain behind it, or refused by name."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib import RMSProp, fuse, problems, run, sweep
from rmsprop_lib.arrays import floating, host, on_device, plain, same_shape
from rmsprop_lib.storage import load_state, save_state
from tests.array_table import PLAIN, REFUSED, Elsewhere, Sparse, made, mapped
from tests.test_arrays import Device

VECTOR, MATRIX = np.array([0.5, -1.25]), np.array([[0.5, -1.25, 2.0], [3.0, 0.125, -4.0]])
OPTIMIZER = RMSProp(lr=0.1)


def saved(value, like):
    with tempfile.TemporaryDirectory() as folder:
        path = save_state(Path(folder) / "state", OPTIMIZER, OPTIMIZER.State(v=value, t=3))
        return load_state(path, OPTIMIZER)


def own(gradient):
    return problems.Problem("own", lambda theta: (theta**2).sum(-1), gradient, np.ones(2), broadcasts=False)


# Each place where a reader's array comes in: (the array, a plain one of its shape) -> the arrays that come of it.
ENTRIES = {
    "theta of init": lambda a, like: OPTIMIZER.init(a),
    "theta of step": lambda a, like: OPTIMIZER.step(a, like, OPTIMIZER.init(like)),
    "grad of step": lambda a, like: OPTIMIZER.step(like, a, OPTIMIZER.init(like)),
    "state of step": lambda a, like: OPTIMIZER.step(like, like, OPTIMIZER.State(v=a, t=3)),
    "grad of a fused step": lambda a, like: fuse(OPTIMIZER, like.copy(), backend="numpy").step(like.copy(), a),
    "state of fuse": lambda a, like: fuse(OPTIMIZER, like.copy(), "numpy", OPTIMIZER.State(v=a, t=3)).state,
    "saved state": saved,
}
OF_A_RUN = {
    "start of run": lambda a, like: run(OPTIMIZER, problems.bowl(), 3, start=a).theta,
    "gradient of run": lambda a, like: run(OPTIMIZER, own(lambda theta: a), 3).theta,
    "gradient of sweep": lambda a, like: sweep(OPTIMIZER, own(lambda theta: a), 3, lr=[0.1, 0.2]).theta,
    "start of sweep": lambda a, like: sweep(OPTIMIZER, problems.bowl(), 3, start=a, lr=[0.1, 0.2]).theta,
}
CASES = [
    *((entry, call, np.abs(array)) for entry, call in ENTRIES.items() for array in (VECTOR, MATRIX)),
    *((entry, call, VECTOR) for entry, call in OF_A_RUN.items()),
]
CASES = [pytest.param(call, array, id=f"{entry}, {array.ndim}-d") for entry, call, array in CASES]


def arrays(result):
    """The arrays in what came back, however deep."""
    if isinstance(result, tuple):
        return [array for part in result for array in arrays(part)]
    return [] if isinstance(result, int) else [result]


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize(("call", "array"), CASES)
def test_what_holds_numbers_is_a_plain_array_behind_the_door(call, array, kind):
    value = made(PLAIN[kind], array)
    like = array.astype(plain("value", value).dtype)
    found, expected = arrays(call(value, like)), arrays(call(like, like))
    assert len(found) == len(expected) > 0
    for a, b in zip(found, expected, strict=True):
        assert type(a) is np.ndarray
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert np.array_equal(a, b)


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize(("call", "array"), CASES)
def test_what_would_mean_something_else_is_refused_by_name(call, array, kind):
    value = made(REFUSED[kind], array)
    if value is None and call in (OF_A_RUN["start of run"], OF_A_RUN["start of sweep"]):
        return  # the problem's own start
    with pytest.raises(TypeError, match=r"^(theta|grad|start|state\.v|the gradient .*) must be an? (plain )?array "):
        call(value, array)


def everywhere(make):
    """A problem whose gradient comes in this form for each θ and for a grid of them."""
    return problems.Problem("own", lambda theta: (theta**2).sum(-1), lambda theta: made(make, theta), np.ones(2))


@pytest.mark.parametrize("kind", PLAIN)
def test_a_sweep_of_gradients_in_any_form_equals_its_runs(kind):
    grid = sweep(OPTIMIZER, everywhere(PLAIN[kind]), 3, lr=[0.1, 0.2, 0.3])
    for i, lr in enumerate([0.1, 0.2, 0.3]):
        assert np.array_equal(grid.theta[:, i], run(RMSProp(lr=lr), everywhere(PLAIN[kind]), 3).theta)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_sweep_refuses_gradients_that_would_mean_something_else(kind):
    with pytest.raises(TypeError):
        sweep(OPTIMIZER, everywhere(REFUSED[kind]), 3, lr=[0.1, 0.2, 0.3])


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_stepped_in_place_is_never_something_else(kind):
    value, fast = made(REFUSED[kind], MATRIX), fuse(OPTIMIZER, MATRIX.copy(), backend="numpy")
    for fails in (lambda: fuse(OPTIMIZER, value), lambda: fast.step(value, MATRIX)):
        with pytest.raises(TypeError, match=r"^theta must be "):
            fails()


@pytest.mark.parametrize("kind", PLAIN)
def test_a_plain_array_is_of_numpys_own_type_aligned_and_in_native_order(kind):
    found = plain("x", made(PLAIN[kind], MATRIX))
    assert type(found) is np.ndarray
    assert found.flags.aligned and found.dtype.isnative
    assert np.array_equal(found, MATRIX)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_a_plain_array_comes_back_as_it_is_in_its_precision(dtype):
    array = VECTOR.astype(dtype)
    assert plain("x", array) is array
    assert floating("x", array) is array
    assert same_shape("x", array, array) is array


def test_a_memory_map_is_not_copied():
    array = mapped(VECTOR)
    assert np.shares_memory(plain("x", array), array)


def test_an_array_stays_on_its_device_until_it_is_asked_for():
    array = Device(VECTOR)
    assert on_device(array) and plain("x", array) is array
    assert np.array_equal(host("x", array), VECTOR)
    assert not any(on_device(made(make, VECTOR)) for make in (PLAIN | REFUSED).values())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (Sparse(MATRIX), "x must be a plain array of numbers, got tests.Sparse, a sparse array; make it dense first"),
        (
            made(REFUSED["np.matrix"], MATRIX),
            "got numpy.matrix, whose operators are its own; take its numbers first with np.array",
        ),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "with masked entries; fill them first with .filled(0.0)"),
        (Elsewhere(MATRIX), "got tests.Elsewhere: Can't call numpy() on Tensor that requires grad."),
        (np.array([1.0, "a"], object), "x must be an array of numbers, got numpy.ndarray"),
        (np.array(["a"]), "x must be an array of numbers, got numpy.ndarray of <U1"),
        (None, "x must be an array of numbers, got None"),
        ({}, "x must be an array of numbers, got dict"),
    ],
)
def test_a_refusal_says_what_it_got_and_what_to_do(value, message):
    with pytest.raises(TypeError) as caught:
        plain("x", value)
    assert message in str(caught.value)


def test_an_array_on_another_device_is_refused_in_both_directions():
    for theta, grad in ((Device(VECTOR), VECTOR), (VECTOR, Device(VECTOR))):
        with pytest.raises(TypeError, match=r"grad must be of .*, as theta is, got .*; move one to the other"):
            same_shape("grad", grad, theta)
